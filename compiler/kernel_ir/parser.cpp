// Text -> program: recursive descent with limits on nesting. Statements; expressions are in
// expression_parser.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "compiler/kernel_ir/expression_parser.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/text_form.hpp"

namespace ntkc::kernel_ir {
namespace {

using text_form::Kind;

class Parser : private text_form::ExpressionParser {
 public:
  explicit Parser(std::string_view source) : ExpressionParser(source) {}

  Program run() {
    parse_header();
    while (!at_end()) {
      parse_statement();
      skip_newlines();
    }
    if (const std::string violation = verify(program_); !violation.empty()) fail(violation);
    return std::move(program_);
  }

 private:
  // --- statements

  void parse_header() {
    skip_newlines();
    expect("kernel");
    program_.name = rest_of_line(true);
    skip_line();
    while (accept("parameter")) {
      std::string parameter(expect_name());
      const auto index = static_cast<std::uint32_t>(program_.parameters.size());
      if (!parameters_.emplace(parameter, index).second)
        fail(fmt::format("`{}` is defined already", parameter));
      expect("=");
      program_.parameters.push_back({std::move(parameter), expect_real()});
      end_line();
    }
    expect("input");
    expect("vector");
    expect("(");
    program_.input_size = expect_count("the input size");
    expect(")");
    if (accept("at")) program_.input_positions = parse_extents();
    end_line();
  }

  void parse_statement() {
    if (at("loop") && peek(1).kind == text_form::Token::Kind::number) return parse_loop();
    const std::string_view defined = expect_name();
    if (accept("(")) return parse_function_definition(defined);
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
    if (Kind{node.type, node.dependence} != *kind)
      fail_kind(defined, *kind, Kind{node.type, node.dependence});
    define(defined, value);
    end_line();
  }

  /// relu(z) = max(z, 0)
  void parse_function_definition(std::string_view defined) {
    if (text_form::is_reserved_function_name(defined) || functions_.contains(std::string(defined)))
      fail(fmt::format("`{}` is defined already", defined));
    variable_ = expect_name();
    expect(")");
    expect("=");
    const NodeId value = parse_value({Type::real, Dependence::function});
    const Node& node = program_[value];
    if (node.dependence > Dependence::function)
      fail(fmt::format("`{}` must be a function, but is defined as {}", defined,
                       described(Kind{node.type, node.dependence})));
    variable_ = {};
    end_line();
    functions_.emplace(defined, value);
    program_.function_names.emplace(value, defined);
    if (!scopes_.empty()) function_scopes_.back().emplace_back(defined);
  }

  void parse_root(std::string_view defined) {
    Root root{.name = std::string(defined)};
    if (accept("[")) {
      root.plane = expect_count("a plane") - 1;
      if (accept(":")) root.count = expect_count("the last plane") - root.plane;
      expect("]");
    }
    if (root.count < 1) fail("the last plane comes before the first");
    const auto is_same = [&](const Root& other) {
      return other.name == root.name && other.plane == root.plane;
    };
    if (std::ranges::any_of(program_.roots, is_same)) fail(fmt::format("`{}` is defined already", defined));
    expect("=");
    root.node = parse_root_value();
    program_.roots.push_back(std::move(root));
    end_line();
  }

  /// The definition of an input node; no_node for anything else.
  NodeId parse_input(std::string_view defined) {
    const std::string_view rest = rest_of_line(false);
    const Kind kind = *text_form::kind_of_name(defined);
    std::optional<Kind> read;
    NodeId node = no_node;
    for (const auto& [operation, kind_of_input] : text_form::input_operations) {
      for (const Space space : {Space::point, Space::diagonal, Space::full}) {
        if ((space == Space::point) != program_.input_positions.empty()) continue;
        if (rest != text_form::input_text(operation, space, program_.input_size)) continue;
        read = kind_of_input;
        if (kind_of_input == kind) node = program_.apply(operation, {}, {}, program_.input_place(space));
      }
    }
    if (!read) return no_node;
    if (node == no_node) fail_kind(defined, kind, *read);
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
    function_scopes_.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) define(names[i], program_.regions()[region].arguments[i]);
    while (!at("next") && !at_end()) parse_statement();
    const std::vector<NodeId> next = parse_next(names, carried);
    expect("}");
    expect("giving");
    for (const std::string& name : scopes_.back()) values_.erase(name);
    scopes_.pop_back();
    for (const std::string& name : function_scopes_.back()) functions_.erase(name);
    function_scopes_.pop_back();
    const std::vector<NodeId> results = program_.end_loop(next);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (i > 0 && !accept_comma()) fail_expecting("`,`: there is one result for each carried value");
      const std::string_view result = expect_name();
      const std::optional<Kind> kind = text_form::kind_of_name(result);
      if (kind != text_form::kind_of_name(names[i]))
        fail(fmt::format("`{}` is not of the kind of `{}`", result, names[i]));
      define(result, results[i]);
    }
    end_line();
  }

  /// name [(self name)] = initial value
  void parse_carried(std::vector<std::string_view>& names, std::vector<Carried>& carried) {
    const std::string_view defined = expect_name();
    const std::optional<Kind> kind = text_form::kind_of_name(defined);
    if (!kind)
      fail(fmt::format("`{}` does not tell what it is: expected k, q, c, s or t and a number", defined));
    check_new(defined);
    if (std::ranges::find(names, defined) != names.end())
      fail(fmt::format("`{}` is defined already", defined));
    std::string self;
    const auto is_carried = [&](std::string_view name) {
      return std::ranges::find(names, name) != names.end();
    };
    if (defined[0] == 'c' || defined[0] == 'Q') self = text_form::implied_self(defined, is_carried);
    Carried value;
    if (accept("(")) {
      if (!self.empty() && accept("self")) {
        self = expect_name();
      } else {
        value.place = parse_place();
      }
      expect(")");
    }
    expect("=");
    value.initial = parse_carried_value(*kind);
    value.dependence = kind->dependence;
    if (!self.empty()) {
      const auto found = std::ranges::find(names, std::string_view(self));
      if (found == names.end())
        fail(fmt::format("the self covariance `{}` of `{}` is not carried before it", self, defined));
      value.self = static_cast<std::uint32_t>(found - names.begin());
      if (program_[value.initial].self != carried[value.self].initial) fail_self(self, defined);
    }
    names.push_back(defined);
    carried.push_back(value);
  }

  std::vector<NodeId> parse_next(const std::vector<std::string_view>& names,
                                 const std::vector<Carried>& carried) {
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
    if (node.type != kind.type ||
        (node.dependence != kind.dependence && node.dependence != Dependence::constant)) {
      fail(
          fmt::format("expected {}, found {}", described(kind), described(Kind{node.type, node.dependence})));
    }
    return value;
  }

  [[noreturn]] void fail_self(std::string_view self, std::string_view covariance) const {
    fail(fmt::format("the value of `{}` is not the self covariance of that of `{}`", self, covariance));
  }

  [[nodiscard]] static std::string described(Kind kind) {
    if (kind.type == Type::covariance)
      return kind.dependence == Dependence::pair ? "a covariance" : "a self covariance";
    if (kind.type == Type::series) return "a series";
    constexpr std::string_view names[] = {"a constant", "a function", "a real of one input",
                                          "a real of two inputs"};
    return std::string(names[static_cast<std::size_t>(kind.dependence)]);
  }

  [[noreturn]] void fail_kind(std::string_view defined, Kind kind, Kind found) const {
    fail(fmt::format("`{}` must be {} by its name, but is defined as {}", defined, described(kind),
                     described(found)));
  }

  void check_new(std::string_view name) const {
    const std::string key(name);
    if (values_.contains(key) || parameters_.contains(key))
      fail(fmt::format("`{}` is defined already", name));
  }

  void define(std::string_view name, NodeId node) {
    check_new(name);
    values_.emplace(name, node);
    if (!scopes_.empty()) scopes_.back().emplace_back(name);
  }

  std::vector<std::vector<std::string>> scopes_;           // names defined in each open loop
  std::vector<std::vector<std::string>> function_scopes_;  // likewise
};

}  // namespace

Program parse(std::string_view text) { return Parser(text).run(); }

}  // namespace ntkc::kernel_ir
