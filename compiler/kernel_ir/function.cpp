#include "compiler/kernel_ir/function.hpp"

#include <quadmath.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include "compiler/kernel_ir/interpreter.hpp"

namespace ntkc::kernel_ir {

namespace {

/// Constants that are no arithmetic of their operands.
bool is_number(Operation operation) {
  return operation == Operation::loop_result || operation == Operation::moment;
}

}  // namespace

Function::Function(const Program& program, NodeId root, const std::function<Quad(NodeId)>& carried) {
  std::map<NodeId, std::size_t> position;  // in order of ids, which is topological
  std::vector<NodeId> pending = {root};
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    if (!position.emplace(id, 0).second || is_number(program[id].operation)) continue;
    pending.insert(pending.end(), program[id].operands.begin(), program[id].operands.end());
  }
  for (auto& [id, place] : position) {
    place = steps_.size();
    const Node& node = program[id];
    Step step;
    step.operation = node.operation;
    step.constant = node.dependence == Dependence::constant;
    std::vector<Quad> constants;
    if (!is_number(node.operation)) {
      for (const NodeId operand : node.operands) {
        step.operands.push_back(position.at(operand));
        constants.push_back(steps_[step.operands.back()].value);
      }
    }
    if (node.operation == Operation::literal) {
      step.value = program.literal_value(node);
    } else if (node.operation == Operation::parameter) {
      step.value = program.parameters[program.parameter_number(node)].value;
    } else if (node.operation == Operation::pi) {
      step.value = acosq(Quad(-1));
    } else if (node.operation == Operation::loop_argument || node.operation == Operation::loop_result) {
      step.value = carried(id);
    } else if (node.operation == Operation::moment) {
      const Quad q = Function(program, node.operands[0], carried).value(0);
      step.operation = Operation::literal;
      step.value = evaluate_moment(Function(program, node.operands[1], carried),
                                   Function(program, node.operands[2], carried), q, q, q);
    } else if (step.constant) {
      step.value = evaluate(node.operation, constants);
    }
    steps_.push_back(std::move(step));
  }
}

namespace {

Quad at(Operation operation, const std::vector<std::size_t>& operands, const std::vector<Quad>& values) {
  std::array<Quad, 4> a{};
  for (std::size_t i = 0; i < operands.size(); ++i) a.at(i) = values[operands[i]];
  return evaluate(operation, std::span(a).first(operands.size()));
}

/// The derivative of an operation, from its value v, its operands a and their derivatives d.
Quad slope(Operation operation, Quad v, const std::array<Quad, 4>& a, const std::array<Quad, 4>& d) {
  static const Quad two_over_root_pi = 2 / sqrtq(acosq(Quad(-1)));
  switch (operation) {
    case Operation::add:
      return d[0] + d[1];
    case Operation::subtract:
      return d[0] - d[1];
    case Operation::multiply:
      return d[0] * a[1] + a[0] * d[1];
    case Operation::divide:
      return (d[0] - v * d[1]) / a[1];
    case Operation::power: {
      const Quad by_base = d[0] == 0 ? Quad(0) : a[1] * powq(a[0], a[1] - 1) * d[0];
      return d[1] == 0 ? by_base : by_base + v * logq(a[0]) * d[1];
    }
    case Operation::square_root:
      return d[0] == 0 ? Quad(0) : d[0] / (2 * v);
    case Operation::reciprocal_or_zero:
      return -v * v * d[0];
    case Operation::minimum:
      return a[0] < a[1] ? d[0] : d[1];
    case Operation::maximum:
      return a[0] > a[1] ? d[0] : d[1];
    case Operation::select_less:
      return a[0] < a[1] ? d[2] : d[3];
    case Operation::expm1:
      return (v + 1) * d[0];
    case Operation::exp:
      return v * d[0];
    case Operation::log:
      return d[0] / a[0];
    case Operation::sin:
      return cosq(a[0]) * d[0];
    case Operation::cos:
      return -sinq(a[0]) * d[0];
    case Operation::tanh:
      return (1 - v * v) * d[0];
    case Operation::erf:
      return two_over_root_pi * expq(-a[0] * a[0]) * d[0];
    case Operation::abs:
      return a[0] < 0 ? -d[0] : d[0];
    case Operation::sign:
      return 0;
    default:
      throw std::invalid_argument("interpret: no derivative of " + std::string(info(operation).name));
  }
}

}  // namespace

void Function::evaluate_steps(Quad z, std::vector<Quad>& values) const {
  values.resize(steps_.size());
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    values[i] = step.constant                           ? step.value
                : step.operation == Operation::variable ? z
                                                        : at(step.operation, step.operands, values);
  }
}

Quad Function::value(Quad z) const {
  thread_local std::vector<Quad> values;  // quadrature asks a million times
  evaluate_steps(z, values);
  return values.back();
}

Quad Function::derivative(Quad z) const {
  thread_local std::vector<Quad> value;
  thread_local std::vector<Quad> result;
  evaluate_steps(z, value);
  result.assign(steps_.size(), 0);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (step.constant) continue;
    std::array<Quad, 4> a{};
    std::array<Quad, 4> d{};
    for (std::size_t j = 0; j < step.operands.size(); ++j) {
      a.at(j) = value[step.operands[j]];
      d.at(j) = result[step.operands[j]];
    }
    result[i] = step.operation == Operation::variable ? Quad(1) : slope(step.operation, value[i], a, d);
  }
  return result.back();
}

std::vector<Quad> Function::kinks(Quad limit) const {
  // What is switched on: (a, b) for the sign of a - b, b = no_step for that of a.
  std::vector<std::pair<std::size_t, std::size_t>> switches;
  for (const Step& step : steps_) {
    if (step.constant) continue;
    if (step.operation == Operation::abs || step.operation == Operation::sign) {
      switches.emplace_back(step.operands[0], Single::no_step);
    } else if (step.operation == Operation::minimum || step.operation == Operation::maximum ||
               step.operation == Operation::select_less) {
      switches.emplace_back(step.operands[0], step.operands[1]);
    }
  }
  std::vector<Quad> result;
  if (switches.empty()) return result;
  const auto at_switch = [&](const std::vector<Quad>& value, std::size_t i) {
    const auto [a, b] = switches[i];
    return b == Single::no_step ? value[a] : value[a] - value[b];
  };
  constexpr int points = 1000;  // to each side
  std::vector<Quad> previous;
  for (int k = -points; k <= points; ++k) {
    const Quad z = limit * k / points;
    std::vector<Quad> current;
    evaluate_steps(z, current);
    for (std::size_t i = 0; i < switches.size(); ++i) {
      if (at_switch(current, i) == 0) result.push_back(z);
      if (previous.empty() || at_switch(previous, i) * at_switch(current, i) >= 0) continue;
      Quad low = limit * (k - 1) / points;
      Quad high = z;
      const bool rises = at_switch(current, i) > 0;
      for (int round = 0; round < 120; ++round) {
        const Quad middle = (low + high) / 2;
        std::vector<Quad> between;
        evaluate_steps(middle, between);
        ((at_switch(between, i) > 0) == rises ? high : low) = middle;
      }
      result.push_back(low);
    }
    previous = std::move(current);
  }
  std::ranges::sort(result);
  const auto repeated = std::ranges::unique(result);
  result.erase(repeated.begin(), repeated.end());
  return result;
}

bool Function::jumps(Quad limit) const {
  const std::vector<Quad> at = kinks(limit);
  return std::ranges::any_of(at, [this](Quad z) {
    const Quad step = Quad(0x1p-80) * (1 + fabsq(z));
    const Quad before = value(z - step);
    const Quad after = value(z + step);
    return !(fabsq(after - before) <= Quad(0x1p-30) * (fabsq(before) + fabsq(after)) + Quad(0x1p-70));
  });
}

std::optional<Function::Homogeneous> Function::homogeneous() const {
  // φ(tz) = tⁿ φ(z) for t > 0. Zero is of any degree.
  struct Degree {
    bool is_zero = false;
    std::optional<int> degree;
  };
  std::vector<Degree> degrees(steps_.size());
  const auto same = [](const Degree& a, const Degree& b) -> Degree {
    if (a.is_zero) return b;
    if (b.is_zero || a.degree == b.degree) return a;
    return {};
  };
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    const auto operand = [&](std::size_t j) -> const Degree& { return degrees[step.operands[j]]; };
    Degree& result = degrees[i];
    if (step.constant) {
      result = {step.value == 0, 0};
      continue;
    }
    switch (step.operation) {
      case Operation::variable:
        result.degree = 1;
        break;
      case Operation::add:
      case Operation::subtract:
      case Operation::minimum:
      case Operation::maximum:
        result = same(operand(0), operand(1));
        break;
      case Operation::multiply:
        if (operand(0).degree && operand(1).degree)
          result = {operand(0).is_zero || operand(1).is_zero, *operand(0).degree + *operand(1).degree};
        break;
      case Operation::divide:
        if (operand(0).degree && operand(1).degree)
          result = {operand(0).is_zero, *operand(0).degree - *operand(1).degree};
        break;
      case Operation::abs:
        result = operand(0);
        break;
      case Operation::sign:
        if (operand(0).degree) result.degree = 0;
        break;
      case Operation::select_less:
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
  std::vector<Form> forms(steps_.size());
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
    const Step& step = steps_[i];
    if (step.constant) return Single{.a0 = step.value};
    const auto operand = [&](std::size_t j) -> const Form& { return forms[step.operands[j]]; };
    switch (step.operation) {
      case Operation::variable:
        return Single{.a1 = 1};
      case Operation::add:
        return sum(operand(0), operand(1), 1);
      case Operation::subtract:
        return sum(operand(0), operand(1), -1);
      case Operation::multiply:
        return product(operand(0), operand(1));
      case Operation::divide:
        if (!steps_[step.operands[1]].constant) return {};
        return product(operand(0), Single{.a0 = 1 / steps_[step.operands[1]].value});
      case Operation::erf:
      case Operation::sin:
      case Operation::cos:
        if (!operand(0) || operand(0)->step != Single::no_step) return {};
        return Single{
            .b0 = 1, .step = i, .operation = step.operation, .k = operand(0)->a1, .p = operand(0)->a0};
      default:
        return {};
    }
  };
  for (std::size_t i = 0; i < steps_.size(); ++i) forms[i] = single(i);
  return forms.back();
}

}  // namespace ntkc::kernel_ir
