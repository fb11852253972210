#include "compiler/duals/statement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ntkc::duals {

std::string Statement::text() const {
  if (is_closed()) return name + rounding;
  if (std::isnan(remainder)) return name + ", not finite";
  return fmt::format("{}, to {:.1e} for q up to {:.3g}", name, remainder, largest_q);
}

std::vector<std::string> texts_of(const std::vector<Use>& uses, const std::string& name) {
  std::vector<std::string> result;
  std::vector<std::string> with_range;
  for (const Use& use : uses) {
    if (std::ranges::find(use.names, name) == use.names.end()) continue;
    const std::string text = use.statement.text();
    if (std::ranges::find(result, text) != result.end()) continue;
    result.push_back(text);
    const bool tells_range = !use.statement.is_closed();
    with_range.push_back(
        tells_range ? text : fmt::format("{}, where q is at most {:.3g}", text, use.statement.largest_q));
  }
  return result.size() > 1 ? with_range : result;
}

}  // namespace ntkc::duals
