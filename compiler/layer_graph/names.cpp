#include "compiler/layer_graph/names.hpp"

#include <algorithm>
#include <utility>

#include "compiler/layer_graph/builtins.hpp"

namespace ntkc::layer_graph {
namespace {

class Collector {
 public:
  Collector(const ast::File& file, std::vector<ast::StatementId> statements,
            std::vector<ast::ExpressionId> expressions)
      : file_(file), statements_(std::move(statements)), expressions_(std::move(expressions)) {}

  std::vector<NameUse> run() {
    while (!statements_.empty()) {
      const ast::Statement& statement = file_[statements_.back()];
      statements_.pop_back();
      std::visit([this](const auto& node) { collect(node); }, statement.node);
    }
    while (!expressions_.empty()) {
      const ast::Expression& expression = file_[expressions_.back()];
      expressions_.pop_back();
      std::visit([this, &expression](const auto& node) { collect(node, expression.range); }, expression.node);
    }
    return std::move(uses_);
  }

 private:
  void collect(const ast::Input& input) {
    expressions_.insert(expressions_.end(), input.sizes.begin(), input.sizes.end());
  }
  void collect(const ast::Assignment& assignment) {
    uses_.push_back({NameUse::Kind::binding, assignment.name.name, assignment.name.range});
    expressions_.push_back(assignment.value);
  }
  void collect(const ast::Repeat& repeat) {
    expressions_.push_back(repeat.count);
    statements_.insert(statements_.end(), repeat.body.begin(), repeat.body.end());
  }
  void collect(const ast::Output& output) { expressions_.push_back(output.value); }
  void collect(const ast::Import& /*import*/) {}
  void collect(const ast::ActivationDefinition& definition) {
    collect(definition.parameters);
    expressions_.push_back(definition.value);
  }
  void collect(const ast::BlockDefinition& definition) {
    collect(definition.parameters);
    statements_.insert(statements_.end(), definition.body.begin(), definition.body.end());
    expressions_.push_back(definition.result);
  }
  void collect(const std::vector<ast::Parameter>& parameters) {
    for (const ast::Parameter& parameter : parameters) {
      if (parameter.default_value) expressions_.push_back(*parameter.default_value);
    }
  }

  template <typename Literal>
  void collect(const Literal& /*literal*/, SourceRange /*range*/) {}
  void collect(const ast::Name& name, SourceRange range) {
    uses_.push_back({NameUse::Kind::value, name.name, range});
  }
  void collect(const ast::List& list, SourceRange /*range*/) {
    expressions_.insert(expressions_.end(), list.items.begin(), list.items.end());
  }
  void collect(const ast::Call& call, SourceRange /*range*/) {
    uses_.push_back({NameUse::Kind::callee, call.callee.name, call.callee.range});
    for (const ast::Argument& argument : call.arguments) {
      if (!is_choice(call, argument)) expressions_.push_back(argument.value);
    }
  }
  void collect(const ast::Pipe& pipe, SourceRange /*range*/) {
    expressions_.push_back(pipe.value);
    const ast::Expression& function = file_[pipe.function];
    if (const auto* name = std::get_if<ast::Name>(&function.node)) {
      uses_.push_back({NameUse::Kind::callee, name->name, function.range});
    } else {
      expressions_.push_back(pipe.function);
    }
  }
  void collect(const ast::Unary& unary, SourceRange /*range*/) { expressions_.push_back(unary.operand); }
  void collect(const ast::Binary& binary, SourceRange /*range*/) {
    expressions_.push_back(binary.left);
    expressions_.push_back(binary.right);
  }
  void collect(const ast::Conditional& conditional, SourceRange /*range*/) {
    expressions_.push_back(conditional.condition);
    expressions_.push_back(conditional.then_value);
    expressions_.push_back(conditional.else_value);
  }

  static bool is_choice(const ast::Call& call, const ast::Argument& argument) {
    const BuiltinInfo* builtin = find_builtin(call.callee.name);
    if (builtin == nullptr || !argument.keyword) return false;
    const auto parameter =
        std::ranges::find(builtin->parameters, argument.keyword->name, &BuiltinParameter::name);
    return parameter != builtin->parameters.end() && !parameter->choices.empty();
  }

  const ast::File& file_;
  std::vector<ast::StatementId> statements_;
  std::vector<ast::ExpressionId> expressions_;
  std::vector<NameUse> uses_;
};

}  // namespace

std::vector<NameUse> names_used(const ast::File& file, std::vector<ast::StatementId> statements,
                                std::vector<ast::ExpressionId> expressions) {
  return Collector(file, std::move(statements), std::move(expressions)).run();
}

std::vector<NameUse> names_used(const ast::File& file, const ast::Statement& definition) {
  std::vector<ast::StatementId> statements;
  std::vector<ast::ExpressionId> expressions;
  const std::vector<ast::Parameter>* parameters = nullptr;
  if (const auto* block = std::get_if<ast::BlockDefinition>(&definition.node)) {
    parameters = &block->parameters;
    statements = block->body;
    expressions = {block->result};
  } else {
    const auto& activation = std::get<ast::ActivationDefinition>(definition.node);
    parameters = &activation.parameters;
    expressions = {activation.value};
  }
  for (const ast::Parameter& parameter : *parameters) {
    if (parameter.default_value) expressions.push_back(*parameter.default_value);
  }
  return names_used(file, std::move(statements), std::move(expressions));
}

}  // namespace ntkc::layer_graph
