// Applications of layers, activations and functions: `h |> f(p)` and `f(h, p)`.
#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "compiler/diagnostics/suggestion.hpp"
#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/foreign_names.hpp"
#include "compiler/layer_graph/shapes.hpp"

namespace ntkc::layer_graph {
namespace {

std::vector<std::string_view> applicable_names() {
  std::vector<std::string_view> names;
  for (const BuiltinInfo& builtin : builtins()) names.push_back(builtin.name);
  for (const ElementaryFunction& function : elementary_functions()) names.push_back(function.name);
  return names;
}

/// In quotes, as a message lists them.
std::vector<std::string> argument_names(const BuiltinInfo& builtin) {
  std::vector<std::string> names;
  for (const BuiltinParameter& parameter : builtin.parameters)
    names.push_back(fmt::format("`{}`", parameter.name));
  return names;
}

/// "a", "a or b", "a, b or c"
std::string joined_by_or(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i)
    text += (i == 0 ? "" : i + 1 == items.size() ? " or " : ", ") + items[i];
  return text;
}

/// The names and other values that a parameter may have: "`same`, `valid` or `circular`".
std::string alternatives(const BuiltinParameter& parameter, const std::string& other = "") {
  std::vector<std::string> items;
  for (const std::string_view choice : parameter.choices) items.push_back(fmt::format("`{}`", choice));
  if (!other.empty()) items.push_back(other);
  return joined_by_or(items);
}

std::vector<std::string_view> parameter_names(const BuiltinInfo& builtin) {
  std::vector<std::string_view> names;
  for (const BuiltinParameter& parameter : builtin.parameters) names.push_back(parameter.name);
  return names;
}

}  // namespace

Value Elaborator::apply(const ast::Identifier& callee, std::optional<Operand> piped,
                        const std::vector<ast::Argument>& arguments, SourceRange range) {
  const ElementaryFunction* function = find_elementary_function(callee.name);
  const BuiltinInfo* builtin = find_builtin(callee.name);
  // Inside the definition of the activation `exp`, `exp` is the function.
  if (function != nullptr && (in_builtin_ || builtin == nullptr)) {
    return apply_elementary(*function, callee, std::move(piped), arguments);
  }
  if (builtin != nullptr && builtin->kind == BuiltinKind::combination) {
    return apply_concat(callee, std::move(piped), arguments, range);
  }
  if (builtin != nullptr) return apply_builtin(*builtin, callee, std::move(piped), arguments, range);
  const Binding* binding = scope_.find(callee.name);
  const auto* callable = binding == nullptr ? nullptr : std::get_if<CallableId>(&binding->value);
  if (callable != nullptr) return apply_callable(*callable, callee, std::move(piped), arguments, range);
  return unknown_callee(callee);
}

Value Elaborator::unknown_callee(const ast::Identifier& callee) {
  if (const Binding* binding = scope_.find(callee.name)) {
    return fail(DiagnosticKind::type_mismatch, callee.range,
                fmt::format("`{}` is a value, not a layer", callee.name),
                std::vector<Note>{{binding->range, "bound here"}});
  }
  if (const auto below = definitions_here_.find(callee.name); below != definitions_here_.end()) {
    return fail(DiagnosticKind::unknown_layer, callee.range,
                fmt::format("{} `{}` is not defined yet", noun(*below->second), callee.name),
                std::vector<Note>{{defined_name(*below->second)->range, "it is defined here"}},
                "a definition comes before its use");
  }
  if (is_later_layer(callee.name)) {
    return fail(DiagnosticKind::unsupported, callee.range,
                fmt::format("`{}` is not supported in this version", callee.name), std::vector<Note>{},
                "`ntkc layers` lists what is");
  }
  std::vector<std::string_view> known = applicable_names();
  for (const std::string_view name : scope_.names()) {
    if (scope_.find(std::string(name))->role == Binding::Role::definition) known.push_back(name);
  }
  std::string help = help_for_foreign_name(callee.name);
  const std::string suggestion = help.empty() ? did_you_mean(callee.name, known) : "";
  if (help.empty() && suggestion.empty()) help = "`ntkc layers` lists the layers there are";
  return fail(DiagnosticKind::unknown_layer, callee.range,
              fmt::format("unknown layer `{}`{}", callee.name, suggestion), std::vector<Note>{},
              std::move(help));
}

std::optional<Operand> Elaborator::take_operand(std::optional<Operand> piped,
                                                const std::vector<ast::Argument>& arguments,
                                                std::size_t& used) {
  used = 0;
  if (piped || arguments.empty() || arguments[0].keyword) return piped;
  used = 1;
  return Operand{evaluate(arguments[0].value), expression(arguments[0].value).range};
}

Value Elaborator::apply_builtin(const BuiltinInfo& builtin, const ast::Identifier& callee,
                                std::optional<Operand> piped, const std::vector<ast::Argument>& arguments,
                                SourceRange range) {
  std::size_t used = 0;
  const std::optional<Operand> operand = take_operand(std::move(piped), arguments, used);
  std::optional<std::vector<ArgumentValue>> values = read_arguments(builtin, callee, arguments, used);
  if (!operand) {
    return fail(DiagnosticKind::missing_argument, callee.range,
                fmt::format("`{}` is applied to nothing", callee.name), std::vector<Note>{},
                fmt::format("write `h |> {}`", callee.name));
  }
  if (!values || std::holds_alternative<Erroneous>(operand->value)) return Erroneous{};
  if (builtin.kind == BuiltinKind::activation) {
    return apply_activation(builtin, callee, *operand, *values, range);
  }
  if (std::holds_alternative<ConstantValue>(operand->value)) {
    return fail(
        DiagnosticKind::type_mismatch, operand->range,
        fmt::format("`{}` is applied to a network value, got {}", callee.name, describe(operand->value)));
  }
  if (!check_weight_arguments(builtin, arguments, *values)) return Erroneous{};
  return make_layer(builtin, callee, *operand, arguments, std::move(*values), range);
}

const BuiltinParameter* Elaborator::find_parameter(const BuiltinInfo& builtin, const ast::Argument& argument,
                                                   std::size_t position) {
  if (argument.keyword) {
    const std::string& name = argument.keyword->name;
    const auto found = std::ranges::find(builtin.parameters, name, &BuiltinParameter::name);
    if (found != builtin.parameters.end()) return &*found;
    std::string help = help_for_foreign_argument(name);
    fail(DiagnosticKind::unknown_argument, argument.keyword->range,
         fmt::format("`{}` has no argument `{}`{}", builtin.name, name,
                     help.empty() ? did_you_mean(name, parameter_names(builtin)) : ""),
         std::vector<Note>{}, std::move(help));
    return nullptr;
  }
  std::size_t index = 0;
  for (const BuiltinParameter& parameter : builtin.parameters) {
    if (!parameter.positional) continue;
    const bool takes_the_rest = parameter.rank == 1 && &parameter == &builtin.parameters.back();
    if (index++ == position || takes_the_rest) return &parameter;
  }
  const SourceRange range = expression(argument.value).range;
  if (index == 0 && !builtin.parameters.empty()) {
    const bool is_width = std::holds_alternative<ast::Integer>(expression(argument.value).node);
    fail(DiagnosticKind::positional_argument, range,
         fmt::format("`{}` takes its arguments by keyword", builtin.name), std::vector<Note>{},
         is_width
             ? "if this is its width, leave it out: kernels are those of infinite width; `width = …` is for "
               "finite networks"
             : fmt::format("name it, as in `{}({} = …)`: its arguments are {}", builtin.name,
                           builtin.parameters[0].name, joined_by_or(argument_names(builtin))));
  } else {
    fail(DiagnosticKind::positional_argument, range,
         index == 0 ? fmt::format("`{}` takes nothing but the value it is applied to", builtin.name)
                    : fmt::format("`{}` takes {} argument{} beside the value it is applied to", builtin.name,
                                  index, index == 1 ? "" : "s"));
  }
  return nullptr;
}

std::optional<std::vector<ArgumentValue>> Elaborator::read_arguments(
    const BuiltinInfo& builtin, const ast::Identifier& callee, const std::vector<ast::Argument>& arguments,
    std::size_t first) {
  std::vector<ArgumentValue> values(builtin.parameters.size());
  std::vector<std::vector<const ast::Argument*>> given(builtin.parameters.size());
  bool good = true;
  std::size_t position = 0;
  for (std::size_t i = first; i < arguments.size(); ++i) {
    const ast::Argument& argument = arguments[i];
    const BuiltinParameter* parameter = find_parameter(builtin, argument, argument.keyword ? 0 : position++);
    if (parameter == nullptr) {
      good = false;
      continue;
    }
    auto& before = given[static_cast<std::size_t>(parameter - builtin.parameters.data())];
    const bool one_by_one =
        parameter->rank == 1 && !argument.keyword && !before.empty() && !before.back()->keyword;
    if (!before.empty() && !one_by_one) {
      const auto range_of = [this](const ast::Argument& a) {
        return a.keyword ? a.keyword->range : expression(a.value).range;
      };
      fail(DiagnosticKind::duplicate_argument, range_of(argument),
           fmt::format("`{}` is given twice", parameter->name),
           std::vector<Note>{{range_of(*before.front()), "the first is here"}});
      good = false;
      continue;
    }
    before.push_back(&argument);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const BuiltinParameter& parameter = builtin.parameters[i];
    if (!given[i].empty()) {
      std::vector<ast::ExpressionId> texts;
      for (const ast::Argument* argument : given[i]) texts.push_back(argument->value);
      const auto value =
          texts.size() == 1 ? read_argument(parameter, texts[0]) : read_numbers(parameter, texts);
      if (value) values[i] = *value;
      good = good && value.has_value();
    } else if (parameter.default_value) {
      values[i] = default_argument(parameter);
    } else if (!parameter.optional) {
      fail(DiagnosticKind::missing_argument, callee.range,
           fmt::format("`{}` needs its argument `{}`, the {}", builtin.name, parameter.name,
                       parameter.purpose),
           std::vector<Note>{}, fmt::format("write `{}({} = …)`", builtin.name, parameter.name));
      good = false;
    }
  }
  if (!good) return std::nullopt;
  return values;
}

std::optional<ArgumentValue> Elaborator::read_argument(const BuiltinParameter& parameter,
                                                       ast::ExpressionId id) {
  const SourceRange range = expression(id).range;
  if (const auto choice = read_choice(parameter, id)) return choice;
  if (is_unknown_choice(parameter, id)) return std::nullopt;
  const Value value = evaluate(id);
  if (std::holds_alternative<Erroneous>(value)) return std::nullopt;
  const auto* constant = std::get_if<ConstantValue>(&value);
  if (constant == nullptr) {
    fail(DiagnosticKind::not_constant, range,
         fmt::format("`{}` is a constant, got {}", parameter.name, describe(value)));
    return std::nullopt;
  }
  return parameter.rank == 0 ? read_single(parameter, *constant, id) : read_list(parameter, *constant, id);
}

std::optional<ArgumentValue> Elaborator::read_choice(const BuiltinParameter& parameter,
                                                     ast::ExpressionId id) {
  const bool takes_several = parameter.type == ParameterType::choice && parameter.rank == 1;
  const auto* list = std::get_if<ast::List>(&expression(id).node);
  if (list != nullptr && takes_several) {
    std::vector<ChoiceArgument> choices;
    for (const ast::ExpressionId item : list->items) {
      const auto choice = choice_of(parameter, item);
      if (!choice || std::ranges::find(choices, *choice) != choices.end()) return std::nullopt;
      choices.push_back(*choice);
    }
    return choices;
  }
  const auto choice = choice_of(parameter, id);
  if (!choice) return std::nullopt;
  return takes_several ? ArgumentValue(std::vector{*choice}) : ArgumentValue(*choice);
}

std::optional<ChoiceArgument> Elaborator::choice_of(const BuiltinParameter& parameter, ast::ExpressionId id) {
  const auto* name = std::get_if<ast::Name>(&expression(id).node);
  if (name == nullptr) return std::nullopt;
  const auto found = std::ranges::find(parameter.choices, name->name);
  if (found == parameter.choices.end()) return std::nullopt;
  return ChoiceArgument{*found};
}

bool Elaborator::is_unknown_choice(const BuiltinParameter& parameter, ast::ExpressionId id) {
  if (parameter.type == ParameterType::choice && std::holds_alternative<ast::List>(expression(id).node)) {
    fail(DiagnosticKind::type_mismatch, expression(id).range,
         parameter.rank == 1
             ? fmt::format("`{}` is a list of {}, each once", parameter.name, alternatives(parameter))
             : fmt::format("`{}` is {}, got a list", parameter.name, alternatives(parameter)));
    return true;
  }
  const auto* name = std::get_if<ast::Name>(&expression(id).node);
  if (parameter.choices.empty() || name == nullptr || scope_.find(name->name) != nullptr) return false;
  std::vector<std::string> written;
  for (const std::string_view choice : parameter.choices)
    written.push_back(fmt::format("`{} = {}`", parameter.name, choice));
  fail(DiagnosticKind::unknown_name, expression(id).range,
       fmt::format("unknown {} `{}`{}", parameter.name, name->name,
                   did_you_mean(name->name, parameter.choices)),
       std::vector<Note>{}, fmt::format("write {}", joined_by_or(written)));
  return true;
}

std::optional<ArgumentValue> Elaborator::read_single(const BuiltinParameter& parameter,
                                                     const ConstantValue& value, ast::ExpressionId id) {
  const auto mismatch = [&](std::string_view wanted) {
    fail(DiagnosticKind::type_mismatch, expression(id).range,
         fmt::format("`{}` is {}{}, got {}", parameter.name, parameter.rank == 0 ? "" : "made of ", wanted,
                     describe(value)));
    return std::nullopt;
  };
  const bool is_list = parameter.rank != 0;
  switch (parameter.type) {
    case ParameterType::real:
      if (!value.is_number()) return mismatch(is_list ? "numbers" : "a number");
      if (!check_domain(parameter, value, id)) return std::nullopt;
      return value.scalar;
    case ParameterType::integer:
      if (value.kind != ConstantValue::Kind::integer)
        return mismatch(alternatives(parameter, is_list ? "integers" : "an integer"));
      if (!check_domain(parameter, value, id)) return std::nullopt;
      return value.integer;
    case ParameterType::boolean:
      if (value.kind != ConstantValue::Kind::boolean) return mismatch("`true` or `false`");
      return value.boolean;
    case ParameterType::choice:
      return mismatch(alternatives(parameter));
  }
  throw std::logic_error("a parameter of no type");
}

bool Elaborator::check_domain(const BuiltinParameter& parameter, const ConstantValue& constant,
                              ast::ExpressionId id) {
  const double value = scalars_.value(constant.scalar);
  const auto largest = static_cast<double>(parameter.largest);
  std::string wanted;
  if (parameter.type == ParameterType::integer) {
    if (value < static_cast<double>(parameter.smallest))
      wanted = fmt::format("at least {}", parameter.smallest);
    if (value > largest) wanted = fmt::format("at most {}", parameter.largest);
  } else if (parameter.nonnegative) {
    if (value < 0) wanted = "not negative";
    if (!is_factor(value)) wanted = fmt::format("0 or from {} to {}", smallest_factor, largest_factor);
  }
  if (wanted.empty()) return true;
  std::vector<Note> notes;
  const ast::Expression& given = expression(id);
  if (const auto* name = std::get_if<ast::Name>(&given.node)) {
    if (const Binding* binding = scope_.find(name->name)) {
      notes.push_back({binding->range, fmt::format("`{}` is bound to {} here", name->name,
                                                   layer_graph::describe(scalars_, constant))});
    }
  }
  fail(
      DiagnosticKind::argument_out_of_range, given.range,
      fmt::format("`{}` is {}, got {}", parameter.name, wanted, value), std::move(notes),
      is_factor(value) ? "" : "kernels hold products of it, in double precision: rescale the inputs instead");
  return false;
}

ArgumentValue Elaborator::default_argument(const BuiltinParameter& parameter) {
  const std::string_view text = parameter.default_value.value();
  if (const auto choice = std::ranges::find(parameter.choices, text); choice != parameter.choices.end())
    return parameter.rank == 1 ? ArgumentValue(std::vector{ChoiceArgument{*choice}})
                               : ArgumentValue(ChoiceArgument{*choice});
  if (parameter.type == ParameterType::boolean) return text == "true";
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::logic_error("a default in the table of built-ins is no number");
  }
  if (parameter.type == ParameterType::integer) return static_cast<std::int64_t>(value);
  return scalars_.literal(value);
}

Value Elaborator::make_layer(const BuiltinInfo& builtin, const ast::Identifier& callee,
                             const Operand& operand, const std::vector<ast::Argument>& given,
                             std::vector<ArgumentValue> arguments, SourceRange range) {
  const NodeId node = node_of(operand.value, operand.range).value();
  LayerNode layer{.kind = builtin.layer.value(), .operand = node, .arguments = std::move(arguments)};
  const LayerTraits& layer_traits = traits(layer.kind);
  if (!check_operand(layer_traits, callee, node)) return Erroneous{};
  std::variant<ValueType, LayerMistake> shape = layer_traits.shape(graph_, layer);
  if (const auto* mistake = std::get_if<LayerMistake>(&shape)) {
    const bool is_positional =
        std::ranges::any_of(builtin.parameters, [&](const BuiltinParameter& parameter) {
          return parameter.positional && parameter.name == mistake->argument;
        });
    const auto blamed = std::ranges::find_if(given, [&](const ast::Argument& argument) {
      if (argument.keyword) return argument.keyword->name == mistake->argument;
      return is_positional && expression(argument.value).range != operand.range;
    });
    return fail(mistake->kind, blamed == given.end() ? callee.range : expression(blamed->value).range,
                mistake->message, std::vector<Note>{{graph_.nodes[node].range, "it is applied to this"}},
                mistake->help);
  }
  auto type = std::get<ValueType>(std::move(shape));
  type.gaussian =
      layer_traits.draws_weights || (layer_traits.keeps_gaussian && graph_.nodes[node].type.gaussian);
  if (!check_size(type, range) || !count_layer(callee)) return Erroneous{};
  return add_node(std::move(layer), std::move(type), "", range);
}

bool Elaborator::check_operand(const LayerTraits& layer, const ast::Identifier& callee, NodeId operand) {
  const ValueType& type = graph_.nodes[operand].type;
  if (layer.draws_weights && graph_.parametrization == Parametrization::standard && !type.channels) {
    report_unknown_width(callee, operand);
    return false;
  }
  if (!layer.needs_gaussian || type.gaussian) return true;
  report_non_gaussian(callee, operand);
  return false;
}

bool Elaborator::check_size(const ValueType& type, SourceRange range) {
  const auto positions = number_count({.positions = type.positions, .channels = 1});
  if (positions.value_or(most_numbers) > most_positions) {
    fail(DiagnosticKind::limit_exceeded, range,
         fmt::format("a value of more than {} positions: `{}`", most_positions, print_type(type)));
    return false;
  }
  if (number_count(type)) return true;
  fail(DiagnosticKind::argument_out_of_range, range,
       fmt::format("a value of more than {} numbers: `{}`", most_numbers, print_type(type)));
  return false;
}

bool Elaborator::count_layer(const ast::Identifier& callee) {
  expanded_layers_ += multiplicity_;
  if (expanded_layers_ <= limits_.expanded_layers) return true;
  stopped_ = true;
  fail(DiagnosticKind::limit_exceeded, callee.range,
       fmt::format("more than {} layers, with every `repeat` written out", limits_.expanded_layers));
  return false;
}

void Elaborator::report_unknown_width(const ast::Identifier& callee, NodeId operand) {
  diagnostics_.report(DiagnosticKind::unknown_width, callee.range,
                      fmt::format("`{}` adds to Theta in proportion to the number of units in front of it, "
                                  "which is not stated",
                                  callee.name),
                      {{graph_.nodes[operand].range, "they come from here"},
                       {file_.parametrization->range, "the parametrization is here"}},
                      "give the layer in front its `width`, or use `parametrization = ntk`");
}

}  // namespace ntkc::layer_graph
