// Applications of blocks and of activations that the text defines.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/diagnostics/suggestion.hpp"
#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/function_check.hpp"

namespace ntkc::layer_graph {

Value Elaborator::apply_callable(CallableId id, const ast::Identifier& callee, std::optional<Operand> piped,
                                 const std::vector<ast::Argument>& arguments, SourceRange range) {
  const Callable callable = callables_[id.index];
  std::optional<std::vector<Operand>> given = bind_arguments(callable, callee, std::move(piped), arguments);
  if (!given || callable.is_faulty) return Erroneous{};
  if (++written_out_ > most_written_out_)
    return fail_written_out(callee.range, fmt::format("{} statements", most_written_out_));
  if (application_depth_ == limits_.applied_blocks) {
    return fail(DiagnosticKind::expansion_too_large, callee.range,
                fmt::format("blocks apply one another more than {} deep", limits_.applied_blocks),
                std::vector<Note>{}, "apply them one after the other");
  }
  ++application_depth_;
  const Value value = std::holds_alternative<ast::BlockDefinition>(callable.definition->node)
                          ? apply_block(callable, callee, std::move(*given))
                          : apply_defined_activation(callable, callee, std::move(*given), range);
  --application_depth_;
  return value;
}

Erroneous Elaborator::fail_written_out(SourceRange range, const std::string& more) {
  stopped_ = true;
  return fail(DiagnosticKind::expansion_too_large, range,
              fmt::format("blocks and first iterations of `repeat`s, written out, are more than {}", more),
              std::vector<Note>{}, "use `repeat` for what is done many times");
}

std::optional<std::vector<Operand>> Elaborator::bind_arguments(const Callable& callable,
                                                               const ast::Identifier& callee,
                                                               std::optional<Operand> piped,
                                                               const std::vector<ast::Argument>& arguments) {
  const std::vector<Formal> all = formals(*callable.definition);
  std::vector<std::optional<Operand>> given(all.size());
  bool good = true;
  std::size_t position = 0;
  const auto take = [&](std::size_t index, SourceRange range, Operand operand) {
    if (given[index]) {
      fail(DiagnosticKind::duplicate_argument, range,
           fmt::format("`{}` is given twice", all[index].name->name),
           std::vector<Note>{{given[index]->range, "the first is here"}});
      good = false;
    } else {
      good = good && !std::holds_alternative<Erroneous>(operand.value);
      given[index] = std::move(operand);
    }
  };
  if (piped && all.empty()) {
    fail(DiagnosticKind::positional_argument, callee.range,
         fmt::format("`{}` has no parameter to take a value", callee.name));
    return std::nullopt;
  }
  if (piped) take(position++, piped->range, *piped);
  for (const ast::Argument& argument : arguments) {
    Operand operand{evaluate(argument.value), expression(argument.value).range};
    if (!argument.keyword && position == all.size()) {
      fail(DiagnosticKind::positional_argument, operand.range,
           fmt::format("`{}` takes at most {} argument{}", callee.name, all.size(),
                       all.size() == 1 ? "" : "s"),
           std::vector<Note>{{defined_name(*callable.definition)->range, "defined here"}});
      good = false;
    } else if (!argument.keyword) {
      const SourceRange range = operand.range;
      take(position++, range, std::move(operand));
    } else {
      const auto named = std::ranges::find(all, argument.keyword->name,
                                           [](const Formal& formal) { return formal.name->name; });
      if (named != all.end()) {
        take(static_cast<std::size_t>(named - all.begin()), argument.keyword->range, std::move(operand));
        continue;
      }
      std::vector<std::string_view> known;
      for (const Formal& formal : all) known.push_back(formal.name->name);
      fail(DiagnosticKind::unknown_argument, argument.keyword->range,
           fmt::format("`{}` has no parameter `{}`{}", callee.name, argument.keyword->name,
                       did_you_mean(argument.keyword->name, known)),
           std::vector<Note>{{defined_name(*callable.definition)->range, "defined here"}});
      good = false;
    }
  }
  std::vector<Operand> result;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!given[i] && !all[i].default_value) {
      fail(DiagnosticKind::missing_argument, callee.range,
           fmt::format("`{}` needs its parameter `{}`", callee.name, all[i].name->name),
           std::vector<Note>{{all[i].name->range, "it has no default"}});
      good = false;
    }
    // Where no value is given the default is taken, which is read where the definition stands.
    result.push_back(given[i] ? std::move(*given[i]) : Operand{Erroneous{}, all[i].name->range});
  }
  if (!good) return std::nullopt;
  return result;
}

Elaborator::Inside Elaborator::enter(const Callable& callable, const ast::Identifier* callee) {
  Inside outside{Scope(), callable.file, callee != nullptr};
  for (const auto& [name, binding] : callable.captures) outside.scope.bind(name, binding);
  std::swap(scope_, outside.scope);
  std::swap(expressions_, outside.file);
  if (callee != nullptr) {
    diagnostics_.enter(callee->range,
                       fmt::format("in {} `{}`, applied here", noun(*callable.definition), callee->name));
  }
  return outside;
}

void Elaborator::leave(Inside outside) {
  if (outside.is_application) diagnostics_.leave();
  expressions_ = outside.file;
  scope_ = std::move(outside.scope);
}

void Elaborator::bind_formals(const Callable& callable, std::vector<Operand> given) {
  const std::vector<Formal> all = formals(*callable.definition);
  for (std::size_t i = 0; i < all.size(); ++i) {
    // Each default sees the parameters before it.
    if (std::holds_alternative<Erroneous>(given[i].value) && all[i].default_value) {
      given[i] = {evaluate(*all[i].default_value), expression(*all[i].default_value).range};
    }
    BoundValue bound = Erroneous{};
    if (const auto* constant = std::get_if<ConstantValue>(&given[i].value)) bound = *constant;
    if (const auto node = node_of(given[i].value, given[i].range)) bound = *node;
    scope_.bind(all[i].name->name,
                {.value = bound, .role = Binding::Role::variable, .range = all[i].name->range});
  }
}

Value Elaborator::apply_block(const Callable& callable, const ast::Identifier& callee,
                              std::vector<Operand> given) {
  const auto& block = std::get<ast::BlockDefinition>(callable.definition->node);
  Inside outside = enter(callable, &callee);
  bind_formals(callable, std::move(given));
  graph_.blocks.push_back({.name = callee.name, .outer = block_});
  const BlockId outer_block = std::exchange(block_, static_cast<BlockId>(graph_.blocks.size() - 1));
  elaborate_statements(block.body);
  Value value = Erroneous{};
  if (!stopped_) value = evaluate(block.result);
  // A sum is checked in the block that made it.
  if (const auto node = node_of(value, expression(block.result).range)) value = *node;
  block_ = outer_block;
  leave(std::move(outside));
  return value;
}

Value Elaborator::apply_defined_activation(const Callable& callable, const ast::Identifier& callee,
                                           std::vector<Operand> given, SourceRange range) {
  for (std::size_t i = 1; i < given.size(); ++i) {
    if (!is_network_value(given[i].value)) continue;
    return fail(DiagnosticKind::not_constant, given[i].range,
                "a parameter of an activation is a constant, got a network value");
  }
  const Operand operand = given[0];
  if (const auto* constant = std::get_if<ConstantValue>(&operand.value);
      constant != nullptr && !constant->is_number()) {
    return fail(DiagnosticKind::type_mismatch, operand.range,
                fmt::format("`{}` needs a number, got {}", callee.name, describe(operand.value)));
  }
  const bool is_number = std::holds_alternative<ConstantValue>(operand.value);
  if (!is_number) {
    given[0].value = ConstantValue{.kind = ConstantValue::Kind::real, .scalar = scalars_.variable()};
  }
  ActivationNode node{.operand = 0, .function = 0, .name = callee.name, .arguments = {}, .definition = {}};
  const Value value = evaluate_activation(callable, &callee, std::move(given), node);
  const auto* function = std::get_if<ConstantValue>(&value);
  if (is_number || function == nullptr) return value;
  node.function = function->scalar;
  node.definition = defined_name(*callable.definition)->range;
  return make_activation(std::move(node), callee, operand, range);
}

void Elaborator::append_parameter(ActivationNode& node, const std::string& name,
                                  const ConstantValue& constant) {
  if (constant.kind == ConstantValue::Kind::list) {
    for (const ConstantValue& number : constant.list->numbers)
      node.arguments.emplace_back(fmt::format("{}{}", name, &number - constant.list->numbers.data()),
                                  number.scalar);
  } else if (constant.kind == ConstantValue::Kind::boolean) {
    node.arguments.emplace_back(name, scalars_.literal(constant.boolean ? 1 : 0));
  } else {
    node.arguments.emplace_back(name, constant.scalar);
  }
}

Value Elaborator::evaluate_activation(const Callable& callable, const ast::Identifier* callee,
                                      std::vector<Operand> given, ActivationNode& node) {
  const auto& definition = std::get<ast::ActivationDefinition>(callable.definition->node);
  const auto* z = std::get_if<ConstantValue>(&given[0].value);
  const bool as_function = z != nullptr && scalars_.is_function(z->scalar);
  Inside outside = enter(callable, callee);
  bind_formals(callable, std::move(given));
  for (const ast::Parameter& parameter : definition.parameters) {
    const auto* constant = std::get_if<ConstantValue>(&scope_.find(parameter.name.name)->value);
    if (constant != nullptr) append_parameter(node, parameter.name.name, *constant);
  }
  Value value = evaluate(definition.value);
  const auto* constant = std::get_if<ConstantValue>(&value);
  const SourceRange range = expression(definition.value).range;
  const std::string& name = definition.name.name;
  if (is_network_value(value)) {
    value = fail(DiagnosticKind::not_constant, range,
                 fmt::format("activation `{}` is a function of numbers, this is a network value", name));
  } else if (constant != nullptr && !constant->is_number()) {
    value = fail(DiagnosticKind::type_mismatch, range,
                 fmt::format("activation `{}` gives a number, this is {}", name, describe(value)));
  } else if (constant != nullptr && as_function && !judge(constant->scalar, definition)) {
    value = Erroneous{};
  }
  leave(std::move(outside));
  return value;
}

void Elaborator::check_activation(CallableId id) {
  const Callable callable = callables_[id.index];
  const auto& definition = std::get<ast::ActivationDefinition>(callable.definition->node);
  const auto has_default = [](const ast::Parameter& parameter) {
    return parameter.default_value.has_value();
  };
  if (callable.is_faulty || !std::ranges::all_of(definition.parameters, has_default)) return;
  std::vector<Operand> given(definition.parameters.size() + 1, Operand{Erroneous{}, definition.name.range});
  given[0].value = ConstantValue{.kind = ConstantValue::Kind::real, .scalar = scalars_.variable()};
  ActivationNode node;
  const Value value = evaluate_activation(callable, nullptr, std::move(given), node);
  callables_[id.index].is_faulty = std::holds_alternative<Erroneous>(value);
}

bool Elaborator::judge(ScalarId function, const ast::ActivationDefinition& definition) {
  const auto [entry, is_new] = judged_.try_emplace(function, true);
  if (!is_new) return entry->second;
  const std::string name = fmt::format("activation `{}`", definition.name.name);
  const auto refuse = [&](DiagnosticKind kind, std::string message, std::string help) {
    fail(kind, definition.name.range, std::move(message), std::vector<Note>{}, std::move(help));
    entry->second = false;
  };
  judged_parts_ += part_count(graph_.scalars, function);
  if (judged_parts_ > limits_.activation_parts) {
    refuse(DiagnosticKind::activation_too_large,
           fmt::format("{} and those before it are made of more than {} numbers and operations", name,
                       limits_.activation_parts),
           "write it with fewer, or allow more by `--limit parts=N`");
    stopped_ = true;
    return false;
  }
  const FunctionReport report = check_function(graph_.scalars, function);
  switch (report.kind) {
    case FunctionReport::Kind::good:
      break;
    case FunctionReport::Kind::constant:
      refuse(DiagnosticKind::invalid_activation, fmt::format("{} is constant", name),
             "a constant is not an activation");
      break;
    case FunctionReport::Kind::undefined:
      refuse(
          DiagnosticKind::invalid_activation,
          fmt::format("{} has no finite value at {} = {:.6g}", name, definition.variable.name, report.where),
          "say what it is there: `where(condition, a, b)`; no part of it may overflow either");
      break;
    case FunctionReport::Kind::singular:
      refuse(DiagnosticKind::invalid_activation,
             fmt::format("the square of {} has no integral around {} = {:.6g}", name,
                         definition.variable.name, report.where),
             "an activation is square-integrable: bound it there");
      break;
    case FunctionReport::Kind::grows_too_fast:
      refuse(
          DiagnosticKind::invalid_activation,
          fmt::format("{} grows too fast: its square has no mean over a Gaussian variable of large variance",
                      name),
          "an activation grows less than exp(z^2), such as exp(z) or any power");
      break;
  }
  return entry->second;
}

}  // namespace ntkc::layer_graph
