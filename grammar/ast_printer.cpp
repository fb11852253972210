// --emit=ast. One node a line; a child line says its role first: `W_std = real 1.5`, `|> name relu`, `then
// name a`.
//
// Chains of one precedence are printed flat, `a + b - c` as a sum of three lines: they may be very long, and
// indenting each step further would make the text quadratic.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "grammar/ast.hpp"

namespace ntkc::ast {
namespace {

struct Item {
  std::size_t indent = 0;
  std::string role = {};
  std::variant<std::monostate, ExpressionId, StatementId> node = {};  ///< none: `role` says it all
};

std::string_view operator_sign(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::add:
      return "+";
    case BinaryOperator::subtract:
      return "-";
    case BinaryOperator::multiply:
      return "*";
    case BinaryOperator::divide:
      return "/";
    case BinaryOperator::power:
      return "^";
    case BinaryOperator::equal:
      return "==";
    case BinaryOperator::not_equal:
      return "!=";
    case BinaryOperator::less:
      return "<";
    case BinaryOperator::less_equal:
      return "<=";
    case BinaryOperator::greater:
      return ">";
    case BinaryOperator::greater_equal:
      return ">=";
  }
  return "";
}

std::string_view operation_name(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::add:
    case BinaryOperator::subtract:
      return "sum";
    case BinaryOperator::multiply:
    case BinaryOperator::divide:
      return "product";
    case BinaryOperator::power:
      return "power";
    default:
      return "comparison";
  }
}

/// The shortest text that reads back as this real, with a point or an exponent.
std::string real_text(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string quoted_text(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

class Printer {
 public:
  explicit Printer(const File& file) : file_(file) {}

  std::string run() {
    head();
    std::reverse(pending_.begin(), pending_.end());
    while (!pending_.empty()) {
      const Item item = std::move(pending_.back());
      pending_.pop_back();
      // Children are pushed in reading order, then turned round so that the first is popped first.
      const std::size_t below = pending_.size();
      child_indent_ = item.indent + 1;
      start_line(item.indent, item.role);
      if (!item.role.empty() && item.node.index() != 0) text_ += ' ';
      const auto write_node = [this](const auto& node) { write(node); };
      if (const auto* expression = std::get_if<ExpressionId>(&item.node))
        std::visit(write_node, file_[*expression].node);
      else if (const auto* statement = std::get_if<StatementId>(&item.node))
        std::visit(write_node, file_[*statement].node);
      else
        line("");
      std::reverse(pending_.begin() + static_cast<std::ptrdiff_t>(below), pending_.end());
    }
    return std::move(text_);
  }

 private:
  void start_line(std::size_t indent, std::string_view role) {
    text_.append(2 * indent, ' ');
    text_ += role;
  }
  void line(std::string_view words) {
    text_ += words;
    text_ += '\n';
  }
  void child(std::string_view role, ExpressionId id) {
    pending_.push_back({child_indent_, std::string(role), id});
  }
  void child(StatementId id) { pending_.push_back({child_indent_, "", id}); }

  void head() {
    if (file_.language_version) line(fmt::format("language {}", *file_.language_version));
    if (!file_.network.name.empty()) line("network " + file_.network.name);
    if (file_.parametrization) line("parametrization " + file_.parametrization->name);
    for (const Parameter& parameter : file_.parameters) write(parameter);
    for (const StatementId id : file_.statements) child(id);
    // A bare constant (parse_constant): its expression is the last.
    if (file_.network.name.empty() && file_.statements.empty() && !file_.expression_arena.empty())
      child("", {static_cast<std::uint32_t>(file_.expression_arena.size() - 1)});
  }

  void write(const Input& input) {
    line("input " + input.name.name + " : " + input.type.name);
    for (const ExpressionId size : input.sizes) child("", size);
  }
  void write(const Assignment& assignment) {
    line(assignment.name.name + " =");
    child("", assignment.value);
  }
  void write(const Repeat& repeat) {
    line("repeat");
    child("count", repeat.count);
    for (const StatementId statement : repeat.body) child(statement);
  }
  void write(const Output& output) {
    line("output");
    child("", output.value);
  }
  void write(const Import& import) { line(fmt::format("import \"{}\"", import.path)); }
  void write(const ActivationDefinition& definition) {
    line("activation " + definition.name.name + " of " + definition.variable.name);
    for (const Parameter& parameter : definition.parameters) write(parameter);
    child("", definition.value);
  }
  void write(const BlockDefinition& definition) {
    line("def " + definition.name.name);
    for (const Parameter& parameter : definition.parameters) write(parameter);
    for (const StatementId statement : definition.body) child(statement);
    child("return", definition.result);
  }
  void write(const Parameter& parameter) {
    if (parameter.default_value) {
      child("parameter " + parameter.name.name + " =", *parameter.default_value);
    } else {
      pending_.push_back({child_indent_, "parameter " + parameter.name.name});
    }
  }

  void write(const Integer& integer) { line(fmt::format("integer {}", integer.value)); }
  void write(const Real& real) { line("real " + real_text(real.value)); }
  void write(const Boolean& boolean) { line(boolean.value ? "boolean true" : "boolean false"); }
  void write(const Text& text) { line("text " + quoted_text(text.value)); }
  void write(const Name& name) { line("name " + name.name); }
  void write(const List& list) {
    line("list");
    for (const ExpressionId item : list.items) child("", item);
  }
  void write(const Call& call) {
    line("call " + call.callee.name);
    for (const Argument& argument : call.arguments)
      child(argument.keyword ? argument.keyword->name + " =" : "", argument.value);
  }
  void write(const Pipe& last) {
    line("pipe");
    std::vector<ExpressionId> functions;
    const Pipe* step = &last;
    while (true) {
      functions.push_back(step->function);
      const auto* before = std::get_if<Pipe>(&file_[step->value].node);
      if (before == nullptr) break;
      step = before;
    }
    child("", step->value);
    for (auto function = functions.rbegin(); function != functions.rend(); ++function) child("|>", *function);
  }
  void write(const Unary& unary) {
    line("negate");
    child("", unary.operand);
  }
  void write(const Binary& last) {
    const std::string_view name = operation_name(last.op);
    line(name);
    const bool chains = name == "sum" || name == "product";
    std::vector<const Binary*> steps;
    const Binary* step = &last;
    while (true) {
      steps.push_back(step);
      const auto* before = std::get_if<Binary>(&file_[step->left].node);
      if (!chains || before == nullptr || operation_name(before->op) != name) break;
      step = before;
    }
    child("", step->left);
    for (auto binary = steps.rbegin(); binary != steps.rend(); ++binary)
      child(std::string(operator_sign((*binary)->op)), (*binary)->right);
  }
  void write(const Conditional& conditional) {
    line("if");
    child("", conditional.condition);
    child("then", conditional.then_value);
    child("else", conditional.else_value);
  }

  const File& file_;
  std::string text_;
  std::vector<Item> pending_;
  std::size_t child_indent_ = 0;
};

}  // namespace

std::string print(const File& file) { return Printer(file).run(); }

}  // namespace ntkc::ast
