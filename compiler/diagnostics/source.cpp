#include "compiler/diagnostics/source.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "compiler/diagnostics/utf8.hpp"

namespace ntkc {

namespace {

constexpr std::uint32_t bytes_between_marks = 256;

}  // namespace

SourceText::SourceText(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  SourcePosition position;
  std::uint32_t offset = 0;
  const auto mark = [&] { marks_.push_back({offset, position}); };
  line_marks_.push_back(0);
  mark();
  while (offset < text_.size()) {
    const bool ends_line = text_[offset] == '\n';
    offset = static_cast<std::uint32_t>(next_code_point(text_, offset));
    if (ends_line) {
      position = {position.line + 1, 1};
      line_marks_.push_back(static_cast<std::uint32_t>(marks_.size()));
      mark();
    } else {
      ++position.column;
      if (offset - marks_.back().offset >= bytes_between_marks) mark();
    }
  }
}

SourcePosition SourceText::position(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const Mark& mark = *std::prev(std::ranges::upper_bound(marks_, offset, {}, &Mark::offset));
  SourcePosition result = mark.position;
  for (std::size_t i = mark.offset; i < offset; ++result.column) {
    i = next_code_point(text_, i);
    if (i > offset) break;  // the offset lies inside this code point
  }
  return result;
}

std::uint32_t SourceText::line_start(std::uint32_t line) const {
  return marks_[line_marks_[line - 1]].offset;
}

std::string_view SourceText::line(std::uint32_t number) const {
  if (number == 0 || number > line_marks_.size()) return {};
  const std::size_t begin = line_start(number);
  const std::size_t end = number < line_marks_.size() ? line_start(number + 1) - 1 : text_.size();
  std::string_view line = text();
  line = line.substr(begin, end - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t SourceText::offset_in_line(SourcePosition position) const {
  const std::string_view characters = line(position.line);
  if (position.line == 0 || position.line > line_marks_.size()) return 0;
  const std::uint32_t begin = line_start(position.line);
  const auto first = marks_.begin() + line_marks_[position.line - 1];
  const auto behind =
      position.line < line_marks_.size() ? marks_.begin() + line_marks_[position.line] : marks_.end();
  const auto column = [](const Mark& mark) { return mark.position.column; };
  const Mark& mark = *std::prev(std::ranges::upper_bound(first, behind, position.column, {}, column));
  std::size_t offset = mark.offset - begin;
  for (std::uint32_t k = mark.position.column; k < position.column && offset < characters.size(); ++k)
    offset = next_code_point(characters, offset);
  return std::min(offset, characters.size());
}

std::uint32_t SourceManager::add(std::string name, std::string text) {
  files_.push_back(std::make_unique<SourceText>(std::move(name), std::move(text)));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

}  // namespace ntkc
