#include "compiler/moments/constant.hpp"

#include <fmt/format.h>
#include <quadmath.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "compiler/kernel_ir/function.hpp"

namespace ntkc::moments {

using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

namespace {

/// A constant of more terms is left as the node that it is.
constexpr std::size_t most_terms = 32;
constexpr int highest_power = 64;

/// A number is a double, or the sum of two: what a number of this precision leaves of one. Folding the sum
/// rounds it.
NodeId literal(Program& program, Quad number) {
  const auto high = static_cast<double>(number);
  const auto low = static_cast<double>(number - static_cast<Quad>(high));
  const bool is_double = low == 0 || !std::isfinite(high);
  return is_double ? program.literal(high) : program.add(program.literal(high), program.literal(low));
}

}  // namespace

Constant Constant::atom(Program& program, NodeId node, Quad value) {
  Constant result;
  result.program_ = &program;
  result.value_ = value;
  result.terms_ = {{{{node, 1}}, Quad(1)}};
  return result;
}

Constant Constant::parameter(Program& program, std::uint32_t index) {
  return atom(program, program.parameter(index), program.parameters[index].value);
}

Constant Constant::function(Operation operation, std::span<const Constant> operands, Quad value) {
  Program* program = nullptr;
  for (const Constant& operand : operands) program = operand.is_number() ? program : operand.program_;
  if (program == nullptr) return value;
  std::vector<NodeId> nodes;
  for (const Constant& operand : operands) nodes.push_back(operand.node(*program));
  return atom(*program, program->real(operation, std::move(nodes)), value);
}

Constant Constant::apply(Operation operation, std::span<const Constant> operands) {
  std::array<Quad, 4> values{};
  for (std::size_t i = 0; i < operands.size(); ++i) values.at(i) = operands[i].value_;
  const Quad value = kernel_ir::evaluate(operation, std::span(values).first(operands.size()));
  if (std::ranges::all_of(operands, &Constant::is_number)) return value;
  switch (operation) {
    case Operation::add:
      return operands[0] + operands[1];
    case Operation::subtract:
      return operands[0] - operands[1];
    case Operation::multiply:
      return operands[0] * operands[1];
    case Operation::divide:
      return operands[0] / operands[1];
    case Operation::power:
      return power(operands[0], operands[1], value);
    case Operation::minimum:
      return values[0] < values[1] ? operands[0] : operands[1];
    case Operation::maximum:
      return values[0] < values[1] ? operands[1] : operands[0];
    case Operation::select_less:
      return values[0] < values[1] ? operands[2] : operands[3];
    case Operation::abs:
      return values[0] < 0 ? -operands[0] : operands[0];
    case Operation::sign:
      return value;
    default:
      return function(operation, operands, value);
  }
}

Constant Constant::power(const Constant& base, const Constant& exponent, Quad value) {
  const Quad n = exponent.value_;
  if (!exponent.is_number() || n != floorq(n) || fabsq(n) > highest_power)
    return function(Operation::power, std::array{base, exponent}, value);
  Constant result = 1;
  for (int i = 0; i < static_cast<int>(fabsq(n)); ++i) result *= base;
  return n < 0 ? reciprocal(result) : result;
}

void Constant::add(const Monomial& monomial, Quad coefficient) {
  if (monomial.empty()) {
    number_ += coefficient;
    return;
  }
  const auto [term, inserted] = terms_.try_emplace(monomial, coefficient);
  if (inserted) return;
  const Quad before = term->second;
  term->second += coefficient;
  // What cancels but for rounding does cancel.
  if (fabsq(term->second) < Quad(0x1p-100) * fabsq(before)) terms_.erase(term);
}

Constant Constant::bounded() const {
  Constant result = *this;
  if (result.terms_.empty()) result.value_ = number_;
  if (result.terms_.size() <= most_terms) return result;
  return atom(*program_, node(*program_), value_);
}

Constant operator+(const Constant& a, const Constant& b) {
  Constant result = a;
  if (result.program_ == nullptr) result.program_ = b.program_;
  result.value_ += b.value_;
  result.number_ += b.number_;
  for (const auto& [monomial, coefficient] : b.terms_) result.add(monomial, coefficient);
  return result.bounded();
}

Constant operator-(const Constant& a, const Constant& b) { return a + Constant(-1) * b; }

Constant::Monomial Constant::product(const Monomial& a, const Monomial& b) {
  std::map<NodeId, int> powers(a.begin(), a.end());
  for (const auto& [node, power] : b) powers[node] += power;
  std::erase_if(powers, [](const auto& power) { return power.second == 0; });
  return {powers.begin(), powers.end()};
}

Constant operator*(const Constant& a, const Constant& b) {
  Constant result;
  result.program_ = a.program_ != nullptr ? a.program_ : b.program_;
  result.value_ = a.value_ * b.value_;
  const auto add_multiple = [&](const Constant& x, const Constant::Monomial& monomial, Quad factor) {
    if (factor == 0) return;
    if (x.number_ != 0) result.add(monomial, factor * x.number_);
    for (const auto& [other, coefficient] : x.terms_)
      result.add(Constant::product(monomial, other), factor * coefficient);
  };
  add_multiple(a, {}, b.number_);
  for (const auto& [monomial, coefficient] : b.terms_) add_multiple(a, monomial, coefficient);
  return result.bounded().without_squared_roots();
}

Constant Constant::of(Program& program, NodeId node) {
  const kernel_ir::Node source = program[node];  // a copy: new nodes move the old
  if (source.operation == Operation::literal) return Quad(program.literal_value(source));
  if (source.operation == Operation::parameter) return parameter(program, program.parameter_number(source));
  std::vector<Constant> operands;
  for (const NodeId operand : source.operands) operands.push_back(of(program, operand));
  return apply(source.operation, operands);
}

/// √a √a = a
Constant Constant::without_squared_roots() const {
  for (const auto& [monomial, coefficient] : terms_) {
    for (const auto& [node, power] : monomial) {
      if (std::abs(power) < 2 || (*program_)[node].operation != Operation::square_root) continue;
      Constant others = *this;
      others.terms_.erase(monomial);
      Constant rest;  // the term without the pair of roots
      rest.program_ = program_;
      const int less = power < 0 ? 2 : -2;
      const Monomial remaining = product(monomial, {{node, less}});
      rest.add(remaining, coefficient);
      const Constant inner = of(*program_, (*program_)[node].operands[0]);
      rest.value_ = rest.evaluated();
      others.value_ = others.evaluated();
      return others + (power < 0 ? rest / inner : rest * inner);
    }
  }
  return *this;
}

Quad Constant::evaluated() const {
  Quad sum = number_;
  for (const auto& [monomial, coefficient] : terms_) {
    Quad product = coefficient;
    for (const auto& [node, power] : monomial) {
      const Quad atom = kernel_ir::Function(*program_, node).value(0);
      for (int i = 0; i < std::abs(power); ++i) product = power < 0 ? product / atom : product * atom;
    }
    sum += product;
  }
  return sum;
}

Constant Constant::rounded() const {
  const auto round = [](Quad number) {
    return Quad(std::strtod(fmt::format("{:.15g}", static_cast<double>(number)).c_str(), nullptr));
  };
  Constant result = *this;
  result.number_ = round(number_);
  if (result.terms_.empty()) result.value_ = result.number_;
  for (auto& [monomial, coefficient] : result.terms_) coefficient = round(coefficient);
  return result;
}

Constant Constant::reciprocal(const Constant& a) {
  const Quad value = 1 / a.value_;
  if (a.is_number()) return value;
  if (a.terms_.size() > 1 || a.number_ != 0)
    return function(Operation::divide, std::array{Constant(1), a}, value);
  Constant result = a;
  result.value_ = value;
  result.terms_.clear();
  Monomial monomial = a.terms_.begin()->first;
  for (auto& [node, power] : monomial) power = -power;
  result.terms_.emplace(std::move(monomial), 1 / a.terms_.begin()->second);
  return result;
}

Constant operator/(const Constant& a, const Constant& b) {
  if (a.is_number() && b.is_number()) return a.number_ / b.number_;
  if (a.is(0)) return a;
  return a * Constant::reciprocal(b);
}

std::weak_ordering operator<=>(const Constant& a, const Constant& b) {
  if (a.number_ != b.number_)
    return a.number_ < b.number_ ? std::weak_ordering::less : std::weak_ordering::greater;
  if (a.terms_ == b.terms_) return std::weak_ordering::equivalent;
  const auto less = [](const auto& x, const auto& y) {
    return x.first != y.first ? x.first < y.first : x.second < y.second;
  };
  return std::ranges::lexicographical_compare(a.terms_, b.terms_, less) ? std::weak_ordering::less
                                                                        : std::weak_ordering::greater;
}

NodeId Constant::node(Program& program) const {
  NodeId sum = kernel_ir::no_node;
  const auto add = [&](NodeId term, bool negative) {
    if (sum == kernel_ir::no_node) {
      sum = negative ? program.subtract(program.literal(0), term) : term;
    } else {
      sum = negative ? program.subtract(sum, term) : program.add(sum, term);
    }
  };
  if (number_ != 0 || terms_.empty()) sum = literal(program, number_);
  for (const auto& [monomial, coefficient] : terms_) {
    std::array<NodeId, 2> sides = {kernel_ir::no_node, kernel_ir::no_node};  // numerator, denominator
    const auto multiply = [&](NodeId& side, NodeId by) {
      side = side == kernel_ir::no_node ? by : program.multiply(side, by);
    };
    for (const auto& [atom, power] : monomial) {
      const int n = std::abs(power);
      const NodeId raised = n == 1   ? atom
                            : n == 2 ? program.square(atom)
                                     : program.real(Operation::power, {atom, program.literal(n)});
      multiply(sides.at(power < 0 ? 1 : 0), raised);
    }
    const Quad size = fabsq(coefficient);
    if (sides[0] == kernel_ir::no_node) {
      sides[0] = literal(program, size);
    } else if (size != 1) {
      sides[0] = program.multiply(literal(program, size), sides[0]);
    }
    const NodeId term = sides[1] == kernel_ir::no_node ? sides[0] : program.divide(sides[0], sides[1]);
    add(term, coefficient < 0);
  }
  return sum;
}

}  // namespace ntkc::moments
