#include "grammar/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "grammar/lexer.hpp"

namespace ntkc::grammar {
namespace {

TokenKind closing_of(TokenKind opening) {
  switch (opening) {
    case TokenKind::left_parenthesis:
      return TokenKind::right_parenthesis;
    case TokenKind::left_bracket:
      return TokenKind::right_bracket;
    default:
      return TokenKind::right_brace;
  }
}

/// Finds the partner of every bracket, in token indices of the unfiltered list.
class BracketMatcher {
 public:
  BracketMatcher(std::vector<Token>& tokens, std::string_view text, std::uint32_t nesting, Reporter& reporter)
      : tokens_(tokens), text_(text), nesting_(nesting), reporter_(reporter) {}

  /// False if the nesting is too deep.
  bool run() {
    bool line_start = true;
    for (std::uint32_t i = 0; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      // These never stand inside () or []: whatever is open there was forgotten.
      const bool statement = line_start && token.is(any_statement_keyword);
      if (statement || token.is(any_of(TokenKind::left_brace, TokenKind::right_brace))) {
        while (!open_.empty() && tokens_[open_.back()].kind != TokenKind::left_brace) never_closed(i);
      }
      if (token.kind == TokenKind::end_of_file)
        while (!open_.empty()) never_closed(i);
      if (token.is(any_opening)) {
        if (open_.size() == nesting_) return too_deep(token);
        open_.push_back(i);
      }
      if (token.is(any_closing)) close(i);
      line_start = token.kind == TokenKind::newline;
    }
    return true;
  }

 private:
  SourceRange range(const Token& token) const { return reporter_.range(token.begin, token.end); }
  std::string spelling(const Token& token) const {
    return quoted(text_.substr(token.begin, token.end - token.begin));
  }

  bool too_deep(const Token& token) {
    reporter_.report(DiagnosticKind::nesting_too_deep, range(token),
                     fmt::format("brackets and blocks nested more than {} deep", nesting_),
                     "name parts of it by assignments of their own");
    return false;
  }

  void never_closed(std::uint32_t seen_at) {
    Token& opening = tokens_[open_.back()];
    const Token& seen = tokens_[seen_at];
    const std::string note = seen.kind == TokenKind::end_of_file ? "the text ends here"
                             : seen.is(any_statement_keyword)    ? "a statement starts here"
                                                                 : spelling(seen) + " is here";
    const std::string closing = opening.kind == TokenKind::left_parenthesis ? ")"
                                : opening.kind == TokenKind::left_bracket   ? "]"
                                                                            : "}";
    reporter_.report(DiagnosticKind::unbalanced_bracket, range(opening),
                     spelling(opening) + " is never closed", "close it with `" + closing + "`",
                     {{range(seen), note}});
    opening.reported = true;
    open_.pop_back();
  }

  void close(std::uint32_t index) {
    Token& closing = tokens_[index];
    const auto fits = [&](std::uint32_t i) { return closing_of(tokens_[i].kind) == closing.kind; };
    // `f([1, 2)`: the parenthesis is there, so the bracket is the one forgotten.
    if (open_.size() >= 2 && !fits(open_.back()) && fits(open_[open_.size() - 2])) never_closed(index);
    const bool inside_block = open_.empty() || tokens_[open_.back()].kind == TokenKind::left_brace;
    if (inside_block && (open_.empty() || !fits(open_.back()))) {
      reporter_.report(DiagnosticKind::unbalanced_bracket, range(closing),
                       spelling(closing) + " closes nothing", "remove it, or open it where it belongs");
      closing.kind = TokenKind::invalid;
      closing.reported = true;
      return;
    }
    Token& opening = tokens_[open_.back()];
    if (!fits(open_.back())) {
      reporter_.report(DiagnosticKind::unbalanced_bracket, range(closing),
                       fmt::format("{} does not close {}", spelling(closing), spelling(opening)), "",
                       {{range(opening), spelling(opening) + " opened here"}});
      closing.reported = true;
    }
    opening.match = index;
    open_.pop_back();
  }

  std::vector<Token>& tokens_;
  std::string_view text_;
  std::uint32_t nesting_;
  Reporter& reporter_;
  std::vector<std::uint32_t> open_;  ///< indices of the brackets that are open
};

/// Whether a line that starts with this token continues the statement before it.
bool continues(const Token& token) {
  return token.is(any_binary_operator | any_of(TokenKind::keyword_then, TokenKind::keyword_else));
}

/// Copies the tokens without the newlines that mean nothing, and rewrites Token::match for the copy.
std::vector<Token> without_idle_newlines(const std::vector<Token>& tokens) {
  constexpr TokenKinds unfinished =
      any_of(TokenKind::comma, TokenKind::left_parenthesis, TokenKind::left_bracket);
  constexpr TokenKinds group_opening = any_of(TokenKind::left_parenthesis, TokenKind::left_bracket);
  constexpr TokenKinds group_closing = any_of(TokenKind::right_parenthesis, TokenKind::right_bracket);
  std::vector<Token> kept;
  kept.reserve(tokens.size());
  std::vector<std::uint32_t> place(tokens.size(), 0);  // of each token in `kept`
  std::size_t inside = 0;  // how many () and [] are open; closing ones without partner are `invalid` by now
  bool forgotten = false;  // the statement holds a () or [] that is never closed
  std::uint32_t next_word = 0;  // the first token after i that is no newline
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.kind == TokenKind::newline) {
      next_word = std::max(next_word, i + 1);
      while (tokens[next_word].kind == TokenKind::newline) ++next_word;
      const bool starts = kept.empty() || kept.back().is(any_of(TokenKind::newline, TokenKind::left_brace));
      // After a forgotten `)` lines count again, except where the line could not end.
      const bool goes_on = forgotten && kept.back().is(unfinished);
      if (inside > 0 || starts || goes_on || continues(tokens[next_word])) continue;
      forgotten = false;
    }
    if (token.is(group_opening) && token.match != 0) ++inside;
    if (token.is(group_opening) && token.match == 0) forgotten = true;
    if (token.is(group_closing)) --inside;
    place[i] = static_cast<std::uint32_t>(kept.size());
    kept.push_back(token);
  }
  for (Token& token : kept)
    if (token.match != 0) token.match = place[token.match];
  return kept;
}

}  // namespace

std::vector<Token> lay_out(std::vector<Token> tokens, std::string_view text, std::uint32_t nesting,
                           Reporter& reporter) {
  if (!BracketMatcher(tokens, text, nesting, reporter).run()) return {};
  return without_idle_newlines(tokens);
}

}  // namespace ntkc::grammar
