#include "compiler/codegen/exchange.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "compiler/kernel_ir/live.hpp"

namespace ntkc::codegen {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

/// A value: the number of what it is but for its sign.
struct Signed {
  std::uint32_t number = 0;
  bool is_negative = false;
  friend auto operator<=>(const Signed&, const Signed&) = default;
};

bool commutes(Operation operation) {
  switch (operation) {
    case Operation::add:
    case Operation::multiply:
    case Operation::minimum:
    case Operation::maximum:
    case Operation::series_product:
    case Operation::series_slope:
    case Operation::series_distance:
    case Operation::series_derivative:
    case Operation::sparse_product:
    case Operation::sparse_deficit:
      return true;
    default:
      return false;
  }
}

/// Numbers the values of a program as it is and with the inputs exchanged: equal values have equal numbers.
class Numbering {
 public:
  explicit Numbering(const Program& program) : program_(program), values_(program.size()) {
    for (NodeId id = 0; id < program.size(); ++id) {
      if (program[id].operation != Operation::literal) continue;
      if (const double value = program.literal_value(program[id]); value > 0) literals_.emplace(value, id);
    }
  }

  /// Whether node `id` is the same with the inputs exchanged.
  bool is_same(NodeId id) const { return values_[id].first == values_[id].second; }

  void add(NodeId id) { values_[id] = {number(id, false), number(id, true)}; }

 private:
  using Key = std::tuple<Operation, std::uint32_t, std::vector<Signed>>;

  [[nodiscard]] Signed of(NodeId id, bool exchanged) const {
    return exchanged ? values_[id].second : values_[id].first;
  }
  Signed numbered(Key key, bool is_negative) {
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    return {numbers_.try_emplace(std::move(key), next).first->second, is_negative};
  }

  Signed number(NodeId id, bool exchanged) {
    const Node& node = program_[id];
    Operation operation = node.operation;
    if (operation == Operation::literal) {
      const double value = program_.literal_value(node);
      const NodeId positive = value < 0 ? find_literal(-value) : id;
      return positive == kernel_ir::no_node ? numbered({operation, id, {}}, false)
                                            : numbered({operation, positive, {}}, value < 0);
    }
    if (node.dependence != Dependence::pair || node.operands.empty() || operation == Operation::loop ||
        operation == Operation::loop_result)
      return numbered({operation, id, {}}, false);
    const auto exchange = [&](Operation one, Operation other) {
      if (operation == one || operation == other) operation = (operation == one) == exchanged ? other : one;
    };
    exchange(Operation::first, Operation::second);
    exchange(Operation::rows, Operation::columns);
    std::vector<Signed> operands;
    const bool is_of_sample = operation == Operation::first || operation == Operation::second;
    // What a sample has at pairs of positions is symmetric up to rounding.
    if (exchanged && is_of_sample && node.place.space == kernel_ir::Space::full) operands.emplace_back();
    if (is_of_sample) return numbered({operation, node.operands[0], std::move(operands)}, false);
    for (const NodeId operand : node.operands) operands.push_back(of(operand, exchanged));
    return arithmetic(operation, node.attribute, std::move(operands));
  }

  Signed arithmetic(Operation operation, std::uint32_t attribute, std::vector<Signed> operands) {
    bool is_negative = false;
    const auto turn_all = [&](std::span<Signed> which) {
      for (Signed& operand : which) operand.is_negative = !operand.is_negative;
      is_negative = !is_negative;
    };
    if (operation == Operation::subtract) {
      operation = Operation::add;
      operands[1].is_negative = !operands[1].is_negative;
    }
    if (commutes(operation) && operands[1] < operands[0]) std::swap(operands[0], operands[1]);
    if (operation == Operation::multiply || operation == Operation::divide) {
      for (Signed& operand : operands) {
        is_negative = is_negative != operand.is_negative;
        operand.is_negative = false;
      }
    } else if (operation == Operation::add && operands[0].is_negative) {
      turn_all(operands);
    } else if (operation == Operation::select_less && operands[2].is_negative) {
      turn_all(std::span(operands).subspan(2));
    } else if (operation == Operation::tap_product) {  // (a b - c d) (e f - g h), with the taps of a map
      const auto turned = [&](std::size_t i) { return operands[(i / 2 ^ 1) * 2 + i % 2]; };
      std::vector<Signed> other;
      for (std::size_t i = 0; i < operands.size(); ++i) other.push_back(turned(i));
      operands = std::min(operands, other);
    } else if (operation == Operation::abs) {
      operands[0].is_negative = false;
    }
    return numbered({operation, attribute, std::move(operands)}, is_negative);
  }

  /// Of a positive value.
  [[nodiscard]] NodeId find_literal(double value) const {
    const auto found = literals_.find(value);
    return found == literals_.end() ? kernel_ir::no_node : found->second;
  }

  const Program& program_;
  std::map<double, NodeId> literals_;  // the positive ones
  std::map<Key, std::uint32_t> numbers_;
  std::vector<std::pair<Signed, Signed>> values_;  // as it is, exchanged
};

}  // namespace

bool is_symmetric(const Program& program) {
  const std::vector<bool> needed = kernel_ir::find_live(program, program.roots);
  Numbering numbering(program);
  for (NodeId id = 0; id < program.size(); ++id) {
    if (needed[id]) numbering.add(id);
  }
  const auto is_same = [&](NodeId id) {
    return !needed[id] || program[id].dependence != Dependence::pair || numbering.is_same(id);
  };
  // What loops carry is taken to be symmetric where it comes in.
  for (const kernel_ir::Region& region : program.regions()) {
    if (region.loop == kernel_ir::no_node) continue;
    if (!std::ranges::all_of(region.results, is_same) ||
        !std::ranges::all_of(program[region.loop].operands, is_same))
      return false;
  }
  return std::ranges::all_of(program.roots, [&](const kernel_ir::Root& root) { return is_same(root.node); });
}

bool needs_wide_pairs(const Program& program) {
  const std::vector<bool> needed = kernel_ir::find_live(program, program.roots);
  for (NodeId id = 0; id < program.size(); ++id) {
    if (!needed[id] || program[id].dependence != Dependence::pair) continue;
    switch (program[id].operation) {
      case Operation::exp:
      case Operation::sin:
      case Operation::cos:
      case Operation::erf:
      case Operation::normal_tail:
      case Operation::normal_orthant:
      case Operation::dawson:
        return true;
      default:
        break;
    }
  }
  return false;
}

}  // namespace ntkc::codegen
