// The words of the language, as the lexer finds them and the grammar reads them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace ntkc::grammar {

enum class TokenKind : std::uint8_t {
  // Words and values
  name,
  integer,
  real,
  text,
  // Keywords, in the order of keywords()
  keyword_activation,
  keyword_def,
  keyword_else,
  keyword_false,
  keyword_if,
  keyword_import,
  keyword_input,
  keyword_language,
  keyword_network,
  keyword_output,
  keyword_parametrization,
  keyword_repeat,
  keyword_return,
  keyword_then,
  keyword_true,
  // Operators
  pipe,
  equal_equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  plus,
  minus,
  star,
  slash,
  caret,
  // Punctuation
  assign,
  colon,
  comma,
  left_parenthesis,
  right_parenthesis,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  // Layout
  newline,      ///< after the layout pass: one that ends a statement
  invalid,      ///< text that is no token, reported already
  end_of_file,  ///< always the last token
};

/// A set of token kinds, one bit each.
using TokenKinds = std::uint64_t;

constexpr TokenKinds bit(TokenKind kind) { return TokenKinds{1} << static_cast<unsigned>(kind); }
template <typename... Kinds>
constexpr TokenKinds any_of(Kinds... kinds) {
  return (bit(kinds) | ...);
}
/// All kinds from `first` to `last` in the order of the enumeration.
constexpr TokenKinds range_of(TokenKind first, TokenKind last) { return (bit(last) << 1U) - bit(first); }

constexpr TokenKinds any_keyword = range_of(TokenKind::keyword_activation, TokenKind::keyword_true);
constexpr TokenKinds any_comparison = range_of(TokenKind::equal_equal, TokenKind::greater_equal);
constexpr TokenKinds any_binary_operator = range_of(TokenKind::pipe, TokenKind::caret);
constexpr TokenKinds any_opening =
    any_of(TokenKind::left_parenthesis, TokenKind::left_bracket, TokenKind::left_brace);
constexpr TokenKinds any_closing =
    any_of(TokenKind::right_parenthesis, TokenKind::right_bracket, TokenKind::right_brace);
/// Keywords that stand only at the start of a statement.
constexpr TokenKinds any_statement_keyword =
    any_of(TokenKind::keyword_activation, TokenKind::keyword_def, TokenKind::keyword_import,
           TokenKind::keyword_input, TokenKind::keyword_language, TokenKind::keyword_network,
           TokenKind::keyword_output, TokenKind::keyword_parametrization, TokenKind::keyword_repeat,
           TokenKind::keyword_return);

struct Token {
  TokenKind kind = TokenKind::invalid;
  /// A mistake at this token is reported already: what the grammar makes of its statement is a consequence.
  bool reported = false;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t match = 0;   ///< of an opening bracket: index of the closing one, or 0
  std::int32_t integer = 0;  ///< value of an integer
  double real = 0;           ///< value of a real

  [[nodiscard]] bool is(TokenKinds kinds) const { return (bit(kind) & kinds) != 0; }
};

}  // namespace ntkc::grammar
