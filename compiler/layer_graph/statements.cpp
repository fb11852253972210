// The parameters of a network, and all statements but `repeat`.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/diagnostics/suggestion.hpp"
#include "compiler/layer_graph/elaborator.hpp"

namespace ntkc::layer_graph {
namespace {

struct InputKind {
  std::string_view name;
  std::size_t sizes;
  std::string_view wanted;
  std::string_view help;
};

constexpr InputKind input_kinds[] = {
    {"vector", 1, "one size", "write `vector(64)` for 64 numbers"},
    {"sequence", 2, "two sizes, length and channels",
     "write `sequence(100, 16)` for 100 positions of 16 numbers each"},
    {"image", 3, "three sizes, height, width and channels",
     "write `image(32, 32, 3)` for 32 x 32 pixels of 3 numbers each"},
};

/// The sort of a constant. A definition by `-D` replaces a constant by one of the same sort.
std::string_view sort_of(const ConstantValue& constant) {
  if (constant.kind == ConstantValue::Kind::list) return "a list";
  return constant.is_number() ? "a number" : "a boolean";
}

template <typename T>
const T* get_if(const ast::Statement& statement) {
  return std::get_if<T>(&statement.node);
}

}  // namespace

void Elaborator::check_structure() {
  const auto misplaced = [this](SourceRange range, std::string message, std::vector<Note> notes = {},
                                std::string help = {}) {
    diagnostics_.report(DiagnosticKind::misplaced_statement, range, std::move(message), std::move(notes),
                        std::move(help));
  };
  const ast::Statement* input = nullptr;
  const ast::Statement* output = nullptr;
  for (const ast::StatementId id : file_.statements) {
    const ast::Statement& statement = file_[id];
    if (output != nullptr && get_if<ast::Output>(statement) == nullptr) {
      misplaced(statement.range, "a statement after `output`", {{output->range, "the `output` is here"}},
                "`output` is the last statement of a network");
    }
    if (get_if<ast::Input>(statement) != nullptr) {
      if (input != nullptr)
        misplaced(statement.range, "a second `input`", {{input->range, "the first is here"}});
      if (input == nullptr) input = &statement;
    } else if (get_if<ast::Output>(statement) != nullptr) {
      if (output != nullptr)
        misplaced(statement.range, "a second `output`", {{output->range, "the first is here"}});
      if (output == nullptr) output = &statement;
    }
  }
  if (input == nullptr) {
    misplaced(file_.network.range, fmt::format("network `{}` has no `input`", file_.network.name), {},
              "declare one: `input x : vector(64)`");
  }
  if (output == nullptr) {
    diagnostics_.report(DiagnosticKind::missing_output, file_.network.range,
                        fmt::format("network `{}` has no `output`", file_.network.name), {},
                        "end it with `output` and the value of the network");
  }
}

void Elaborator::read_parametrization() {
  if (!file_.parametrization) return;
  const ast::Identifier& choice = *file_.parametrization;
  if (choice.name == "ntk") return;
  if (choice.name == "standard" || choice.name == "cntk") {
    graph_.parametrization = choice.name == "cntk" ? Parametrization::cntk : Parametrization::standard;
    return;
  }
  diagnostics_.report(DiagnosticKind::unknown_name, choice.range,
                      fmt::format("unknown parametrization `{}`{}", choice.name,
                                  did_you_mean(choice.name, {"ntk", "standard", "cntk"})));
}

void Elaborator::check_definitions() {
  std::vector<std::string_view> known;
  for (const ast::Parameter& parameter : file_.parameters) known.push_back(parameter.name.name);
  for (std::size_t i = 0; i < definitions_.size(); ++i) {
    const Definition& definition = definitions_[i];
    if (std::ranges::find(known, definition.name) == known.end()) {
      diagnostics_.report(DiagnosticKind::unknown_parameter, definition.name_range,
                          fmt::format("network `{}` has no parameter `{}`{}", file_.network.name,
                                      definition.name, did_you_mean(definition.name, known)));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (definitions_[j].name != definition.name) continue;
      diagnostics_.report(DiagnosticKind::duplicate_argument, definition.name_range,
                          fmt::format("`-D` gives `{}` twice", definition.name),
                          {{definitions_[j].name_range, "the first is here"}});
      break;
    }
  }
}

void Elaborator::bind_parameters() {
  for (const ast::Parameter& parameter : file_.parameters) bind_parameter(parameter);
}

void Elaborator::bind_parameter(const ast::Parameter& parameter) {
  const ast::Identifier& name = parameter.name;
  Value value = evaluate(parameter.default_value.value());
  SourceRange range = expression(*parameter.default_value).range;
  const auto definition = std::ranges::find(definitions_, name.name, &Definition::name);
  if (definition != definitions_.end()) {
    // The text of a definition stands outside of the network: it sees none of its names.
    Scope outside;
    std::swap(scope_, outside);
    expressions_ = &definition->value;
    const auto last = static_cast<std::uint32_t>(definition->value.expression_arena.size() - 1);
    Value override_value = evaluate(ast::ExpressionId{last});
    range = expression({last}).range;
    expressions_ = &file_;
    std::swap(scope_, outside);
    const auto* before = std::get_if<ConstantValue>(&value);
    const auto* after = std::get_if<ConstantValue>(&override_value);
    if (before != nullptr && after != nullptr && sort_of(*before) != sort_of(*after)) {
      override_value = fail(
          DiagnosticKind::type_mismatch, range,
          fmt::format("parameter `{}` is {}, got {}", name.name, sort_of(*before), describe(override_value)),
          std::vector<Note>{{name.range, "the parameter is here"}});
    }
    value = std::move(override_value);
  }
  if (!may_bind(name, Binding::Role::parameter)) return;
  BoundValue bound = Erroneous{};
  if (const auto* constant = std::get_if<ConstantValue>(&value)) {
    ConstantValue parameter_value = *constant;
    if (constant->is_number()) {
      const double number = scalars_.value(constant->scalar);
      parameter_value.scalar =
          scalars_.parameter(static_cast<std::uint32_t>(graph_.parameters.size()), number);
      graph_.parameters.push_back(
          {.name = name.name, .value = number, .integer = constant->kind == ConstantValue::Kind::integer});
    }
    bound = parameter_value;
  }
  scope_.bind(name.name, {.value = bound, .role = Binding::Role::parameter, .range = name.range});
}

bool Elaborator::may_bind(const ast::Identifier& name, Binding::Role role) {
  if (!check_not_reserved(name)) return false;
  const Binding* before = scope_.find(name.name);
  if (before == nullptr) return true;
  if (role == Binding::Role::variable && before->role == Binding::Role::variable) return true;
  const auto* callable = std::get_if<CallableId>(&before->value);
  const std::string_view what = callable != nullptr ? noun(*callables_[callable->index].definition)
                                : before->role == Binding::Role::parameter ? "parameter"
                                : before->role == Binding::Role::input     ? "input"
                                                                           : "name";
  diagnostics_.report(DiagnosticKind::redefinition, name.range,
                      fmt::format("`{}` is bound already, as {}", name.name, with_article(what)),
                      {{before->range, "bound here"}}, "choose another name");
  return false;
}

void Elaborator::elaborate_statements(const std::vector<ast::StatementId>& statements) {
  for (const ast::StatementId id : statements) {
    if (stopped_) return;
    const ast::Statement& statement = (*expressions_)[id];
    // The work doubles at each level of blocks that apply blocks, and of nested repeats whose iterations are
    // tried or written out.
    if (&statements != &expressions_->statements && ++written_out_ > most_written_out_) {
      fail_written_out(statement.range, fmt::format("{} statements", most_written_out_));
      return;
    }
    if (const auto* input = get_if<ast::Input>(statement)) {
      elaborate_input(*input, statement.range);
    } else if (const auto* assignment = get_if<ast::Assignment>(statement)) {
      elaborate_assignment(*assignment);
    } else if (const auto* repeat = get_if<ast::Repeat>(statement)) {
      elaborate_repeat(*repeat, statement.range);
    } else if (const auto* output = get_if<ast::Output>(statement)) {
      elaborate_output(*output);
    } else if (const auto* import = get_if<ast::Import>(statement)) {
      elaborate_import(*import);
    } else {
      elaborate_definition(statement);
    }
  }
}

void Elaborator::elaborate_input(const ast::Input& input, SourceRange range) {
  if (region_ != 0) return;  // reported by check_structure
  std::optional<ValueType> type = input_type(input);
  if (!may_bind(input.name, Binding::Role::input)) return;
  BoundValue value = Erroneous{};
  if (type && check_size(*type, input.type.range)) {
    const NodeId node = add_node(InputNode{input.name.name}, std::move(*type), input.name.name, range);
    graph_.input = node;
    value = node;
  }
  scope_.bind(input.name.name, {.value = value, .role = Binding::Role::input, .range = input.name.range});
}

std::optional<ValueType> Elaborator::input_type(const ast::Input& input) {
  const std::string& name = input.type.name;
  const auto* const kind = std::ranges::find(input_kinds, name, &InputKind::name);
  if (kind == std::end(input_kinds)) {
    std::vector<std::string_view> known;
    for (const InputKind& other : input_kinds) known.push_back(other.name);
    diagnostics_.report(DiagnosticKind::unknown_name, input.type.range,
                        fmt::format("unknown input type `{}`{}", name, did_you_mean(name, known)));
    return std::nullopt;
  }
  if (input.sizes.size() != kind->sizes) {
    diagnostics_.report(DiagnosticKind::shape_mismatch, input.type.range,
                        fmt::format("`{}` has {}, got {}", name, kind->wanted, input.sizes.size()), {},
                        std::string(kind->help));
    return std::nullopt;
  }
  ValueType type;
  for (const ast::ExpressionId id : input.sizes) {
    const std::optional<std::int64_t> size = input_size(id);
    if (!size) return std::nullopt;
    type.positions.push_back(*size);
  }
  type.channels = type.positions.back();
  type.positions.pop_back();
  return type;
}

std::optional<std::int64_t> Elaborator::input_size(ast::ExpressionId size) {
  const SourceRange range = expression(size).range;
  if (const auto* name = std::get_if<ast::Name>(&expression(size).node);
      name != nullptr && name->name == "*") {
    graph_.sized_by_data = true;
    return limits_.input_size;
  }
  const Value value = evaluate(size);
  if (std::holds_alternative<Erroneous>(value)) return std::nullopt;
  const auto* constant = std::get_if<ConstantValue>(&value);
  if (constant == nullptr) {
    fail(DiagnosticKind::not_constant, range, fmt::format("a size is a constant, got {}", describe(value)));
    return std::nullopt;
  }
  if (constant->kind != ConstantValue::Kind::integer) {
    fail(DiagnosticKind::type_mismatch, range, fmt::format("a size is an integer, got {}", describe(value)));
    return std::nullopt;
  }
  if (constant->integer <= 0) {
    fail(DiagnosticKind::argument_out_of_range, range,
         fmt::format("a size is at least 1, got {}", constant->integer));
    return std::nullopt;
  }
  return constant->integer;
}

void Elaborator::elaborate_assignment(const ast::Assignment& assignment) {
  const Value value = evaluate(assignment.value);
  BoundValue bound = Erroneous{};
  if (const auto* constant = std::get_if<ConstantValue>(&value)) bound = *constant;
  if (const auto node = node_of(value, expression(assignment.value).range)) {
    if (graph_.nodes[*node].name.empty()) graph_.nodes[*node].name = assignment.name.name;
    bound = *node;
  }
  if (!may_bind(assignment.name, Binding::Role::variable)) return;
  scope_.bind(assignment.name.name,
              {.value = bound, .role = Binding::Role::variable, .range = assignment.name.range});
}

void Elaborator::elaborate_output(const ast::Output& output) {
  const SourceRange range = expression(output.value).range;
  const Value value = evaluate(output.value);
  if (region_ != 0 || has_output_) return;  // reported by check_structure
  if (const auto node = node_of(value, range)) {
    graph_.output = *node;
    has_output_ = true;
  } else if (std::holds_alternative<ConstantValue>(value)) {
    diagnostics_.report(DiagnosticKind::type_mismatch, range,
                        fmt::format("the output of a network is a network value, got {}", describe(value)));
  }
}

}  // namespace ntkc::layer_graph
