#include "compiler/kernel_ir/token_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "compiler/kernel_ir/text_form.hpp"

namespace ntkc::kernel_ir::text_form {
namespace {

/// Digits, a fraction, an exponent from `begin` on: where they end.
std::size_t end_of_number(std::string_view source, std::size_t begin) {
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

/// `#` starts a comment. Any other character is a symbol: whether it has a meaning is for the parser.
std::vector<Token> split(std::string_view source) {
  std::vector<Token> result;
  std::size_t line = 1;
  for (std::size_t i = 0; i < source.size();) {
    const char c = source[i];
    const std::size_t begin = i++;
    Token::Kind kind = Token::Kind::symbol;
    if (c == '#') {
      i = std::min(source.find('\n', begin), source.size());
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r') continue;
    if (c == '\n') {
      kind = Token::Kind::newline;
    } else if (starts_name(c)) {
      kind = Token::Kind::name;
      while (i < source.size() && continues_name(source[i])) ++i;
    } else if (is_digit(c)) {
      kind = Token::Kind::number;
      i = end_of_number(source, begin);
    }
    result.push_back({kind, source.substr(begin, i - begin), begin, line});
    if (c == '\n') ++line;
  }
  result.push_back({Token::Kind::end, "", source.size(), line});
  return result;
}

}  // namespace

TokenCursor::TokenCursor(std::string_view source) : source_(source), tokens_(split(source)) {}

void TokenCursor::fail(std::string_view message) const {
  throw std::invalid_argument(fmt::format("line {}: {}", peek().line, message));
}

void TokenCursor::fail_expecting(std::string_view what) const {
  fail(fmt::format("expected {}, found {}", what, shown(peek())));
}

const Token& TokenCursor::peek(std::size_t ahead) const {
  return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

std::string TokenCursor::shown(const Token& token) {
  if (token.kind == Token::Kind::end) return "the end of the text";
  return token.kind == Token::Kind::newline ? "the end of the line" : fmt::format("`{}`", token.text);
}

bool TokenCursor::at(std::string_view name_or_symbol) const {
  const Token& token = peek();
  return (token.kind == Token::Kind::symbol || token.kind == Token::Kind::name) &&
         token.text == name_or_symbol;
}

bool TokenCursor::accept(std::string_view name_or_symbol) {
  if (!at(name_or_symbol)) return false;
  ++position_;
  return true;
}

bool TokenCursor::accept_comma() {
  if (!accept(",")) return false;
  skip_newlines();
  return true;
}

void TokenCursor::expect(std::string_view name_or_symbol) {
  if (!accept(name_or_symbol)) fail_expecting(fmt::format("`{}`", name_or_symbol));
}

std::string_view TokenCursor::expect_name() {
  if (peek().kind != Token::Kind::name) fail_expecting("a name");
  return tokens_[position_++].text;
}

template <typename Number>
Number TokenCursor::expect_number(std::string_view what) {
  Number value{};
  const std::string_view text = peek().text;
  if (peek().kind != Token::Kind::number) fail_expecting(what);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) fail(fmt::format("`{}` is out of range", text));
  if (error != std::errc{} || end != text.data() + text.size()) fail_expecting(what);
  ++position_;
  return value;
}

std::int64_t TokenCursor::expect_count(std::string_view what) {
  const auto value = expect_number<std::int64_t>(what);
  if (value < 1) fail(fmt::format("{} must be at least 1", what));
  return value;
}

double TokenCursor::expect_real() {
  const bool negative = accept("-");
  const auto value = expect_number<double>("a number");
  return negative ? -value : value;
}

void TokenCursor::skip_newlines() {
  while (peek().kind == Token::Kind::newline) ++position_;
}

void TokenCursor::end_line() {
  if (peek().kind != Token::Kind::newline && !at_end()) fail_expecting("the end of the line");
  skip_newlines();
}

void TokenCursor::skip_line() {
  while (peek().kind != Token::Kind::newline && !at_end()) ++position_;
  skip_newlines();
}

std::string_view TokenCursor::rest_of_line(bool with_comment) const {
  std::string_view rest = source_.substr(previous().offset + previous().text.size());
  rest = rest.substr(0, rest.find('\n'));
  if (!with_comment) rest = rest.substr(0, rest.find('#'));
  rest = rest.substr(0, rest.find_last_not_of(" \t\r") + 1);
  return rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
}

}  // namespace ntkc::kernel_ir::text_form
