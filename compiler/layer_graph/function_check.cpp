#include "compiler/layer_graph/function_check.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/hermite/integrability.hpp"
#include "compiler/layer_graph/scalar_function.hpp"

namespace ntkc::layer_graph {
namespace {

bool is_constant(const elementary::Function<double>& function) {
  double lowest = HUGE_VAL;
  double highest = -HUGE_VAL;
  for (int i = -64; i <= 64; ++i) {
    const double value = function(i / 8.0 + 0.01);
    if (!std::isfinite(value)) return false;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  return highest - lowest <= 1e-14 * std::max(std::abs(lowest), std::abs(highest));
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
