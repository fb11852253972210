// Tokens of the text form of the kernel IR. Internal to this folder.
#pragma once

#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/kernel_ir/text_form.hpp"

namespace ntkc::kernel_ir::text_form {

struct Token {
  enum class Kind : std::uint8_t { name, number, symbol, newline, end };
  Kind kind = Kind::end;
  std::string_view text;  ///< of symbols: one character
  std::size_t offset = 0;
  std::size_t line = 1;
};

/// `[0-9]+ [.[0-9]*] [e[+-][0-9]+]` from `begin` on: where it ends.
constexpr std::size_t end_of_number(std::string_view source, std::size_t begin) {
  const auto skip_digits = [source](std::size_t i) {
    while (i < source.size() && is_digit(source[i])) ++i;
    return i;
  };
  std::size_t end = skip_digits(begin);
  if (end < source.size() && source[end] == '.') end = skip_digits(end + 1);
  if (end < source.size() && source[end] == 'e') {
    std::size_t exponent = end + 1;
    if (exponent < source.size() && (source[exponent] == '+' || source[exponent] == '-')) ++exponent;
    if (const std::size_t after = skip_digits(exponent); after > exponent) end = after;
  }
  return end;
}

/// Splits a text; `#` starts a comment. Any other character is a symbol: whether it has a meaning is for the parser.
inline std::vector<Token> tokens(std::string_view source) {
  std::vector<Token> result;
  std::size_t line = 1;
  for (std::size_t i = 0; i < source.size();) {
    const char c = source[i];
    const std::size_t begin = i;
    Token::Kind kind = Token::Kind::symbol;
    if (c == '#') {
      while (i < source.size() && source[i] != '\n') ++i;
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r') {
      ++i;
      continue;
    }
    if (c == '\n') {
      kind = Token::Kind::newline;
      ++i;
    } else if (starts_name(c)) {
      kind = Token::Kind::name;
      while (i < source.size() && continues_name(source[i])) ++i;
    } else if (is_digit(c)) {
      kind = Token::Kind::number;
      i = end_of_number(source, begin);
    } else {
      ++i;
    }
    result.push_back({kind, source.substr(begin, i - begin), begin, line});
    if (c == '\n') ++line;
  }
  result.push_back({Token::Kind::end, "", source.size(), line});
  return result;
}

}  // namespace ntkc::kernel_ir::text_form
