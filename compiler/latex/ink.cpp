#include "compiler/latex/ink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "compiler/elementary/operations.hpp"

namespace ntkc::latex {

namespace {

/// Commands that print the name of a function.
bool is_word(std::string_view command) {
  const auto is_head = [&](const elementary::OperationInfo& known) {
    return known.latex.starts_with('\\') && known.latex.substr(1) == command;
  };
  return std::ranges::any_of(elementary::operation_table, is_head) || command == "sinh" ||
         command == "cosh" || command == "arcsin";
}

}  // namespace

double width_of(std::string_view text) {
  double result = 0;
  double scale = 1;
  bool small_next = false;
  int small_depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      std::size_t end = i + 1;
      while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0) ++end;
      const std::string_view command = text.substr(i + 1, end - i - 1);
      const bool is_font = command.starts_with("math") || command == "operatorname" || command == "text" ||
                           command.starts_with("big") || command.starts_with("Big") || command == "dot" ||
                           command == "hat";
      if (!is_font) result += scale * (is_word(command) ? static_cast<double>(command.size()) : 1.2);
      i = std::max(end, i + 2) - 1;
      continue;
    }
    if (c == '^' || c == '_') {
      small_next = true;
      continue;
    }
    if (c == '{') {
      if (small_next || small_depth > 0) ++small_depth;
      if (small_next) scale = 0.72;
      small_next = false;
      continue;
    }
    if (c == '}') {
      if (small_depth > 0 && --small_depth == 0) scale = 1;
      continue;
    }
    const double here = small_next ? 0.72 : scale;
    small_next = false;
    if (c == ' ') continue;
    if (c == '+' || c == '-' || c == '=' || c == '<') {
      result += here * (here < 1 ? 1.6 : 2.5);
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      result += here * (c == 'M' ? 1.95 : std::isupper(static_cast<unsigned char>(c)) != 0 ? 1.55 : 1.1);
    } else {
      result += here * (c == '\'' || c == ',' || c == '.' ? 0.6 : 0.9);
    }
  }
  return result;
}

Ink plain(std::string text) {
  const double width = width_of(text);
  return {std::move(text), width, 0};
}

std::string_view bracket_size(int height) {
  static constexpr std::array<std::string_view, 4> sizes = {"", "\\bigl", "\\Bigl", "\\biggl"};
  return sizes.at(static_cast<std::size_t>(std::min(height, 3)));
}
Ink bracketed(const Ink& inner, std::string_view left, std::string_view right) {
  const std::string_view size = bracket_size(inner.height);
  std::string closing(size);
  if (!closing.empty()) closing.back() = 'r';
  return {fmt::format("{}{}{}{}{}", size, left, inner.text, closing, right),
          inner.width + 1.6 + 0.4 * inner.height, std::max(inner.height, 1)};
}

}  // namespace ntkc::latex
