// Expressions: names, constant arithmetic, operators on network values.
#include <algorithm>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include "compiler/diagnostics/suggestion.hpp"
#include "compiler/layer_graph/elaborator.hpp"

namespace ntkc::layer_graph {
namespace {

constexpr std::size_t most_suggestions = 100;

/// How many parts of expressions may be evaluated for each statement that may be written out: long
/// expressions in blocks that are applied often take time too.
constexpr std::int64_t parts_of_a_statement = 20;

}  // namespace

Value Elaborator::evaluate(ast::ExpressionId id) {
  const Depth depth(depth_);
  if (depth_ > deepest) {
    return fail(DiagnosticKind::nesting_too_deep, expression(id).range, "an expression nested too deeply");
  }
  // The left side is followed without recursion, for a pipe may have thousands of stages.
  std::vector<ast::ExpressionId> spine;
  while (true) {
    const auto& node = expression(id).node;
    if (const auto* pipe = std::get_if<ast::Pipe>(&node)) {
      spine.push_back(id);
      id = pipe->value;
    } else if (const auto* binary = std::get_if<ast::Binary>(&node)) {
      spine.push_back(id);
      id = binary->left;
    } else if (const auto* conditional = std::get_if<ast::Conditional>(&node)) {
      const std::optional<bool> condition = evaluate_condition(conditional->condition);
      if (!condition) {
        // It is not known which branch is meant, and the stages that follow would say nothing about an
        // erroneous value.
        return Erroneous{};
      }
      id = *condition ? conditional->then_value : conditional->else_value;
    } else {
      break;
    }
  }
  evaluated_ += static_cast<std::int64_t>(spine.size()) + 1;
  if (const std::int64_t most = parts_of_a_statement * most_written_out_; evaluated_ > most) {
    if (stopped_) return Erroneous{};
    return fail_written_out(expression(id).range, fmt::format("{} parts of expressions", most));
  }
  Operand left{evaluate_leaf(id), expression(id).range};
  for (; !spine.empty(); spine.pop_back()) {
    const ast::Expression& stage = expression(spine.back());
    Value value;
    if (const auto* binary = std::get_if<ast::Binary>(&stage.node)) {
      Value right = evaluate(binary->right);
      left.range = expression(binary->left).range;
      value = combine(*binary, left, {std::move(right), expression(binary->right).range});
    } else {
      const ast::Expression& function = expression(std::get<ast::Pipe>(stage.node).function);
      if (const auto* name = std::get_if<ast::Name>(&function.node)) {
        value = apply({name->name, function.range}, std::move(left), {}, function.range);
      } else if (const auto* call = std::get_if<ast::Call>(&function.node)) {
        value = apply(call->callee, std::move(left), call->arguments, function.range);
      } else {
        value = fail(DiagnosticKind::type_mismatch, function.range, "only a layer can follow `|>`");
      }
    }
    left = {std::move(value), stage.range};
  }
  return std::move(left.value);
}

Value Elaborator::evaluate_leaf(ast::ExpressionId id) {
  const ast::Expression& leaf = expression(id);
  if (const auto* integer = std::get_if<ast::Integer>(&leaf.node))
    return make_integer(scalars_, integer->value);
  if (const auto* real = std::get_if<ast::Real>(&leaf.node)) return make_real(scalars_, real->value);
  if (const auto* boolean = std::get_if<ast::Boolean>(&leaf.node)) return make_boolean(boolean->value);
  if (const auto* name = std::get_if<ast::Name>(&leaf.node)) return evaluate_name(*name, leaf.range);
  if (const auto* unary = std::get_if<ast::Unary>(&leaf.node)) return evaluate_negation(*unary);
  if (const auto* call = std::get_if<ast::Call>(&leaf.node)) {
    return apply(call->callee, std::nullopt, call->arguments, leaf.range);
  }
  if (const auto* list = std::get_if<ast::List>(&leaf.node)) return evaluate_list(*list, leaf.range);
  return fail(DiagnosticKind::type_mismatch, leaf.range, "a text is not a value", std::vector<Note>{},
              "texts name files: `import \"blocks.arch\"`, `aggregate(\"adjacency.csv\")`");
}

Value Elaborator::evaluate_name(const ast::Name& name, SourceRange range) {
  if (const Binding* binding = scope_.find(name.name)) {
    if (const auto* callable = std::get_if<CallableId>(&binding->value)) {
      return fail(DiagnosticKind::type_mismatch, range,
                  fmt::format("`{}` is {}, not a value", name.name,
                              with_article(noun(*callables_[callable->index].definition))),
                  std::vector<Note>{{binding->range, "defined here"}},
                  fmt::format("apply it: `h |> {}`", name.name));
    }
    if (const auto* constant = std::get_if<ConstantValue>(&binding->value)) return *constant;
    if (const auto* node = std::get_if<NodeId>(&binding->value)) return *node;
    return Erroneous{};
  }
  if (name.name == "pi") return make_real(scalars_, std::numbers::pi);
  const BuiltinInfo* builtin = find_builtin(name.name);
  if (builtin != nullptr || find_elementary_function(name.name) != nullptr) {
    const std::string_view what = builtin == nullptr                         ? "a function"
                                  : builtin->kind == BuiltinKind::activation ? "an activation"
                                  : builtin->kind == BuiltinKind::layer      ? "a layer"
                                                                             : "a combination of values";
    return fail(DiagnosticKind::type_mismatch, range, fmt::format("`{}` is {}, not a value", name.name, what),
                std::vector<Note>{}, fmt::format("apply it: `h |> {}`", name.name));
  }
  return unknown_name(name.name, range);
}

Erroneous Elaborator::unknown_name(const std::string& name, SourceRange range) {
  // A search for a similar name is not worth it for each of thousands of wrong names.
  const bool few = diagnostics_.error_count() < most_suggestions;
  std::vector<std::string_view> known;
  if (few) known = scope_.names();
  known.insert(known.end(), {"pi", "true", "false"});
  std::vector<Note> notes;
  std::string help;
  const auto binding = few ? binding_elsewhere(name) : std::nullopt;
  if (binding && binding->begin > range.end) {
    notes.push_back({*binding, "it is bound here, further down"});
  } else if (binding) {
    notes.push_back({*binding, "what is bound here is local to the body around it"});
    help = "to keep what a `repeat` makes of a name, bind it before";
  }
  const std::string suggestion = notes.empty() ? did_you_mean(name, known) : "";
  return fail(DiagnosticKind::unknown_name, range, fmt::format("unknown name `{}`{}", name, suggestion),
              std::move(notes), std::move(help));
}

std::optional<SourceRange> Elaborator::binding_elsewhere(const std::string& name) const {
  for (const ast::Statement& statement : expressions_->statement_arena) {
    const auto* assignment = std::get_if<ast::Assignment>(&statement.node);
    if (assignment != nullptr && assignment->name.name == name) return assignment->name.range;
  }
  return std::nullopt;
}

Value Elaborator::evaluate_negation(const ast::Unary& unary) {
  Operand operand{evaluate(unary.operand), expression(unary.operand).range};
  if (const auto* constant = std::get_if<ConstantValue>(&operand.value)) {
    return unwrap(negate(scalars_, *constant), operand.range);
  }
  if (!is_network_value(operand.value)) return Erroneous{};
  LinearForm form = linear_form(operand);
  form.scale(scalars_, ScalarOperation::multiply, scalars_.literal(-1));
  return form;
}

std::optional<bool> Elaborator::evaluate_condition(ast::ExpressionId id) {
  const SourceRange range = expression(id).range;
  const Value value = evaluate(id);
  if (std::holds_alternative<Erroneous>(value)) return std::nullopt;
  const auto* constant = std::get_if<ConstantValue>(&value);
  if (constant == nullptr) {
    fail(DiagnosticKind::not_constant, range,
         fmt::format("a condition is a constant, got {}", describe(value)));
    return std::nullopt;
  }
  if (constant->kind == ConstantValue::Kind::condition) {
    fail(DiagnosticKind::not_constant, range,
         "a condition of `if` is a constant, got a condition on the activation's argument",
         std::vector<Note>{}, "write `where(condition, a, b)`");
    return std::nullopt;
  }
  if (constant->kind != ConstantValue::Kind::boolean) {
    fail(DiagnosticKind::type_mismatch, range,
         fmt::format("a condition is a boolean, got {}", describe(value)));
    return std::nullopt;
  }
  return constant->boolean;
}

Value Elaborator::combine(const ast::Binary& binary, const Operand& left, const Operand& right) {
  if (std::holds_alternative<Erroneous>(left.value) || std::holds_alternative<Erroneous>(right.value)) {
    return Erroneous{};
  }
  const auto* left_constant = std::get_if<ConstantValue>(&left.value);
  const auto* right_constant = std::get_if<ConstantValue>(&right.value);
  if (left_constant != nullptr && right_constant != nullptr) {
    return unwrap(layer_graph::binary(scalars_, binary.op, *left_constant, *right_constant), binary.op_range);
  }
  return combine_values(binary, left, right);
}

Value Elaborator::combine_values(const ast::Binary& binary, const Operand& left, const Operand& right) {
  const bool left_is_constant = std::holds_alternative<ConstantValue>(left.value);
  const bool right_is_constant = std::holds_alternative<ConstantValue>(right.value);
  const auto wants_constant = [&](const Operand& operand) {
    return fail(DiagnosticKind::not_constant, operand.range,
                fmt::format("this operand of `{}` has to be a constant, got {}", spelling(binary.op),
                            describe(operand.value)));
  };
  switch (binary.op) {
    case ast::BinaryOperator::add:
    case ast::BinaryOperator::subtract:
      return add(binary, left, right);
    case ast::BinaryOperator::multiply:
      if (left_is_constant) return scale(right, ScalarOperation::multiply, left, binary.op_range);
      if (right_is_constant) return scale(left, ScalarOperation::multiply, right, binary.op_range);
      return multiply(binary, left, right);
    case ast::BinaryOperator::divide:
      if (right_is_constant) return scale(left, ScalarOperation::divide, right, binary.op_range);
      return wants_constant(right);
    default:
      return wants_constant(left_is_constant ? right : left);
  }
}

Value Elaborator::unwrap(const ConstantResult& result, SourceRange range) {
  if (const auto* constant = std::get_if<ConstantValue>(&result)) return *constant;
  const auto& error = std::get<ConstantError>(result);
  return fail(error.kind, range, error.message);
}

std::string Elaborator::describe(const Value& value) const {
  const auto* constant = std::get_if<ConstantValue>(&value);
  return constant != nullptr ? layer_graph::describe(scalars_, *constant) : "a network value";
}

}  // namespace ntkc::layer_graph
