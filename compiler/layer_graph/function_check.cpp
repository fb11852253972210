#include "compiler/layer_graph/function_check.hpp"

#include <algorithm>
#include <cmath>
#include <queue>
#include <utility>
#include <vector>

#include "compiler/elementary/enclosure.hpp"
#include "compiler/hermite/integrability.hpp"
#include "compiler/layer_graph/scalar_function.hpp"

namespace ntkc::layer_graph {
namespace {

/// Whether a function that has the same value c at all places that were looked at has another somewhere else: panels on
/// which |f - c| may be large by its bounds are halved, the largest first. A narrow feature is found so; of a constant that
/// is written as a function, sin² + cos², bounds never say so, and the search ends after some thousand places.
bool varies_between(const elementary::Function<double>& function, double c) {
  constexpr double reach = 32;
  constexpr int most_places = 4000;
  std::vector<elementary::Function<double>::Step> steps = function.steps();
  const auto last = static_cast<std::uint32_t>(steps.size());
  steps.push_back({.operation = elementary::Operation::literal, .value = c});
  steps.push_back({.operation = elementary::Operation::subtract, .operands = {last - 1, last}});
  const elementary::Function<double> difference(std::move(steps));
  const elementary::Enclosure enclosure(difference);
  const double least = 1e-12 * std::max(1.0, std::abs(c));
  struct Panel {
    double bound;
    double low;
    double high;
    bool operator<(const Panel& other) const { return bound < other.bound; }
  };
  std::priority_queue<Panel> open;
  const auto add = [&](double low, double high) {
    const double bound = enclosure.largest(low, high, 1);
    // Of equal bounds, the wider panel first.
    if (bound > least) open.push({std::min(bound, 1e300) * (high - low), low, high});
  };
  for (int i = -32; i < 32; ++i) add(i * reach / 32, (i + 1) * reach / 32);
  for (int places = 0; !open.empty() && places < most_places; ++places) {
    const Panel panel = open.top();
    open.pop();
    const double middle = panel.low + (panel.high - panel.low) / 2;
    if (!(std::abs(difference(middle)) <= least)) return true;
    if (middle == panel.low || middle == panel.high) continue;
    add(panel.low, middle);
    add(middle, panel.high);
  }
  return false;
}

bool is_constant(const elementary::Function<double>& function) {
  double lowest = HUGE_VAL;
  double highest = -HUGE_VAL;
  for (int i = -64; i <= 64; ++i) {
    const double value = function(i / 8.0 + 0.01);
    if (!std::isfinite(value)) return false;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  if (highest - lowest > 1e-14 * std::max(std::abs(lowest), std::abs(highest))) return false;
  return !varies_between(function, (lowest + highest) / 2);
}

}  // namespace

std::size_t part_count(const std::vector<Scalar>& scalars, ScalarId function) {
  return scalar_function(scalars, function).steps().size();
}

FunctionReport check_function(const std::vector<Scalar>& scalars, ScalarId root) {
  using Kind = FunctionReport::Kind;
  const elementary::Function<double> function = scalar_function(scalars, root);
  if (is_constant(function)) return {.kind = Kind::constant};
  if (!std::isfinite(function(0))) return {.kind = Kind::undefined};
  const hermite::IntegrabilityReport report = hermite::check_integrability(function);
  switch (report.kind) {
    case hermite::Integrability::integrable:
      break;
    case hermite::Integrability::undefined:
      return {.kind = Kind::undefined, .where = report.where};
    case hermite::Integrability::singular:
      return {.kind = Kind::singular, .where = report.where};
    case hermite::Integrability::grows_too_fast:
      return {.kind = Kind::grows_too_fast};
  }
  return {};
}

}  // namespace ntkc::layer_graph
