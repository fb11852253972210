// Imports, `def` and `activation`: their names, and which names a definition can use from where it stands.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "compiler/diagnostics/suggestion.hpp"
#include "compiler/layer_graph/elaborator.hpp"

namespace ntkc::layer_graph {
namespace {

/// How many chains of definitions are followed to report recursion. A file of thousands of mistakes is not
/// worth more.
constexpr std::size_t most_chains = 100;

bool is_language_name(const std::string& name) {
  return find_builtin(name) != nullptr || find_elementary_function(name) != nullptr || name == "pi";
}

}  // namespace

bool Elaborator::check_not_reserved(const ast::Identifier& name) {
  const bool later = is_later_layer(name.name);
  if (!later && !is_language_name(name.name)) return true;
  fail(DiagnosticKind::reserved_name, name.range,
       later ? fmt::format("`{}` is the name of a layer to come and cannot be bound", name.name)
             : fmt::format("`{}` is built in and cannot be bound", name.name),
       std::vector<Note>{}, "choose another name");
  return false;
}

std::string_view Elaborator::noun(const ast::Statement& definition) {
  return std::holds_alternative<ast::BlockDefinition>(definition.node) ? "block" : "activation";
}

std::string Elaborator::with_article(std::string_view noun) {
  return fmt::format("{} {}", noun.starts_with('a') || noun.starts_with('i') ? "an" : "a", noun);
}

const ast::Identifier* Elaborator::defined_name(const ast::Statement& statement) {
  if (const auto* block = std::get_if<ast::BlockDefinition>(&statement.node)) return &block->name;
  if (const auto* activation = std::get_if<ast::ActivationDefinition>(&statement.node))
    return &activation->name;
  return nullptr;
}

std::vector<Elaborator::Formal> Elaborator::formals(const ast::Statement& definition) {
  std::vector<Formal> result;
  const std::vector<ast::Parameter>* parameters = nullptr;
  if (const auto* block = std::get_if<ast::BlockDefinition>(&definition.node)) {
    parameters = &block->parameters;
  } else {
    const auto& activation = std::get<ast::ActivationDefinition>(definition.node);
    result.push_back({&activation.variable, std::nullopt});
    parameters = &activation.parameters;
  }
  for (const ast::Parameter& parameter : *parameters)
    result.push_back({&parameter.name, parameter.default_value});
  return result;
}

void Elaborator::elaborate_libraries() {
  exports_.resize(modules_.modules.size());
  for (module_ = 0; module_ + 1 < modules_.modules.size(); ++module_) {
    enter_module();
    elaborate_statements(expressions_->statements);
    for (const std::string_view name : scope_.names()) {
      exports_[module_].emplace_back(name, *scope_.find(std::string(name)));
    }
  }
  enter_module();
}

void Elaborator::enter_module() {
  scope_ = Scope();
  expressions_ = &modules_.modules[module_].file;
  next_import_ = 0;
  definitions_here_.clear();
  for (const ast::StatementId id : expressions_->statements) {
    const ast::Statement& statement = (*expressions_)[id];
    if (const ast::Identifier* name = defined_name(statement))
      definitions_here_.emplace(name->name, &statement);
  }
}

void Elaborator::elaborate_import(const ast::Import& import) {
  const std::uint32_t imported = modules_.modules[module_].imports[next_import_++];
  for (const auto& [name, binding] : exports_[imported]) {
    const Binding* before = scope_.find(name);
    if (before == nullptr) {
      scope_.bind(name, binding);
    } else if (before->value != binding.value) {
      fail(DiagnosticKind::redefinition, import.path_range,
           fmt::format("the import brings in a second `{}`", name),
           std::vector<Note>{{before->range, "the first is here"}, {binding.range, "the second is here"}},
           "rename one of the two");
    }
  }
}

void Elaborator::elaborate_definition(const ast::Statement& statement) {
  const ast::Identifier& name = *defined_name(statement);
  const bool is_free = may_bind(name, Binding::Role::definition);
  Callable callable{.file = expressions_, .definition = &statement, .captures = {}, .is_faulty = false};
  const std::size_t errors = diagnostics_.error_count();
  check_formals(statement);
  capture(callable);
  callable.is_faulty = diagnostics_.error_count() != errors;
  callables_.push_back(std::move(callable));
  const CallableId id{static_cast<std::uint32_t>(callables_.size() - 1)};
  if (is_free) {
    scope_.bind(name.name, {.value = id, .role = Binding::Role::definition, .range = name.range});
  }
  if (std::holds_alternative<ast::ActivationDefinition>(statement.node)) check_activation(id);
}

void Elaborator::check_formals(const ast::Statement& definition) {
  const std::vector<Formal> all = formals(definition);
  const bool is_activation = std::holds_alternative<ast::ActivationDefinition>(definition.node);
  std::set<std::string> read;
  for (const NameUse& use : names_used(*expressions_, definition)) {
    if (use.kind != NameUse::Kind::binding) read.insert(use.name);
  }
  const std::string owner = fmt::format("{} `{}`", noun(definition), defined_name(definition)->name);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const ast::Identifier& name = *all[i].name;
    check_not_reserved(name);
    const auto first =
        std::ranges::find(all, name.name, [](const Formal& formal) { return formal.name->name; });
    if (first != all.begin() + static_cast<std::ptrdiff_t>(i)) {
      fail(DiagnosticKind::duplicate_argument, name.range,
           fmt::format("{} has two parameters `{}`", owner, name.name),
           std::vector<Note>{{first->name->range, "the first is here"}});
    } else if (i == 0 && is_activation && !read.contains(name.name)) {
      fail(DiagnosticKind::invalid_activation, name.range,
           fmt::format("{} does not depend on its variable `{}`", owner, name.name), std::vector<Note>{},
           "a constant is not an activation");
    }
  }
}

void Elaborator::capture(Callable& callable) {
  std::set<std::string> own;
  for (const Formal& formal : formals(*callable.definition)) own.insert(formal.name->name);
  std::vector<NameUse> uses = names_used(*expressions_, *callable.definition);
  std::ranges::sort(uses, {}, [](const NameUse& use) { return use.range.begin; });
  for (const NameUse& use : uses) {
    if (use.kind == NameUse::Kind::binding && scope_.find(use.name) == nullptr) own.insert(use.name);
  }
  for (const NameUse& use : uses) {
    if (is_language_name(use.name) || own.contains(use.name)) continue;
    if (const Binding* binding = scope_.find(use.name)) {
      own.insert(use.name);
      callable.captures.emplace_back(use.name, *binding);
    } else if (!is_recursive(callable, use)) {
      if (use.kind == NameUse::Kind::callee) {
        unknown_callee({use.name, use.range});
      } else {
        unknown_name(use.name, use.range);
      }
    }
  }
}

bool Elaborator::is_recursive(const Callable& callable, const NameUse& use) {
  if (use.kind != NameUse::Kind::callee || diagnostics_.error_count() > most_chains) return false;
  // Follows the uses of definitions of this file until one of them is the definition itself.
  const ast::Identifier& self = *defined_name(*callable.definition);
  struct Step {
    NameUse use;
    std::size_t before;
  };
  std::vector<Step> steps = {{use, 0}};
  std::set<std::string> seen;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string name = steps[i].use.name;
    const auto definition = definitions_here_.find(name);
    if (definition == definitions_here_.end()) continue;
    if (definition->second == callable.definition) {
      std::vector<Note> notes;
      for (std::size_t at = i; at != 0; at = steps[at].before) {
        notes.push_back(
            {steps[at].use.range,
             fmt::format("`{}` applies `{}` here", steps[steps[at].before].use.name, steps[at].use.name)});
      }
      std::ranges::reverse(notes);
      fail(DiagnosticKind::recursive_block, use.range,
           i == 0 ? fmt::format("{} `{}` applies itself", noun(*callable.definition), self.name)
                  : fmt::format("{} `{}` applies itself through `{}`", noun(*callable.definition), self.name,
                                use.name),
           std::move(notes), "a `repeat` applies a block a number of times");
      return true;
    }
    if (!seen.insert(name).second) continue;
    for (NameUse& next : names_used(*expressions_, *definition->second)) {
      if (next.kind == NameUse::Kind::callee) steps.push_back({std::move(next), i});
    }
  }
  return false;
}

}  // namespace ntkc::layer_graph
