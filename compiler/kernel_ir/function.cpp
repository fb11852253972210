#include "compiler/kernel_ir/function.hpp"

#include <quadmath.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "compiler/kernel_ir/interpreter.hpp"

namespace ntkc::kernel_ir {

namespace {

using ElementaryOperation = elementary::Operation;

/// What a function is made of, in order of ids, which is topological.
std::vector<NodeId> ancestry(const Program& program, NodeId root) {
  std::set<NodeId> found;
  std::vector<NodeId> pending = {root};
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    const Operation operation = program[id].operation;
    const bool is_number = operation == Operation::loop_result || operation == Operation::moment;
    if (!found.insert(id).second || is_number) continue;
    pending.insert(pending.end(), program[id].operands.begin(), program[id].operands.end());
  }
  return {found.begin(), found.end()};
}

/// The values of constants, operands first.
class Constants {
 public:
  Constants(const Program& program, const std::function<Quad(NodeId)>& carried)
      : program_(program), carried_(carried) {}

  void add(NodeId id) { values_[id] = evaluate_node(program_[id], id); }
  [[nodiscard]] Quad at(NodeId id) const { return values_.at(id); }

 private:
  Quad evaluate_node(const Node& node, NodeId id) {
    switch (node.operation) {
      case Operation::literal:
        return program_.literal_value(node);
      case Operation::parameter:
        return program_.parameters[program_.parameter_number(node)].value;
      case Operation::loop_argument:
      case Operation::loop_result:
        return carried_(id);
      case Operation::moment: {
        const Quad q = Function(program_, node.operands[0], carried_).value(0);
        return evaluate_moment(Function(program_, node.operands[1], carried_),
                               Function(program_, node.operands[2], carried_), q, q, q);
      }
      default: {
        std::vector<Quad> operands;
        for (const NodeId operand : node.operands) operands.push_back(values_.at(operand));
        return evaluate(node.operation, operands);
      }
    }
  }

  const Program& program_;
  const std::function<Quad(NodeId)>& carried_;
  std::map<NodeId, Quad> values_;
};

/// The operations on what depends on z; a constant is one step.
std::vector<Function::Step> steps_of(const Program& program, NodeId root,
                                     const std::function<Quad(NodeId)>& carried) {
  Constants constants(program, carried);
  std::map<NodeId, std::uint32_t> places;
  std::vector<Function::Step> steps;
  const auto place = [&](NodeId id) {
    const auto [position, inserted] = places.try_emplace(id, static_cast<std::uint32_t>(steps.size()));
    if (inserted) steps.push_back({.value = constants.at(id)});
    return position->second;
  };
  for (const NodeId id : ancestry(program, root)) {
    const Node& node = program[id];
    if (node.dependence == Dependence::constant) {
      constants.add(id);
      continue;
    }
    Function::Step step;
    if (!is_elementary(node.operation))
      throw std::logic_error("not an operation on reals: " + std::string(info(node.operation).name));
    step.operation = elementary_of(node.operation);
    for (std::size_t i = 0; i < node.operands.size(); ++i) step.operands.at(i) = place(node.operands[i]);
    places.emplace(id, static_cast<std::uint32_t>(steps.size()));
    steps.push_back(step);
  }
  if (program[root].dependence == Dependence::constant) place(root);
  return steps;
}

}  // namespace

Function::Function(const Program& program, NodeId root, const std::function<Quad(NodeId)>& carried)
    : elementary::Function<Quad>(steps_of(program, root, carried)) {}

elementary::Function<double> Function::in_double() const {
  std::vector<elementary::Function<double>::Step> result;
  for (const Step& step : steps())
    result.push_back({step.operation, static_cast<double>(step.value), step.operands});
  return elementary::Function<double>(std::move(result));
}

namespace {

/// The derivative of an operation, from its value v, its operands a and their derivatives d.
Quad slope(ElementaryOperation operation, Quad v, const std::array<Quad, 4>& a,
           const std::array<Quad, 4>& d) {
  static const Quad two_over_root_pi = 2 / sqrtq(acosq(Quad(-1)));
  switch (operation) {
    case ElementaryOperation::add:
      return d[0] + d[1];
    case ElementaryOperation::subtract:
      return d[0] - d[1];
    case ElementaryOperation::multiply:
      return d[0] * a[1] + a[0] * d[1];
    case ElementaryOperation::divide:
      return (d[0] - v * d[1]) / a[1];
    case ElementaryOperation::power: {
      const Quad by_base = d[0] == 0 ? Quad(0) : a[1] * powq(a[0], a[1] - 1) * d[0];
      return d[1] == 0 ? by_base : by_base + v * logq(a[0]) * d[1];
    }
    case ElementaryOperation::square_root:
      return d[0] == 0 ? Quad(0) : d[0] / (2 * v);
    case ElementaryOperation::reciprocal_or_zero:
      return -v * v * d[0];
    case ElementaryOperation::minimum:
      return a[0] < a[1] ? d[0] : d[1];
    case ElementaryOperation::maximum:
      return a[0] > a[1] ? d[0] : d[1];
    case ElementaryOperation::select_less:
      return a[0] < a[1] ? d[2] : d[3];
    case ElementaryOperation::expm1:
      return (v + 1) * d[0];
    case ElementaryOperation::exp:
      return v * d[0];
    case ElementaryOperation::log:
      return d[0] / a[0];
    case ElementaryOperation::sin:
      return cosq(a[0]) * d[0];
    case ElementaryOperation::cos:
      return -sinq(a[0]) * d[0];
    case ElementaryOperation::tanh:
      return (1 - v * v) * d[0];
    case ElementaryOperation::erf:
      return two_over_root_pi * expq(-a[0] * a[0]) * d[0];
    case ElementaryOperation::abs:
      return a[0] < 0 ? -d[0] : d[0];
    case ElementaryOperation::sign:
      return 0;
    default:
      throw std::invalid_argument("interpret: no derivative of " +
                                  std::string(elementary::info(operation).name));
  }
}

}  // namespace

Quad Function::derivative(Quad z) const {
  thread_local std::vector<Quad> values;
  thread_local std::vector<Quad> derivatives;
  evaluate(z, values);
  derivatives.assign(steps().size(), 0);
  for (std::size_t i = 0; i < steps().size(); ++i) {
    const Step& step = steps()[i];
    if (step.operation == ElementaryOperation::literal) continue;
    std::array<Quad, 4> a{};
    std::array<Quad, 4> d{};
    for (std::size_t k = 0; k < a.size(); ++k) {
      a.at(k) = values[step.operands.at(k)];
      d.at(k) = derivatives[step.operands.at(k)];
    }
    derivatives[i] =
        step.operation == ElementaryOperation::variable ? Quad(1) : slope(step.operation, values[i], a, d);
  }
  return derivatives.back();
}

std::optional<Function::Homogeneous> Function::homogeneous() const {
  // φ(tz) = tⁿ φ(z) for t > 0. Zero is of any degree.
  struct Degree {
    bool is_zero = false;
    std::optional<int> degree;
  };
  std::vector<Degree> degrees(steps().size());
  const auto same = [](const Degree& a, const Degree& b) -> Degree {
    if (a.is_zero) return b;
    if (b.is_zero || a.degree == b.degree) return a;
    return {};
  };
  for (std::size_t i = 0; i < steps().size(); ++i) {
    const Step& step = steps()[i];
    const auto operand = [&](std::size_t j) -> const Degree& { return degrees[step.operands[j]]; };
    Degree& result = degrees[i];
    if (step.operation == ElementaryOperation::literal) {
      result = {step.value == 0, 0};
      continue;
    }
    switch (step.operation) {
      case ElementaryOperation::variable:
        result.degree = 1;
        break;
      case ElementaryOperation::add:
      case ElementaryOperation::subtract:
      case ElementaryOperation::minimum:
      case ElementaryOperation::maximum:
        result = same(operand(0), operand(1));
        break;
      case ElementaryOperation::multiply:
        if (operand(0).degree && operand(1).degree)
          result = {operand(0).is_zero || operand(1).is_zero, *operand(0).degree + *operand(1).degree};
        break;
      case ElementaryOperation::divide:
        if (operand(0).degree && operand(1).degree)
          result = {operand(0).is_zero, *operand(0).degree - *operand(1).degree};
        break;
      case ElementaryOperation::abs:
        result = operand(0);
        break;
      case ElementaryOperation::sign:
        if (operand(0).degree) result.degree = 0;
        break;
      case ElementaryOperation::select_less:
        if (same(operand(0), operand(1)).degree) result = same(operand(2), operand(3));
        break;
      default:
        break;
    }
  }
  const auto degree = degrees.back().degree;
  if (!degree || *degree < 0 || *degree > 1) return std::nullopt;
  return Homogeneous{*degree, *degree == 1 ? -value(-1) : value(-1), value(1)};
}

std::optional<Function::Single> Function::single() const {
  using Form = std::optional<Single>;
  std::vector<Form> forms(steps().size());
  const auto sum = [](const Form& a, const Form& b, Quad sign) -> Form {
    if (!a || !b || (a->step != Single::no_step && b->step != Single::no_step && a->step != b->step))
      return {};
    Single result = a->step != Single::no_step ? *a : *b;
    result.a0 = a->a0 + sign * b->a0;
    result.a1 = a->a1 + sign * b->a1;
    result.b0 = a->b0 + sign * b->b0;
    result.b1 = a->b1 + sign * b->b1;
    return result;
  };
  const auto product = [](Form a, Form b) -> Form {
    if (!a || !b || (a->step != Single::no_step && b->step != Single::no_step)) return {};
    if (a->step != Single::no_step) std::swap(a, b);  // only b may have T
    if (a->a1 * b->a1 != 0 || a->a1 * b->b1 != 0) return {};
    Single result = *b;
    result.a0 = a->a0 * b->a0;
    result.a1 = a->a0 * b->a1 + a->a1 * b->a0;
    result.b0 = a->a0 * b->b0;
    result.b1 = a->a0 * b->b1 + a->a1 * b->b0;
    return result;
  };
  const auto single = [&](std::size_t i) -> Form {
    const Step& step = steps()[i];
    if (step.operation == ElementaryOperation::literal) return Single{.a0 = step.value};
    const auto operand = [&](std::size_t j) -> const Form& { return forms[step.operands[j]]; };
    switch (step.operation) {
      case ElementaryOperation::variable:
        return Single{.a1 = 1};
      case ElementaryOperation::add:
        return sum(operand(0), operand(1), 1);
      case ElementaryOperation::subtract:
        return sum(operand(0), operand(1), -1);
      case ElementaryOperation::multiply:
        return product(operand(0), operand(1));
      case ElementaryOperation::divide:
        if (steps()[step.operands[1]].operation != ElementaryOperation::literal) return {};
        return product(operand(0), Single{.a0 = 1 / steps()[step.operands[1]].value});
      case ElementaryOperation::erf:
      case ElementaryOperation::sin:
      case ElementaryOperation::cos:
        if (!operand(0) || operand(0)->step != Single::no_step) return {};
        return Single{.b0 = 1,
                      .step = i,
                      .operation = operation_of(step.operation),
                      .k = operand(0)->a1,
                      .p = operand(0)->a0};
      default:
        return {};
    }
  };
  for (std::size_t i = 0; i < steps().size(); ++i) forms[i] = single(i);
  return forms.back();
}

}  // namespace ntkc::kernel_ir
