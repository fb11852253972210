// Activations with jumps.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "compiler/layer_graph/warnings.hpp"

namespace ntkc::layer_graph {
namespace {

// ---------------------------------------------------------------------------------------------------------------
// Jumps
// ---------------------------------------------------------------------------------------------------------------

/// Functions of z among the scalars, evaluated.
class FunctionEvaluator {
 public:
  explicit FunctionEvaluator(const LayerGraph& graph) : graph_(graph), is_function_(graph.scalars.size()) {
    for (std::size_t id = 0; id < graph.scalars.size(); ++id) {
      const Scalar& scalar = graph.scalars[id];
      is_function_[id] = scalar.operation == ScalarOperation::variable;
      for (std::size_t i = 0; i < operand_count(scalar.operation); ++i)
        if (is_function_[scalar.operands[i]]) is_function_[id] = true;
    }
  }

  [[nodiscard]] bool is_function(ScalarId id) const { return is_function_[id]; }

  /// What a function is made of that depends on z, in order of evaluation; itself is the last.
  [[nodiscard]] std::vector<ScalarId> parts(ScalarId function) const {
    std::set<ScalarId> found;
    std::vector<ScalarId> open = {function};
    while (!open.empty()) {
      const ScalarId id = open.back();
      open.pop_back();
      if (!is_function_[id] || !found.insert(id).second) continue;
      const Scalar& scalar = graph_.scalars[id];
      for (std::size_t i = 0; i < operand_count(scalar.operation); ++i) open.push_back(scalar.operands[i]);
    }
    return {found.begin(), found.end()};
  }

  /// `part`'s value, given parts that hold it and all it needs.
  [[nodiscard]] double value(const std::vector<ScalarId>& parts, ScalarId part, double z) const {
    if (!is_function_[part]) return graph_.scalars[part].value;
    std::map<ScalarId, double> values;
    for (const ScalarId id : parts) {
      const Scalar& scalar = graph_.scalars[id];
      std::array<double, 3> operands = {};
      for (std::size_t i = 0; i < operand_count(scalar.operation); ++i) {
        const ScalarId operand = scalar.operands[i];
        operands[i] = is_function_[operand] ? values.at(operand) : graph_.scalars[operand].value;
      }
      values[id] = apply(scalar.operation, operands, z);
      if (id == part) break;
    }
    return values.at(part);
  }

 private:
  static double apply(ScalarOperation operation, const std::array<double, 3>& x, double z) {
    switch (operation) {
      case ScalarOperation::literal:
      case ScalarOperation::parameter:
        return 0;  // no function
      case ScalarOperation::variable:
        return z;
      case ScalarOperation::add:
        return x[0] + x[1];
      case ScalarOperation::subtract:
        return x[0] - x[1];
      case ScalarOperation::multiply:
        return x[0] * x[1];
      case ScalarOperation::divide:
        return x[0] / x[1];
      case ScalarOperation::power:
        return std::pow(x[0], x[1]);
      case ScalarOperation::negate:
        return -x[0];
      case ScalarOperation::sqrt:
        return std::sqrt(x[0]);
      case ScalarOperation::exp:
        return std::exp(x[0]);
      case ScalarOperation::log:
        return std::log(x[0]);
      case ScalarOperation::sin:
        return std::sin(x[0]);
      case ScalarOperation::cos:
        return std::cos(x[0]);
      case ScalarOperation::tanh:
        return std::tanh(x[0]);
      case ScalarOperation::erf:
        return std::erf(x[0]);
      case ScalarOperation::abs:
        return std::abs(x[0]);
      case ScalarOperation::sign:
        return static_cast<double>((x[0] > 0) - (x[0] < 0));
      case ScalarOperation::minimum:
        return std::min(x[0], x[1]);
      case ScalarOperation::maximum:
        return std::max(x[0], x[1]);
      case ScalarOperation::less:
        return x[0] < x[1] ? 1 : 0;
      case ScalarOperation::less_equal:
        return x[0] <= x[1] ? 1 : 0;
      case ScalarOperation::equal:
        return x[0] == x[1] ? 1 : 0;
      case ScalarOperation::select:
        return x[0] != 0 ? x[1] : x[2];
    }
    return 0;
  }

  const LayerGraph& graph_;
  std::vector<bool> is_function_;
};

/// Where a function of z may jump: where the argument of `sign`, or the difference of what is compared,
/// changes sign. Roots are looked for in [-16, 16], at steps of 1/8; an affine difference has its root
/// anywhere.
class JumpFinder {
 public:
  explicit JumpFinder(const LayerGraph& graph) : graph_(graph), evaluator_(graph) {}

  /// The first jump.
  std::optional<double> jump(ScalarId function) {
    const auto known = known_.find(function);
    if (known != known_.end()) return known->second;
    std::optional<double> found;
    const std::vector<ScalarId> parts = evaluator_.parts(function);
    for (const ScalarId id : parts) {
      if (found) break;
      for (const double place : boundaries(parts, graph_.scalars[id]))
        if (!found && jumps_at(parts, function, place)) found = place;
    }
    return known_[function] = found;
  }

 private:
  std::vector<double> boundaries(const std::vector<ScalarId>& parts, const Scalar& scalar) const {
    const bool compares =
        scalar.operation == ScalarOperation::less || scalar.operation == ScalarOperation::less_equal;
    if (!compares && scalar.operation != ScalarOperation::sign) return {};
    const auto difference = [&](double z) {
      const double left = evaluator_.value(parts, scalar.operands[0], z);
      return compares ? left - evaluator_.value(parts, scalar.operands[1], z) : left;
    };
    const double at_0 = difference(0);
    const double slope = difference(1) - at_0;
    if (slope != 0 && std::abs(difference(-2) - (at_0 - 2 * slope)) <= 1e-12 * std::abs(slope))
      return {-at_0 / slope + 0.0};  // not -0
    std::vector<double> roots;
    constexpr double step = 0.125;
    for (double z = -16; z < 16; z += step)
      if ((difference(z) < 0) != (difference(z + step) < 0)) roots.push_back(root(difference, z, z + step));
    return roots;
  }

  template <typename Function>
  static double root(const Function& function, double low, double high) {
    const bool below = function(low) < 0;
    for (int i = 0; i < 60; ++i) {
      const double middle = 0.5 * (low + high);
      ((function(middle) < 0) == below ? low : high) = middle;
    }
    return high;
  }

  /// A difference across the place that does not shrink with the distance.
  [[nodiscard]] bool jumps_at(const std::vector<ScalarId>& parts, ScalarId function, double place) const {
    const auto difference = [&](double distance) {
      distance *= std::max(1.0, std::abs(place));
      return std::abs(evaluator_.value(parts, function, place + distance) -
                      evaluator_.value(parts, function, place - distance));
    };
    const double size = std::abs(evaluator_.value(parts, function, place + 1e-5)) +
                        std::abs(evaluator_.value(parts, function, place - 1e-5));
    return difference(1e-7) > 1e-9 * size && difference(1e-7) > 0.5 * difference(1e-5);
  }

  const LayerGraph& graph_;
  FunctionEvaluator evaluator_;
  std::map<ScalarId, std::optional<double>> known_;
};

void warn_of_jumps(const LayerGraph& graph, DiagnosticBuffer& diagnostics) {
  JumpFinder finder(graph);
  for (const Node& node : graph.nodes) {
    const auto* activation = std::get_if<ActivationNode>(&node.node);
    if (activation == nullptr) continue;
    const std::optional<double> place = finder.jump(activation->function);
    if (!place) continue;
    diagnostics.report(
        DiagnosticKind::jump, node.range,
        fmt::format("`{}` jumps at z = {:.6g}; Theta has its derivative between jumps only", activation->name,
                    *place),
        {}, "use a smooth activation, or freeze the layers before it; `-Wno-jump` is silent about it");
  }
}

}  // namespace

void warn_of_kernels(const LayerGraph& graph, DiagnosticBuffer& diagnostics) {
  warn_of_jumps(graph, diagnostics);
  warn_of_constant_kernels(graph, diagnostics);
}

}  // namespace ntkc::layer_graph
