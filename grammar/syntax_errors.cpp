#include "grammar/syntax_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "compiler/diagnostics/suggestion.hpp"
#include "grammar/lexer.hpp"

namespace ntkc::grammar {

SyntaxErrors::SyntaxErrors(std::string_view text, std::string_view end_name, const std::vector<Token>& tokens,
                           const Limits& limits, Reporter& reporter)
    : text_(text),
      end_name_(end_name),
      tokens_(tokens),
      limits_(limits),
      reporter_(reporter),
      unclosed_block_(&*std::find_if(tokens.begin(), tokens.end() - 1, [](const Token& token) {
        return token.kind == TokenKind::left_brace && token.match == 0;
      })) {}

std::string SyntaxErrors::spelling(const Token& token) const { return quoted(text_of(token)); }

std::string SyntaxErrors::describe(const Token& token) const {
  if (token.kind == TokenKind::newline) return "end of line";
  if (token.kind == TokenKind::end_of_file) return std::string(end_name_);
  return token.is(any_keyword) ? "keyword " + spelling(token) : spelling(token);
}

bool SyntaxErrors::starts_statement(const Token* token) const {
  if (token->is(any_statement_keyword | any_of(TokenKind::right_brace, TokenKind::end_of_file))) return true;
  return token->kind == TokenKind::name && token[1].kind == TokenKind::assign;
}

const Token* SyntaxErrors::skip_statement(const Token* token) const {
  for (;; ++token) {
    if (token->is(any_of(TokenKind::right_brace, TokenKind::end_of_file))) return token;
    if (token->kind == TokenKind::left_brace && token->match != 0) token = &tokens_[token->match];
    const bool block_end = token->kind == TokenKind::right_brace;
    if (token->kind != TokenKind::newline && !block_end) continue;
    ++token;
    if (block_end && token->kind == TokenKind::newline) ++token;
    // A block on the line after its head was meant to belong to it.
    if (block_end || token->kind != TokenKind::left_brace || token->match == 0) return token;
    --token;
  }
}

const Token* SyntaxErrors::recover(const Token* start, const Token* where, const std::string& wanted) {
  if (reporter_.full()) return &tokens_.back();
  last_failure_ = where;
  const Token* next = skip_statement(where);
  report_unless_known(start, next, where, wanted);
  // The rest of an expression whose operator stands at the end of the line is not a statement of its own.
  const bool operand_missing = where->kind == TokenKind::newline && where > start &&
                               where[-1].is(any_binary_operator | bit(TokenKind::assign));
  while (operand_missing && !starts_statement(next)) next = skip_statement(next);
  return next;
}

const Token* SyntaxErrors::recover_at_block(const Token* start, const Token* where,
                                            const std::string& wanted) {
  constexpr TokenKinds ends =
      any_of(TokenKind::newline, TokenKind::right_brace, TokenKind::end_of_file, TokenKind::left_brace);
  const Token* block = where;
  while (!block->is(ends)) ++block;
  if (block->kind != TokenKind::left_brace) return nullptr;
  report_unless_known(start, block, where, wanted);
  return block;
}

const Token* SyntaxErrors::missing_network(const Token* where) {
  // One that stands too late is reported there.
  for (const Token& token : tokens_)
    if (token.kind == TokenKind::keyword_network) return where;
  if (!where->reported) report(where, "`network NAME`");
  return starts_statement(where) ? where : skip_statement(where);
}

const Token* SyntaxErrors::missing_return(const Token* where) {
  const Token* opening = innermost_opening(where);
  const bool known = where->kind == TokenKind::end_of_file || opening == nullptr ||
                     (last_failure_ != nullptr && last_failure_ > opening);
  if (!known) report(where, "`return VALUE`");
  return where;
}

const Token* SyntaxErrors::after_return(const Token* where) {
  if (where->kind != TokenKind::keyword_return && where < unclosed_block_)
    reporter_.report(DiagnosticKind::misplaced_statement, range(*where), "a statement after `return`",
                     "`return` is the last statement of a `def`");
  return where;
}

const Token* SyntaxErrors::refuse_network(const Token* where) {
  for (const Token& token : tokens_) {
    if (token.kind != TokenKind::keyword_network) continue;
    reporter_.report(DiagnosticKind::misplaced_statement, range(token), "`network` in an imported file",
                     "an imported file holds `import`, `activation` and `def` only");
    return &tokens_.back();
  }
  return where;
}

void SyntaxErrors::report_unless_known(const Token* start, const Token* end, const Token* where,
                                       const std::string& wanted) {
  const auto reported = [](const Token& token) { return token.reported; };
  if (std::none_of(start, std::max(where + 1, end), reported)) report(where, wanted);
}

void SyntaxErrors::report(const Token* where, const std::string& wanted) {
  if (wanted == expected::shallower) {
    reporter_.report(DiagnosticKind::nesting_too_deep, range(*where),
                     fmt::format("expression or block nested more than {} deep", limits_.nesting),
                     "name parts of it by assignments of their own");
    return;
  }
  const bool first =
      where == tokens_.data() || where[-1].kind == TokenKind::newline || wanted == expected::statement;
  const std::string after = first ? "" : " after " + spelling(where[-1]);
  const bool keyword_as_name = wanted.ends_with("name") && where->is(any_keyword);
  reporter_.report(keyword_as_name ? DiagnosticKind::reserved_name : DiagnosticKind::syntax_error,
                   range(*where), fmt::format("expected {}{}, saw {}", wanted, after, describe(*where)),
                   help(where, wanted), opening_note(where, wanted));
}

std::string SyntaxErrors::help(const Token* where, const std::string& wanted) const {
  const Token& seen = *where;
  const bool operand = wanted == expected::expression || wanted == expected::layer;
  if (wanted == expected::statement) return "";
  if (wanted == "`network NAME`") {
    const std::string misspelt = misspelt_keyword(where, {"network"});
    return misspelt.empty() ? "a file that is compiled begins with `network NAME`" : misspelt;
  }
  if (std::string habit = foreign_habit(where, operand); !habit.empty()) return habit;
  if (operand && where != tokens_.data() && seen.kind == TokenKind::newline) {
    if (where[-1].is(any_binary_operator)) return "put the operator at the start of the next line";
    return "put the expression on this line";
  }
  if (wanted == expected::expression && seen.kind == TokenKind::keyword_if)
    return "put the `if` in parentheses";
  if (wanted == "`=`") return unbound_help(where);
  if (seen.kind == TokenKind::colon) return colon_help(wanted);
  if (seen.kind == TokenKind::assign && wanted == "`:`") return "write `input x : vector(64)`";
  if (seen.kind == TokenKind::assign && in_signature(where))
    return "the variable of an activation has no default";
  if (seen.kind == TokenKind::assign && wanted == "`{`") return "write `{ return … }`";
  if (seen.kind == TokenKind::assign && !operand) return "compare with `==`";
  if (wanted == "`{`" && seen.kind == TokenKind::newline) return "put `{` on this line";
  if (wanted == "`return VALUE`") return "a `def` ends in `return` and its value";
  if (wanted == "a path in quotes" && seen.kind == TokenKind::name)
    return fmt::format("write `import \"{}.arch\"`", short_word(seen));
  if (wanted == "`(`" && where - tokens_.data() >= 2 && where[-2].kind == TokenKind::colon)
    return "an input has a size, such as `vector(64)`";
  if (wanted == expected::statement_end && where - tokens_.data() >= 2 &&
      where[-2].kind == TokenKind::keyword_network && seen.is(any_of(TokenKind::name, TokenKind::minus)))
    return fmt::format("a name is one word of letters, digits and `_`, such as `{}_{}`",
                       short_word(where[-1]), short_word(seen.kind == TokenKind::minus ? where[1] : seen));
  if (wanted == expected::statement_end && seen.kind == TokenKind::comma)
    return "layers follow one another by `|>`: `x |> dense |> relu`";
  if (wanted == expected::layer && seen.is(any_of(TokenKind::integer, TokenKind::real)))
    return fmt::format("a multiple is written before the pipe, in parentheses: `{} * (h |> relu)`",
                       short_word(seen));
  if (operand) return "";
  if (seen.is(any_comparison)) return "comparisons do not chain, use parentheses";
  if (seen.is(any_binary_operator)) return "`|>` binds looser: put the pipe in parentheses, `(a |> f) + b`";
  return "";
}

/// Operators of other languages.
std::string SyntaxErrors::foreign_habit(const Token* where, bool operand) const {
  if (where == tokens_.data()) return "";
  const TokenKind seen = where->kind;
  const TokenKind before = where[-1].kind;
  if (operand && seen == TokenKind::star && before == TokenKind::star) return "a power is written `^`";
  if (operand && seen == TokenKind::greater && (before == TokenKind::minus || before == TokenKind::greater))
    return "a pipe is written `|>`";
  if (seen == TokenKind::slash && (before == TokenKind::slash || where[1].kind == TokenKind::slash))
    return "a comment begins with `#`";
  return "";
}

/// What seems to be meant by a name at the start of a statement, or of a parameter, that no `=` follows.
std::string SyntaxErrors::unbound_help(const Token* where) const {
  const Token* const opening = innermost_opening(where);
  if (where->kind == TokenKind::equal_equal) return "a single `=` gives a name to a value";
  if (where->kind == TokenKind::colon) return "write `=`";
  if (where[-1].kind == TokenKind::right_parenthesis)
    return "an activation is one expression: `activation f(z) = …`";
  if (opening != nullptr && opening - tokens_.data() >= 2 && opening[-2].kind == TokenKind::keyword_network)
    return fmt::format("a parameter of a network has a default: `{} = 1`", short_word(where[-1]));
  if (where->is(any_binary_operator) && where[1].kind == TokenKind::assign)
    return fmt::format("write `{0} = {0} {1} …`", short_word(where[-1]), text_of(*where));
  if (where->kind == TokenKind::pipe)
    return "give the value a name, `h = …`, or put `output` before it, in a `def` `return`";
  struct Habit {
    std::string_view word;
    std::string_view help;
  };
  static constexpr Habit habits[] = {
      {"for", "what is done many times is `repeat 3 { … }`"},
      {"while", "what is done many times is `repeat 3 { … }`"},
      {"let", "a value gets its name by `h = …` alone"},
      {"var", "a value gets its name by `h = …` alone"},
      {"const", "a value gets its name by `h = …` alone"},
      {"function", "a block is `def block(h) { return … }`"},
      {"fn", "a block is `def block(h) { return … }`"},
      {"func", "a block is `def block(h) { return … }`"},
      {"from",
       "built-in layers need no import; one's own definitions are brought in by `import \"blocks.arch\"`"},
      {"include", "definitions are brought in by `import \"blocks.arch\"`"},
  };
  const auto* const habit = std::ranges::find(habits, text_of(where[-1]), &Habit::word);
  if (habit != std::end(habits)) return std::string(habit->help);
  std::string misspelt = misspelt_keyword(where - 1, {"activation", "def", "import", "input", "network",
                                                      "output", "parametrization", "repeat", "return"});
  return misspelt.empty() ? "a statement is `name = …`, `input …`, `repeat …` or `output …`" : misspelt;
}

std::string SyntaxErrors::colon_help(const std::string& wanted) {
  if (wanted == "`{`") return "a body is written in braces: `{ … }`";
  if (wanted == expected::statement_end) return "leave the `:` out";
  return wanted.find(')') != std::string::npos ? "an argument is given as `NAME = …`" : "";
}

std::string SyntaxErrors::misspelt_keyword(const Token* word,
                                           const std::vector<std::string_view>& keywords) const {
  const std::string closest = word->kind == TokenKind::name ? closest_name(text_of(*word), keywords) : "";
  return closest.empty() ? "" : fmt::format("did you mean the keyword `{}`?", closest);
}

const Token* SyntaxErrors::innermost_opening(const Token* where) const {
  std::size_t depth = 0;
  for (const Token* token = where; token != tokens_.data();) {
    --token;
    if (token->is(any_closing)) ++depth;
    if (!token->is(any_opening)) continue;
    if (depth == 0) return token;
    --depth;
  }
  return nullptr;
}

bool SyntaxErrors::in_signature(const Token* where) const {
  const Token* opening = innermost_opening(where);
  return opening != nullptr && opening - tokens_.data() >= 2 &&
         opening[-2].is(any_of(TokenKind::keyword_activation, TokenKind::keyword_def));
}

/// Which bracket is open at `where`, if a closing one was expected there.
std::vector<Note> SyntaxErrors::opening_note(const Token* where, const std::string& wanted) const {
  if (wanted.find_first_of(")]") == std::string::npos) return {};
  const Token* opening = innermost_opening(where);
  if (opening == nullptr) return {};
  return {{range(*opening), spelling(*opening) + " opened here"}};
}

void SyntaxErrors::inside_block(const Token& keyword) {
  if (&keyword > unclosed_block_) return;
  reporter_.report(DiagnosticKind::misplaced_statement, range(keyword), spelling(keyword) + " inside a block",
                   "it belongs at the top level of a file");
}

void SyntaxErrors::stray_return(const Token& keyword) {
  reporter_.report(DiagnosticKind::misplaced_statement, range(keyword), "`return` is not allowed here",
                   "it is written once, as the last statement of a `def`");
}

void SyntaxErrors::misplaced(const Token& keyword) {
  if (&keyword > unclosed_block_) return;
  const bool language = keyword.kind == TokenKind::keyword_language;
  const bool network = keyword.kind == TokenKind::keyword_network;
  reporter_.report(DiagnosticKind::misplaced_statement, range(keyword),
                   spelling(keyword) + " is not allowed here",
                   language  ? "it is the first line of a file"
                   : network ? "a file holds one, before every input and statement"
                             : "it is written once, on the line after `network`");
}

void SyntaxErrors::reserved(const Token& keyword) {
  const bool takes_a_value = keyword.is(any_of(TokenKind::keyword_output, TokenKind::keyword_return));
  reporter_.report(
      DiagnosticKind::reserved_name, range(keyword),
      spelling(keyword) + " is a keyword and cannot name a value",
      takes_a_value ? fmt::format("write `{} …`, without `=`", text_of(keyword)) : "choose another name");
}

void SyntaxErrors::check_language_version(const Token& version) {
  if (spelling(version) == "`1`") return;
  reporter_.report(DiagnosticKind::unsupported_language_version, range(version),
                   "unknown language version " + spelling(version), "this program reads version `1`");
}

void SyntaxErrors::check_parametrization(const Token& name) {
  const std::string seen = spelling(name);
  if (seen == "`ntk`" || seen == "`standard`" || seen == "`cntk`") return;
  reporter_.report(DiagnosticKind::syntax_error, range(name), "unknown parametrization " + seen,
                   "there are `ntk`, `standard` and `cntk`");
}

}  // namespace ntkc::grammar
