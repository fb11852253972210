// Each pair covariance that has a name in the document gets a number n: it is Σ^(n), and its tangent Θ^(n).
// The tangents come from the rules of differentiation, one for each operation of the IR, as in
// compiler/derivation/differentiate.cpp; there is none for a layer.
#include "compiler/latex/recursion.hpp"

#include <fmt/format.h>

#include <array>

#include "compiler/latex/expression.hpp"

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
        expressions_(program),
        uses_(program.size(), 0),
        index_(program.size()),
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
    result_.output = fmt::format("$\\Sigma = {}$ and $\\Theta = {}$", sigma(output),
                                 theta(output).empty() ? "0" : theta(output));
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool is_cross(NodeId id) const {
    return program_[id].type == Type::covariance && program_[id].dependence == Dependence::pair;
  }

  /// What a marker and its seed use of the layer's own Σ does not count: they are shown as one.
  void count_uses(const Node& node) {
    if (node.operation == Operation::cross) return;
    for (const NodeId operand : node.operands) {
      if (is_cross(operand)) uses_[operand] += node.operation == Operation::loop ? 2 : 1;
    }
    if (node.operation != Operation::loop) return;
    for (const NodeId result : program_.regions()[node.index].results) uses_[result] += 2;
  }

  // --- names

  /// The superscript and subscript of a named covariance: "(3)" and "\ell".
  struct Index {
    int number = -1;
    std::string iteration;
    bool zero_tangent = false;
  };
  [[nodiscard]] std::string name(std::string_view letter, const Index& index) const {
    const std::string subscript = index.iteration.empty() ? "" : fmt::format("_{{{}}}", index.iteration);
    return fmt::format("\\{}^{{({})}}{}", letter, index.number, subscript);
  }
  [[nodiscard]] bool has_name(NodeId id) const { return index_[id].number >= 0; }

  // --- Σ and Θ of a node, named or written out

  std::string sigma(NodeId id) { return has_name(id) ? name("Sigma", index_[id]) : sigma_rule(id); }
  /// "" if it is zero.
  std::string theta(NodeId id) {
    if (!has_name(id)) return theta_rule(id);
    return index_[id].zero_tangent ? "" : name("Theta", index_[id]);
  }

  [[nodiscard]] bool is_sum(NodeId id) const {
    return !has_name(id) && program_[id].operation == Operation::add;
  }
  static std::string times(const std::string& factor, const std::string& value, bool parenthesise) {
    return factor + (parenthesise && !factor.empty() ? fmt::format("\\left({}\\right)", value) : value);
  }

  std::string sigma_rule(NodeId id) {
    const Node& node = program_[id];
    const auto a = node.operands.empty() ? NodeId{0} : node.operands[0];
    switch (node.operation) {
      case Operation::input_cross:
        return program_.input_size == 1 ? "x\\,x'"
                                        : fmt::format("\\frac{{x^{{\\top}} x'}}{{{}}}", program_.input_size);
      case Operation::trainable:
        return sigma(a);
      case Operation::add:
        return operand_sum(value(a), value(node.operands[1]));
      case Operation::multiply: {
        const NodeId b = node.operands[1];
        if (is_cross(a) && is_cross(b)) return factor_of(a) + "\\," + factor_of(b);
        const NodeId covariance = is_cross(a) ? a : b;
        return times(expressions_.factor(is_cross(a) ? b : a), sigma(covariance), is_sum(covariance));
      }
      case Operation::dual:
        return fmt::format("\\mathcal{{T}}_{{{}}}\\bigl[{}\\bigr]", activation(node.operands[1]), sigma(a));
      default:
        return "\\Sigma";
    }
  }

  std::string value(NodeId id) { return is_cross(id) ? sigma(id) : expressions_.expression(id); }
  std::string factor_of(NodeId id) {
    if (!is_cross(id)) return expressions_.factor(id);
    return is_sum(id) ? fmt::format("\\left({}\\right)", sigma(id)) : sigma(id);
  }
  static std::string operand_sum(const std::string& a, const std::string& b) {
    if (a.empty() || a == "0") return b;
    return b.empty() || b == "0" ? a : fmt::format("{} + {}", a, b);
  }

  std::string theta_rule(NodeId id) {
    const Node& node = program_[id];
    const auto a = node.operands.empty() ? NodeId{0} : node.operands[0];
    switch (node.operation) {
      case Operation::trainable:
        return operand_sum(theta(a), seed(node.operands[1]));
      case Operation::add:
        return operand_sum(tangent(a), tangent(node.operands[1]));
      case Operation::multiply: {
        const NodeId b = node.operands[1];
        return operand_sum(scaled(a, b), scaled(b, a));
      }
      case Operation::dual: {
        const std::string inner = theta(a);
        if (inner.empty()) return "";
        const bool sum = inner.find(" + ") != std::string::npos;
        return fmt::format("{}\\,\\dot{{\\mathcal{{T}}}}_{{{}}}\\bigl[{}\\bigr]",
                           sum ? fmt::format("\\left({}\\right)", inner) : inner,
                           activation(node.operands[1]), sigma(a));
      }
      default:
        return "";
    }
  }
  std::string tangent(NodeId id) { return is_cross(id) ? theta(id) : ""; }
  /// The tangent of `a` times the value of `b`.
  std::string scaled(NodeId a, NodeId b) {
    const std::string t = tangent(a);
    if (t.empty()) return "";
    return times(is_cross(b) ? factor_of(b) + "\\," : expressions_.factor(b), t,
                 t.find(" + ") != std::string::npos);
  }

  /// What a layer's parameters add: arithmetic on `cross`.
  std::string seed(NodeId id) {
    const Node& node = program_[id];
    switch (node.operation) {
      case Operation::cross:
        return sigma(node.operands[0]);
      case Operation::add: {
        const bool constant_first = program_[node.operands[0]].dependence == Dependence::constant;
        return operand_sum(seed(node.operands[constant_first ? 1 : 0]),
                           seed(node.operands[constant_first ? 0 : 1]));
      }
      case Operation::multiply: {
        NodeId a = node.operands[0];
        NodeId b = node.operands[1];
        if (program_[a].dependence != Dependence::constant) std::swap(a, b);
        const std::string right = seed(b);
        return times(expressions_.factor(a), right, right.find(" + ") != std::string::npos);
      }
      default:
        return expressions_.expression(id);
    }
  }

  /// What an activation is called in the subscript of its dual.
  std::string activation(NodeId function) {
    const auto known = result_.duals.find(function);
    if (known != result_.duals.end()) return known->second;
    const auto named = program_.function_names.find(function);
    std::string name;
    if (named != program_.function_names.end()) {
      name = fmt::format("\\mathrm{{{}}}", text(named->second));
      for (const auto& [other, other_name] : result_.duals) {
        if (other_name == name) name.clear();  // two of one name, with other arguments
        if (name.empty()) break;
      }
    }
    if (name.empty()) name = fmt::format("\\varphi_{{{}}}", ++numbered_activations_);
    return result_.duals.emplace(function, name).first->second;
  }

  // --- equations

  void line(const std::string& left, const std::string& right) {
    if (!open_) result_.equations += after_loop_ ? "and then\n\\begin{align*}\n" : "\\begin{align*}\n";
    after_loop_ = false;
    if (open_) result_.equations += " \\\\\n";
    result_.equations += fmt::format("  {} &= {}", left, broken(right));
    open_ = true;
  }
  void close_lines() {
    if (open_) result_.equations += "\n\\end{align*}\n";
    open_ = false;
  }

  void define(NodeId id, Index index) {
    const std::string right = sigma_rule(id);
    // The layer's Σ goes by one name, in front of the marker too.
    if (program_[id].operation == Operation::trainable && !has_name(program_[id].operands[0])) {
      const NodeId unmarked = program_[id].operands[0];
      std::string passed = theta_rule(unmarked);
      index_[unmarked] = index;
      const std::string own = seed(program_[id].operands[1]);
      index_[id] = index;
      line(name("Sigma", index), right);
      line(name("Theta", index), operand_sum(passed, own));
      return;
    }
    const std::string tangent = theta_rule(id);
    index.zero_tangent = tangent.empty();
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
           operation == Operation::input_cross || uses_[id] > 1;
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
    const auto& body = program_.regions()[loop.index];
    const std::string letter(letters.at(std::min(open_loops_.size(), letters.size() - 1)));
    std::vector<int> numbers(body.arguments.size(), -1);
    for (std::size_t i = 0; i < body.arguments.size(); ++i) {
      if (!is_cross(body.arguments[i])) continue;
      numbers[i] = next_number_++;
      const Index start = {numbers[i], iteration_with("0"), false};
      line(name("Sigma", start), sigma(loop.operands[i]));
      const std::string tangent = theta(loop.operands[i]);
      line(name("Theta", start), tangent.empty() ? "0" : tangent);
      index_[body.arguments[i]] = {numbers[i], iteration_with(letter + "-1"), false};
    }
    close_lines();
    after_loop_ = false;
    result_.equations += fmt::format("and for ${} = 1, \\dots, {}$\n", letter, loop.count);
    open_loops_.push_back(letter);
    // A carried value that the body computes under no other name is defined as such.
    std::map<NodeId, int> carried;
    for (std::size_t i = 0; i < body.results.size(); ++i) {
      const NodeId result = body.results[i];
      const bool own = numbers[i] >= 0 && program_[result].region == loop.index &&
                       program_[result].operation != Operation::loop_argument &&
                       program_[result].operation != Operation::loop_result;
      if (own) carried.try_emplace(result, numbers[i]);
    }
    for (const NodeId member : members_[loop.index]) {
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
      const std::string tangent = theta(result);
      line(name("Theta", {numbers[i], iteration(), false}), tangent.empty() ? "0" : tangent);
    }
    close_lines();
    after_loop_ = true;
    open_loops_.pop_back();
    for (NodeId other = id + 1; other < program_.size(); ++other) {
      const Node& node = program_[other];
      if (node.operation != Operation::loop_result || node.operands[0] != id || !is_cross(other)) continue;
      index_[other] = {numbers[node.index], iteration_with(std::to_string(loop.count)), false};
    }
  }

  const Program& program_;
  ExpressionWriter expressions_;
  std::vector<int> uses_;
  std::vector<Index> index_;
  std::vector<std::vector<NodeId>> members_;
  std::vector<std::string> open_loops_;
  int next_number_ = 0;
  int numbered_activations_ = 0;
  bool open_ = false;        // an align environment is
  bool after_loop_ = false;  // and nothing since
  Recursion result_;
};

}  // namespace

Recursion write_recursion(const Program& sigma) { return RecursionWriter(sigma).run(); }

}  // namespace ntkc::latex
