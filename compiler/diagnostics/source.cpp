#include "compiler/diagnostics/source.hpp"

#include <algorithm>
#include <utility>

#include "compiler/diagnostics/utf8.hpp"

namespace ntkc {

SourceText::SourceText(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)), line_starts_{0} {
  for (std::size_t i = text_.find('\n'); i != std::string::npos; i = text_.find('\n', i + 1))
    line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
}

SourcePosition SourceText::position(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<std::uint32_t>(after - line_starts_.begin());
  std::uint32_t column = 1;
  for (std::size_t i = line_starts_[line - 1]; i < offset; ++column) {
    i = next_code_point(text_, i);
    if (i > offset) break;  // the offset lies inside this code point
  }
  return {line, column};
}

std::string_view SourceText::line(std::uint32_t number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  const std::size_t begin = line_starts_[number - 1];
  const std::size_t end = number < line_starts_.size() ? line_starts_[number] - 1 : text_.size();
  std::string_view line = text();
  line = line.substr(begin, end - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::uint32_t SourceManager::add(std::string name, std::string text) {
  files_.push_back(std::make_unique<SourceText>(std::move(name), std::move(text)));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

}  // namespace ntkc
