// Program -> text.
//
// Nothing here may depend on how nodes are numbered, as `parse` numbers them anew: statements keep their
// order, names follow from it, and the operands of what commutes are ordered by what is printed. What gets a
// statement of its own is decided in a first run, with names of one length, and printed in a second, in the
// order of the nodes: a name that a long line asks for must not depend on when that line is met.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "compiler/kernel_ir/expression_printer.hpp"
#include "compiler/kernel_ir/printed_uses.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/text_form.hpp"

namespace ntkc::kernel_ir {
namespace {

constexpr std::size_t line_length = 100;
constexpr std::size_t longest_in_place = 48;           // bounds the text of every node, hence time and memory
constexpr std::size_t longest_repeated_constant = 12;  // w^2 is printed wherever it is used

class Printer final : private ExpressionPrinter {
 public:
  explicit Printer(const Program& program)
      : ExpressionPrinter(program),
        uses_(program),
        numbers_(program.size(), no_number),
        members_(program.regions().size()),
        has_statement_(program.size()) {
    for (NodeId id = 0; id < program_.size(); ++id) {
      if (uses_.live[id]) members_[program_[id].region].push_back(id);
      if (program_[id].operation == Operation::loop_result) results_[program_[id].operands[0]].push_back(id);
    }
    for (const Parameter& parameter : program_.parameters) used_names_.insert(parameter.name);
    while (used_names_.contains(variable_)) variable_ += '_';
  }

  /// Which nodes have statements of their own.
  std::vector<bool> lay_out() {
    is_laying_out_ = true;
    print_region(0, 2);
    return std::move(has_statement_);
  }

  std::string run(std::vector<bool> has_statement) {
    has_statement_ = std::move(has_statement);
    out_ = fmt::format("kernel {}\n", program_.name);
    for (const Parameter& parameter : program_.parameters)
      out_ += fmt::format("  parameter {} = {}\n", parameter.name, parameter.value);
    out_ += fmt::format("  input vector({})", program_.input_size);
    if (!program_.input_positions.empty()) out_ += " at " + text_form::extents_text(program_.input_positions);
    out_ += "\n\n";
    print_region(0, 2);
    print_roots(0, 2);
    return std::move(out_);
  }

 private:
  static constexpr std::uint32_t no_number = std::numeric_limits<std::uint32_t>::max();

  // --- names

  [[nodiscard]] static std::string_view prefix(const Node& node) {
    switch (node.operation) {
      case Operation::dual_derivative:
        return "d";
      case Operation::input_complement:
        return "complement";
      case Operation::input_cocomplement:
        return "cocomplement";
      default:
        break;
    }
    if (node.type == Type::covariance && node.dependence == Dependence::sample)
      return node.place.space == Space::full ? "Q" : "q";
    const auto* found = std::ranges::find(text_form::prefixes, text_form::Kind{node.type, node.dependence},
                                          &text_form::Prefix::kind);
    return found == std::end(text_form::prefixes)
               ? "t"
               : found->letters;  // "t": of a program that `verify` refuses
  }

  [[nodiscard]] bool is_free(std::string_view letters, std::uint32_t number) const {
    return !used_names_.contains(fmt::format("{}{}", letters, number));
  }

  /// A covariance and its self, a dual and its derivative share a number where it is free.
  [[nodiscard]] std::uint32_t number_for(const Node& node, std::string_view letters) {
    if (node.operands.empty() && node.operation != Operation::loop_argument && is_free(letters, 0)) return 0;
    if (node.type == Type::covariance) {
      for (NodeId self = node.self; self != no_node; self = program_[self].self) {
        if (numbers_[self] != no_number && is_free(letters, numbers_[self])) return numbers_[self];
      }
      while (!is_free("q", next_covariance_) || !is_free("Q", next_covariance_) ||
             !is_free("c", next_covariance_))
        ++next_covariance_;
      return next_covariance_;
    }
    if (node.operation == Operation::dual_derivative) {
      const auto sibling = dual_numbers_.find(node.operands[0]);
      if (sibling != dual_numbers_.end() && is_free(letters, sibling->second)) return sibling->second;
    }
    std::uint32_t& next = next_number_.try_emplace(letters, 1).first->second;
    while (!is_free(letters, next)) ++next;
    return next;
  }

  const std::string& give_name(NodeId id) {
    const Node& node = program_[id];
    const std::string_view letters = prefix(node);
    const std::uint32_t number = number_for(node, letters);
    numbers_[id] = number;
    if (node.operation == Operation::dual) dual_numbers_.emplace(node.operands[0], number);
    rendered_[id] = {fmt::format("{}{}", letters, number), Level::atom, ++statements_, false};
    used_names_.insert(rendered_[id].text);
    if (is_laying_out_) rendered_[id].text = fmt::format("{}00", letters);
    return rendered_[id].text;
  }

  [[nodiscard]] std::string free_function_name(NodeId id) const {
    const auto is_free_name = [this](const std::string& name) {
      return !text_form::is_reserved_function_name(name) && !used_function_names_.contains(name);
    };
    const auto given = program_.function_names.find(id);
    const bool is_named = given != program_.function_names.end();
    const std::string base = is_named ? given->second : "f";
    if (is_named && is_free_name(base)) return base;
    for (int number = is_named ? 2 : 1;; ++number) {
      std::string name = fmt::format("{}{}{}", base, is_named ? "_" : "", number);
      if (is_free_name(name)) return name;
    }
  }

  /// Gives a function, or a constant that is used as one, a definition of its own.
  void define_function(NodeId id, std::size_t indent) {
    const std::string name = free_function_name(id);
    used_function_names_.insert(name);
    out_ += fmt::format("{:{}}{}({}) = {}\n", "", indent, name, variable_, rendered_[id].text);
    function_names_[id] = name;
    if (program_[id].dependence == Dependence::function)
      rendered_[id] = {fmt::format("{}({})", name, variable_), Level::atom, ++statements_, false};
  }

  /// A constant that a loop carries and that is used as a function.
  void define_if_function(NodeId id, std::size_t indent) {
    if (uses_.is_function_operand[id]) define_function(id, indent);
  }

  /// Moves a node from inside its user to a statement of its own.
  void print_statement(NodeId id, std::size_t indent) {
    has_statement_[id] = true;
    if (program_[id].dependence == Dependence::function) return define_function(id, indent);
    const std::string text = std::move(rendered_[id].text);
    out_ += fmt::format("{:{}}{} = {}\n", "", indent, give_name(id), text);
  }

  // --- regions

  void print_region(RegionId region, std::size_t indent) {
    for (const NodeId id : members_[region]) {
      const Operation operation = program_[id].operation;
      if (operation == Operation::loop) {
        print_loop(id, indent);
      } else if (operation != Operation::loop_argument && operation != Operation::loop_result) {
        print_node(id, indent);
      }
    }
  }

  /// The roots among the nodes of a region. Planes are counted from 1 in the text.
  void print_roots(RegionId region, std::size_t indent) {
    for (const Root& root : program_.roots) {
      const Node& node = program_[root.node];
      if (node.region != region) continue;
      std::string planes;
      if (root.count > 1)
        planes = fmt::format("[{}:{}]", root.plane + 1, root.plane + root.count);
      else if (program_.planes(root.name) > 1)
        planes = fmt::format("[{}]", root.plane + 1);
      const std::string& text = rendered_[root.node].text;
      const bool is_cross = node.operation == Operation::cross;  // a bare c1 is the covariance
      out_ += fmt::format(fmt::runtime(is_cross ? "{:{}}{}{} = cross({})\n" : "{:{}}{}{} = {}\n"), "", indent,
                          root.name, planes, text);
    }
  }

  void print_loop(NodeId id, std::size_t indent) {
    const Node& loop = program_[id];
    const Region& body = program_.body(loop);
    std::vector<std::string> carried;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < body.arguments.size(); ++i) {
      const NodeId argument = body.arguments[i];
      std::string name = give_name(argument);
      const Node& carrying = program_[argument];
      const auto is_carried = [&](std::string_view of) {
        return std::ranges::find(names, of) != names.end();
      };
      if (carrying.self != no_node &&
          rendered_[carrying.self].text != text_form::implied_self(name, is_carried))
        name += fmt::format(" (self {})", rendered_[carrying.self].text);
      if (program_[loop.operands[i]].place != carrying.place)
        name += fmt::format(" ({})", text_form::place_text(program_, carrying.place));
      names.push_back(rendered_[argument].text);
      carried.push_back(fmt::format("{} = {}", name, rendered_[loop.operands[i]].text));
    }
    print_list(indent, fmt::format("loop {} carrying ", program_.loop(loop).count), carried, " {");
    for (const NodeId argument : body.arguments) define_if_function(argument, indent + 2);
    print_region(program_.loop(loop).body, indent + 2);
    print_roots(program_.loop(loop).body, indent + 2);
    std::vector<std::string> next;
    for (std::size_t i = 0; i < body.results.size(); ++i) {
      next.push_back(
          fmt::format("{} = {}", rendered_[body.arguments[i]].text, rendered_[body.results[i]].text));
    }
    print_list(indent + 2, "next ", next, "");
    std::vector<std::string> results;
    for (const NodeId result : results_[id]) results.push_back(give_name(result));
    print_list(indent, "} giving ", results, "");
    for (const NodeId result : results_[id]) define_if_function(result, indent);
  }

  /// A comma-separated list; after a comma a line may end.
  void print_list(std::size_t indent, std::string_view before, const std::vector<std::string>& items,
                  std::string_view after) {
    std::string line = fmt::format("{:{}}{}", "", indent, before);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0 && line.size() + items[i].size() + after.size() > line_length) {
        line.pop_back();
        out_ += line + '\n';
        line.assign(indent + before.size(), ' ');
      }
      line += items[i];
      line += i + 1 < items.size() ? ", " : "";
    }
    out_ += fmt::format("{}{}\n", line, after);
  }

  // --- expressions

  void print_node(NodeId id, std::size_t indent) {
    const Node& node = program_[id];
    rendered_[id] = compose(node);
    if (const std::string_view name = predefined_name(node); !name.empty()) {
      function_names_[id] = name;
      return;
    }
    if (is_laying_out_ && can_have_name(id)) {
      shorten(id, indent);
      has_statement_[id] = !stays_in_place(id);
    }
    if (uses_.is_function_operand[id]) {
      define_function(id, indent);
    } else if (has_statement_[id]) {
      print_statement(id, indent);
    }
  }

  [[nodiscard]] bool can_have_name(NodeId id) const {
    switch (program_[id].operation) {
      case Operation::literal:
      case Operation::parameter:
      case Operation::pi:
      case Operation::first:
      case Operation::second:
      case Operation::cross:
        return uses_.is_function_operand[id];
      default:
        return true;
    }
  }

  [[nodiscard]] bool stays_in_place(NodeId id) const {
    const Node& node = program_[id];
    const std::size_t length = rendered_[id].text.size();
    if (node.dependence == Dependence::constant && length <= longest_repeated_constant) return true;
    if (is_expectation(node.operation)) return false;
    if (node.operation == Operation::trainable) return false;
    if (node.operands.empty() || uses_.needs_name[id] || uses_.count[id] > 1 || length > longest_in_place)
      return false;
    return node.dependence == Dependence::constant || uses_.user_region[id] == node.region;
  }

  [[nodiscard]] static bool is_expectation(Operation operation) {
    return operation == Operation::dual || operation == Operation::dual_derivative ||
           operation == Operation::moment || operation == Operation::gaussian_mean ||
           operation == Operation::hermite_series;
  }

  /// Gives the longest operands of a node names until its line is short enough.
  void shorten(NodeId id, std::size_t indent) {
    const Node& node = program_[id];
    const std::size_t reserved = indent + std::string_view("t12345 = ").size();
    while (reserved + rendered_[id].text.size() > line_length) {
      NodeId longest = no_node;
      for (const NodeId operand : node.operands) {
        const Rendered& candidate = rendered_[operand];
        if (!candidate.in_place || program_[operand].region != node.region) continue;
        if (longest == no_node || candidate.text.size() > rendered_[longest].text.size()) longest = operand;
      }
      if (longest == no_node || rendered_[longest].text.size() <= longest_repeated_constant) return;
      print_statement(longest, indent);
      rendered_[id] = compose(node);
    }
  }

  PrintedUses uses_;
  std::vector<std::uint32_t> numbers_;
  std::vector<std::vector<NodeId>> members_;
  std::map<NodeId, std::vector<NodeId>> results_;
  std::map<NodeId, std::uint32_t> dual_numbers_;  // by covariance
  std::set<std::string, std::less<>> used_names_;
  std::set<std::string, std::less<>> used_function_names_;
  std::map<std::string_view, std::uint32_t> next_number_;
  std::uint32_t next_covariance_ = 1;
  std::size_t statements_ = 0;
  std::vector<bool> has_statement_;
  bool is_laying_out_ = false;
  std::string out_;
};

}  // namespace

std::string print(const Program& program) { return Printer(program).run(Printer(program).lay_out()); }

}  // namespace ntkc::kernel_ir
