#include "cli/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ntkc/printable.hpp"

namespace ntkc::cli {

namespace {

/// Code points: close enough to the width on a terminal.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t j = 0; j < row.size(); ++j) widths[j] = std::max(widths[j], width_of(row[j]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t j = 0; j < row.size(); ++j)
      text +=
          fmt::format("{}{}{}", j == 0 ? "" : "  ", std::string(widths[j] - width_of(row[j]), ' '), row[j]);
    text += '\n';
  }
  return text;
}

std::string confusion_text(const std::vector<std::string>& classes,
                           const std::vector<std::vector<std::int64_t>>& confusion) {
  std::vector<std::vector<std::string>> rows(1, {""});
  for (const std::string& label : classes) rows.front().push_back(shown(label));
  for (std::size_t t = 0; t < classes.size(); ++t) {
    rows.push_back({shown(classes[t])});
    for (const std::int64_t count : confusion[t])
      rows.back().push_back(count == 0 ? "." : fmt::format("{}", count));
  }
  return aligned(rows);
}

}  // namespace ntkc::cli
