// Activations are functions of one number. They are written in the language and applied to numbers and to
// network values.
#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "compiler/diagnostics/diagnostic_list.hpp"
#include "compiler/layer_graph/elaborator.hpp"
#include "grammar/parser.hpp"

namespace ntkc::layer_graph {
namespace {

/// The definition of a built-in activation, an expression of the language.
std::string definition_text(const BuiltinInfo& activation, const std::vector<ArgumentValue>& arguments) {
  if (activation.definition == nullptr) return std::string(activation.formula);
  std::vector<std::int64_t> integers;
  for (const ArgumentValue& argument : arguments) {
    if (const auto* integer = std::get_if<std::int64_t>(&argument)) integers.push_back(*integer);
    if (const auto* list = std::get_if<ListArgument>(&argument)) {
      integers.push_back(static_cast<std::int64_t>(list->numbers.size()));
    }
  }
  return activation.definition(integers);
}

/// The syntax tree of the text. Each text is parsed once in the life of the program.
const ast::File& parsed(const std::string& text) {
  static std::mutex mutex;
  static std::map<std::string, ast::File> files;
  const std::scoped_lock lock(mutex);
  const auto found = files.find(text);
  if (found != files.end()) return found->second;
  SourceManager sources;
  const std::uint32_t source = sources.add("<built-in>", text);
  DiagnosticList diagnostics;
  std::optional<ast::File> file = grammar::parse_constant(sources, source, diagnostics);
  if (!file) throw std::logic_error("the definition of a built-in activation has a mistake: " + text);
  return files.emplace(text, std::move(*file)).first->second;
}

}  // namespace

std::vector<Elaborator::NamedConstant> Elaborator::named_arguments(
    const BuiltinInfo& activation, const std::vector<ArgumentValue>& arguments) {
  std::vector<NamedConstant> named;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string name(activation.parameters[i].name);
    if (const auto* scalar = std::get_if<ScalarId>(&arguments[i])) {
      named.emplace_back(name, ConstantValue{.kind = ConstantValue::Kind::real, .scalar = *scalar});
    } else if (const auto* integer = std::get_if<std::int64_t>(&arguments[i])) {
      named.emplace_back(name, make_integer(scalars_, *integer));
    } else if (const auto* list = std::get_if<ListArgument>(&arguments[i])) {
      for (std::size_t k = 0; k < list->numbers.size(); ++k) {
        named.emplace_back(fmt::format("{}{}", name, k),
                           ConstantValue{.kind = ConstantValue::Kind::real, .scalar = list->numbers[k]});
      }
    }
  }
  return named;
}

Value Elaborator::evaluate_definition(const BuiltinInfo& activation, const ConstantValue& z,
                                      const std::vector<ArgumentValue>& arguments, SourceRange range) {
  const ast::File& definition = parsed(definition_text(activation, arguments));
  Scope inside;
  inside.bind("z", {.value = z, .role = Binding::Role::variable, .range = range});
  for (const auto& [name, value] : named_arguments(activation, arguments)) {
    inside.bind(name, {.value = value, .role = Binding::Role::variable, .range = range});
  }
  std::swap(scope_, inside);
  const ast::File* const outer = std::exchange(expressions_, &definition);
  const bool outer_is_builtin = std::exchange(in_builtin_, true);
  diagnostics_.begin_redirection(range);
  const auto last = static_cast<std::uint32_t>(definition.expression_arena.size() - 1);
  Value value = evaluate(ast::ExpressionId{last});
  diagnostics_.end_redirection();
  in_builtin_ = outer_is_builtin;
  expressions_ = outer;
  std::swap(scope_, inside);
  return value;
}

Value Elaborator::apply_activation(const BuiltinInfo& activation, const ast::Identifier& callee,
                                   const Operand& operand, const std::vector<ArgumentValue>& arguments,
                                   SourceRange range) {
  if (const auto* number = std::get_if<ConstantValue>(&operand.value)) {
    if (!number->is_number()) {
      return fail(DiagnosticKind::type_mismatch, callee.range,
                  fmt::format("`{}` needs a number, got {}", callee.name, describe(operand.value)));
    }
    return evaluate_definition(activation, *number, arguments, callee.range);
  }
  const ConstantValue z{.kind = ConstantValue::Kind::real, .scalar = scalars_.variable()};
  const Value function = evaluate_definition(activation, z, arguments, callee.range);
  const auto* constant = std::get_if<ConstantValue>(&function);
  if (constant == nullptr) return Erroneous{};
  ActivationNode node{
      .operand = 0, .function = constant->scalar, .name = callee.name, .arguments = {}, .definition = {}};
  for (const auto& [name, value] : named_arguments(activation, arguments)) {
    node.arguments.emplace_back(name, value.scalar);
  }
  return make_activation(std::move(node), callee, operand, range);
}

Value Elaborator::apply_elementary(const ElementaryFunction& function, const ast::Identifier& callee,
                                   std::optional<Operand> piped,
                                   const std::vector<ast::Argument>& arguments) {
  std::vector<Operand> operands;
  if (piped) operands.push_back(std::move(*piped));
  bool good = true;
  for (const ast::Argument& argument : arguments) {
    if (argument.keyword) {
      fail(DiagnosticKind::unknown_argument, argument.keyword->range,
           fmt::format("`{}` has no argument `{}`", callee.name, argument.keyword->name));
      good = false;
      continue;
    }
    if (operands.size() == function.operands) {
      fail(DiagnosticKind::positional_argument, expression(argument.value).range,
           fmt::format("`{}` takes {} {}", callee.name,
                       function.operands == 1 ? "one" : fmt::format("{}", function.operands),
                       function.operands == 1 ? "number" : "operands"));
      return Erroneous{};
    }
    operands.push_back({evaluate(argument.value), expression(argument.value).range});
  }
  if (!good) return Erroneous{};
  if (operands.size() < function.operands) {
    static constexpr std::string_view examples[] = {"(2)", "(2, 3)", "(z > 0, z, 0)"};
    return fail(
        DiagnosticKind::missing_argument, callee.range,
        operands.empty()
            ? fmt::format("`{}` is applied to nothing", callee.name)
            : fmt::format("`{}` takes {} operands, got {}", callee.name, function.operands, operands.size()),
        std::vector<Note>{}, fmt::format("write `{}{}`", callee.name, examples[function.operands - 1]));
  }
  std::vector<ConstantValue> constants;
  for (const Operand& operand : operands) {
    if (std::holds_alternative<Erroneous>(operand.value)) return Erroneous{};
    const auto* constant = std::get_if<ConstantValue>(&operand.value);
    if (constant == nullptr) {
      return fail(DiagnosticKind::type_mismatch, callee.range,
                  fmt::format("`{}` is a function of numbers, not an activation", callee.name),
                  std::vector<Note>{}, "`ntkc layers` lists the activations there are");
    }
    constants.push_back(*constant);
  }
  return unwrap(call(scalars_, function, constants), callee.range);
}

}  // namespace ntkc::layer_graph
