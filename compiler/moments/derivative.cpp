#include "compiler/moments/derivative.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "compiler/kernel_ir/derivative.hpp"

namespace ntkc::moments {
namespace {

using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

class Differentiation {
 public:
  Differentiation(Program& program, NodeId by) : program_(program), by_(by) {}

  NodeId run(NodeId function) {
    // Those below `function`, in order of ids, which is topological.
    std::vector<NodeId> pending = {function};
    while (!pending.empty()) {
      const NodeId id = pending.back();
      pending.pop_back();
      if (!derivatives_.emplace(id, no_node).second) continue;
      if (program_[id].operation == Operation::loop_result) continue;
      pending.insert(pending.end(), program_[id].operands.begin(), program_[id].operands.end());
    }
    for (auto& [id, derivative] : derivatives_) {
      const Node node = program_[id];  // a copy: new nodes move the old
      derivative = id == by_ ? program_.literal(1) : rule(node, id);
    }
    const NodeId result = derivatives_.at(function);
    return result == no_node ? program_.literal(0) : result;
  }

 private:
  NodeId rule(const Node& node, NodeId id) {
    std::vector<NodeId> tangents;
    for (const NodeId operand : node.operands) tangents.push_back(derivatives_.at(operand));
    // A mean over z is no function of z.
    if (node.operation == Operation::moment) tangents.resize(1);
    if (std::ranges::all_of(tangents, [](NodeId tangent) { return tangent == no_node; })) return no_node;
    if (node.operation == Operation::log) return logarithmic(node.operands[0]);
    if (node.operation == Operation::divide) return quotient(node, id);
    return kernel_ir::derivative(program_, {node.operation, node.operands, id}, tangents);
  }

  /// (a/b)' = a'/b - (a/b) b'/b
  NodeId quotient(const Node& node, NodeId id) {
    const NodeId by_numerator = derivatives_.at(node.operands[0]);
    const NodeId by_denominator = derivatives_.at(node.operands[1]);
    const NodeId first =
        by_numerator == no_node ? program_.literal(0) : program_.divide(by_numerator, node.operands[1]);
    if (by_denominator == no_node) return first;
    return program_.subtract(first, program_.multiply(id, logarithmic(node.operands[1])));
  }

  /// b'/b. For b = c + e^y with a constant c it is y' (1 - c/b), which is finite where e^y is not: sigmoid,
  /// swish and softplus far out.
  NodeId logarithmic(NodeId b) {
    const Node node = program_[b];  // a copy: new nodes move the old
    for (std::size_t i = 0; node.operation == Operation::add && i < 2; ++i) {
      const NodeId c = node.operands[i];
      const Node exponential = program_[node.operands[1 - i]];
      if (program_[c].dependence != kernel_ir::Dependence::constant || derivatives_.at(c) != no_node ||
          exponential.operation != Operation::exp)
        continue;
      const NodeId rate = derivatives_.at(exponential.operands[0]);
      const NodeId share = program_.subtract(program_.literal(1), program_.divide(c, b));
      return program_.is_literal(rate, 1) ? share : program_.multiply(rate, share);
    }
    return program_.divide(derivatives_.at(b), b);
  }

  Program& program_;
  NodeId by_;
  std::map<NodeId, NodeId> derivatives_;  // no_node: 0
};

}  // namespace

NodeId differentiate(Program& program, NodeId function, NodeId by) {
  return Differentiation(program, by).run(function);
}

}  // namespace ntkc::moments
