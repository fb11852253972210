#include "compiler/layer_graph/function_check.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/hermite/integrability.hpp"
#include "compiler/layer_graph/scalar_table.hpp"

namespace ntkc::layer_graph {
namespace {

/// Evaluates a function of z. Parts that do not depend on z have their values already.
class Evaluator {
 public:
  Evaluator(const std::vector<Scalar>& scalars, ScalarId root) : scalars_(scalars), root_(root) {
    // Operands have smaller ids, so the parts are collected from the root downwards and then put in order.
    std::vector<bool> needed(root + 1, false);
    needed[root] = true;
    for (ScalarId id = root + 1; id-- > 0;) {
      if (!needed[id]) continue;
      for (std::size_t i = 0; i < operand_count(scalars[id].operation); ++i)
        needed[scalars[id].operands[i]] = true;
    }
    places_.resize(root + 1);
    for (ScalarId id = 0; id <= root; ++id) {
      if (!needed[id]) continue;
      places_[id] = order_.size();
      order_.push_back(id);
    }
    values_.resize(order_.size());
  }

  /// The number of parts of the function, each counted once.
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  /// Computes all values at z, which `at` then reads.
  void run(double z) {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const Scalar& scalar = scalars_[order_[i]];
      if (scalar.operation == ScalarOperation::variable) {
        values_[i] = z;
      } else if (scalar.operation == ScalarOperation::literal ||
                 scalar.operation == ScalarOperation::parameter) {
        values_[i] = scalar.value;
      } else {
        std::array<double, 3> operands = {};
        for (std::size_t k = 0; k < operand_count(scalar.operation); ++k)
          operands[k] = at(scalar.operands[k]);
        values_[i] = evaluate(scalar.operation, operands[0], operands[1], operands[2]);
      }
    }
  }
  [[nodiscard]] double at(ScalarId id) const { return values_[places_[id]]; }
  double operator()(double z) {
    run(z);
    return at(root_);
  }

 private:
  const std::vector<Scalar>& scalars_;
  ScalarId root_;
  std::vector<ScalarId> order_;
  std::vector<std::size_t> places_;
  std::vector<double> values_;
};

bool is_constant(Evaluator& function) {
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
  return Evaluator(scalars, function).size();
}

FunctionReport check_function(const std::vector<Scalar>& scalars, ScalarId root) {
  using Kind = FunctionReport::Kind;
  Evaluator function(scalars, root);
  if (is_constant(function)) return {.kind = Kind::constant};
  if (!std::isfinite(function(0))) return {.kind = Kind::undefined};
  const hermite::IntegrabilityReport report =
      hermite::check_integrability([&function](double z) { return function(z); });
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
