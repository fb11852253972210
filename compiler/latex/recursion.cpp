// Each pair covariance that has a name in the document gets a number n: it is Σ^(n), and its tangent Θ^(n).
// The tangents come from the rules of differentiation, one for each operation of the IR, as in
// compiler/derivation/differentiate.cpp; there is none for a layer.
#include "compiler/latex/recursion.hpp"

#include <fmt/format.h>

#include <array>
#include <set>

#include "compiler/latex/expression.hpp"
#include "compiler/latex/position_maps.hpp"

namespace ntkc::latex {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::RegionId;
using kernel_ir::Type;

class RecursionWriter {
 public:
  explicit RecursionWriter(const Program& program)
      : program_(program),
        uses_(program.size(), 0),
        index_(program.size()),
        maps_(program),
        members_(program.regions().size()) {
    for (NodeId id = 0; id < program.size(); ++id) {
      members_[program[id].region].push_back(id);
      count_uses(program[id]);
    }
    for (const auto& root : program.roots) uses_[root.node] += 2;
  }

  Recursion run() {
    write_region(0);
    close_lines();
    const NodeId output = program_.root("Sigma");
    result_.output =
        fmt::format("$\\Sigma = {}$ and $\\Theta = {}$", print(sigma(output)), print(theta(output)));
    result_.maps = maps_.description();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool is_cross(NodeId id) const {
    return program_[id].type == Type::covariance && program_[id].dependence == Dependence::pair;
  }

  /// What a marker and its seed use of the layer's own Σ does not count: they are shown as one.
  void count_uses(const Node& node) {
    // A sum that the seed of the next layer repeats is worth a name.
    if (node.operation == Operation::cross && program_[node.operands[0]].operation == Operation::add)
      repeated_.insert(node.operands[0]);
    if (node.operation == Operation::trainable) own_.insert(node.operands[0]);
    if (node.operation == Operation::cross) return;
    for (const NodeId operand : node.operands) {
      if (is_cross(operand)) uses_[operand] += node.operation == Operation::loop ? 2 : 1;
    }
    if (node.operation != Operation::loop) return;
    for (const NodeId result : program_.body(node).results) uses_[result] += 2;
  }

  // --- names

  /// The superscript and subscript of a named covariance: "(3)" and "\ell".
  struct Index {
    int number = -1;
    std::string iteration;
    bool zero_tangent = false;
  };
  [[nodiscard]] static Formula name(std::string_view letter, const Index& index) {
    const std::string subscript = index.iteration.empty() ? "" : fmt::format("_{{{}}}", index.iteration);
    return Formula::symbol(fmt::format("\\{}^{{({})}}{}", letter, index.number, subscript));
  }
  [[nodiscard]] bool has_name(NodeId id) const { return index_[id].number >= 0; }

  // --- Σ and Θ of a node, named or written out

  Formula sigma(NodeId id) { return has_name(id) ? name("Sigma", index_[id]) : sigma_rule(id); }
  Formula theta(NodeId id) {
    if (!has_name(id)) return theta_rule(id);
    return index_[id].zero_tangent ? Formula() : name("Theta", index_[id]);
  }

  Formula sigma_rule(NodeId id) {
    const Node& node = program_[id];
    const auto a = node.operands.empty() ? NodeId{0} : node.operands[0];
    switch (node.operation) {
      case Operation::input_cross:
        if (!program_.input_positions.empty())
          return Formula::symbol("x_p^{\\top} x'_{p'}") / program_.input_size;
        return Formula::symbol(program_.input_size == 1 ? "x\\,x'" : "x^{\\top} x'") / program_.input_size;
      case Operation::trainable:
        return sigma(a);
      case Operation::add:
        return value(a) + value(node.operands[1]);
      case Operation::multiply:
        return value(a) * value(node.operands[1]);
      case Operation::dual:
        return dual("\\mathcal{T}", node);
      case Operation::diagonal:
        return sigma(a);
      case Operation::coupled:
      case Operation::congruent:
      case Operation::separate:
      case Operation::scaled:
      case Operation::dropout:
        return Formula::of(Atom::Kind::functional, {sigma(a)}, maps_.name(id));
      default:
        return Formula::symbol("\\Sigma");
    }
  }

  Formula value(NodeId id) { return is_cross(id) ? sigma(id) : formula(program_, id); }
  Formula dual(const char* letter, const Node& node) {
    return Formula::of(Atom::Kind::functional, {sigma(node.operands[0])},
                       fmt::format("{}_{{{}}}", letter, activation(node.operands[1])));
  }

  Formula theta_rule(NodeId id) {
    const Node& node = program_[id];
    const auto a = node.operands.empty() ? NodeId{0} : node.operands[0];
    switch (node.operation) {
      case Operation::trainable:
        return theta(a) + seed(node.operands[1]);
      case Operation::add:
        return tangent(a) + tangent(node.operands[1]);
      case Operation::multiply:
        return value(node.operands[1]) * tangent(a) + value(a) * tangent(node.operands[1]);
      case Operation::dual: {
        const Formula inner = theta(a);
        return inner.is(0) ? inner : inner * dual("\\dot{\\mathcal{T}}", node);
      }
      case Operation::diagonal:
        return theta(a);
      case Operation::coupled:
      case Operation::congruent:
      case Operation::separate:
      case Operation::scaled:
      case Operation::dropout: {
        const Formula inner = theta(a);
        return inner.is(0) ? inner : Formula::of(Atom::Kind::functional, {inner}, maps_.name(id));
      }
      default:
        return {};
    }
  }
  Formula tangent(NodeId id) { return is_cross(id) ? theta(id) : Formula(); }

  /// What a layer's parameters add: arithmetic on `cross`.
  Formula seed(NodeId id) {
    const Node& node = program_[id];
    switch (node.operation) {
      case Operation::cross:
        return sigma(node.operands[0]);
      case Operation::add: {
        const bool constant_first = program_[node.operands[0]].dependence == Dependence::constant;
        return seed(node.operands[constant_first ? 1 : 0]) + seed(node.operands[constant_first ? 0 : 1]);
      }
      case Operation::multiply:
        return seed(node.operands[0]) * seed(node.operands[1]);
      case Operation::broadcast:
        return seed(node.operands[0]);
      case Operation::separate:
        return Formula::of(Atom::Kind::functional, {seed(node.operands[0])}, maps_.name(id));
      default:
        return formula(program_, id);
    }
  }

  /// What an activation is called in the subscript of its dual.
  std::string activation(NodeId function) {
    const auto known = result_.duals.find(function);
    if (known != result_.duals.end()) return known->second;
    const auto named = program_.function_names.find(function);
    const std::string name = named != program_.function_names.end()
                                 ? fmt::format("\\mathrm{{{}}}", text(named->second))
                                 : fmt::format("\\varphi_{{{}}}", ++numbered_activations_);
    return result_.duals.emplace(function, name).first->second;
  }

  // --- equations

  void line(const Formula& left, const Formula& right) { lines_.push_back({left, right}); }
  /// Σ on the left and Θ on the right, if the page is wide enough for that.
  void close_lines() {
    if (lines_.empty()) return;
    std::array<double, 2> widths = {0, 0};
    for (const Equation& line : lines_) {
      double& widest = widths.at(is_theta(line) ? 1 : 0);
      widest = std::max(widest, width(line.left) + relation_width + width(line.right));
    }
    const bool has_columns = widths[0] + widths[1] < line_width - 6;
    std::string text;
    for (const Equation& line : lines_) {
      const bool is_beside = has_columns && is_theta(line);
      if (!text.empty()) text += is_beside ? " & " : " \\\\\n  ";
      text += fmt::format("{} &= {}", print(line.left),
                          print_lines(line.right, width(line.left) + relation_width));
    }
    result_.equations +=
        fmt::format("{}\\begin{{align*}}\n  {}\n\\end{{align*}}\n", after_loop_ ? "and then\n" : "", text);
    after_loop_ = false;
    lines_.clear();
  }
  static bool is_theta(const Equation& line) { return print(line.left).starts_with("\\Theta"); }

  void define(NodeId id, Index index) {
    const Formula right = sigma_rule(id);
    // The layer's Σ goes by one name, in front of the marker too.
    if (program_[id].operation == Operation::trainable && !has_name(program_[id].operands[0])) {
      const NodeId unmarked = program_[id].operands[0];
      const Formula passed = theta_rule(unmarked);
      index_[unmarked] = index;
      const Formula own = seed(program_[id].operands[1]);
      index_[id] = index;
      line(name("Sigma", index), right);
      line(name("Theta", index), passed + own);
      return;
    }
    const Formula tangent = theta_rule(id);
    index.zero_tangent = tangent.is(0);
    index_[id] = index;
    line(name("Sigma", index), right);
    if (!index.zero_tangent) line(name("Theta", index), tangent);
  }

  void write_region(RegionId region) {
    for (const NodeId id : members_[region]) {
      const Node& node = program_[id];
      if (node.operation == Operation::loop) {
        write_loop(id);
      } else if (is_cross(id) && node.operation != Operation::loop_argument &&
                 node.operation != Operation::loop_result && !has_name(id) && wants_name(id)) {
        define(id, next_index());
      }
    }
  }

  [[nodiscard]] bool wants_name(NodeId id) const {
    const Operation operation = program_[id].operation;
    if (uses_[id] == 0) return false;
    return operation == Operation::dual || operation == Operation::trainable ||
           operation == Operation::input_cross || uses_[id] > 1 ||
           (repeated_.contains(id) && !own_.contains(id));
  }
  Index next_index() { return {next_number_++, iteration(), false}; }

  /// The subscript of what is computed in the open loops: \ell, m.
  [[nodiscard]] std::string iteration() const {
    std::string joined;
    for (const std::string& letter : open_loops_) joined += (joined.empty() ? "" : ",") + letter;
    return joined;
  }
  [[nodiscard]] std::string iteration_with(const std::string& last) const {
    const std::string outer = iteration();
    return outer.empty() ? last : outer + "," + last;
  }

  /// Carried values: Σ_0 is the initial one, Σ_{ℓ-1} what an iteration begins with, Σ_ℓ what it ends with.
  void write_loop(NodeId id) {
    static constexpr std::array<std::string_view, 4> letters = {"\\ell", "m", "k", "j"};
    const Node& loop = program_[id];
    const auto& body = program_.body(loop);
    const std::string letter(letters.at(std::min(open_loops_.size(), letters.size() - 1)));
    std::vector<int> numbers(body.arguments.size(), -1);
    for (std::size_t i = 0; i < body.arguments.size(); ++i) {
      if (!is_cross(body.arguments[i])) continue;
      numbers[i] = next_number_++;
      const Index start = {numbers[i], iteration_with("0"), false};
      line(name("Sigma", start), sigma(loop.operands[i]));
      line(name("Theta", start), theta(loop.operands[i]));
      index_[body.arguments[i]] = {numbers[i], iteration_with(letter + "-1"), false};
    }
    close_lines();
    after_loop_ = false;
    result_.equations += fmt::format("and for ${} = 1, \\dots, {}$\n", letter, program_.loop(loop).count);
    open_loops_.push_back(letter);
    // A carried value that the body computes under no other name is defined as such.
    std::map<NodeId, int> carried;
    for (std::size_t i = 0; i < body.results.size(); ++i) {
      const NodeId result = body.results[i];
      const bool own = numbers[i] >= 0 && program_[result].region == program_.loop(loop).body &&
                       program_[result].operation != Operation::loop_argument &&
                       program_[result].operation != Operation::loop_result;
      if (own) carried.try_emplace(result, numbers[i]);
    }
    for (const NodeId member : members_[program_.loop(loop).body]) {
      const Node& node = program_[member];
      if (node.operation == Operation::loop) {
        write_loop(member);
      } else if (const auto found = carried.find(member); found != carried.end()) {
        define(member, {found->second, iteration(), false});
      } else if (is_cross(member) && node.operation != Operation::loop_argument &&
                 node.operation != Operation::loop_result && !has_name(member) && wants_name(member)) {
        define(member, next_index());
      }
    }
    for (std::size_t i = 0; i < body.results.size(); ++i) {
      if (numbers[i] < 0) continue;
      const NodeId result = body.results[i];
      const auto found = carried.find(result);
      if (found != carried.end() && found->second == numbers[i]) continue;
      line(name("Sigma", {numbers[i], iteration(), false}), sigma(result));
      line(name("Theta", {numbers[i], iteration(), false}), theta(result));
    }
    close_lines();
    after_loop_ = true;
    open_loops_.pop_back();
    for (NodeId other = id + 1; other < program_.size(); ++other) {
      const Node& node = program_[other];
      if (node.operation != Operation::loop_result || node.operands[0] != id || !is_cross(other)) continue;
      index_[other] = {numbers[program_.carried_number(node)],
                       iteration_with(std::to_string(program_.loop(loop).count)), false};
    }
  }

  const Program& program_;
  std::vector<int> uses_;
  std::set<NodeId> repeated_;  // sums that seeds use
  std::set<NodeId> own_;       // what markers stand at: shown as one with them
  std::vector<Index> index_;
  PositionMaps maps_;
  std::vector<std::vector<NodeId>> members_;
  std::vector<std::string> open_loops_;
  int next_number_ = 0;
  int numbered_activations_ = 0;
  std::vector<Equation> lines_;  // of the next align environment
  bool after_loop_ = false;      // nothing since one
  Recursion result_;
};

}  // namespace

Recursion write_recursion(const Program& sigma) { return RecursionWriter(sigma).run(); }

}  // namespace ntkc::latex
