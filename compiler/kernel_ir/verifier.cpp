// What every pass may rely on.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/text_form.hpp"
#include "compiler/kernel_ir/verifier.hpp"

namespace ntkc::kernel_ir {
namespace {

/// Each check returns the first violation it finds, "" if there is none.
class Verifier {
 public:
  explicit Verifier(const Program& program) : program_(program) {}

  [[nodiscard]] std::string run() const {
    if (std::string text = check_header(); !text.empty()) return text;
    if (std::string text = check_regions(); !text.empty()) return text;
    for (NodeId id = 0; id < program_.size(); ++id) {
      if (const std::string text = check_node(id); !text.empty()) {
        return fmt::format("node {} ({}): {}", id, info(program_[id].operation).name, text);
      }
    }
    if (std::string text = check_function_names(); !text.empty()) return text;
    return check_roots();
  }

 private:
  [[nodiscard]] const Node& operand(const Node& node, std::size_t i) const {
    return program_[node.operands[i]];
  }

  [[nodiscard]] static bool is_covariance(const Node& node, Dependence dependence) {
    return node.type == Type::covariance && node.dependence == dependence;
  }

  /// A function of z, or a constant as one.
  [[nodiscard]] static bool is_function(const Node& node) {
    return node.type == Type::real && node.dependence <= Dependence::function &&
           node.place.space == Space::point;
  }

  [[nodiscard]] std::string check_header() const {
    if (program_.input_size < 1) return "the input size is less than 1";
    if (std::ranges::any_of(program_.input_positions, [](std::int64_t extent) { return extent < 1; }))
      return "the input has a dimension without positions";
    if (program_.name.find_first_of("\r\n") != std::string::npos)
      return "the program's name has more than one line";
    std::set<std::string_view> names;
    for (const Parameter& parameter : program_.parameters) {
      if (!text_form::is_name(parameter.name))
        return fmt::format("parameter `{}`: not a name", parameter.name);
      if (!names.insert(parameter.name).second)
        return fmt::format("parameter `{}`: defined twice", parameter.name);
      if (!std::isfinite(parameter.value))
        return fmt::format("parameter `{}`: not a finite number", parameter.name);
    }
    return "";
  }

  // --- regions

  [[nodiscard]] std::string check_regions() const {
    const std::vector<Region>& regions = program_.regions();
    std::vector<std::int64_t> iterations(regions.size(), 1);
    for (RegionId id = 1; id < regions.size(); ++id) {
      const Region& region = regions[id];
      if (region.parent >= id) return fmt::format("region {}: its parent does not precede it", id);
      if (region.loop >= program_.size()) return fmt::format("region {}: its loop is not closed", id);
      const Node& loop = program_[region.loop];
      if (loop.operation != Operation::loop || program_.loop(loop).body != id)
        return fmt::format("region {}: not that of its loop", id);
      const std::int64_t count = program_.loop(loop).count;
      if (count < 1) return fmt::format("node {} (loop): {} iterations", region.loop, count);
      if (count > std::numeric_limits<std::int64_t>::max() / iterations[region.parent]) {
        return fmt::format("node {} (loop): too many iterations in all", region.loop);
      }
      iterations[id] = count * iterations[region.parent];
    }
    return "";
  }

  // --- nodes

  [[nodiscard]] std::string check_node(NodeId id) const {
    const Node& node = program_[id];
    if (node.region >= program_.regions().size()) return "its region does not exist";
    const int expected = info(node.operation).operands;
    if (expected >= 0 && node.operands.size() != static_cast<std::size_t>(expected)) {
      return fmt::format("takes {} operands, has {}", expected, node.operands.size());
    }
    for (const NodeId used : node.operands) {
      if (used >= id) return fmt::format("operand {} does not precede it", used);
      if (!encloses(program_, program_[used].region, node.region))
        return fmt::format("operand {} is of an inner region", used);
      const Operation operation = program_[used].operation;
      if ((operation == Operation::loop) != (node.operation == Operation::loop_result)) {
        return fmt::format("operand {} is {}a loop", used, operation == Operation::loop ? "" : "not ");
      }
    }
    if (std::string text = check_attribute(program_, node); !text.empty()) return text;
    if (std::string text = check_operation(id, node); !text.empty()) return text;
    if (std::string text = check_place(program_, node); !text.empty()) return text;
    return check_self(id, node);
  }

  [[nodiscard]] std::string check_operation(NodeId id, const Node& node) const {
    switch (node.operation) {
      case Operation::literal:
        if (!std::isfinite(program_.literal_value(node))) return "not a finite number";
        return check_kind(node, Type::real, Dependence::constant);
      case Operation::parameter:
        if (const std::uint32_t number = program_.parameter_number(node);
            number >= program_.parameters.size())
          return fmt::format("there is no parameter {}", number);
        return check_kind(node, Type::real, Dependence::constant);
      case Operation::variable:
        return check_kind(node, Type::real, Dependence::function);
      case Operation::input_self:
        return check_kind(node, Type::covariance, Dependence::sample);
      case Operation::input_square:
      case Operation::input_self_complement:
      case Operation::input_self_cocomplement:
        return check_kind(node, Type::real, Dependence::sample);
      case Operation::input_cross:
        return check_kind(node, Type::covariance, Dependence::pair);
      case Operation::input_complement:
      case Operation::input_cocomplement:
        return check_kind(node, Type::real, Dependence::pair);
      case Operation::first:
      case Operation::second:
        if (operand(node, 0).dependence != Dependence::sample) return "takes a value of one input";
        return check_kind(node, operand(node, 0).type == Type::series ? Type::series : Type::real,
                          Dependence::pair);
      case Operation::gaussian_mean:
      case Operation::hermite_series:
        return check_expansion(node);
      case Operation::series_product:
      case Operation::series_slope:
      case Operation::series_distance:
      case Operation::series_step:
      case Operation::series_derivative:
      case Operation::sparse_product:
      case Operation::sparse_deficit:
        return check_contraction(node);
      case Operation::series_square:
        if (operand(node, 0).operation != Operation::hermite_series) return "takes a series";
        return check_kind(node, Type::real, Dependence::sample);
      case Operation::cross:
        if (!is_covariance(operand(node, 0), Dependence::pair)) return "takes a covariance of two inputs";
        return check_kind(node, Type::real, Dependence::pair);
      case Operation::dual:
      case Operation::dual_derivative:
      case Operation::moment:
        return check_expectation(node);
      case Operation::trainable:
        if (!is_covariance(operand(node, 0), Dependence::pair)) return "takes a covariance of two inputs";
        if (operand(node, 1).type != Type::real || operand(node, 1).dependence == Dependence::sample) {
          return "its seed is neither a real of two inputs nor a constant";
        }
        return check_kind(node, Type::covariance, Dependence::pair);
      case Operation::loop:
        return check_loop(program_, id);
      case Operation::loop_argument:
        return check_loop_argument(program_, id);
      case Operation::loop_result:
        return check_loop_result(program_, node);
      case Operation::add:
      case Operation::multiply:
        return node.type == Type::covariance ? check_covariance_arithmetic(node) : check_arithmetic(node);
      case Operation::rows:
      case Operation::columns:
        if (operand(node, 0).type != Type::series) return check_arithmetic(node);
        return check_kind(node, Type::series, operand(node, 0).dependence);
      case Operation::scaled:
        if (operand(node, 0).type != Type::covariance) return "its first operand is not a covariance";
        if (operand(node, 1).type != Type::real || operand(node, 1).dependence > Dependence::sample ||
            operand(node, 1).dependence == Dependence::function)
          return "its second operand is neither a real of one input nor a constant";
        return check_kind(node, Type::covariance, operand(node, 0).dependence);
      case Operation::dropout:
        if (operand(node, 0).type != Type::covariance) return "its first operand is not a covariance";
        if (operand(node, 1).type != Type::real || operand(node, 1).dependence != Dependence::constant)
          return "its second operand is not a constant";
        return check_kind(node, Type::covariance, operand(node, 0).dependence);
      case Operation::identity:
      case Operation::self_identity:
        if (!program_.is_literal(node.operands[0], 1)) return "its operand is not 1";
        return check_kind(node, Type::real,
                          node.operation == Operation::identity ? Dependence::pair : Dependence::sample);
      case Operation::diagonal:
      case Operation::coupled:
      case Operation::congruent:
      case Operation::separate:
        if (node.type != Type::covariance) return check_arithmetic(node);
        return check_kind(operand(node, 0), Type::covariance, node.dependence);
      default:
        return check_arithmetic(node);
    }
  }

  [[nodiscard]] std::string check_arithmetic(const Node& node) const {
    Dependence dependence = Dependence::constant;
    for (const NodeId used : node.operands) dependence = std::max(dependence, program_[used].dependence);
    for (const NodeId used : node.operands) {
      const Node& value = program_[used];
      if (value.type == Type::series) return fmt::format("operand {} is a series", used);
      if (is_covariance(value, Dependence::pair))
        return fmt::format("operand {} is a covariance: take its `cross`", used);
      if (dependence == Dependence::pair && value.dependence == Dependence::sample) {
        return fmt::format("operand {} is of one input: take its `first` or `second`", used);
      }
      if (value.dependence == Dependence::function && dependence != Dependence::function) {
        return fmt::format("operand {} is a function: it does not mix with inputs", used);
      }
      if (node.operation == Operation::power && dependence > Dependence::function) {
        return fmt::format("operand {} is neither a constant nor a function", used);
      }
    }
    if (dependence == Dependence::function &&
        (node.operation == Operation::normal_tail || node.operation == Operation::normal_orthant ||
         node.operation == Operation::dawson)) {
      return "is not for functions";
    }
    // A variance may turn out to be the same at all inputs.
    if (node.operation == Operation::with_loss && dependence != Dependence::sample &&
        dependence != Dependence::constant)
      return "is for values of one input";
    if (text_form::has_domain(node.operation)) {
      const double end = program_.domain_end(node);
      if (!(end > 0 && end <= 0.5)) return fmt::format("the domain [0, {}] is not in [0, 0.5]", end);
    }
    return check_kind(node, Type::real, dependence);
  }

  [[nodiscard]] std::string check_covariance_arithmetic(const Node& node) const {
    const Node& first = operand(node, 0);
    const Node& second = operand(node, 1);
    if (first.type != Type::covariance) return "its first operand is not a covariance";
    if (second.type == Type::covariance ? second.dependence != first.dependence
                                        : second.dependence != Dependence::constant) {
      return "its second operand is neither a covariance of as many inputs nor a constant";
    }
    return check_kind(node, Type::covariance, first.dependence);
  }

  [[nodiscard]] std::string check_expectation(const Node& node) const {
    const Node& covariance = operand(node, 0);
    const bool at_constant = node.operation == Operation::moment && covariance.type == Type::real &&
                             covariance.dependence == Dependence::constant;
    if (covariance.type != Type::covariance && !at_constant) return "its first operand is not a covariance";
    if (node.operation == Operation::dual_derivative && covariance.dependence != Dependence::pair) {
      return "takes a covariance of two inputs";
    }
    for (std::size_t i = 1; i < node.operands.size(); ++i) {
      const Node& function = operand(node, i);
      if (!is_function(function)) {
        return fmt::format("operand {} is not a function", node.operands[i]);
      }
    }
    const bool is_dual = node.operation == Operation::dual;
    return check_kind(node, is_dual ? Type::covariance : Type::real, covariance.dependence);
  }

  [[nodiscard]] std::string check_expansion(const Node& node) const {
    const bool is_series = node.operation == Operation::hermite_series;
    for (std::size_t i = 0; i + 1 < node.operands.size(); ++i) {
      const Node& value = operand(node, i);
      if (value.type == Type::series || value.dependence == Dependence::pair ||
          value.dependence == Dependence::function) {
        return fmt::format("operand {} is not a real of one input", node.operands[i]);
      }
    }
    const Node& function = operand(node, node.operands.size() - 1);
    if (!is_function(function)) {
      return fmt::format("operand {} is not a function", node.operands.back());
    }
    if (is_series) {
      const hermite::Terms& terms = program_.expansion(node).terms;
      if (terms.count < 1 || terms.count > most_terms)
        return fmt::format("has {} terms, not 1 to {}", terms.count, most_terms);
      if (terms.parity == hermite::Parity::none && terms.count % 2 != 0)
        return "has an odd number of terms but no parity";
      if (terms.tail < 0 || terms.tail > hermite::Terms::most_tail || terms.order < 0 ||
          terms.first < terms.order)
        return "has no such sparse degrees";
      if (terms.tail > 0 && (terms.first + 2 * terms.count < least_sparse_degree ||
                             terms.first > most_first || !(terms.rule.extent > 0))) {
        return "has sparse degrees that are too low, or nodes that do not narrow";
      }
    }
    const hermite::Rule& rule = program_.rule(node);
    if (rule.nodes < 2 || rule.nodes > most_nodes)
      return fmt::format("has {} nodes, not 2 to {}", rule.nodes, most_nodes);
    if (!std::ranges::is_sorted(rule.breaks, std::less_equal<>{}) ||
        !std::ranges::all_of(rule.breaks, [](double z) { return std::isfinite(z); })) {
      return "its breaks are not finite numbers in ascending order";
    }
    if (!(rule.reach > 0 && rule.reach <= 100)) return "its reach is not between 0 and 100";
    return check_kind(node, is_series ? Type::series : Type::real, Dependence::sample);
  }

  /// Two series of as many terms, each at x or at x', and a real; three of them. Or at two positions of one input.
  [[nodiscard]] std::string check_contraction(const Node& node) const {
    const std::size_t count = node.operation == Operation::series_step ? 3 : 2;
    const hermite::Terms* terms[3] = {};
    Dependence dependence = Dependence::sample;
    for (std::size_t i = 0; i < count; ++i) {
      const Node& in_place = operand(node, i);
      const bool is_line = in_place.operation == Operation::rows || in_place.operation == Operation::columns;
      const Node& at = is_line ? operand(in_place, 0) : in_place;
      const bool is_side = at.operation == Operation::first || at.operation == Operation::second;
      if (is_side ? at.type != Type::series : !is_line || at.operation != Operation::hermite_series) {
        return fmt::format("operand {} is not a series at x or at x', nor in rows or columns",
                           node.operands[i]);
      }
      dependence = std::max(dependence, at.dependence);
      terms[i] = &program_.expansion(program_[program_.expanded(node.operands[i])]).terms;
    }
    for (std::size_t i = 1; i < count; ++i) {
      if (terms[0]->count != terms[i]->count || terms[0]->parity != terms[i]->parity ||
          terms[0]->tail != terms[i]->tail || terms[0]->first != terms[i]->first) {
        return "its series are not of the same terms";
      }
    }
    if (node.operands.size() > count && operand(node, 2).type != Type::real)
      return "its last operand is not a real";
    if (node.operands.size() > count) dependence = std::max(dependence, operand(node, 2).dependence);
    return check_kind(node, Type::real, dependence);
  }

  // --- self covariances

  /// Pair covariances have one, and those over pairs of positions of one input.
  [[nodiscard]] std::string check_self(NodeId id, const Node& node) const {
    const bool is_pair = node.dependence == Dependence::pair;
    const bool has_self = node.type == Type::covariance && (is_pair || node.place.space == Space::full);
    if (!has_self) return node.self == no_node ? "" : "has a self covariance";
    if (node.self >= id) return "its self covariance does not precede it";
    const Node& self = program_[node.self];
    if (!is_covariance(self, Dependence::sample))
      return fmt::format("its self {} is not a self covariance", node.self);
    if (!encloses(program_, self.region, node.region))
      return fmt::format("its self {} is of an inner region", node.self);
    if (self.place != (is_pair ? node.place : Place{Space::diagonal, node.place.extents}))
      return fmt::format("its self {} is at other positions", node.self);
    return check_self_operation(node, self);
  }

  [[nodiscard]] std::string check_self_operation(const Node& node, const Node& self) const {
    if (node.operation == Operation::input_cross || node.operation == Operation::input_self)
      return self.operation == Operation::input_self ? "" : "its self is not that of the input";
    if (node.operands.empty() || node.operation == Operation::loop_result) return "";
    if (node.operation == Operation::trainable)
      return node.self == operand(node, 0).self ? "" : "its self covariance is not that of its operand";
    if (node.operation == Operation::diagonal)
      return node.self == program_.variance(node.operands[0]) ? "" : "its self is not that on the diagonal";
    if (node.operation == Operation::separate && node.dependence == Dependence::sample)
      return node.self == program_.variance(node.operands[0]) ? "" : "its self is not that on the diagonal";
    std::vector<NodeId> expected;
    const bool is_own = node.operation == Operation::congruent && node.dependence == Dependence::sample;
    for (const NodeId used : node.operands) {
      const NodeId of_operand = is_own ? no_node : program_[used].self;
      expected.push_back(of_operand == no_node ? used : of_operand);
    }
    const bool same = self.operation == node.operation && self.attribute == node.attribute &&
                      std::ranges::is_permutation(self.operands, expected);
    return same ? "" : fmt::format("its self {} is not the same operation on self covariances", node.self);
  }

  [[nodiscard]] std::string check_function_names() const {
    for (const auto& [id, name] : program_.function_names) {
      if (id >= program_.size()) return fmt::format("function `{}`: its node does not exist", name);
      if (!is_function(program_[id])) {
        return fmt::format("function `{}`: not a function", name);
      }
      if (!text_form::is_name(name)) return fmt::format("function `{}`: not a name", name);
    }
    return "";
  }

  [[nodiscard]] std::string check_roots() const {
    std::map<std::string_view, std::map<std::int64_t, std::int64_t>> planes;  // first and count, by name
    for (const Root& root : program_.roots) {
      if (!text_form::is_name(root.name) || text_form::is_statement_word(root.name)) {
        return fmt::format("root `{}`: not a name", root.name);
      }
      if (text_form::kind_of_name(root.name))
        return fmt::format("root `{}`: reads like the name of a node", root.name);
      if (!planes[root.name].emplace(root.plane, root.count).second)
        return fmt::format("root `{}`: defined twice", root.name);
      if (root.node >= program_.size()) return fmt::format("root `{}`: its node does not exist", root.name);
      const Node& node = program_[root.node];
      if (root.count < 1 || (node.region != 0 && root.count != program_.iterations(node.region))) {
        return fmt::format("root `{}`: {} planes do not go with its loop", root.name, root.count);
      }
      if (node.type == Type::none || node.dependence == Dependence::sample ||
          node.dependence == Dependence::function) {
        return fmt::format("root `{}`: neither of two inputs nor constant", root.name);
      }
    }
    for (const auto& [name, of_name] : planes) {
      std::int64_t next = 0;
      for (const auto& [first, count] : of_name) {
        if (first != next) return fmt::format("root `{}`: plane {} is missing or defined twice", name, next);
        next += count;
      }
    }
    return "";
  }

  static constexpr int most_terms = 1 << 16;
  static constexpr int most_first = 64;
  static constexpr int least_sparse_degree = 128;
  static constexpr int most_nodes = 1 << 12;

  const Program& program_;
};

}  // namespace

std::string verify(const Program& program) { return Verifier(program).run(); }

}  // namespace ntkc::kernel_ir
