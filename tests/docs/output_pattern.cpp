#include "tests/docs/output_pattern.hpp"

#include <algorithm>
#include <string_view>

namespace ntkc::docs {
namespace {

constexpr std::string_view ellipsis = "…";

/// The parts of `pattern` between its ellipses have to come in order, the first at the start, the last at the
/// end.
bool line_matches(std::string_view pattern, std::string_view line) {
  const std::size_t first = pattern.find(ellipsis);
  if (first == std::string_view::npos) return pattern == line;
  if (!line.starts_with(pattern.substr(0, first))) return false;
  line.remove_prefix(first);
  pattern.remove_prefix(first + ellipsis.size());
  for (std::size_t next = pattern.find(ellipsis); next != std::string_view::npos;
       next = pattern.find(ellipsis)) {
    const std::size_t found = line.find(pattern.substr(0, next));
    if (found == std::string_view::npos) return false;
    line.remove_prefix(found + next);
    pattern.remove_prefix(next + ellipsis.size());
  }
  return line.ends_with(pattern);
}

}  // namespace

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& lines) {
  // reached[j]: the pattern lines so far can stand for the first j lines.
  std::vector<bool> reached(lines.size() + 1, false);
  reached[0] = true;
  for (const std::string& expected : pattern) {
    std::vector<bool> next(lines.size() + 1, false);
    if (expected == ellipsis) {
      const auto earliest = std::find(reached.begin(), reached.end(), true) - reached.begin();
      std::fill(next.begin() + std::min<std::ptrdiff_t>(earliest, std::ssize(next)), next.end(), true);
    } else {
      for (std::size_t j = 0; j < lines.size(); ++j)
        next[j + 1] = reached[j] && line_matches(expected, lines[j]);
    }
    reached = next;
  }
  return reached.back();
}

bool says_nothing(const std::vector<std::string>& pattern) {
  return !pattern.empty() &&
         std::ranges::all_of(pattern, [](const std::string& line) { return line == ellipsis; });
}

}  // namespace ntkc::docs
