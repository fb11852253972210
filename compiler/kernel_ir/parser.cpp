// Text -> program: recursive descent over the tokens of lexer.hpp, with limits on nesting.
//
// An expression is read into a tree first: whether `q1 + 1` is a real or a covariance, and whether q1 stands for its
// value at x, follows from where it is used.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "compiler/kernel_ir/lexer.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/text_form.hpp"

namespace ntkc::kernel_ir {
namespace {

using text_form::Kind;
using text_form::Token;

constexpr int deepest = 200;

/// A node that is there already, or an operation on expressions, which are indices into the tree.
struct Expression {
  NodeId node = no_node;
  Operation operation = Operation::literal;
  std::vector<std::size_t> operands;
  double value = 0;
  bool constant = true;
  int depth = 1;
};

class Parser {
 public:
  explicit Parser(std::string_view source) : source_(source), tokens_(text_form::tokens(source)) {}

  Program run() {
    parse_header();
    while (peek().kind != Token::Kind::end) {
      parse_statement();
      skip_newlines();
    }
    if (const std::string violation = verify(program_); !violation.empty()) fail(violation);
    return std::move(program_);
  }

 private:
  // --- tokens ---------------------------------------------------------------------------------------------------------

  [[noreturn]] void fail(std::string_view message) const {
    throw std::invalid_argument(fmt::format("line {}: {}", peek().line, message));
  }

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
  }

  [[nodiscard]] static std::string described(const Token& token) {
    if (token.kind == Token::Kind::end) return "the end of the text";
    return token.kind == Token::Kind::newline ? "the end of the line" : fmt::format("`{}`", token.text);
  }

  [[noreturn]] void fail_expecting(std::string_view what) const {
    fail(fmt::format("expected {}, found {}", what, described(peek())));
  }

  [[nodiscard]] bool at(std::string_view text) const {
    return peek().text == text && (peek().kind == Token::Kind::symbol || peek().kind == Token::Kind::name);
  }

  bool accept(std::string_view text) {
    if (!at(text)) return false;
    ++position_;
    return true;
  }

  void expect(std::string_view text) {
    if (!accept(text)) fail_expecting(fmt::format("`{}`", text));
  }

  std::string_view expect_name() {
    if (peek().kind != Token::Kind::name) fail_expecting("a name");
    return tokens_[position_++].text;
  }

  template <typename Number>
  Number expect_number(std::string_view what) {
    Number value{};
    const std::string_view text = peek().text;
    if (peek().kind != Token::Kind::number) fail_expecting(what);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) fail(fmt::format("`{}` is not {}", text, what));
    ++position_;
    return value;
  }

  std::int64_t expect_count(std::string_view what) {
    const auto value = expect_number<std::int64_t>(what);
    if (value < 1) fail(fmt::format("{} must be at least 1", what));
    return value;
  }

  double expect_real() {
    const bool negative = accept("-");
    const auto value = expect_number<double>("a number");
    return negative ? -value : value;
  }

  void skip_newlines() {
    while (peek().kind == Token::Kind::newline) ++position_;
  }

  void end_line() {
    if (peek().kind != Token::Kind::newline && peek().kind != Token::Kind::end) fail_expecting("the end of the line");
    skip_newlines();
  }

  /// A comma, after which the line may end.
  bool accept_comma() {
    if (!accept(",")) return false;
    skip_newlines();
    return true;
  }

  /// The line from here on as it stands.
  [[nodiscard]] std::string_view rest_of_line(bool with_comment) const {
    std::string_view rest = source_.substr(peek().offset);
    rest = rest.substr(0, rest.find('\n'));
    if (!with_comment) rest = rest.substr(0, rest.find('#'));
    return rest.substr(0, rest.find_last_not_of(" \t\r") + 1);
  }

  void skip_line() {
    while (peek().kind != Token::Kind::newline && peek().kind != Token::Kind::end) ++position_;
    skip_newlines();
  }

  // --- statements -----------------------------------------------------------------------------------------------------

  void parse_header() {
    skip_newlines();
    expect("kernel");
    if (peek().line == tokens_[position_ - 1].line && peek().kind != Token::Kind::newline) {
      program_.name = rest_of_line(true);
    }
    skip_line();
    while (accept("parameter")) {
      std::string parameter(expect_name());
      const auto index = static_cast<std::uint32_t>(program_.parameters.size());
      if (!parameters_.emplace(parameter, index).second) fail(fmt::format("`{}` is defined already", parameter));
      expect("=");
      program_.parameters.push_back({std::move(parameter), expect_real()});
      end_line();
    }
    expect("input");
    expect("vector");
    expect("(");
    program_.input_size = expect_count("the input size");
    expect(")");
    end_line();
  }

  void parse_statement() {
    if (at("loop") && peek(1).kind == Token::Kind::number) return parse_loop();
    const std::string_view defined = expect_name();
    const std::optional<Kind> kind = text_form::kind_of_name(defined);
    if (!kind) return parse_root(defined);
    check_new(defined);
    expect("=");
    if (const NodeId input = parse_input(defined); input != no_node) {
      define(defined, input);
      return;
    }
    const NodeId value = parse_value(*kind);
    const Node& node = program_[value];
    if (Kind{node.type, node.dependence} != *kind) fail_kind(defined, *kind, node);
    define(defined, value);
    end_line();
  }

  void parse_root(std::string_view defined) {
    if (!scopes_.empty()) fail(fmt::format("the root `{}` cannot be inside of a loop", defined));
    if (program_.root(defined) != no_node) fail(fmt::format("`{}` is defined already", defined));
    expect("=");
    tree_.clear();
    const std::size_t root = parse_sum();
    const NodeId leaf = tree_[root].node;
    const bool is_covariance =
        leaf != no_node && Kind{program_[leaf].type, program_[leaf].dependence} == Kind{Type::covariance, Dependence::pair};
    program_.roots.push_back({std::string(defined), is_covariance ? leaf : at_pair(real(root))});
    end_line();
  }

  /// The definition of an input node; no_node for anything else.
  NodeId parse_input(std::string_view defined) {
    const std::string_view rest = rest_of_line(false);
    NodeId node = no_node;
    if (rest == fmt::format("{}{}", text_form::input_self, program_.input_size)) node = program_.input_self();
    if (rest == fmt::format("{}{}", text_form::input_cross, program_.input_size)) node = program_.input_cross();
    if (rest == text_form::input_complement) node = program_.input_complement();
    if (rest == text_form::input_cocomplement) node = program_.input_cocomplement();
    if (node == no_node) return node;
    const Kind kind = *text_form::kind_of_name(defined);
    if (Kind{program_[node].type, program_[node].dependence} != kind) fail_kind(defined, kind, program_[node]);
    skip_line();
    return node;
  }

  void parse_loop() {
    if (scopes_.size() >= deepest) fail("loops are nested too deeply");
    expect("loop");
    const std::int64_t count = expect_count("the number of iterations");
    expect("carrying");
    std::vector<std::string_view> names;
    std::vector<Carried> carried;
    do parse_carried(names, carried);
    while (accept_comma());
    expect("{");
    end_line();
    const RegionId region = program_.begin_loop(carried, count);
    scopes_.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) define(names[i], program_.regions()[region].arguments[i]);
    while (!at("next") && peek().kind != Token::Kind::end) parse_statement();
    const std::vector<NodeId> next = parse_next(names, carried);
    expect("}");
    expect("giving");
    for (const std::string& name : scopes_.back()) values_.erase(name);
    scopes_.pop_back();
    const std::vector<NodeId> results = program_.end_loop(next);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (i > 0 && !accept_comma()) fail_expecting("`,`: there is one result for each carried value");
      const std::string_view result = expect_name();
      const std::optional<Kind> kind = text_form::kind_of_name(result);
      if (kind != text_form::kind_of_name(names[i])) fail(fmt::format("`{}` is not of the kind of `{}`", result, names[i]));
      define(result, results[i]);
    }
    end_line();
  }

  /// name [(self name)] = initial value
  void parse_carried(std::vector<std::string_view>& names, std::vector<Carried>& carried) {
    const std::string_view defined = expect_name();
    const std::optional<Kind> kind = text_form::kind_of_name(defined);
    if (!kind) fail(fmt::format("`{}` does not tell what it is: expected k, q, c, s or t and a number", defined));
    check_new(defined);
    if (std::ranges::find(names, defined) != names.end()) fail(fmt::format("`{}` is defined already", defined));
    std::string self;
    if (*kind == Kind{Type::covariance, Dependence::pair}) self = fmt::format("q{}", defined.substr(1));
    if (!self.empty() && accept("(")) {
      expect("self");
      self = expect_name();
      expect(")");
    }
    expect("=");
    Carried value;
    value.initial = parse_carried_value(*kind);
    value.dependence = kind->dependence;
    if (!self.empty()) {
      const auto found = std::ranges::find(names, std::string_view(self));
      if (found == names.end()) fail(fmt::format("the self covariance `{}` of `{}` is not carried before it", self, defined));
      value.self = static_cast<std::uint32_t>(found - names.begin());
      if (program_[value.initial].self != carried[value.self].initial) fail_self(self, defined);
    }
    names.push_back(defined);
    carried.push_back(value);
  }

  std::vector<NodeId> parse_next(const std::vector<std::string_view>& names, const std::vector<Carried>& carried) {
    expect("next");
    std::vector<NodeId> next;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0 && !accept_comma()) fail_expecting("`,`: every carried value has a next one");
      expect(names[i]);
      expect("=");
      next.push_back(parse_carried_value(*text_form::kind_of_name(names[i])));
      const std::uint32_t self = carried[i].self;
      if (self != Carried::no_self && program_[next[i]].self != next[self]) fail_self(names[self], names[i]);
    }
    end_line();
    return next;
  }

  /// A value that may depend on less than the place it goes to.
  NodeId parse_carried_value(Kind kind) {
    const NodeId value = parse_value(kind);
    const Node& node = program_[value];
    if (node.type != kind.type || (node.dependence != kind.dependence && node.dependence != Dependence::constant)) {
      fail(fmt::format("expected {}, found {}", described(kind), described(Kind{node.type, node.dependence})));
    }
    return value;
  }

  [[noreturn]] void fail_self(std::string_view self, std::string_view covariance) const {
    fail(fmt::format("the value of `{}` is not the self covariance of that of `{}`", self, covariance));
  }

  [[nodiscard]] static std::string described(Kind kind) {
    if (kind.type == Type::covariance) return kind.dependence == Dependence::pair ? "a covariance" : "a self covariance";
    constexpr std::string_view names[] = {"a constant", "a real of one input", "a real of two inputs"};
    return std::string(names[static_cast<std::size_t>(kind.dependence)]);
  }

  [[noreturn]] void fail_kind(std::string_view defined, Kind kind, const Node& node) const {
    fail(fmt::format("`{}` must be {} by its name, but is defined as {}", defined, described(kind),
                     described(Kind{node.type, node.dependence})));
  }

  void check_new(std::string_view name) const {
    const std::string key(name);
    if (values_.contains(key) || parameters_.contains(key)) fail(fmt::format("`{}` is defined already", name));
  }

  void define(std::string_view name, NodeId node) {
    check_new(name);
    values_.emplace(name, node);
    if (!scopes_.empty()) scopes_.back().emplace_back(name);
  }

  // --- from trees to nodes --------------------------------------------------------------------------------------------

  NodeId parse_value(Kind kind) {
    tree_.clear();
    const std::size_t root = parse_sum();
    if (kind.type == Type::covariance) return covariance(root);
    const NodeId value = real(root);
    return kind.dependence == Dependence::pair ? at_pair(value) : value;
  }

  NodeId at_pair(NodeId value) {
    return program_[value].dependence == Dependence::sample ? program_.first(value) : value;
  }

  NodeId real(std::size_t index) {
    const Expression expression = tree_[index];
    if (expression.node != no_node) {
      const Node& node = program_[expression.node];
      const bool is_pair = node.type == Type::covariance && node.dependence == Dependence::pair;
      return is_pair ? program_.cross(expression.node) : expression.node;
    }
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

  NodeId covariance(std::size_t index) {
    const Expression expression = tree_[index];
    if (expression.node != no_node) {
      if (program_[expression.node].type != Type::covariance) fail("expected a covariance, found a real");
      return expression.node;
    }
    if (expression.constant || (expression.operation != Operation::add && expression.operation != Operation::multiply)) {
      fail("expected a covariance: sums and products of covariances and constants are, other arithmetic is not");
    }
    std::vector<NodeId> operands;
    for (const std::size_t operand : expression.operands) {
      operands.push_back(tree_[operand].constant ? real(operand) : covariance(operand));
    }
    const auto is_constant = [this](NodeId id) { return program_[id].dependence == Dependence::constant; };
    if (std::ranges::none_of(operands, is_constant) &&
        program_[operands[0]].dependence != program_[operands[1]].dependence) {
      fail("a self covariance and a covariance of two inputs do not add or multiply");
    }
    return expression.operation == Operation::add ? program_.add(operands[0], operands[1])
                                                  : program_.multiply(operands[0], operands[1]);
  }

  // --- expressions ----------------------------------------------------------------------------------------------------

  std::size_t leaf(NodeId node) {
    tree_.push_back({.node = node, .operands = {}, .constant = program_[node].dependence == Dependence::constant});
    return tree_.size() - 1;
  }

  std::size_t operation(Operation operation, std::vector<std::size_t> operands, double value = 0) {
    Expression expression{.operation = operation, .operands = std::move(operands), .value = value};
    for (const std::size_t operand : expression.operands) {
      expression.constant = expression.constant && tree_[operand].constant;
      expression.depth = std::max(expression.depth, tree_[operand].depth + 1);
    }
    if (expression.depth > deepest) fail("the expression is nested too deeply");
    tree_.push_back(std::move(expression));
    return tree_.size() - 1;
  }

  std::size_t parse_sum() {
    if (++nesting_ > deepest) fail("the expression is nested too deeply");
    std::size_t result = parse_product();
    while (at("+") || at("-")) {
      const Operation sign = accept("+") ? Operation::add : (expect("-"), Operation::subtract);
      result = operation(sign, {result, parse_product()});
    }
    --nesting_;
    return result;
  }

  std::size_t parse_product() {
    std::size_t result = parse_power();
    while (at("*") || at("/")) {
      const Operation sign = accept("*") ? Operation::multiply : (expect("/"), Operation::divide);
      result = operation(sign, {result, parse_power()});
    }
    return result;
  }

  std::size_t parse_power() {
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

  std::size_t parse_primary() {
    if (accept("(")) {
      const std::size_t inner = parse_sum();
      expect(")");
      return inner;
    }
    if (peek().kind == Token::Kind::number) return leaf(program_.literal(expect_real()));
    if (peek().kind != Token::Kind::name) fail_expecting("an expression");
    if (at("dual")) return parse_dual();
    if (peek(1).text == "(") return parse_call();
    const auto parameter = parameters_.find(std::string(peek().text));
    if (parameter != parameters_.end()) {
      ++position_;
      return leaf(program_.parameter(parameter->second));
    }
    const NodeId node = expect_value();
    if (!accept("'")) return leaf(node);
    if (program_[node].dependence != Dependence::sample) fail("only a value of one input has one at x'");
    return leaf(program_.second(node));
  }

  NodeId expect_value() {
    const auto found = values_.find(std::string(peek().text));
    if (found == values_.end()) fail(fmt::format("{} is not defined", described(peek())));
    ++position_;
    return found->second;
  }

  std::vector<std::size_t> parse_arguments() {
    std::vector<std::size_t> result;
    do result.push_back(parse_sum());
    while (accept_comma());
    return result;
  }

  std::size_t parse_call() {
    const std::string_view called = expect_name();
    expect("(");
    if (called == "cross") {
      const NodeId node = expect_value();
      if (Kind{program_[node].type, program_[node].dependence} != Kind{Type::covariance, Dependence::pair}) {
        fail("`cross` takes a covariance of two inputs");
      }
      expect(")");
      return leaf(program_.cross(node));
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
  std::size_t parse_dual() {
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
        fail(fmt::format("`{}` is not the self covariance of `{}`", self_name, tokens_[position_ - 1].text));
      }
    } else if (is_derivative || Kind{program_[covariance].type, program_[covariance].dependence} !=
                                    Kind{Type::covariance, Dependence::sample}) {
      fail("expected a self covariance alone, or q, q' and a covariance of two inputs");
    }
    expect(")");
    return leaf(is_derivative ? program_.dual_derivative(activation, covariance, numbers)
                              : program_.dual(activation, covariance, numbers));
  }

  Activation parse_activation(std::vector<NodeId>& numbers) {
    const std::string_view called = expect_name();
    if (accept("(")) {
      for (const std::size_t argument : parse_arguments()) {
        if (!tree_[argument].constant) fail("the numbers of an activation are constants");
        numbers.push_back(real(argument));
      }
      expect(")");
    }
    const auto expect_numbers = [&](std::size_t count) {
      if (numbers.size() != count) fail(fmt::format("`{}` takes {} numbers, not {}", called, count, numbers.size()));
    };
    const bool has_slope = called == "relu" || called == "abs" || called == "identity";
    if (has_slope || called == "leaky_relu") {
      expect_numbers(has_slope ? 0 : 1);
      if (has_slope) numbers.push_back(program_.literal(called == "relu" ? 0 : called == "abs" ? -1 : 1));
      numbers.push_back(program_.literal(1));
      return Activation::piecewise_linear;
    }
    for (const Activation activation : {Activation::piecewise_linear, Activation::erf, Activation::gelu,
                                        Activation::sin, Activation::cos}) {
      if (called != name(activation)) continue;
      expect_numbers(activation == Activation::piecewise_linear ? 2 : 0);
      return activation;
    }
    fail(fmt::format("there is no activation `{}`", called));
  }

  std::string_view source_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  int nesting_ = 0;
  Program program_;
  std::vector<Expression> tree_;  // of the statement at hand
  std::unordered_map<std::string, std::uint32_t> parameters_;
  std::unordered_map<std::string, NodeId> values_;
  std::vector<std::vector<std::string>> scopes_;  // names defined in each open loop
};

}  // namespace

Program parse(std::string_view text) { return Parser(text).run(); }

}  // namespace ntkc::kernel_ir
