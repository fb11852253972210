#include "compiler/kernel_ir/interpreter.hpp"

#include <quadmath.h>

#include <stdexcept>

namespace ntkc::kernel_ir {
namespace {

/// A node's value: sample nodes at x (`value`) and at x' (`second`), others in `value`. Covariances of pairs
/// carry their complements.
struct Value {
  Quad value = 0;
  Quad second = 0;
  Quad complement = 0;                   // (1 - u)/2
  Quad cocomplement = 0;                 // (1 + u)/2
  std::vector<Quad> series = {};         // of a series instead: at x,
  std::vector<Quad> second_series = {};  // and at x'
};

class Interpreter {
 public:
  Interpreter(const Program& program, const InputCovariance& input)
      : program_(program), input_(input), values_(program.size()), members_(program.regions().size()) {
    for (NodeId id = 0; id < program.size(); ++id) members_[program[id].region].push_back(id);
    planes_.resize(program.roots.size());
    run(0);
    for (std::size_t i = 0; i < program.roots.size(); ++i) {
      const Root& root = program.roots[i];
      if (program[root.node].region == 0)
        planes_[i].assign(static_cast<std::size_t>(root.count), values_[root.node].value);
    }
  }

  [[nodiscard]] std::vector<std::vector<Quad>> planes() && { return std::move(planes_); }

 private:
  void run(RegionId region) {
    for (const NodeId id : members_[region]) {
      if (program_[id].dependence == Dependence::function) continue;  // has no value without its z
      if (program_[id].operation == Operation::loop) {
        run_loop(program_[id]);
      } else if (program_[id].operation != Operation::loop_argument) {
        values_[id] = evaluate(program_[id]);
      }
    }
  }

  void run_loop(const Node& loop) {
    const Region& body = program_.body(loop);
    std::vector<Value> carried;
    for (const NodeId initial : loop.operands) carried.push_back(broadcast(initial));
    for (std::int64_t iteration = 0; iteration < program_.loop(loop).count; ++iteration) {
      for (std::size_t i = 0; i < carried.size(); ++i) values_[body.arguments[i]] = carried[i];
      run(program_.loop(loop).body);
      for (std::size_t i = 0; i < program_.roots.size(); ++i) {
        if (program_[program_.roots[i].node].region == program_.loop(loop).body)
          planes_[i].push_back(values_[program_.roots[i].node].value);
      }
      for (std::size_t i = 0; i < carried.size(); ++i) carried[i] = broadcast(body.results[i]);
    }
    results_[program_.loop(loop).body] = std::move(carried);
  }

  /// A value for a node that may have more dependence: a constant holds at x and at x'.
  [[nodiscard]] Value broadcast(NodeId id) const {
    Value value = values_[id];
    if (program_[id].dependence == Dependence::constant) value.second = value.value;
    return value;
  }

  [[nodiscard]] Value evaluate(const Node& node) {
    switch (node.operation) {
      case Operation::literal:
        return constant(program_.literal_value(node));
      case Operation::parameter:
        return constant(program_.parameters[program_.parameter_number(node)].value);
      case Operation::pi:
        return constant(acosq(Quad(-1)));
      case Operation::input_square:
      case Operation::input_self:
        return {input_.first, input_.second, 0, 0};
      case Operation::input_cross:
        return cross_covariance(input_.first, input_.second, input_.cross);
      case Operation::input_complement:
        return constant(cross_covariance(input_.first, input_.second, input_.cross).complement);
      case Operation::input_cocomplement:
        return constant(cross_covariance(input_.first, input_.second, input_.cross).cocomplement);
      case Operation::first:
        return at_pair(values_[node.operands[0]].value, values_[node.operands[0]].series);
      case Operation::second:
        return at_pair(values_[node.operands[0]].second, values_[node.operands[0]].second_series);
      case Operation::gaussian_mean: {
        const Value root = broadcast(node.operands[0]);
        const Function f = function(node.operands[1]);
        const hermite::Rule& rule = program_.rule(node);
        return {mean(f, root.value, rule), mean(f, root.second, rule)};
      }
      case Operation::hermite_series:
        return hermite_series(node);
      case Operation::series_product:
      case Operation::series_slope:
      case Operation::series_distance:
      case Operation::series_step:
      case Operation::series_derivative:
        return constant(contract(node));
      case Operation::cross:
        return constant(values_[node.operands[0]].value);
      case Operation::trainable:
        return values_[node.operands[0]];
      case Operation::with_loss:
        return broadcast(node.operands[0]);
      case Operation::dual:
      case Operation::dual_derivative:
      case Operation::moment:
        return expectation(node);
      case Operation::loop_result:
        return results_[program_.loop(program_[node.operands[0]]).body][program_.carried_number(node)];
      default:
        return generic(node);
    }
  }

  [[nodiscard]] static Value constant(Quad value) { return {value, value, 0, 0}; }

  [[nodiscard]] static Value at_pair(Quad value, const std::vector<Quad>& series) {
    Value result = constant(value);
    result.series = series;
    return result;
  }

  // --- Hermite expansions, by their definition

  /// E[f(rt)] is about Σ weights (f(rt)).
  struct WeightedNode {
    Quad t;
    Quad weight;
  };
  [[nodiscard]] static std::vector<WeightedNode> nodes_of(const hermite::Rule& rule, Quad root) {
    std::vector<WeightedNode> result;
    if (rule.is_symmetric()) {
      const hermite::Quadrature quadrature = hermite::symmetric_quadrature(rule);
      for (std::size_t i = 0; i < quadrature.nodes.size(); ++i) {
        for (const int side : {1, -1}) result.push_back({side * quadrature.nodes[i], quadrature.weights[i]});
      }
      return result;
    }
    static const Quad root_two_pi = sqrtq(2 * acosq(Quad(-1)));
    const hermite::Quadrature unit = hermite::unit_legendre(rule.nodes);
    const std::vector<Quad> ends = hermite::edges<Quad>(rule, root);
    for (std::size_t interval = 0; interval + 1 < ends.size(); ++interval) {
      const Quad width = ends[interval + 1] - ends[interval];
      for (std::size_t i = 0; i < unit.nodes.size(); ++i) {
        const Quad t = ends[interval] + width * unit.nodes[i];
        result.push_back({t, width * unit.weights[i] * expq(-t * t / 2) / root_two_pi});
      }
    }
    return result;
  }

  [[nodiscard]] static Quad mean(const Function& f, Quad root, const hermite::Rule& rule) {
    Quad sum = 0;
    for (const auto& [t, weight] : nodes_of(rule, root)) sum += weight * f.value(root * t);
    return sum;
  }

  [[nodiscard]] static std::vector<Quad> coefficients(const Function& f, Quad root, Quad scale,
                                                      const hermite::Terms& terms) {
    const int degrees = terms.degree(terms.count - 1) + 1 + (terms.turned ? 2 : 0);
    std::vector<Quad> all(static_cast<std::size_t>(degrees), 0);
    std::vector<Quad> roots;
    for (int k = 0; k <= degrees; ++k) roots.push_back(sqrtq(k));
    for (const auto& [t, weight] : nodes_of(terms.rule, root)) {
      const Quad value = weight * f.value(root * t);
      Quad previous = 0;
      Quad current = 1;  // h_k(t)
      for (int k = 0; k < degrees; ++k) {
        all[static_cast<std::size_t>(k)] += current * value;
        const auto i_k = static_cast<std::size_t>(k);
        const Quad next = (t * current - roots[i_k] * previous) / roots[i_k + 1];
        previous = current;
        current = next;
      }
    }
    std::vector<Quad> result;
    for (int j = 0; j < terms.count; ++j) {
      const auto k = static_cast<std::size_t>(terms.degree(j));
      result.push_back(scale * (terms.turned
                                    ? terms.degree(j) * all[k] + roots[k + 1] * roots[k + 2] * all[k + 2]
                                    : all[k]));
    }
    return result;
  }

  [[nodiscard]] Value hermite_series(const Node& node) const {
    const Value root = broadcast(node.operands[0]);
    const Value scale = broadcast(node.operands[1]);
    const Function f = function(node.operands[2]);
    const hermite::Terms& terms = program_.expansion(node).terms;
    Value result;
    result.series = coefficients(f, root.value, scale.value, terms);
    result.second_series = coefficients(f, root.second, scale.second, terms);
    return result;
  }

  [[nodiscard]] Quad contract(const Node& node) const {
    const std::vector<Quad>& a = values_[node.operands[0]].series;
    const std::vector<Quad>& b = values_[node.operands[1]].series;
    const Quad s = node.operands.size() > 2 ? values_[node.operands[2]].value : Quad(0);
    const std::vector<Quad>& c = values_[node.operands.back()].series;
    Quad sum = 0;
    Quad slope = 0;
    Quad tail = 0;
    Quad distance = 0;
    Quad step = 0;
    Quad derivative = 0;
    for (std::size_t j = a.size(); j-- > 0;) {
      slope = slope * s + tail;
      tail += a[j] * b[j];
      derivative = derivative * s + sum;
      sum = sum * s + a[j] * b[j];
      if (node.operation == Operation::series_step) step += (a[j] - b[j]) * c[j];
      distance += (a[j] - b[j]) * (a[j] - b[j]) / 2;
    }
    switch (node.operation) {
      case Operation::series_product:
        return sum;
      case Operation::series_slope:
        return slope;
      case Operation::series_step:
        return step;
      case Operation::series_derivative:
        return derivative;
      default:
        return distance;
    }
  }

  /// Arithmetic, on covariances as on reals: the sum, product or multiple of covariances is that of their
  /// values.
  [[nodiscard]] Value generic(const Node& node) const {
    std::vector<Quad> at_first;
    std::vector<Quad> at_second;
    for (const NodeId operand : node.operands) {
      const Value value = broadcast(operand);
      at_first.push_back(value.value);
      at_second.push_back(value.second);
    }
    Value result;
    result.value = kernel_ir::evaluate(node.operation, at_first);
    if (node.dependence != Dependence::pair) result.second = kernel_ir::evaluate(node.operation, at_second);
    return node.self == no_node ? result : with_complement(node, result.value);
  }

  [[nodiscard]] Function function(NodeId id) const {
    return {program_, id, [this](NodeId carried) { return values_[carried].value; }};
  }

  [[nodiscard]] Value expectation(const Node& node) const {
    const Function f = function(node.operands[1]);
    const bool is_square = node.operands.back() == node.operands[1];  // always but for `moment`
    const Function other = is_square ? f : function(node.operands.back());
    const Function& g = is_square ? f : other;
    const NodeId covariance = node.operands[0];
    const Value& v = values_[covariance];
    if (node.dependence == Dependence::constant)
      return constant(evaluate_moment(f, g, v.value, v.value, v.value));
    if (node.dependence == Dependence::sample) {
      return {evaluate_moment(f, g, v.value, v.value, v.value),
              evaluate_moment(f, g, v.second, v.second, v.second), 0, 0};
    }
    const Value& q = values_[program_[covariance].self];
    if (node.operation == Operation::dual_derivative) {
      return constant(evaluate_dual_derivative(f, q.value, q.second, v.value));
    }
    const Quad value = evaluate_moment(f, g, q.value, q.second, v.value);
    return node.operation == Operation::dual ? with_complement(node, value) : constant(value);
  }

  [[nodiscard]] Value with_complement(const Node& node, Quad c) const {
    const Value& q = values_[node.self];
    return cross_covariance(q.value, q.second, c);
  }

  [[nodiscard]] static Value cross_covariance(Quad q, Quad q2, Quad c) {
    const Quad scale = sqrtq(q) * sqrtq(q2);
    const Quad u = scale > 0 ? fmaxq(-1, fminq(1, c / scale)) : 0;
    return {c, c, (1 - u) / 2, (1 + u) / 2};
  }

  const Program& program_;
  InputCovariance input_;
  std::vector<Value> values_;
  std::vector<std::vector<NodeId>> members_;
  std::vector<std::vector<Quad>> planes_;  // by root
  std::unordered_map<RegionId, std::vector<Value>> results_;
};

}  // namespace

InputCovariance input_covariance(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size() || x.empty())
    throw std::invalid_argument("input_covariance: vectors of different or no length");
  InputCovariance result;
  for (std::size_t i = 0; i < x.size(); ++i) {
    result.first += Quad(x[i]) * Quad(x[i]);
    result.second += Quad(y[i]) * Quad(y[i]);
    result.cross += Quad(x[i]) * Quad(y[i]);
  }
  const auto size = static_cast<Quad>(x.size());
  return {result.first / size, result.second / size, result.cross / size};
}

std::vector<std::vector<Quad>> interpret_planes(const Program& program, const InputCovariance& input) {
  return Interpreter(program, input).planes();
}

std::vector<Quad> interpret(const Program& program, const InputCovariance& input) {
  std::vector<Quad> result;
  for (const std::vector<Quad>& planes : interpret_planes(program, input)) result.push_back(planes.back());
  return result;
}

}  // namespace ntkc::kernel_ir
