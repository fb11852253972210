// Values and parameters that nothing uses.
#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/layer_graph/warnings.hpp"

namespace ntkc::layer_graph {
namespace {

using Names = std::set<std::string_view>;

class UnusedFinder {
 public:
  UnusedFinder(const ast::File& file, DiagnosticBuffer& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  void run() {
    Names used;
    for (const ast::Parameter& parameter : file_.parameters) read(parameter, used);
    for (const ast::StatementId id : file_.statements) read_all(id, used);
    check_parameters(file_.parameters, used, "network");
    check_definitions(file_.statements);
    check_values(file_.statements, {});
  }

 private:
  // What is read

  /// Adds the names that an expression reads, including the functions that it calls.
  void read(ast::ExpressionId first, Names& names) const {
    std::vector<ast::ExpressionId> open = {first};
    while (!open.empty()) {
      const auto& node = file_[open.back()].node;
      open.pop_back();
      if (const auto* name = std::get_if<ast::Name>(&node)) {
        names.insert(name->name);
      } else if (const auto* list = std::get_if<ast::List>(&node)) {
        open.insert(open.end(), list->items.begin(), list->items.end());
      } else if (const auto* call = std::get_if<ast::Call>(&node)) {
        names.insert(call->callee.name);
        for (const ast::Argument& argument : call->arguments) open.push_back(argument.value);
      } else if (const auto* pipe = std::get_if<ast::Pipe>(&node)) {
        open.insert(open.end(), {pipe->value, pipe->function});
      } else if (const auto* unary = std::get_if<ast::Unary>(&node)) {
        open.push_back(unary->operand);
      } else if (const auto* binary = std::get_if<ast::Binary>(&node)) {
        open.insert(open.end(), {binary->left, binary->right});
      } else if (const auto* conditional = std::get_if<ast::Conditional>(&node)) {
        open.insert(open.end(), {conditional->condition, conditional->then_value, conditional->else_value});
      }
    }
  }
  void read(const ast::Parameter& parameter, Names& names) const {
    if (parameter.default_value) read(*parameter.default_value, names);
  }

  /// Adds the names that a statement reads, and those that the statements inside it read.
  void read_all(ast::StatementId id, Names& names) const {
    const auto& node = file_[id].node;
    if (const auto* input = std::get_if<ast::Input>(&node)) {
      for (const ast::ExpressionId size : input->sizes) read(size, names);
    } else if (const auto* assignment = std::get_if<ast::Assignment>(&node)) {
      read(assignment->value, names);
    } else if (const auto* output = std::get_if<ast::Output>(&node)) {
      read(output->value, names);
    } else if (const auto* repeat = std::get_if<ast::Repeat>(&node)) {
      read(repeat->count, names);
      for (const ast::StatementId part : repeat->body) read_all(part, names);
    } else if (const auto* activation = std::get_if<ast::ActivationDefinition>(&node)) {
      for (const ast::Parameter& parameter : activation->parameters) read(parameter, names);
      read(activation->value, names);
    } else if (const auto* block = std::get_if<ast::BlockDefinition>(&node)) {
      for (const ast::Parameter& parameter : block->parameters) read(parameter, names);
      for (const ast::StatementId part : block->body) read_all(part, names);
      read(block->result, names);
    }
  }

  // Parameters

  void check_parameters(const std::vector<ast::Parameter>& parameters, const Names& used,
                        std::string_view owner) {
    for (const ast::Parameter& parameter : parameters) {
      if (used.contains(parameter.name.name)) continue;
      diagnostics_.report(
          DiagnosticKind::unused_parameter, parameter.name.range,
          fmt::format("nothing uses the parameter `{}` of this {}", parameter.name.name, owner), {},
          owner == "network" ? fmt::format("remove it; `-D {}=…` has no effect", parameter.name.name)
                             : std::string("remove it"));
    }
  }

  void check_definitions(const std::vector<ast::StatementId>& statements) {
    for (const ast::StatementId id : statements) {
      const auto& node = file_[id].node;
      Names used;
      if (const auto* activation = std::get_if<ast::ActivationDefinition>(&node)) {
        read_all(id, used);
        check_parameters({{activation->variable, std::nullopt}}, used, "activation");
        check_parameters(activation->parameters, used, "activation");
      } else if (const auto* block = std::get_if<ast::BlockDefinition>(&node)) {
        read_all(id, used);
        check_parameters(block->parameters, used, "block");
        Names live;
        read(block->result, live);
        check_values(block->body, live);
      }
    }
  }

  // Values

  /// Goes backwards over statements, with the names that are read after them, and reports what is bound and
  /// not read. Returns the names that are read from the first statement on.
  Names check_values(const std::vector<ast::StatementId>& statements, Names live) {
    for (auto id = statements.rbegin(); id != statements.rend(); ++id) {
      const auto& node = file_[*id].node;
      if (const auto* assignment = std::get_if<ast::Assignment>(&node)) {
        if (!live.contains(assignment->name.name)) {
          diagnostics_.report(DiagnosticKind::unused_value, assignment->name.range,
                              fmt::format("nothing uses this value of `{}`", assignment->name.name));
        }
        live.erase(assignment->name.name);
        read(assignment->value, live);
      } else if (const auto* repeat = std::get_if<ast::Repeat>(&node)) {
        // After the body comes what follows the repeat, or the body again.
        Names behind = live;
        behind.merge(Names(read_before_bound(repeat->body)));
        live.merge(check_values(repeat->body, std::move(behind)));
        read(repeat->count, live);
      } else if (const auto* output = std::get_if<ast::Output>(&node)) {
        read(output->value, live);
      } else {
        read_all(*id, live);  // a definition keeps the values that it names
      }
    }
    return live;
  }

  /// The names that a body reads before it binds them. They are kept, so that the bodies of nested repeats
  /// are not walked again and again.
  const Names& read_before_bound(const std::vector<ast::StatementId>& body) {
    const auto known = read_before_bound_.find(&body);
    if (known != read_before_bound_.end()) return known->second;
    Names names;
    for (auto id = body.rbegin(); id != body.rend(); ++id) {
      const auto& node = file_[*id].node;
      if (const auto* assignment = std::get_if<ast::Assignment>(&node)) {
        names.erase(assignment->name.name);
        read(assignment->value, names);
      } else if (const auto* repeat = std::get_if<ast::Repeat>(&node)) {
        names.merge(Names(read_before_bound(repeat->body)));
        read(repeat->count, names);
      }
    }
    return read_before_bound_.emplace(&body, std::move(names)).first->second;
  }

  const ast::File& file_;
  DiagnosticBuffer& diagnostics_;
  std::map<const std::vector<ast::StatementId>*, Names> read_before_bound_;
};

}  // namespace

void warn_of_unused(const ast::File& file, DiagnosticBuffer& diagnostics) {
  UnusedFinder(file, diagnostics).run();
}

}  // namespace ntkc::layer_graph
