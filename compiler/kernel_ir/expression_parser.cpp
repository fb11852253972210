#include "compiler/kernel_ir/expression_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ntkc::kernel_ir::text_form {

// --- from trees to nodes

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
  // The rows of a series are a series.
  if (expression.operation == Operation::rows || expression.operation == Operation::columns)
    return program_.apply(expression.operation, std::move(operands));
  return program_.real(expression.operation, std::move(operands), expression.attribute, expression.place);
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
  if (expression.operation == Operation::scaled || expression.operation == Operation::dropout) {
    const NodeId marked = covariance(expression.operands[0]);
    return program_.apply(expression.operation, {marked, real(expression.operands[1])});
  }
  if (expression.operation == Operation::diagonal || expression.operation == Operation::coupled ||
      expression.operation == Operation::congruent || expression.operation == Operation::separate) {
    const NodeId mapped = covariance(expression.operands[0]);
    return program_.apply(expression.operation, {mapped}, expression.attribute, expression.place);
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

std::size_t ExpressionParser::leaf(NodeId node) {
  tree_.push_back(
      {.node = node, .operands = {}, .constant = program_[node].dependence == Dependence::constant});
  return tree_.size() - 1;
}

std::size_t ExpressionParser::operation(Operation operation, std::vector<std::size_t> operands,
                                        Attribute attribute, Place place) {
  Expression expression{.operation = operation,
                        .operands = std::move(operands),
                        .attribute = std::move(attribute),
                        .place = place};
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
  // -x is 0 - x, -2 a number
  const bool is_negated = at("-") && peek(1).kind != Token::Kind::number && accept("-");
  std::size_t result = parse_product();
  if (is_negated) result = operation(Operation::subtract, {leaf(program_.literal(0)), result});
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
  std::size_t base = parse_primary();
  while (accept("[")) {  // s1[p], s1[p']
    expect("p");
    base = operation(accept("'") ? Operation::columns : Operation::rows, {base});
    expect("]");
  }
  if (!accept("^")) return base;
  // No node is made for the 2 of a square.
  const bool is_square = peek().kind == Token::Kind::number && peek().text == "2";
  const std::size_t exponent = is_square ? (expect_real(), base) : parse_primary();
  if (at("^")) fail("a power of a power is not in parentheses");
  return operation(is_square ? Operation::multiply : Operation::power, {base, exponent});
}

std::size_t ExpressionParser::parse_primary() {
  if (accept("(")) {
    const std::size_t inner = parse_sum();
    expect(")");
    return inner;
  }
  if (peek().kind == Token::Kind::number) return leaf(program_.literal(expect_real()));
  if (peek().kind != Token::Kind::name) fail_expecting("an expression");
  if (at("dual") && (peek(1).text == "(" || peek(1).text == "'")) return parse_expectation(Operation::dual);
  for (const Operation operation : {Operation::gaussian_mean, Operation::hermite_series}) {
    if (at(info(operation).name) && peek(1).text == "(") return parse_expansion(operation);
  }
  if (at("moment") && peek(1).text == "(") return parse_expectation(Operation::moment);
  if (peek(1).text == "(") return parse_call();
  if (!variable_.empty() && accept(variable_)) return leaf(program_.variable());
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
  if (const auto defined = functions_.find(std::string(called)); defined != functions_.end()) {
    if (variable_.empty()) fail("functions are used in the definitions of functions only");
    expect(variable_);
    expect(")");
    return leaf(defined->second);
  }
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
    Place place;
    Attribute attribute = parse_attribute(candidate, place);
    expect(")");
    if (arguments.size() != static_cast<std::size_t>(info(candidate).operands)) {
      fail(fmt::format("`{}` takes {} operands, not {}", called, info(candidate).operands, arguments.size()));
    }
    return operation(candidate, std::move(arguments), std::move(attribute), place);
  }
  fail(fmt::format("there is no operation `{}`", called));
}

/// dual(φ; q), dual(φ; q, q', c), dual'(φ; q, q', c), moment(f, g; q), moment(f, g; q, q', c); q of a moment
/// may be a constant
std::size_t ExpressionParser::parse_expectation(Operation operation) {
  expect_name();
  if (accept("'")) operation = Operation::dual_derivative;
  expect("(");
  const NodeId f = parse_function();
  NodeId g = f;
  if (operation == Operation::moment) {
    expect(",");
    g = parse_function();
  }
  expect(";");
  const std::string_view self_name = peek().text;
  NodeId covariance = parse_operand();
  if (accept(",")) {
    const NodeId self = covariance;
    expect(self_name);
    expect("'");
    expect(",");
    covariance = expect_value();
    if (program_[covariance].type != Type::covariance || program_.variance(covariance) != self) {
      fail(fmt::format("`{}` is not the self covariance of `{}`", self_name, previous().text));
    }
  } else if (const Kind kind = {program_[covariance].type, program_[covariance].dependence};
             operation == Operation::dual_derivative ||
             (kind != Kind{Type::covariance, Dependence::sample} &&
              (operation != Operation::moment || kind != Kind{Type::real, Dependence::constant}))) {
    fail("expected a self covariance alone, or q, q' and a covariance of two inputs");
  }
  expect(")");
  return leaf(operation == Operation::moment ? program_.moment(covariance, f, g)
              : operation == Operation::dual ? program_.dual(covariance, f)
                                             : program_.dual_derivative(covariance, f));
}

/// A value by its name, or arithmetic on constants.
NodeId ExpressionParser::parse_operand() {
  const std::size_t index = parse_sum();
  const NodeId named = tree_[index].node;
  return named != no_node ? named : real(index);
}

/// gaussian_mean(f; s1; nodes 57, reach 13), hermite_series(f; s1, s2; 84 odd, nodes 109, reach 13, remainder
/// 9e-13)
std::size_t ExpressionParser::parse_expansion(Operation operation) {
  expect_name();
  expect("(");
  const NodeId f = parse_function();
  expect(";");
  const NodeId root = parse_operand();
  NodeId scale = root;
  hermite::Terms terms;
  if (operation == Operation::hermite_series) {
    expect(",");
    scale = parse_operand();
    expect(";");
    terms.count = static_cast<int>(std::min<std::int64_t>(expect_count("the number of terms"), 1 << 20));
    if (accept("even")) terms.parity = hermite::Parity::even;
    if (accept("odd")) terms.parity = hermite::Parity::odd;
    terms.turned = accept("turned");
    if (accept("from")) {
      const auto number = [&] { return static_cast<int>(std::min(std::max(expect_real(), 0.0), 1e6)); };
      terms.first = number();
      expect("to");
      terms.tail = number();
      expect("more");
      expect(",");
      expect("order");
      terms.order = number();
    }
    expect(",");
  } else {
    expect(";");
  }
  expect("nodes");
  terms.rule.nodes = static_cast<int>(std::min<std::int64_t>(expect_count("the number of nodes"), 1 << 20));
  if (accept("split")) {
    expect("at");
    do {
      terms.rule.breaks.push_back(expect_real());
    } while (accept("and"));
  }
  expect(",");
  expect("reach");
  terms.rule.reach = expect_real();
  if (accept("within")) terms.rule.extent = expect_real();
  double remainder = 0;
  if (operation == Operation::hermite_series) {
    expect(",");
    expect("remainder");
    remainder = expect_real();
  }
  expect(")");
  return leaf(operation == Operation::hermite_series
                  ? program_.hermite_series(root, scale, f, terms, remainder)
                  : program_.gaussian_mean(root, f, terms.rule));
}

NodeId ExpressionParser::parse_function() {
  const std::string_view called = expect_name();
  const auto defined = functions_.find(std::string(called));
  if (defined != functions_.end()) return defined->second;
  if (called == text_form::identity_function) return program_.variable();
  for (int i = 0; i <= static_cast<int>(Operation::loop_result); ++i) {
    const auto operation = static_cast<Operation>(i);
    if (text_form::is_function_name(operation) && info(operation).name == called)
      return program_.real(operation, {program_.variable()});
  }
  fail(fmt::format("there is no function `{}`", called));
}

}  // namespace ntkc::kernel_ir::text_form
