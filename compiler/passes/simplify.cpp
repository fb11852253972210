#include <algorithm>
#include <cmath>
#include <numbers>

#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;

/// The value of an operation on literals, in double. Not the angle functions: they never have literal operands.
bool fold(Operation operation, const std::vector<double>& a, double& result) {
  switch (operation) {
    case Operation::add: result = a[0] + a[1]; return true;
    case Operation::subtract: result = a[0] - a[1]; return true;
    case Operation::multiply: result = a[0] * a[1]; return true;
    case Operation::divide: result = a[0] / a[1]; return true;
    case Operation::square_root: result = std::sqrt(a[0]); return true;
    case Operation::reciprocal_or_zero: result = a[0] == 0 ? 0 : 1 / a[0]; return true;
    case Operation::minimum: result = std::min(a[0], a[1]); return true;
    case Operation::maximum: result = std::max(a[0], a[1]); return true;
    case Operation::select_less: result = a[0] < a[1] ? a[2] : a[3]; return true;
    case Operation::expm1: result = std::expm1(a[0]); return true;
    case Operation::power: result = std::pow(a[0], a[1]); return true;
    case Operation::exp: result = std::exp(a[0]); return true;
    case Operation::log: result = std::log(a[0]); return true;
    case Operation::sin: result = std::sin(a[0]); return true;
    case Operation::cos: result = std::cos(a[0]); return true;
    case Operation::tanh: result = std::tanh(a[0]); return true;
    case Operation::erf: result = std::erf(a[0]); return true;
    case Operation::abs: result = std::fabs(a[0]); return true;
    default: return false;
  }
}

class Simplify final : public kernel_ir::Rewriter {
  using Rewriter::Rewriter;

  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    std::vector<NodeId> a;
    for (const NodeId operand : node.operands) {
      if (source_[operand].operation != Operation::loop) a.push_back(image(operand));
    }
    if (const NodeId literal = folded(node, a); literal != no_node) return literal;
    if (const NodeId neutral = without_neutral(node, a); neutral != no_node) return neutral;
    return copy(id);
  }

  NodeId folded(const Node& node, const std::vector<NodeId>& a) {
    if (node.operation == Operation::pi) return target_.literal(std::numbers::pi);
    if (a.empty()) return no_node;
    std::vector<double> values;
    for (const NodeId operand : a) {
      if (target_[operand].operation != Operation::literal) return no_node;
      values.push_back(target_[operand].value);
    }
    double value = 0;
    return fold(node.operation, values, value) && std::isfinite(value) ? target_.literal(value) : no_node;
  }

  /// a + 0, a - 0, a·1, a·0 of a real, a/1. Of covariances only a + 0 and a·1: a·0 is a constant, not a covariance.
  NodeId without_neutral(const Node& node, const std::vector<NodeId>& a) {
    const auto is = [&](std::size_t i, double value) { return target_.is_literal(a[i], value); };
    switch (node.operation) {
      case Operation::add:
        if (is(0, 0)) return a[1];
        return is(1, 0) ? a[0] : no_node;
      case Operation::multiply:
        if (is(0, 1)) return a[1];
        if (is(1, 1)) return a[0];
        if (node.type == kernel_ir::Type::real && (is(0, 0) || is(1, 0))) return target_.literal(0);
        return no_node;
      case Operation::subtract: return is(1, 0) ? a[0] : no_node;
      case Operation::divide: return is(1, 1) ? a[0] : no_node;
      default: return no_node;
    }
  }
};

}  // namespace

kernel_ir::Program simplify(const kernel_ir::Program& program) { return Simplify(program).run(); }

}  // namespace ntkc::passes
