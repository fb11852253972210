// Θ by forward differentiation of the Σ program along the cross covariance, self covariances held fixed.
#include "compiler/derivation/derive.hpp"
#include "compiler/kernel_ir/rewriter.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::Carried;
using kernel_ir::Dependence;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Type;

/// Which pair covariances have a tangent that is not identically zero: those below a marker. A loop is gone
/// round until nothing new appears.
std::vector<bool> find_active(const Program& program) {
  std::vector<bool> active(program.size(), false);
  for (bool changed = true; changed;) {
    changed = false;
    for (NodeId id = 0; id < program.size(); ++id) {
      const Node& node = program[id];
      if (active[id] || node.type != Type::covariance || node.dependence != Dependence::pair) continue;
      bool now = node.operation == Operation::trainable;
      if (node.operation == Operation::loop_argument) {
        const auto& body = program.regions()[node.region];
        now = active[body.results[node.index]] || active[program[body.loop].operands[node.index]];
      } else if (node.operation == Operation::loop_result) {
        now = active[program.regions()[program[node.operands[0]].index].results[node.index]];
      } else {
        for (const NodeId operand : node.operands) now = now || active[operand];
      }
      if (now) changed = active[id] = true;
    }
  }
  return active;
}

class Differentiation final : public kernel_ir::Rewriter {
 public:
  explicit Differentiation(const Program& sigma)
      : Rewriter(sigma), active_(find_active(sigma)), tangents_(sigma.size(), no_node) {}

 private:
  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    const NodeId result = node.operation == Operation::trainable ? image(node.operands[0]) : copy(id);
    if (active_[id] && node.operation != Operation::loop_result) {
      set_image(id, result);
      tangents_[id] = tangent(node);
    }
    if (node.operation == Operation::loop_result && active_[id]) {
      tangents_[id] = loop_tangents_.at(node.operands[0])[node.index];
    }
    return result;
  }

  /// The tangent of one operation; each rule is its derivative by the cross covariance of its operand.
  NodeId tangent(const Node& node) {
    const NodeId a = node.operands[0];
    switch (node.operation) {
      case Operation::trainable:
        return sum(tangents_[a], image(node.operands[1]));
      case Operation::add:
        return sum(tangents_[a], tangents_[node.operands[1]]);
      case Operation::multiply: {
        const NodeId b = node.operands[1];
        return sum(product(tangents_[a], factor(b)), product(tangents_[b], factor(a)));
      }
      case Operation::dual:
        return product(tangents_[a], target_.dual_derivative(image(a), image(node.operands[1])));
      default:
        return no_node;
    }
  }

  /// What multiplies the other operand's tangent: a constant itself, c of a covariance.
  NodeId factor(NodeId operand) {
    return source_[operand].type == Type::covariance ? target_.cross(image(operand)) : image(operand);
  }
  NodeId sum(NodeId a, NodeId b) {
    if (a == no_node) return b;
    return b == no_node ? a : target_.add(a, b);
  }
  NodeId product(NodeId tangent, NodeId by) {
    return tangent == no_node ? no_node : target_.multiply(tangent, by);
  }

  /// A loop carries, behind its own values, the tangents of those that have one.
  void rewrite_loop(NodeId id) override {
    const Node& loop = source_[id];
    const auto& body = source_.regions()[loop.index];
    const auto count = static_cast<std::uint32_t>(loop.operands.size());
    std::vector<Carried> carried = carry(loop, operand_images(loop));
    std::vector<std::uint32_t> differentiated;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!active_[body.arguments[i]]) continue;
      differentiated.push_back(i);
      const NodeId initial = tangents_[loop.operands[i]];
      carried.push_back(
          {initial == no_node ? target_.literal(0) : initial, Dependence::pair, Carried::no_self});
    }
    const auto region = target_.begin_loop(carried, loop.count);
    const std::vector<NodeId> arguments = target_.regions()[region].arguments;
    for (std::uint32_t i = 0; i < count; ++i) set_image(body.arguments[i], arguments[i]);
    for (std::uint32_t k = 0; k < differentiated.size(); ++k) {
      tangents_[body.arguments[differentiated[k]]] = arguments[count + k];
    }
    rewrite_region(loop.index);
    std::vector<NodeId> next;
    for (const NodeId result : body.results) next.push_back(image(result));
    for (const std::uint32_t i : differentiated) {
      const NodeId result = tangents_[body.results[i]];
      next.push_back(result == no_node ? target_.literal(0) : result);
    }
    const std::vector<NodeId> results = target_.end_loop(next);
    auto& by_index = loop_tangents_[id];
    by_index.resize(count, no_node);
    for (std::uint32_t i = 0; i < count; ++i) map_result(id, i, results[i]);
    for (std::uint32_t k = 0; k < differentiated.size(); ++k)
      by_index[differentiated[k]] = results[count + k];
  }

  void finish() override {
    const NodeId output = source_.root("Sigma");
    const NodeId theta = tangents_[output];
    target_.roots.push_back({"Theta", theta == no_node ? target_.literal(0) : theta});
  }

  std::vector<bool> active_;
  std::vector<NodeId> tangents_;  // in the target, by source node
  std::unordered_map<NodeId, std::vector<NodeId>> loop_tangents_;
};

}  // namespace

Program differentiate(const Program& sigma) { return Differentiation(sigma).run(); }

}  // namespace ntkc::derivation
