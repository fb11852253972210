#include "compiler/moments/derivative.hpp"

#include <map>
#include <stdexcept>
#include <string>

namespace ntkc::moments {
namespace {

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
      if (!derivatives_.emplace(id, kernel_ir::no_node).second) continue;
      if (program_[id].operation == Operation::loop_result) continue;
      pending.insert(pending.end(), program_[id].operands.begin(), program_[id].operands.end());
    }
    for (auto& [id, derivative] : derivatives_) {
      const Node node = program_[id];  // a copy: new nodes move the old
      derivative = id == by_ ? number(1) : rule(node, id);
    }
    return derivatives_.at(function);
  }

 private:
  NodeId number(double value) { return program_.literal(value); }
  [[nodiscard]] bool is(NodeId id, double value) const { return program_.is_literal(id, value); }
  NodeId apply(Operation operation, NodeId a) { return program_.real(operation, {a}); }

  NodeId sum(NodeId a, NodeId b) { return is(a, 0) ? b : is(b, 0) ? a : program_.add(a, b); }
  NodeId difference(NodeId a, NodeId b) { return is(b, 0) ? a : program_.subtract(a, b); }
  NodeId product(NodeId a, NodeId b) {
    if (is(a, 0) || is(b, 0)) return number(0);
    return is(a, 1) ? b : is(b, 1) ? a : program_.multiply(a, b);
  }
  NodeId quotient(NodeId a, NodeId b) { return is(a, 0) ? a : program_.divide(a, b); }
  /// a < b ? yes : no
  NodeId select(NodeId a, NodeId b, NodeId yes, NodeId no) {
    return yes == no ? yes : program_.real(Operation::select_less, {a, b, yes, no});
  }

  NodeId rule(const Node& node, NodeId id) {
    const auto a = [&](std::size_t i) { return node.operands[i]; };
    const auto d = [&](std::size_t i) { return derivatives_.at(node.operands[i]); };
    switch (node.operation) {
      case Operation::literal:
      case Operation::parameter:
      case Operation::pi:
      case Operation::variable:
      case Operation::sign:
        return number(0);
      case Operation::add:
        return sum(d(0), d(1));
      case Operation::subtract:
        return difference(d(0), d(1));
      case Operation::multiply:
        return sum(product(d(0), a(1)), product(a(0), d(1)));
      case Operation::divide:
        return difference(quotient(d(0), a(1)), product(id, logarithmic(a(1))));
      case Operation::power:
        return power(node, id);
      case Operation::square_root:
        return quotient(d(0), program_.multiply(number(2), id));
      case Operation::reciprocal_or_zero:
        return product(difference(number(0), program_.square(id)), d(0));
      case Operation::minimum:
        return select(a(0), a(1), d(0), d(1));
      case Operation::maximum:
        return select(a(0), a(1), d(1), d(0));
      case Operation::select_less:
        return select(a(0), a(1), d(2), d(3));
      default:
        return chain(node, id);
    }
  }

  /// b'/b. For b = c + e^y with a constant c it is y' (1 - c/b), which is finite where e^y is not: sigmoid,
  /// swish and softplus far out.
  NodeId logarithmic(NodeId b) {
    const Node node = program_[b];  // a copy: new nodes move the old
    for (std::size_t i = 0; node.operation == Operation::add && i < 2; ++i) {
      const NodeId c = node.operands[i];
      const Node exponential = program_[node.operands[1 - i]];
      if (program_[c].dependence != kernel_ir::Dependence::constant || !is(derivatives_.at(c), 0) ||
          exponential.operation != Operation::exp)
        continue;
      const NodeId rate = derivatives_.at(exponential.operands[0]);
      return product(rate, difference(number(1), quotient(c, b)));
    }
    return quotient(derivatives_.at(b), b);
  }

  /// f(a)' = f'(a) a'
  NodeId chain(const Node& node, NodeId id) {
    const NodeId a = node.operands.empty() ? id : node.operands[0];
    const NodeId inner = node.operands.empty() ? number(0) : derivatives_.at(a);
    if (is(inner, 0)) return inner;
    switch (node.operation) {
      case Operation::expm1:
        return product(program_.add(id, number(1)), inner);
      case Operation::exp:
        return product(id, inner);
      case Operation::log:
        return logarithmic(a);
      case Operation::sin:
        return product(apply(Operation::cos, a), inner);
      case Operation::cos:
        return product(difference(number(0), apply(Operation::sin, a)), inner);
      case Operation::tanh:
        return product(difference(number(1), program_.square(id)), inner);
      case Operation::erf: {
        const NodeId bell = apply(Operation::exp, difference(number(0), program_.square(a)));
        const NodeId height =
            program_.divide(number(2), program_.square_root(program_.real(Operation::pi, {})));
        return product(program_.multiply(height, bell), inner);
      }
      case Operation::abs:
        return product(apply(Operation::sign, a), inner);
      default:
        throw std::invalid_argument("differentiate: no derivative of " +
                                    std::string(kernel_ir::info(node.operation).name));
    }
  }

  /// (a^b)' = b a^(b-1) a' + a^b log(a) b'
  NodeId power(const Node& node, NodeId id) {
    const NodeId a = node.operands[0];
    const NodeId b = node.operands[1];
    const NodeId by_base = derivatives_.at(a);
    const NodeId by_exponent = derivatives_.at(b);
    NodeId result = number(0);
    if (!is(by_base, 0)) {
      const bool is_number = program_[b].operation == Operation::literal;
      const NodeId lower =
          is_number ? number(program_.literal_value(program_[b]) - 1) : program_.subtract(b, number(1));
      const NodeId reduced = is(lower, 1)   ? a
                             : is(lower, 0) ? number(1)
                                            : program_.real(Operation::power, {a, lower});
      result = product(product(b, reduced), by_base);
    }
    if (is(by_exponent, 0)) return result;
    return sum(result, product(product(id, apply(Operation::log, a)), by_exponent));
  }

  Program& program_;
  NodeId by_;
  std::map<NodeId, NodeId> derivatives_;
};

}  // namespace

NodeId differentiate(Program& program, NodeId function, NodeId by) {
  return Differentiation(program, by).run(function);
}

}  // namespace ntkc::moments
