// Derivatives by a network parameter, by forward differentiation of the arithmetic that `expand` leaves.
//
// A Hermite series s a_k(r), a_k = E[f(rt) h_k(t)], has series for derivatives: that by r is s/r times the
// one of zf'(z), which for an f that jumps beside 0 is the turned one of f (hermite/terms.hpp), that by a
// parameter of f the one of ∂f. So every derivative of a contraction is one of
// contractions, term by term, and what the stated remainders leave out is its error.
//
// Not of covariances: near u = ±1 the derivative of an angle is a ratio of two small numbers, and only the
// complements z and z̄, whose derivatives are formed term by term, keep both. √z and 1/z have no derivative
// at 0; there it is taken as 0. That is its limit for x' = ±x, where z = 0 for all values of the parameters.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "compiler/kernel_ir/derivative.hpp"
#include "compiler/kernel_ir/live.hpp"
#include "compiler/kernel_ir/reach.hpp"
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/moments/derivative.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::Carried;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

bool is_differentiated(const kernel_ir::Root& root) { return root.name == "Sigma" || root.name == "Theta"; }

/// Which nodes depend on the parameter, of those that the kernels need.
std::vector<bool> find_active(const Program& program, std::uint32_t parameter) {
  std::vector<kernel_ir::Root> kernels;
  std::ranges::copy_if(program.roots, std::back_inserter(kernels), is_differentiated);
  const std::vector<bool> live = kernel_ir::find_live(program, kernels);
  std::vector<bool> active = kernel_ir::reached(
      program,
      [&](const Node& node) {
        return node.operation == Operation::parameter && program.parameter_number(node) == parameter;
      },
      [](const Node& node) { return node.operation != Operation::loop; });
  for (std::size_t id = 0; id < active.size(); ++id) active[id] = active[id] && live[id];
  return active;
}

class ParameterDerivative final : public kernel_ir::Rewriter {
 public:
  ParameterDerivative(const Program& program, std::uint32_t parameter)
      : Rewriter(program),
        parameter_(parameter),
        active_(find_active(program, parameter)),
        tangents_(program.size(), no_node) {}

 private:
  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    const NodeId result = copy(id);
    set_image(id, result);
    if (!active_[id]) return result;
    if (node.type == kernel_ir::Type::series) {
      series_tangents_.emplace(id, series_tangent(node, result));
      return result;
    }
    tangents_[id] = node.operation == Operation::loop_result
                        ? loop_tangents_.at(node.operands[0])[source_.carried_number(node)]
                        : tangent(node, result);
    return result;
  }

  // --- arithmetic; no_node is zero
  NodeId number(double value) { return target_.literal(value); }
  NodeId sum(NodeId a, NodeId b) {
    if (a == no_node) return b;
    return b == no_node ? a : target_.add(a, b);
  }
  NodeId negative(NodeId a) { return a == no_node ? no_node : target_.subtract(number(0), a); }
  NodeId product(NodeId tangent, NodeId by) {
    return tangent == no_node ? no_node : target_.multiply(tangent, by);
  }
  NodeId or_zero(NodeId tangent) { return tangent == no_node ? number(0) : tangent; }
  NodeId reciprocal_or_zero(NodeId a) { return target_.real(Operation::reciprocal_or_zero, {a}); }
  /// The same operation on other operands; one number stands for all positions.
  NodeId with_operands(const Node& node, std::vector<NodeId> operands) {
    for (std::size_t i = 0; i < operands.size(); ++i)
      operands[i] = target_.broadcast_to(operands[i], target_.place_of(source_, source_[node.operands[i]]));
    return target_.real(node.operation, std::move(operands), source_.attribute(node),
                        target_.place_of(source_, node));
  }
  /// Both of its factors are A[p] a[s(p) + t] - B[p'] b[s(p') + t]: a and b move, or A and B.
  NodeId tap_product(const Node& node) {
    NodeId result = no_node;
    for (const std::size_t moving : {0, 1, 4, 5}) {
      const NodeId by_first = tangents_[node.operands[moving]];
      const NodeId by_second = tangents_[node.operands[moving + 2]];
      if (by_first == no_node && by_second == no_node) continue;
      std::vector<NodeId> operands = operand_images(node);
      operands[moving] = or_zero(by_first);
      operands[moving + 2] = or_zero(by_second);
      result = sum(result, with_operands(node, std::move(operands)));
    }
    return result;
  }

  /// The tangent of a node whose value is `value`.
  NodeId tangent(const Node& node, NodeId value) {
    const auto operand = [&](std::size_t i) { return image(node.operands[i]); };
    const auto by = [&](std::size_t i) { return tangents_[node.operands[i]]; };
    switch (node.operation) {
      case Operation::parameter:
        return number(1);
      case Operation::first:
      case Operation::second:
      case Operation::broadcast:
      case Operation::rows:
      case Operation::columns:
      case Operation::diagonal:
      case Operation::coupled:
      case Operation::congruent:
      case Operation::separate:
        return by(0) == no_node ? no_node : with_operands(node, {by(0)});
      case Operation::tap_product:
        return tap_product(node);
      case Operation::divide:
        return above_floor(source_[node.operands[1]], elementary(node, value));
      case Operation::square_root:
        return product(by(0), target_.multiply(number(0.5), reciprocal_or_zero(value)));
      case Operation::with_loss:
        return by(0);
      case Operation::gaussian_mean:
        return gaussian_mean(node);
      case Operation::moment:
        return constant_moment(node);
      case Operation::series_product:
      case Operation::series_slope:
        return contraction(node, value);
      case Operation::series_distance:
        return sum(by_series(node, 0, Operation::series_step, {operand(0), operand(1)}),
                   negative(by_series(node, 1, Operation::series_step, {operand(0), operand(1)})));
      default:
        return elementary(node, value);
    }
  }

  NodeId elementary(const Node& node, NodeId value) {
    const std::vector<NodeId> operands = operand_images(node);
    std::vector<NodeId> tangents;
    for (const NodeId operand : node.operands) tangents.push_back(tangents_[operand]);
    return kernel_ir::derivative(target_, {node.operation, operands, value, source_.attribute(node)},
                                 tangents);
  }

  /// What is divided by max(σ, 1e-30) is 0 or beyond all bounds at σ = 0, whatever the parameters: at u = ±1,
  /// where a variable is given and has no variance left.
  NodeId above_floor(const Node& divisor, NodeId quotient) {
    if (quotient == no_node || divisor.operation != Operation::maximum) return quotient;
    for (const std::size_t i : {0, 1}) {
      const Node& floor = source_[divisor.operands[i]];
      if (floor.operation != Operation::literal || source_.literal_value(floor) <= 0) continue;
      return target_.real(Operation::select_less,
                          {image(divisor.operands[i]), image(divisor.operands[1 - i]), quotient, number(0)});
    }
    return quotient;
  }

  // --- expansions

  /// zf'(z)
  NodeId turned(NodeId f) {
    return target_.multiply(target_.variable(), moments::differentiate(target_, f, target_.variable()));
  }
  /// a'/a, 0 where a = 0.
  NodeId logarithmic(NodeId tangent, NodeId a) { return product(tangent, reciprocal_or_zero(a)); }

  /// E[f(rt)]' = E[ḟ(rt)] + (r'/r) E[zf'], z = rt; where f jumps E[(t² - 1) f] for E[zf'].
  NodeId gaussian_mean(const Node& node) {
    const NodeId r = image(node.operands[0]);
    const NodeId f = image(node.operands[1]);
    const hermite::Rule& rule = source_.rule(node);
    const auto mean = [&](NodeId function) { return target_.gaussian_mean(r, function, rule); };
    NodeId result = no_node;
    if (const NodeId by_root = tangents_[node.operands[0]]; by_root != no_node)
      result =
          product(rule.is_symmetric() ? mean(turned(f)) : turned_mean(r, mean, f), logarithmic(by_root, r));
    const NodeId by_function = tangents_[node.operands[1]];
    return by_function == no_node ? result : sum(result, mean(by_function));
  }

  template <typename Mean>
  NodeId turned_mean(NodeId r, const Mean& mean, NodeId f) {
    const NodeId square = mean(target_.multiply(target_.square(target_.variable()), f));
    const NodeId inverse = target_.square(reciprocal_or_zero(r));
    return target_.subtract(target_.multiply(square, inverse), mean(f));
  }

  /// At a constant q, h = fg: E[h]' = E[ḟg] + E[fġ] + (q'/2q) E[zh'(z)].
  NodeId constant_moment(const Node& node) {
    const NodeId q = image(node.operands[0]);
    const NodeId f = image(node.operands[1]);
    const NodeId g = image(node.operands[2]);
    NodeId result = no_node;
    if (const NodeId by = tangents_[node.operands[1]]; by != no_node) result = target_.moment(q, by, g);
    if (const NodeId by = tangents_[node.operands[2]]; by != no_node)
      result = sum(result, target_.moment(q, f, by));
    const NodeId by_variance = tangents_[node.operands[0]];
    if (by_variance == no_node) return result;
    const NodeId turn = target_.moment(q, turned(target_.multiply(f, g)), number(1));
    return sum(result, target_.multiply(logarithmic(by_variance, q), target_.multiply(number(0.5), turn)));
  }

  /// A multiple of a series, by a real or 1 (no_node), as a summand of a tangent.
  struct Multiple {
    NodeId factor;
    NodeId series;
  };

  std::vector<Multiple> series_tangent(const Node& node, NodeId result) {
    std::vector<Multiple> multiples;
    if (node.operation != Operation::hermite_series) {
      const auto at = [&](NodeId id) { return target_.apply(node.operation, {id}); };
      for (const auto& [factor, series] : series_tangents_.at(node.operands[0]))
        multiples.push_back({factor == no_node ? no_node : at(factor), at(series)});
      return multiples;
    }
    const NodeId r = image(node.operands[0]);
    const NodeId s = image(node.operands[1]);
    const auto series = [&](NodeId f, const hermite::Terms& terms) {
      return target_.hermite_series(r, s, f, terms, 0);
    };
    if (const NodeId by = tangents_[node.operands[0]]; by != no_node) {
      const NodeId f = image(node.operands[2]);
      hermite::Terms terms = source_.expansion(node).terms;
      terms.turned = !terms.rule.is_symmetric();
      multiples.push_back({logarithmic(by, r), series(terms.turned ? f : turned(f), terms)});
    }
    if (const NodeId by = tangents_[node.operands[1]]; by != no_node)
      multiples.push_back({logarithmic(by, s), result});
    if (const NodeId by = tangents_[node.operands[2]]; by != no_node)
      multiples.push_back({no_node, series(by, source_.expansion(node).terms)});
    return multiples;
  }

  /// What the tangent of operand `which`, a series, adds: in place of the operand, or behind the three.
  NodeId by_series(const Node& node, std::size_t which, Operation operation, std::vector<NodeId> operands) {
    const auto found = series_tangents_.find(node.operands[which]);
    if (found == series_tangents_.end()) return no_node;
    NodeId result = no_node;
    const bool is_step = operation == Operation::series_step;
    if (is_step) operands.push_back(no_node);
    for (const auto& [factor, series] : found->second) {
      operands[is_step ? 2 : which] = series;
      const NodeId term = target_.real(operation, operands);
      result = sum(result, factor == no_node ? term : target_.multiply(factor, term));
    }
    return result;
  }

  /// P = Σ p_j s^j has P' by s, and S = Σ_j s^j Σ_{k>j} p_k = (P(1) - P(s))/(1 - s) has (S - P')/(1 - s).
  NodeId contraction(const Node& node, NodeId value) {
    const std::vector<NodeId> operands = operand_images(node);
    const NodeId of_series =
        sum(by_series(node, 0, node.operation, operands), by_series(node, 1, node.operation, operands));
    const NodeId by_s = tangents_[node.operands[2]];
    if (by_s == no_node) return of_series;
    NodeId slope = target_.real(Operation::series_derivative, operands);
    if (node.operation == Operation::series_slope) {
      const NodeId rest = target_.subtract(number(1), operands[2]);
      slope = target_.multiply(target_.subtract(value, slope), reciprocal_or_zero(rest));
    }
    return sum(of_series, target_.multiply(by_s, slope));
  }

  /// A loop carries, behind its own values, the tangents of those that have one.
  void rewrite_loop(NodeId id) override {
    const Node& loop = source_[id];
    const auto& body = source_.body(loop);
    const auto count = static_cast<std::uint32_t>(loop.operands.size());
    std::vector<Carried> carried = carry(loop, operand_images(loop));
    std::vector<std::uint32_t> differentiated;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!active_[body.arguments[i]]) continue;
      differentiated.push_back(i);
      carried.push_back({or_zero(tangents_[loop.operands[i]]), source_[body.arguments[i]].dependence,
                         Carried::no_self, target_.place_of(source_, source_[body.arguments[i]])});
    }
    const auto region = target_.begin_loop(carried, source_.loop(loop).count);
    const std::vector<NodeId> arguments = target_.regions()[region].arguments;
    for (std::uint32_t i = 0; i < count; ++i) set_image(body.arguments[i], arguments[i]);
    for (std::uint32_t k = 0; k < differentiated.size(); ++k) {
      tangents_[body.arguments[differentiated[k]]] = arguments[count + k];
    }
    rewrite_region(source_.loop(loop).body);
    std::vector<NodeId> next;
    for (const NodeId result : body.results) next.push_back(image(result));
    for (const std::uint32_t i : differentiated) next.push_back(or_zero(tangents_[body.results[i]]));
    const std::vector<NodeId> results = target_.end_loop(next);
    auto& by_index = loop_tangents_[id];
    by_index.resize(count, no_node);
    for (std::uint32_t i = 0; i < count; ++i) map_result(id, i, results[i]);
    for (std::uint32_t k = 0; k < differentiated.size(); ++k)
      by_index[differentiated[k]] = results[count + k];
  }

  void finish() override {
    const std::string& name = source_.parameters[parameter_].name;
    for (const auto& root : source_.roots) {
      if (!is_differentiated(root)) continue;
      target_.roots.push_back(
          {fmt::format("d{}_d{}", root.name, name), or_zero(tangents_[root.node]), root.plane, root.count});
    }
  }

  std::uint32_t parameter_;
  std::vector<bool> active_;
  std::vector<NodeId> tangents_;  // in the target, by source node
  std::unordered_map<NodeId, std::vector<Multiple>> series_tangents_;
  std::unordered_map<NodeId, std::vector<NodeId>> loop_tangents_;
};

}  // namespace

Program differentiate_by(const Program& program, std::uint32_t parameter) {
  return ParameterDerivative(program, parameter).run();
}

}  // namespace ntkc::passes
