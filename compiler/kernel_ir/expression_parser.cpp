#include "compiler/kernel_ir/expression_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ntkc::kernel_ir::text_form {

// --- from trees to nodes
// --------------------------------------------------------------------------------------------

NodeId ExpressionParser::parse_value(Kind kind) {
  tree_.clear();
  const std::size_t root = parse_sum();
  if (kind.type == Type::covariance) return covariance(root);
  const NodeId value = real(root);
  return kind.dependence == Dependence::pair ? at_pair(value) : value;
}

NodeId ExpressionParser::parse_root_value() {
  tree_.clear();
  const std::size_t root = parse_sum();
  const NodeId node = tree_[root].node;
  const bool is_covariance = node != no_node && program_[node].type == Type::covariance;
  return is_covariance && program_[node].dependence == Dependence::pair ? node : at_pair(real(root));
}

NodeId ExpressionParser::at_pair(NodeId value) {
  return program_[value].dependence == Dependence::sample ? program_.first(value) : value;
}

NodeId ExpressionParser::real(std::size_t index) {
  const Expression& expression = tree_[index];
  if (expression.node != no_node) {
    const Node& node = program_[expression.node];
    const bool is_pair = node.type == Type::covariance && node.dependence == Dependence::pair;
    return is_pair ? program_.cross(expression.node) : expression.node;
  }
  if (expression.operation == Operation::trainable) fail("expected a real, found a covariance");
  std::vector<NodeId> operands;
  for (const std::size_t operand : expression.operands) {
    // a square refers to one expression twice
    operands.push_back(!operands.empty() && operand == expression.operands[0] ? operands[0] : real(operand));
  }
  const auto is_pair = [this](NodeId id) { return program_[id].dependence == Dependence::pair; };
  if (std::ranges::any_of(operands, is_pair)) {
    for (NodeId& operand : operands) operand = at_pair(operand);
  }
  return program_.real(expression.operation, std::move(operands), expression.value);
}

NodeId ExpressionParser::covariance(std::size_t index) {
  const Expression& expression = tree_[index];
  if (expression.node != no_node) {
    if (program_[expression.node].type != Type::covariance) fail("expected a covariance, found a real");
    return expression.node;
  }
  if (expression.operation == Operation::trainable) {
    const NodeId marked = covariance(expression.operands[0]);
    if (program_[marked].dependence != Dependence::pair) fail("`trainable` takes a covariance of two inputs");
    return program_.trainable(marked, at_pair(real(expression.operands[1])));
  }
  if (expression.constant ||
      (expression.operation != Operation::add && expression.operation != Operation::multiply)) {
    fail(
        "expected a covariance: sums and products of covariances and constants are, other arithmetic is not");
  }
  std::vector<NodeId> operands;
  for (const std::size_t operand : expression.operands) {
    const bool repeated = !operands.empty() && operand == expression.operands[0];
    operands.push_back(repeated                  ? operands[0]
                       : tree_[operand].constant ? real(operand)
                                                 : covariance(operand));
  }
  const auto is_constant = [this](NodeId id) { return program_[id].dependence == Dependence::constant; };
  if (std::ranges::none_of(operands, is_constant) &&
      program_[operands[0]].dependence != program_[operands[1]].dependence) {
    fail("a self covariance and a covariance of two inputs do not add or multiply");
  }
  return expression.operation == Operation::add ? program_.add(operands[0], operands[1])
                                                : program_.multiply(operands[0], operands[1]);
}

// --- expressions
// ----------------------------------------------------------------------------------------------------

std::size_t ExpressionParser::leaf(NodeId node) {
  tree_.push_back(
      {.node = node, .operands = {}, .constant = program_[node].dependence == Dependence::constant});
  return tree_.size() - 1;
}

std::size_t ExpressionParser::operation(Operation operation, std::vector<std::size_t> operands,
                                        double value) {
  Expression expression{.operation = operation, .operands = std::move(operands), .value = value};
  for (const std::size_t operand : expression.operands) {
    expression.constant = expression.constant && tree_[operand].constant;
    expression.depth = std::max(expression.depth, tree_[operand].depth + 1);
  }
  if (expression.operation == Operation::trainable) expression.constant = false;
  if (expression.depth > deepest) fail("the expression is nested too deeply");
  tree_.push_back(std::move(expression));
  return tree_.size() - 1;
}

std::size_t ExpressionParser::parse_sum() {
  if (++nesting_ > deepest) fail("the expression is nested too deeply");
  std::size_t result = parse_product();
  while (at("+") || at("-")) {
    const Operation sign = accept("+") ? Operation::add : (expect("-"), Operation::subtract);
    result = operation(sign, {result, parse_product()});
  }
  --nesting_;
  return result;
}

std::size_t ExpressionParser::parse_product() {
  std::size_t result = parse_power();
  while (at("*") || at("/")) {
    const Operation sign = accept("*") ? Operation::multiply : (expect("/"), Operation::divide);
    result = operation(sign, {result, parse_power()});
  }
  return result;
}

std::size_t ExpressionParser::parse_power() {
  if (at("-")) {
    const double value = expect_real();
    if (at("^")) fail("the base of a power is not in parentheses: write (-2)^2");
    return leaf(program_.literal(value));
  }
  const std::size_t base = parse_primary();
  if (!accept("^")) return base;
  const std::size_t exponent = parse_primary();
  if (at("^")) fail("a power of a power is not in parentheses");
  const NodeId node = tree_[exponent].node;
  if (node != no_node && program_.is_literal(node, 2)) return operation(Operation::multiply, {base, base});
  return operation(Operation::power, {base, exponent});
}

std::size_t ExpressionParser::parse_primary() {
  if (accept("(")) {
    const std::size_t inner = parse_sum();
    expect(")");
    return inner;
  }
  if (peek().kind == Token::Kind::number) return leaf(program_.literal(expect_real()));
  if (peek().kind != Token::Kind::name) fail_expecting("an expression");
  if (at("dual") && (peek(1).text == "(" || peek(1).text == "'")) return parse_dual();
  if (peek(1).text == "(") return parse_call();
  const auto parameter = parameters_.find(std::string(peek().text));
  if (parameter != parameters_.end()) {
    expect_name();
    return leaf(program_.parameter(parameter->second));
  }
  if (accept(info(Operation::pi).name)) return leaf(program_.real(Operation::pi, {}));
  const NodeId node = expect_value();
  if (!accept("'")) return leaf(node);
  if (program_[node].dependence != Dependence::sample) fail("only a value of one input has one at x'");
  return leaf(program_.second(node));
}

NodeId ExpressionParser::expect_value() {
  const auto found = values_.find(std::string(peek().text));
  if (found == values_.end()) fail(fmt::format("{} is not defined", shown(peek())));
  expect_name();
  return found->second;
}

std::vector<std::size_t> ExpressionParser::parse_arguments() {
  std::vector<std::size_t> result;
  do result.push_back(parse_sum());
  while (accept_comma());
  return result;
}

std::size_t ExpressionParser::parse_call() {
  const std::string_view called = expect_name();
  expect("(");
  if (called == info(Operation::pi).name && accept(")"))
    return leaf(program_.real(Operation::pi, {}));  // beside a parameter pi
  if (called == "cross") {
    const NodeId node = expect_value();
    if (Kind{program_[node].type, program_[node].dependence} != Kind{Type::covariance, Dependence::pair}) {
      fail("`cross` takes a covariance of two inputs");
    }
    expect(")");
    return leaf(program_.cross(node));
  }
  if (called == info(Operation::trainable).name) {
    std::vector<std::size_t> arguments = parse_arguments();
    expect(")");
    if (arguments.size() != 2) fail("`trainable` takes a covariance and its seed");
    return operation(Operation::trainable, std::move(arguments));
  }
  for (int i = 0; i <= static_cast<int>(Operation::loop_result); ++i) {
    const auto candidate = static_cast<Operation>(i);
    if (!text_form::is_call(candidate) || info(candidate).name != called) continue;
    std::vector<std::size_t> arguments = parse_arguments();
    double domain = 0;
    if (text_form::has_domain(candidate)) {
      expect(";");
      domain = expect_real();
    }
    expect(")");
    if (arguments.size() != static_cast<std::size_t>(info(candidate).operands)) {
      fail(fmt::format("`{}` takes {} operands, not {}", called, info(candidate).operands, arguments.size()));
    }
    return operation(candidate, std::move(arguments), domain);
  }
  fail(fmt::format("there is no operation `{}`", called));
}

/// dual(φ; q), dual(φ; q, q', c) and dual'(φ; q, q', c)
std::size_t ExpressionParser::parse_dual() {
  expect("dual");
  const bool is_derivative = accept("'");
  expect("(");
  std::vector<NodeId> numbers;
  const Activation activation = parse_activation(numbers);
  expect(";");
  const std::string_view self_name = peek().text;
  NodeId covariance = expect_value();
  if (accept(",")) {
    const NodeId self = covariance;
    expect(self_name);
    expect("'");
    expect(",");
    covariance = expect_value();
    if (program_[covariance].type != Type::covariance || program_[covariance].self != self) {
      fail(fmt::format("`{}` is not the self covariance of `{}`", self_name, previous().text));
    }
  } else if (is_derivative || Kind{program_[covariance].type, program_[covariance].dependence} !=
                                  Kind{Type::covariance, Dependence::sample}) {
    fail("expected a self covariance alone, or q, q' and a covariance of two inputs");
  }
  expect(")");
  return leaf(is_derivative ? program_.dual_derivative(activation, covariance, numbers)
                            : program_.dual(activation, covariance, numbers));
}

Activation ExpressionParser::parse_activation(std::vector<NodeId>& numbers) {
  const std::string_view called = expect_name();
  if (accept("(")) {
    for (const std::size_t argument : parse_arguments()) {
      if (!tree_[argument].constant) fail("the numbers of an activation are constants");
      numbers.push_back(real(argument));
    }
    expect(")");
  }
  const auto expect_numbers = [&](std::size_t count) {
    if (numbers.size() != count)
      fail(fmt::format("`{}` takes {} numbers, not {}", called, count, numbers.size()));
  };
  const bool has_slope = called == "relu" || called == "abs" || called == "identity";
  if (has_slope || called == "leaky_relu") {
    expect_numbers(has_slope ? 0 : 1);
    if (has_slope) numbers.push_back(program_.literal(called == "relu" ? 0 : called == "abs" ? -1 : 1));
    numbers.push_back(program_.literal(1));
    return Activation::piecewise_linear;
  }
  for (const Activation activation :
       {Activation::piecewise_linear, Activation::erf, Activation::gelu, Activation::sin, Activation::cos}) {
    if (called != name(activation)) continue;
    expect_numbers(activation == Activation::piecewise_linear ? 2 : 0);
    return activation;
  }
  fail(fmt::format("there is no activation `{}`", called));
}

}  // namespace ntkc::kernel_ir::text_form
