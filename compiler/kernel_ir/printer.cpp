// Program -> text.
//
// Nothing here may depend on how nodes are numbered, as `parse` numbers them anew: statements keep their
// order, names follow from it, and the operands of what commutes are ordered by what is printed.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/text_form.hpp"

namespace ntkc::kernel_ir {
namespace {

constexpr std::size_t line_length = 100;
constexpr std::size_t longest_in_place = 48;           // bounds the text of every node, hence time and memory
constexpr std::size_t longest_repeated_constant = 12;  // w^2 is printed wherever it is used

enum class Level : std::uint8_t { sum, product, power, atom };

/// How a node reads inside its user.
struct Rendered {
  std::string text;
  Level level = Level::atom;
  std::size_t order = 0;  // place of its statement among all; 0 if it has none
  bool in_place = false;  // an expression rather than a name or a leaf: it could be given a name
};

class Printer {
 public:
  explicit Printer(const Program& program)
      : program_(program),
        live_(program.size()),
        uses_(program.size()),
        needs_name_(program.size()),
        is_function_operand_(program.size()),
        user_region_(program.size()),
        rendered_(program.size()),
        numbers_(program.size(), no_number),
        members_(program.regions().size()) {}

  std::string run() {
    find_uses();
    for (NodeId id = 0; id < program_.size(); ++id) {
      if (live_[id]) members_[program_[id].region].push_back(id);
      if (program_[id].operation == Operation::loop_result) results_[program_[id].operands[0]].push_back(id);
    }
    out_ = fmt::format("kernel {}\n", program_.name);
    for (const Parameter& parameter : program_.parameters) {
      out_ += fmt::format("  parameter {} = {}\n", parameter.name, parameter.value);
      used_names_.insert(parameter.name);
    }
    while (used_names_.contains(variable_)) variable_ += '_';
    out_ += fmt::format("  input vector({})\n\n", program_.input_size);
    print_region(0, 2);
    print_roots(0, 2);
    return std::move(out_);
  }

 private:
  static constexpr std::uint32_t no_number = std::numeric_limits<std::uint32_t>::max();

  // --- what is used, where, and how often
  // ---------------------------------------------------------------------------

  void use(NodeId operand, RegionId region, bool by_name) {
    live_[operand] = true;
    ++uses_[operand];
    user_region_[operand] = region;
    if (by_name) needs_name_[operand] = true;
  }

  void find_uses() {
    for (const Root& root : program_.roots) {
      use(root.node, program_[root.node].region, true);
      for (RegionId region = program_[root.node].region; region != 0;
           region = program_.regions()[region].parent)
        live_[program_.regions()[region].loop] = true;
    }
    for (NodeId id = program_.size(); id-- > 0;) {
      if (live_[id]) use_operands(program_[id]);
    }
  }

  void use_operands(const Node& node) {
    switch (node.operation) {
      case Operation::dual:
      case Operation::dual_derivative:
      case Operation::moment: {
        const NodeId self = program_[node.operands[0]].self;
        if (self != no_node) use(self, node.region, true);
        use(node.operands[0], node.region, true);
        for (std::size_t i = 1; i < node.operands.size(); ++i)
          live_[node.operands[i]] = is_function_operand_[node.operands[i]] = true;
        break;
      }
      case Operation::gaussian_mean:
      case Operation::hermite_series:
        for (std::size_t i = 0; i + 1 < node.operands.size(); ++i) use(node.operands[i], node.region, true);
        live_[node.operands.back()] = is_function_operand_[node.operands.back()] = true;
        break;
      case Operation::first:
      case Operation::second:
      case Operation::cross:
      case Operation::loop_result:
        use(node.operands[0], node.region, true);
        break;
      case Operation::loop: {
        const Region& body = program_.regions()[node.index];
        for (const NodeId argument : body.arguments) use(argument, node.index, true);
        for (const NodeId result : body.results) use(result, node.index, true);
        for (const NodeId initial : node.operands) use(initial, node.region, true);
        break;
      }
      default:
        for (std::size_t i = 0; i < node.operands.size(); ++i) {
          const auto earlier = node.operands.begin() + static_cast<std::ptrdiff_t>(i);
          const bool repeated = std::find(node.operands.begin(), earlier, node.operands[i]) != earlier;
          const bool is_square = repeated && node.operation == Operation::multiply;
          // Inside an expression of reals a self covariance would be read as one of them.
          const bool by_name = node.type == Type::real && program_[node.operands[i]].type == Type::covariance;
          if (!is_square) use(node.operands[i], node.region, by_name);
        }
    }
  }

  // --- names
  // ----------------------------------------------------------------------------------------------------------

  [[nodiscard]] static std::string_view prefix(const Node& node) {
    switch (node.operation) {
      case Operation::dual_derivative:
        return "d";
      case Operation::input_complement:
        return "z";
      case Operation::input_cocomplement:
        return "zbar";
      default:
        break;
    }
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
      const std::uint32_t shared = node.self == no_node ? no_number : numbers_[node.self];
      if (shared != no_number && is_free(letters, shared)) return shared;
      while (!is_free("q", next_covariance_) || !is_free("c", next_covariance_)) ++next_covariance_;
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
    if (is_function_operand_[id]) define_function(id, indent);
  }

  /// The name of a function that needs no definition; "" for others.
  [[nodiscard]] std::string_view predefined_name(const Node& node) const {
    if (node.operation == Operation::variable) return text_form::identity_function;
    const bool is_one = text_form::is_function_name(node.operation) &&
                        program_[node.operands[0]].operation == Operation::variable;
    return is_one ? info(node.operation).name : "";
  }

  /// Moves a node from inside its user to a statement of its own.
  void print_statement(NodeId id, std::size_t indent) {
    if (program_[id].dependence == Dependence::function) return define_function(id, indent);
    const std::string text = std::move(rendered_[id].text);
    out_ += fmt::format("{:{}}{} = {}\n", "", indent, give_name(id), text);
  }

  // --- regions
  // --------------------------------------------------------------------------------------------------------

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
    const Region& body = program_.regions()[loop.index];
    std::vector<std::string> carried;
    for (std::size_t i = 0; i < body.arguments.size(); ++i) {
      const NodeId argument = body.arguments[i];
      std::string name = give_name(argument);
      const NodeId self = program_[argument].self;
      if (self != no_node && numbers_[self] != numbers_[argument])
        name += fmt::format(" (self {})", rendered_[self].text);
      carried.push_back(fmt::format("{} = {}", name, rendered_[loop.operands[i]].text));
    }
    print_list(indent, fmt::format("loop {} carrying ", loop.count), carried, " {");
    for (const NodeId argument : body.arguments) define_if_function(argument, indent + 2);
    print_region(loop.index, indent + 2);
    print_roots(loop.index, indent + 2);
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
  // ----------------------------------------------------------------------------------------------------

  void print_node(NodeId id, std::size_t indent) {
    const Node& node = program_[id];
    rendered_[id] = compose(node);
    if (const std::string_view name = predefined_name(node); !name.empty()) {
      function_names_[id] = name;
      return;
    }
    if (is_function_operand_[id]) {
      shorten(id, indent);
      return define_function(id, indent);
    }
    switch (node.operation) {
      case Operation::literal:
      case Operation::parameter:
      case Operation::pi:
      case Operation::first:
      case Operation::second:
      case Operation::cross:
        return;
      default:
        break;
    }
    shorten(id, indent);
    if (!stays_in_place(id)) print_statement(id, indent);
  }

  [[nodiscard]] bool stays_in_place(NodeId id) const {
    const Node& node = program_[id];
    const std::size_t length = rendered_[id].text.size();
    if (node.dependence == Dependence::constant && length <= longest_repeated_constant) return true;
    if (is_expectation(node.operation)) return false;
    if (node.operation == Operation::trainable) return false;
    if (node.operands.empty() || needs_name_[id] || uses_[id] > 1 || length > longest_in_place) return false;
    return node.dependence == Dependence::constant || user_region_[id] == node.region;
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

  [[nodiscard]] Rendered compose(const Node& node) const {
    const auto operand = [&](std::size_t i) -> const Rendered& { return rendered_[node.operands[i]]; };
    switch (node.operation) {
      case Operation::literal:
        return {fmt::format("{}", node.value), Level::atom, 0, false};
      case Operation::pi:
        return {used_names_.contains("pi") ? "pi()" : "pi", Level::atom, 0, false};
      case Operation::parameter:
        return {program_.parameters[node.index].name, Level::atom, 0, false};
      case Operation::input_square:
      case Operation::input_self:
        return {fmt::format("{}{}", text_form::input_self, program_.input_size)};
      case Operation::input_cross:
        return {fmt::format("{}{}", text_form::input_cross, program_.input_size)};
      case Operation::input_complement:
        return {std::string(text_form::input_complement)};
      case Operation::input_cocomplement:
        return {std::string(text_form::input_cocomplement)};
      case Operation::first:
      case Operation::cross:
        return operand(0);
      case Operation::second:
        return {operand(0).text + "'", Level::atom, operand(0).order, false};
      case Operation::variable:
        return {variable_, Level::atom, 0, false};
      case Operation::dual:
      case Operation::dual_derivative:
      case Operation::moment:
        return {compose_expectation(node)};
      case Operation::gaussian_mean:
      case Operation::hermite_series:
        return {compose_expansion(node)};
      case Operation::add:
      case Operation::subtract:
        return infix(node, Level::sum, node.operation == Operation::add ? " + " : " - ");
      case Operation::multiply:
        if (node.operands[0] == node.operands[1])
          return {parenthesised(operand(0)) + "^2", Level::power, 0, true};
        [[fallthrough]];
      case Operation::divide:
        return infix(node, Level::product, node.operation == Operation::multiply ? "*" : "/");
      case Operation::power:
        // a^2 is the square a*a; the general power with this exponent is a call
        if (program_.is_literal(node.operands[1], 2)) return call(node);
        return {parenthesised(operand(0)) + "^" + parenthesised(operand(1)), Level::power, 0, true};
      default:
        return call(node);
    }
  }

  [[nodiscard]] static std::string parenthesised(const Rendered& operand) {
    const bool plain = operand.level == Level::atom && !operand.text.starts_with('-');
    return plain ? operand.text : fmt::format("({})", operand.text);
  }

  [[nodiscard]] static bool commutes(Operation operation) {
    return operation == Operation::add || operation == Operation::multiply ||
           operation == Operation::minimum || operation == Operation::maximum;
  }

  /// Operands in order of printing. What commutes: what needs no parentheses on the left only; in sums, and
  /// in max(z, 0), what depends on pairs first and numbers last, otherwise numbers and constants first; then
  /// by age and text.
  [[nodiscard]] std::pair<NodeId, NodeId> ordered(const Node& node, Level level) const {
    std::pair<NodeId, NodeId> result{node.operands[0], node.operands[1]};
    if (!commutes(node.operation)) return result;
    const bool numbers_last = node.operation == Operation::add || (node.dependence == Dependence::function &&
                                                                   node.operation != Operation::multiply);
    const auto key = [&](NodeId id) {
      const Node& operand = program_[id];
      const bool at_sample = operand.operation == Operation::first || operand.operation == Operation::second;
      const bool is_number = operand.operation == Operation::literal;
      const int dependence = is_number ? -1 : at_sample ? 1 : static_cast<int>(operand.dependence);
      const Rendered& r = rendered_[id];
      return std::tuple(r.level != level || level == Level::atom, numbers_last ? -dependence : dependence,
                        r.order, r.text.size(), std::string_view(r.text));
    };
    if (key(result.second) < key(result.first)) std::swap(result.first, result.second);
    return result;
  }

  [[nodiscard]] Rendered infix(const Node& node, Level level, std::string_view sign) const {
    const auto [a, b] = ordered(node, level);
    const Rendered& left = rendered_[a];
    const Rendered& right = rendered_[b];
    const std::string left_text = left.level < level ? fmt::format("({})", left.text) : left.text;
    const bool parenthesise = right.level <= level || right.text.starts_with('-');
    return {fmt::format(fmt::runtime(parenthesise ? "{}{}({})" : "{}{}{}"), left_text, sign, right.text),
            level, 0, true};
  }

  [[nodiscard]] Rendered call(const Node& node) const {
    std::vector<NodeId> operands = node.operands;
    if (operands.size() == 2) {
      const auto [a, b] = ordered(node, Level::atom);
      operands = {a, b};
    }
    std::string text = fmt::format("{}(", info(node.operation).name);
    for (std::size_t i = 0; i < operands.size(); ++i)
      text += (i > 0 ? ", " : "") + rendered_[operands[i]].text;
    if (text_form::has_domain(node.operation)) text += fmt::format("; {}", node.value);
    return {text + ")", Level::atom, 0, true};
  }

  [[nodiscard]] std::string compose_expectation(const Node& node) const {
    const NodeId covariance = node.operands[0];
    const std::string& c = rendered_[covariance].text;
    std::string of = c;
    if (const NodeId self = program_[covariance].self; self != no_node) {
      of = fmt::format("{0}, {0}', {1}", rendered_[self].text, c);
    }
    std::string functions = function_names_.at(node.operands[1]);
    if (node.operation == Operation::moment) functions += ", " + function_names_.at(node.operands[2]);
    return fmt::format("{}({}; {})", text_form::expectation_name(node.operation), functions, of);
  }

  /// gaussian_mean(f; s1; nodes 57, reach 13), hermite_series(f; s1, s2; 84 odd, nodes 109, reach 13,
  /// remainder 9e-13)
  [[nodiscard]] std::string compose_expansion(const Node& node) const {
    const hermite::Terms& terms = node.terms;
    std::string text =
        fmt::format("{}({}; {}", info(node.operation).name, function_names_.at(node.operands.back()),
                    rendered_[node.operands[0]].text);
    if (node.operation == Operation::hermite_series) {
      text += fmt::format(", {}; {}{}", rendered_[node.operands[1]].text, terms.count,
                          text_form::parity_names[static_cast<std::size_t>(terms.parity)]);
    }
    text += fmt::format("{}{} {}, reach {}", node.operation == Operation::hermite_series ? ", " : "; ",
                        terms.rule.split ? "split" : "nodes", terms.rule.nodes, terms.rule.reach);
    if (node.operation == Operation::hermite_series) text += fmt::format(", remainder {}", node.value);
    return text + ")";
  }

  const Program& program_;
  std::vector<bool> live_;
  std::vector<std::uint32_t> uses_;
  std::vector<bool> needs_name_;
  std::vector<bool> is_function_operand_;
  std::vector<RegionId> user_region_;
  std::vector<Rendered> rendered_;
  std::vector<std::uint32_t> numbers_;
  std::vector<std::vector<NodeId>> members_;
  std::map<NodeId, std::vector<NodeId>> results_;
  std::map<NodeId, std::uint32_t> dual_numbers_;  // by covariance
  std::set<std::string, std::less<>> used_names_;
  std::set<std::string, std::less<>> used_function_names_;
  std::map<NodeId, std::string> function_names_;
  std::string variable_ = "z";
  std::map<std::string_view, std::uint32_t> next_number_;
  std::uint32_t next_covariance_ = 1;
  std::size_t statements_ = 0;
  std::string out_;
};

}  // namespace

std::string print(const Program& program) { return Printer(program).run(); }

}  // namespace ntkc::kernel_ir
