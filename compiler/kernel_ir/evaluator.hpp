// Evaluates programs node by node, beside the oracle: in the arithmetic of whoever asks.
#pragma once

#include <array>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// Goes through regions in order and round their loops. Derived classes say what the value of a node is, which
/// nodes are wanted, and how loops are gone round. The program outlives the evaluator.
template <typename Number>
class Evaluator {
 public:
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;
  virtual ~Evaluator() = default;

 protected:
  explicit Evaluator(const Program& program)
      : program_(program), members_(program.regions().size()), values_(program.size()) {
    for (NodeId id = 0; id < program.size(); ++id) {
      const Node& node = program[id];
      if (node.dependence != Dependence::function && node.operation != Operation::loop_argument)
        members_[node.region].push_back(id);
    }
  }

  /// The value of a node, neither a loop nor carried by one, whose operands have theirs.
  virtual Number evaluate(NodeId id) = 0;
  [[nodiscard]] virtual bool is_wanted(NodeId /*id*/) const { return true; }
  /// Called for each value, also of what a loop carries, once it is there.
  virtual void computed(NodeId /*id*/) {}
  /// So many iterations of a loop, from what it carries at first to what it carries in the end.
  virtual std::vector<Number> go_round(RegionId body, std::int64_t count, std::vector<Number> carried) {
    for (std::int64_t i = 0; i < count; ++i) carried = iterate(body, carried);
    return carried;
  }

  void run(RegionId region) {
    for (const NodeId id : members_[region]) {
      if (!is_wanted(id)) continue;
      const Node& node = program_[id];
      if (node.operation == Operation::loop) {
        run_loop(node);
        continue;
      }
      values_[id] =
          node.operation == Operation::loop_result
              ? results_.at(program_.loop(program_[node.operands[0]]).body)[program_.carried_number(node)]
              : evaluate(id);
      computed(id);
    }
  }

  /// One iteration: what is carried to the next.
  std::vector<Number> iterate(RegionId region, const std::vector<Number>& carried) {
    const Region& body = program_.regions()[region];
    for (std::size_t i = 0; i < carried.size(); ++i) {
      values_[body.arguments[i]] = carried[i];
      computed(body.arguments[i]);
    }
    run(region);
    return values_of(body.results);
  }

  [[nodiscard]] const Number& at(NodeId id) const { return values_[id]; }
  [[nodiscard]] const Number& operand(const Node& node, std::size_t i) const {
    return values_[node.operands[i]];
  }
  /// Of an operation that has a value by its operands, in double or in quadruple precision.
  [[nodiscard]] Number arithmetic(const Node& node) const {
    std::array<Number, elementary::most_operands> operands{};
    for (std::size_t i = 0; i < node.operands.size(); ++i) operands.at(i) = operand(node, i);
    return kernel_ir::evaluate(node.operation, std::span<const Number>(operands).first(node.operands.size()));
  }
  [[nodiscard]] std::vector<Number> values_of(const std::vector<NodeId>& ids) const {
    std::vector<Number> result;
    result.reserve(ids.size());
    for (const NodeId id : ids) result.push_back(values_[id]);
    return result;
  }

  const Program& program_;

 private:
  void run_loop(const Node& node) {
    const auto [body, count] = program_.loop(node);
    results_[body] = go_round(body, count, values_of(node.operands));
  }

  std::vector<std::vector<NodeId>> members_;  // by region, without functions and what loops carry
  std::vector<Number> values_;
  std::map<RegionId, std::vector<Number>> results_;
};

}  // namespace ntkc::kernel_ir
