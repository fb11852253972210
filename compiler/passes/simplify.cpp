#include <cmath>

#include "compiler/kernel_ir/arithmetic.hpp"
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/fold.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;

class Simplify final : public kernel_ir::Rewriter {
 public:
  Simplify(const kernel_ir::Program& program, Folding folding) : Rewriter(program), folding_(folding) {}

 private:
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
    std::vector<double> values;
    for (const NodeId operand : a) {
      if (target_[operand].operation != Operation::literal) return no_node;
      values.push_back(target_[operand].value);
    }
    const std::optional<double> value = fold(node.operation, values);
    if (!value || !std::isfinite(*value)) return no_node;
    return folding_ == Folding::all || is_exact(node.operation, values, *value) ? target_.literal(*value)
                                                                                : no_node;
  }

  static bool is_exact(Operation operation, const std::vector<double>& operands, double value) {
    if (operation == Operation::pi) return false;
    const std::vector<kernel_ir::Quad> wide(operands.begin(), operands.end());
    return kernel_ir::evaluate(operation, wide) == value;
  }

  /// a + 0, a - 0, a·1, a·0 of a real, a/1. Of covariances only a + 0 and a·1: a·0 is a constant, not a
  /// covariance.
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
      case Operation::subtract:
        return is(1, 0) ? a[0] : no_node;
      case Operation::divide:
        return is(1, 1) ? a[0] : no_node;
      default:
        return no_node;
    }
  }

  Folding folding_;
};

}  // namespace

kernel_ir::Program simplify(const kernel_ir::Program& program, Folding folding) {
  return Simplify(program, folding).run();
}

}  // namespace ntkc::passes
