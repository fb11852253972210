#include <algorithm>
#include <vector>

#include "grammar/lexer.hpp"
#include "tests/fuzz/programs.hpp"
#include "tests/grammar/parsing.hpp"

namespace ntkc::fuzz {
namespace {

using grammar::Token;
using grammar::TokenKind;

std::size_t below(std::size_t bound, std::mt19937& random) { return random() % bound; }

template <typename T>
const T& pick(const std::vector<T>& choices, std::mt19937& random) {
  return choices[below(choices.size(), random)];
}

std::vector<Token> tokens_of(std::string_view text) {
  grammar::Reporter nothing(0);
  std::vector<Token> tokens = grammar::split_into_tokens(text, nothing).tokens;
  tokens.pop_back();
  return tokens;
}

std::string_view slice(std::string_view text, const SourceRange& range) {
  return text.substr(range.begin, range.end - range.begin);
}

std::string replaced(std::string_view text, std::size_t begin, std::size_t end, std::string_view with) {
  return std::string(text.substr(0, begin)) + std::string(with) + std::string(text.substr(end));
}

/// Where the expressions (or the statements) of a text stand; nothing if it cannot be parsed.
std::vector<SourceRange> parts_of(std::string_view text, bool statements) {
  grammar::testing::Parsed parsed;
  grammar::testing::parse_into(parsed, std::string(text));
  std::vector<SourceRange> ranges;
  if (!parsed.file) return ranges;
  if (statements)
    for (const ast::Statement& statement : parsed.file->statement_arena) ranges.push_back(statement.range);
  else
    for (const ast::Expression& expression : parsed.file->expression_arena)
      ranges.push_back(expression.range);
  return ranges;
}

std::string with_other_word(std::string_view text, std::mt19937& random) {
  static const std::vector<std::string> words = {
      "def",    "return",  "import", "activation", "repeat", "if",      "then",  "else", "input",
      "output", "network", "dense",  "relu",       "W_std",  "frozen",  "width", "lr",   "x",
      "h",      "z",       "concat", "where",      "|>",     "+",       "-",     "*",    "/",
      "^",      "==",      "<",      "(",          ")",      "[",       "]",     "{",    "}",
      ",",      "=",       ":",      "true",       "\"a\"",  "\n",      "#",     "1",    "sqrt",
      "pi",     "vector",  "max",    "exp",        "sign",   "standard"};
  const std::vector<Token> tokens = tokens_of(text);
  if (tokens.empty()) return pick(words, random);
  const Token& token = pick(tokens, random);
  const Token& other = pick(tokens, random);
  const std::string_view spelling = text.substr(other.begin, other.end - other.begin);
  switch (below(4, random)) {
    case 0:
      return replaced(text, token.begin, token.end, "");
    case 1:
      return replaced(text, token.begin, token.end, pick(words, random));
    case 2:
      return replaced(text, token.begin, token.begin, pick(words, random) + " ");
    default:
      return replaced(text, token.begin, token.end, spelling);
  }
}

std::string with_other_number(std::string_view text, std::mt19937& random) {
  static const std::vector<std::string> numbers = {
      "0",      "1",      "-1",  "2",   "2147483647", "2147483648", "1e308", "1e400",
      "1e-400", "4e-324", "0.0", "nan", "1e-300",     "1000000",    "0.5",   "1000000000"};
  std::vector<Token> tokens = tokens_of(text);
  std::erase_if(tokens,
                [](const Token& token) { return !token.is(any_of(TokenKind::integer, TokenKind::real)); });
  if (tokens.empty()) return std::string(text);
  const Token& token = pick(tokens, random);
  return replaced(text, token.begin, token.end, pick(numbers, random));
}

std::string with_other_statement(std::string_view text, std::mt19937& random) {
  const std::vector<SourceRange> statements = parts_of(text, true);
  if (statements.empty()) return std::string(text);
  const SourceRange& statement = pick(statements, random);
  const std::string_view other = slice(text, pick(statements, random));
  if (below(3, random) == 0) return replaced(text, statement.begin, statement.end, "");
  if (below(2, random) == 0) return replaced(text, statement.begin, statement.end, other);
  return replaced(text, statement.begin, statement.begin, std::string(other) + "\n");
}

std::string with_other_bytes(std::string_view text, std::mt19937& random) {
  static const std::vector<std::string> bytes = {std::string(1, '\0'),
                                                 "\xff",
                                                 "\xc3",
                                                 "\xef\xbb\xbf",
                                                 "\r",
                                                 "\u202e",
                                                 "\u03c0",
                                                 "\"",
                                                 "\\",
                                                 "#",
                                                 ";",
                                                 "\t"};
  const std::size_t at = below(text.size() + 1, random);
  switch (below(3, random)) {
    case 0:
      return replaced(text, at, at, pick(bytes, random));
    case 1:
      return replaced(text, at, std::min(text.size(), at + below(20, random)), "");
    default:
      return replaced(text, at, at, text.substr(below(text.size() + 1, random), below(40, random)));
  }
}

}  // namespace

std::string crossed(std::string_view text, std::string_view other, std::mt19937& random) {
  const std::vector<SourceRange> expressions = parts_of(text, false);
  const std::vector<SourceRange> others = parts_of(other, false);
  if (expressions.empty() || others.empty()) return std::string(text);
  const SourceRange& place = pick(expressions, random);
  return replaced(text, place.begin, place.end, slice(other, pick(others, random)));
}

std::string mutated(std::string_view text, std::mt19937& random) {
  switch (below(6, random)) {
    case 0:
    case 1:
      return with_other_word(text, random);
    case 2:
      return with_other_number(text, random);
    case 3:
      return with_other_statement(text, random);
    case 4:
      return crossed(text, text, random);
    default:
      return with_other_bytes(text, random);
  }
}

}  // namespace ntkc::fuzz
