#include <array>
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

/// Bottom up; what a rule returns is simplified already. Every rule leaves fewer nodes or fewer signs, so
/// that the pass comes to an end, and a second one finds nothing.
class Simplify final : public kernel_ir::Rewriter {
 public:
  Simplify(const kernel_ir::Program& program, Folding folding) : Rewriter(program), folding_(folding) {}

 private:
  /// An operation on nodes of the target.
  struct Applied {
    Operation operation;
    kernel_ir::Type type;
    std::vector<NodeId> a;
  };
  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    Applied applied = {node.operation, node.type, {}};
    for (const NodeId operand : node.operands) {
      if (source_[operand].operation != Operation::loop) applied.a.push_back(image(operand));
    }
    const NodeId simpler = reduced(applied);
    return simpler == no_node ? copy(id) : simpler;
  }

  NodeId reduced(const Applied& applied) {
    using Rule = NodeId (Simplify::*)(const Applied&);  // no_node where it does not apply
    static constexpr std::array<Rule, 4> rules = {&Simplify::folded, &Simplify::without_neutral,
                                                  &Simplify::of_equals, &Simplify::without_sign};
    for (const Rule rule : rules) {
      if (const NodeId result = (this->*rule)(applied); result != no_node) return result;
    }
    return no_node;
  }
  NodeId make(Operation operation, NodeId a, NodeId b) {
    const NodeId simpler = reduced({operation, kernel_ir::Type::real, {a, b}});
    return simpler == no_node ? target_.real(operation, {a, b}) : simpler;
  }

  NodeId folded(const Applied& node) {
    std::vector<double> values;
    for (const NodeId operand : node.a) {
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
  NodeId without_neutral(const Applied& node) {
    const auto is = [&](std::size_t i, double value) { return target_.is_literal(node.a[i], value); };
    switch (node.operation) {
      case Operation::add:
        if (is(0, 0)) return node.a[1];
        return is(1, 0) ? node.a[0] : no_node;
      case Operation::multiply:
        if (is(0, 1)) return node.a[1];
        if (is(1, 1)) return node.a[0];
        if (node.type == kernel_ir::Type::real && (is(0, 0) || is(1, 0))) return target_.literal(0);
        return no_node;
      case Operation::subtract:
        return is(1, 0) ? node.a[0] : no_node;
      case Operation::divide:
        return is(1, 1) ? node.a[0] : no_node;
      default:
        return no_node;
    }
  }

  /// a - a; min, max and a choice between equals.
  NodeId of_equals(const Applied& node) {
    switch (node.operation) {
      case Operation::subtract:
        return node.a[0] == node.a[1] ? target_.literal(0) : no_node;
      case Operation::minimum:
      case Operation::maximum:
        return node.a[0] == node.a[1] ? node.a[0] : no_node;
      case Operation::select_less:
        return node.a[2] == node.a[3] ? node.a[2] : no_node;
      default:
        return no_node;
    }
  }

  /// a + (0 - b), a - (0 - b), (0 - a)(0 - b), of reals.
  NodeId without_sign(const Applied& node) {
    if (node.type != kernel_ir::Type::real || node.a.size() != 2) return no_node;
    const NodeId a = negated(node.a[0]);
    const NodeId b = negated(node.a[1]);
    switch (node.operation) {
      case Operation::add:
        if (b != no_node) return make(Operation::subtract, node.a[0], b);
        return a != no_node ? make(Operation::subtract, node.a[1], a) : no_node;
      case Operation::subtract:
        return b != no_node ? make(Operation::add, node.a[0], b) : no_node;
      case Operation::multiply:
        return a != no_node && b != no_node ? make(Operation::multiply, a, b) : no_node;
      default:
        return no_node;
    }
  }
  /// x of 0 - x.
  [[nodiscard]] NodeId negated(NodeId id) const {
    const Node& node = target_[id];
    return node.operation == Operation::subtract && target_.is_literal(node.operands[0], 0) ? node.operands[1]
                                                                                            : no_node;
  }

  Folding folding_;
};

}  // namespace

kernel_ir::Program simplify(const kernel_ir::Program& program, Folding folding) {
  return Simplify(program, folding).run();
}

}  // namespace ntkc::passes
