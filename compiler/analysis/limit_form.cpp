#include "compiler/analysis/limit_form.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/variances.hpp"

namespace ntkc::analysis {

namespace {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

/// f(z) ≈ above z^power for large z > 0, below |z|^power for z < 0.
struct Power {
  int power = 0;
  double above = 0;
  double below = 0;
};

std::optional<Power> find_power(const duals::NumericFunction& f) {
  // log(1 + e^z) overflows beyond 709.
  const auto size = [&](double z) { return std::max(std::abs(f(z)), std::abs(f(-z))); };
  const double far = std::isfinite(size(1e8)) ? 1e8 : 700;
  const double nearer = far / 10;
  const double estimate = std::log(size(far) / size(nearer)) / std::log(far / nearer);
  if (!std::isfinite(estimate) || std::abs(estimate - std::round(estimate)) > 1e-3 || estimate < -0.5 ||
      estimate > 4.5)
    return std::nullopt;
  Power result = {static_cast<int>(std::round(estimate)), 0, 0};
  const auto share = [&](double z) { return f(z) / std::pow(std::abs(z), result.power); };
  result.above = share(far);
  result.below = share(-far);
  const double scale = std::max(std::abs(result.above), std::abs(result.below));
  const auto holds = [&](double z, double limit) { return std::abs(share(z) - limit) <= 1e-3 * scale; };
  if (!holds(nearer, result.above) || !holds(-nearer, result.below)) return std::nullopt;
  return result;
}

class LimitForm final : public kernel_ir::Rewriter {
 public:
  LimitForm(const Program& program, double largest, double large)
      : Rewriter(program), large_(large), deviations_(passes::find_deviations(program, largest)) {}

 private:
  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    if (node.operation != Operation::dual && node.operation != Operation::dual_derivative) return copy(id);
    const NodeId covariance = node.operands[0];
    const NodeId self =
        source_[covariance].self == kernel_ir::no_node ? covariance : source_[covariance].self;
    if (deviations_[self].low < large_) return copy(id);
    const std::optional<NodeId> phi = limit_of(node.operands[1]);
    if (!phi) return copy(id);
    return node.operation == Operation::dual ? target_.dual(image(covariance), *phi)
                                             : target_.dual_derivative(image(covariance), *phi);
  }

  std::optional<NodeId> limit_of(NodeId phi) {
    const auto [position, inserted] = limits_.try_emplace(phi);
    if (inserted)
      if (const std::optional<Power> power = find_power(duals::NumericFunction(source_, phi)))
        position->second = written(*power);
    return position->second;
  }

  NodeId written(const Power& form) {
    const NodeId z = target_.variable();
    const auto scaled = [&](double factor) {
      const NodeId number = target_.literal(factor);
      if (form.power == 0) return number;
      const NodeId size = target_.real(Operation::abs, {z});
      const NodeId power =
          form.power == 1 ? size : target_.real(Operation::power, {size, target_.literal(form.power)});
      return target_.multiply(number, power);
    };
    const auto sides = [&](NodeId below, NodeId above) {
      return target_.real(Operation::select_less, {z, target_.literal(0), below, above});
    };
    if (form.power != 1) return sides(scaled(form.below), scaled(form.above));
    // In the form that the closed form for piecewise linear functions recognises.
    const auto part = [&](Operation operation, double factor) {
      return target_.multiply(target_.literal(factor), target_.real(operation, {z, target_.literal(0)}));
    };
    return target_.add(part(Operation::minimum, -form.below), part(Operation::maximum, form.above));
  }

  double large_;
  std::vector<passes::DeviationRange> deviations_;
  std::map<NodeId, std::optional<NodeId>> limits_;
};

}  // namespace

Program limit_form(const Program& program, double largest, double large) {
  return LimitForm(program, largest, large).run();
}

}  // namespace ntkc::analysis
