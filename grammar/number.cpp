#include "grammar/number.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "grammar/lexer.hpp"

namespace ntkc::grammar {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_exponent_mark(char c) { return c == 'e' || c == 'E'; }

/// How many digits stand at `offset`.
std::size_t digits(std::string_view text, std::size_t offset) {
  std::size_t end = offset;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - offset;
}

/// Whether a well-formed real that from_chars could not represent is too large (otherwise it is too small):
/// the decimal exponent of its first significant digit is positive. The exponent is cut off far beyond any
/// file's size.
bool is_too_large(std::string_view literal) {
  constexpr std::int64_t cut_off = std::int64_t{1} << 40;
  const std::size_t mark = std::min(literal.find_first_of("eE"), literal.size());
  const std::string_view mantissa = literal.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t significant = mantissa.find_first_of("123456789");
  const auto magnitude = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(significant);
  std::int64_t exponent = 0;
  bool negative = false;
  for (const char c : literal.substr(mark)) {
    negative = negative || c == '-';
    if (is_digit(c)) exponent = std::min(cut_off, exponent * 10 + (c - '0'));
  }
  return magnitude + (negative ? -exponent : exponent) > 0;
}

Number malformed(std::string message, std::string help) {
  Number number;
  number.message = std::move(message);
  number.help = std::move(help);
  return number;
}

Number read_integer(std::string_view literal) {
  Number number;
  number.kind = TokenKind::integer;
  const auto read = std::from_chars(literal.data(), literal.data() + literal.size(), number.integer);
  if (read.ec != std::errc()) {
    number.fault = DiagnosticKind::invalid_number;
    number.message = quoted(literal) + " is too large for an integer";
    number.help = "integers reach 2147483647; a real has a point or an exponent";
  }
  return number;
}

Number read_real(std::string_view literal) {
  Number number;
  number.kind = TokenKind::real;
  const auto read = std::from_chars(literal.data(), literal.data() + literal.size(), number.real);
  if (read.ec != std::errc()) {
    const bool large = is_too_large(literal);
    number.fault = DiagnosticKind::invalid_number;
    number.message = quoted(literal) + (large ? " is too large for a real" : " is too small for a real");
    number.help = large ? "reals reach about 1.8e308" : "the smallest real beside 0 is about 4.9e-324";
  }
  return number;
}

}  // namespace

std::size_t number_length(std::string_view text) {
  std::size_t end = 0;
  bool mantissa = true;  // only digits and points so far
  while (end < text.size() && (is_digit(text[end]) || is_letter(text[end]) || text[end] == '.')) {
    const bool exponent = mantissa && is_exponent_mark(text[end]);
    mantissa = mantissa && (is_digit(text[end]) || text[end] == '.');
    ++end;
    const bool sign = end + 1 < text.size() && (text[end] == '+' || text[end] == '-');
    if (exponent && sign && is_digit(text[end + 1])) ++end;
  }
  return end;
}

Number read_number(std::string_view literal) {
  const std::size_t whole = digits(literal, 0);
  if (whole == 0)
    return malformed("no digit before the point", "write " + quoted("0" + std::string(literal)));
  std::size_t end = whole;
  const bool point = end < literal.size() && literal[end] == '.';
  if (point) {
    const std::size_t fraction = digits(literal, end + 1);
    if (fraction == 0 && (end + 1 == literal.size() || is_exponent_mark(literal[end + 1]))) {
      const std::string fixed =
          std::string(literal.substr(0, end)) + ".0" + std::string(literal.substr(end + 1));
      return malformed("no digit after the point", "write " + quoted(fixed));
    }
    end += 1 + fraction;
  }
  bool exponent = false;
  if (end < literal.size() && is_exponent_mark(literal[end])) {
    const std::size_t sign = end + 1 < literal.size() && !is_digit(literal[end + 1]) ? 1 : 0;
    const bool signed_exponent = sign == 0 || literal[end + 1] == '+' || literal[end + 1] == '-';
    const std::size_t count = digits(literal, end + 1 + sign);
    exponent = signed_exponent && count > 0;
    if (exponent) end += 1 + sign + count;
  }
  if (end != literal.size() || literal.back() == '.') {
    const std::string_view rest = literal.substr(whole);
    const bool product = is_letter(rest.front()) && rest.find('.') == std::string_view::npos;
    const std::string fixed = std::string(literal.substr(0, whole)) + " * " + std::string(rest);
    return malformed(quoted(literal) + " is not a number",
                     product ? "a product needs its operator, " + quoted(fixed) : "");
  }
  return point || exponent ? read_real(literal) : read_integer(literal);
}

}  // namespace ntkc::grammar
