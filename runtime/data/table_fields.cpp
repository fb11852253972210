#include "runtime/data/table_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "ntkc/table_file.hpp"

namespace ntkc {

namespace {

/// What pandas takes for missing, and the mark of the UCI repository.
constexpr auto missing_marks = std::to_array<std::string_view>(
    {"", "?", "NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "-NaN", "-nan", "NULL", "null"});

}  // namespace

bool is_missing(std::string_view field) {
  const std::size_t begin = std::min(field.find_first_not_of(" \t"), field.size());
  field = field.substr(begin, field.find_last_not_of(" \t") + 1 - begin);
  return std::ranges::find(missing_marks, field) != missing_marks.end();
}

std::optional<double> number_of(std::string_view field, bool decimal_comma) {
  if (decimal_comma)
    if (const auto number = data::parse_comma_number(field)) return number;
  return data::parse_number(field);
}

}  // namespace ntkc

namespace ntkc::data {

std::optional<double> parse_number(std::string_view field) {
  const std::size_t begin = field.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return std::nullopt;
  field = field.substr(begin, field.find_last_not_of(" \t") - begin + 1);
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  const char* const start = field.data();
  const char* const end = start + field.size();
  double value = 0;
  auto [rest, error] = std::from_chars(start, end, value);
  if (error == std::errc::result_out_of_range && rest == end) {
    // The standard does not say which way it left the range; the wider type does, and if it cannot, the
    // digits are hostile rather than data.
    long double wide = 0;
    error = std::from_chars(start, end, wide).ec;
    if (error != std::errc() || std::fabs(wide) >= 1) return std::nullopt;
    value = std::signbit(wide) ? -0.0 : 0.0;
  }
  if (error != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parse_comma_number(std::string_view field) {
  constexpr std::size_t longest = 64;
  const std::size_t comma = field.find(',');
  if (comma == std::string_view::npos || field.size() > longest || field.find('.') != std::string_view::npos)
    return std::nullopt;
  std::string text(field);
  text[comma] = '.';
  return parse_number(text);
}

bool may_group_thousands(std::string_view field) {
  if (field.starts_with('-') || field.starts_with('+')) field.remove_prefix(1);
  const std::size_t comma = field.find(',');
  if (comma == std::string_view::npos || comma < 1 || comma > 3 || field.front() == '0') return false;
  const std::string_view rest = field.substr(comma + 1);
  return rest.size() == 3 && rest.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<int> parse_count(std::string_view field) {
  if (field.empty() || field.size() > 9 || field.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  int value = 0;
  std::from_chars(field.data(), field.data() + field.size(), value);
  return value;
}

}  // namespace ntkc::data
