#include "compiler/kernel_ir/interpreter.hpp"

#include <quadmath.h>

#include <stdexcept>

#include "compiler/kernel_ir/interpret_expansions.hpp"
#include "compiler/kernel_ir/interpret_positions.hpp"

namespace ntkc::kernel_ir {
namespace {

class Interpreter {
 public:
  Interpreter(const Program& program, const InputCovariances& input)
      : program_(program), input_(input), values_(program.size()), members_(program.regions().size()) {
    for (NodeId id = 0; id < program.size(); ++id) members_[program[id].region].push_back(id);
    planes_.resize(program.roots.size());
    run(0);
    for (std::size_t i = 0; i < program.roots.size(); ++i) {
      const Root& root = program.roots[i];
      if (program[root.node].region == 0)
        planes_[i].assign(static_cast<std::size_t>(root.count), numbers(root.node));
    }
  }

  [[nodiscard]] std::vector<std::vector<std::vector<Quad>>> planes() && { return std::move(planes_); }

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
    std::vector<Values> carried;
    for (std::size_t i = 0; i < loop.operands.size(); ++i)
      carried.push_back(broadcast(loop.operands[i], body.arguments[i]));
    for (std::int64_t iteration = 0; iteration < program_.loop(loop).count; ++iteration) {
      for (std::size_t i = 0; i < carried.size(); ++i) values_[body.arguments[i]] = carried[i];
      run(program_.loop(loop).body);
      for (std::size_t i = 0; i < program_.roots.size(); ++i) {
        if (program_[program_.roots[i].node].region == program_.loop(loop).body)
          planes_[i].push_back(numbers(program_.roots[i].node));
      }
      for (std::size_t i = 0; i < carried.size(); ++i)
        carried[i] = broadcast(body.results[i], body.arguments[i]);
    }
    results_[program_.loop(loop).body] = std::move(carried);
  }

  // --- numbers of values

  [[nodiscard]] std::size_t positions(const Node& node) const {
    return static_cast<std::size_t>(position_count(program_.extents(node.place)));
  }
  [[nodiscard]] std::size_t size(const Node& node) const {
    const std::size_t count = positions(node);
    return node.place.space == Space::full ? count * count : count;
  }
  /// Of an operand, at the position or pair of positions that is being computed.
  [[nodiscard]] const Value& at(NodeId id) const { return at(id, index_); }
  [[nodiscard]] const Value& at(NodeId id, std::size_t index) const {
    return values_[id].size() == 1 ? values_[id][0] : values_[id][index];
  }
  /// A value for a node that may have more dependence: a constant holds at x and at x'.
  [[nodiscard]] Value broadcast(NodeId id) const { return broadcast(id, at(id)); }
  [[nodiscard]] Value broadcast(NodeId id, Value value) const {
    if (program_[id].dependence == Dependence::constant) value.second = value.value;
    return value;
  }
  /// Likewise of all numbers, and to the positions of where a loop carries it to.
  [[nodiscard]] Values broadcast(NodeId id, NodeId argument) const {
    Values result;
    for (std::size_t i = 0; i < size(program_[argument]); ++i) result.push_back(broadcast(id, at(id, i)));
    return result;
  }
  [[nodiscard]] Values all(NodeId id) const { return broadcast(id, id); }
  [[nodiscard]] const Extents& extents_of_operand(const Node& node) const {
    return program_.extents(program_[node.operands[0]].place);
  }
  /// Of a pair covariance the cross covariance at every position.
  [[nodiscard]] std::vector<Quad> numbers(NodeId id) const {
    std::vector<Quad> result;
    for (const Value& value : values_[id]) result.push_back(value.value);
    return result;
  }

  [[nodiscard]] Values evaluate(const Node& node) {
    switch (node.operation) {
      case Operation::loop_result:
        return results_[program_.loop(program_[node.operands[0]]).body][program_.carried_number(node)];
      case Operation::diagonal:
        return diagonal(all(node.operands[0]), positions(node));
      case Operation::rows:
        return rows(all(node.operands[0]));
      case Operation::columns:
        return columns(all(node.operands[0]));
      case Operation::coupled:
        return coupled(std::get<Coupled>(program_.attribute(node)), extents_of_operand(node),
                       program_[node.operands[0]].place.space, all(node.operands[0]));
      case Operation::congruent:
        return congruent(std::get<Congruent>(program_.attribute(node)), extents_of_operand(node),
                         node.place.space, all(node.operands[0]));
      case Operation::tap_product: {
        std::vector<Values> operands;
        for (const NodeId operand : node.operands) operands.push_back(all(operand));
        return tap_product(std::get<Coupled>(program_.attribute(node)), extents_of_operand(node),
                           node.place.space, operands);
      }
      default:
        break;
    }
    Values result(size(node));
    for (index_ = 0; index_ < result.size(); ++index_) result[index_] = evaluate_one(node);
    index_ = 0;
    return result;
  }

  // --- one number

  [[nodiscard]] Value evaluate_one(const Node& node) {
    switch (node.operation) {
      case Operation::literal:
        return constant(program_.literal_value(node));
      case Operation::parameter:
        return constant(program_.parameters[program_.parameter_number(node)].value);
      case Operation::pi:
        return constant(acosq(Quad(-1)));
      case Operation::input_square:
      case Operation::input_self:
        return {input_.first[row(node) * input_positions() + column(node)],
                input_.second[row(node) * input_positions() + column(node)]};
      case Operation::input_cross:
        return constant(input_.cross[row(node) * input_positions() + column(node)]);
      case Operation::input_complement:
      case Operation::input_self_complement:
        return input_complement(node, -1);
      case Operation::input_cocomplement:
      case Operation::input_self_cocomplement:
        return input_complement(node, 1);
      case Operation::broadcast:
        return broadcast(node.operands[0]);
      case Operation::first:
        return at_pair(at(node.operands[0]).value, at(node.operands[0]).series);
      case Operation::second:
        return at_pair(at(node.operands[0]).second, at(node.operands[0]).second_series);
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
      case Operation::sparse_product:
      case Operation::sparse_deficit:
        return contract(node);
      case Operation::series_square: {
        const Value& series = at(node.operands[0]);
        return {sum_of_squares(series.series), sum_of_squares(series.second_series)};
      }
      case Operation::cross:
        return constant(at(node.operands[0]).value);
      case Operation::trainable:
        return at(node.operands[0]);
      case Operation::separate:
        return row(node) == column(node) ? broadcast(node.operands[0]) : Value{};
      case Operation::scaled: {
        const Value& a = at(node.operands[0]);
        const auto scale = [&](std::size_t position) {
          const NodeId s = node.operands[1];
          const bool is_one = program_[s].place.space == Space::point;
          return broadcast(s, values_[s][is_one ? 0 : position]);
        };
        const Value left = scale(row(node));
        const Value right = scale(column(node));
        if (node.dependence == Dependence::pair) return constant(left.value * a.value * right.second);
        return {left.value * a.value * right.value, left.second * a.second * right.second};
      }
      case Operation::identity:
        return constant(input_.is_same && row(node) == column(node) ? 1 : 0);
      case Operation::self_identity:
        return constant(row(node) == column(node) ? 1 : 0);
      case Operation::dropout: {
        const Value a = broadcast(node.operands[0]);
        const bool is_pair = node.dependence == Dependence::pair;
        if (row(node) != column(node) || (is_pair && !input_.is_same)) return a;
        const Quad keep = at(node.operands[1]).value;
        return {a.value / keep, a.second / keep};
      }
      case Operation::with_loss:
        return broadcast(node.operands[0]);
      case Operation::dual:
      case Operation::dual_derivative:
      case Operation::moment:
        return expectation(node);
      default:
        return generic(node);
    }
  }

  [[nodiscard]] static Value constant(Quad value) { return {value, value}; }

  [[nodiscard]] static Value at_pair(Quad value, const std::vector<Quad>& series) {
    Value result = constant(value);
    result.series = series;
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

  /// Of two inputs, or of two positions of one: at x and at x'.
  [[nodiscard]] Value contract(const Node& node) const {
    std::vector<Value> operands;
    for (const NodeId operand : node.operands) operands.push_back(broadcast(operand));
    const Quad value = contract(node, operands);
    if (node.dependence == Dependence::pair) return constant(value);
    for (Value& each : operands) each = {each.second, each.second, each.second_series, {}};
    return {value, contract(node, operands)};
  }
  [[nodiscard]] Quad contract(const Node& node, const std::vector<Value>& operands) const {
    const std::vector<Quad>& a = operands[0].series;
    const std::vector<Quad>& b = operands[1].series;
    const Quad s = operands.size() > 2 ? operands[2].value : Quad(0);
    if (node.operation == Operation::sparse_product || node.operation == Operation::sparse_deficit) {
      const Node& series = program_[program_.expanded(node.operands[0])];
      return contract_sparse(a, b, s, program_.expansion(series).terms,
                             node.operation == Operation::sparse_deficit);
    }
    const std::vector<Quad>& c = operands.back().series;
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
    return result;
  }

  [[nodiscard]] Function function(NodeId id) const {
    return {program_, id, [this](NodeId carried) { return values_[carried][0].value; }};
  }

  [[nodiscard]] Value expectation(const Node& node) const {
    const Function f = function(node.operands[1]);
    const bool is_square = node.operands.back() == node.operands[1];  // always but for `moment`
    const Function other = is_square ? f : function(node.operands.back());
    const Function& g = is_square ? f : other;
    const NodeId covariance = node.operands[0];
    const Value& c = at(covariance);
    if (node.dependence == Dependence::constant)
      return constant(evaluate_moment(f, g, c.value, c.value, c.value));
    const NodeId variance = program_.variance(covariance);
    const Value& q = at(variance, row(node));
    const Value& q2 = at(variance, column(node));
    if (node.dependence == Dependence::sample) {
      return {evaluate_moment(f, g, q.value, q2.value, c.value),
              evaluate_moment(f, g, q.second, q2.second, c.second)};
    }
    if (node.operation == Operation::dual_derivative)
      return constant(evaluate_dual_derivative(f, q.value, q2.second, c.value));
    return constant(evaluate_moment(f, g, q.value, q2.second, c.value));
  }

  /// The position of x, and that of x' or of x again, that is being computed.
  [[nodiscard]] std::size_t row(const Node& node) const {
    return node.place.space == Space::full ? index_ / positions(node) : index_;
  }
  [[nodiscard]] std::size_t column(const Node& node) const {
    return node.place.space == Space::full ? index_ % positions(node) : index_;
  }
  [[nodiscard]] std::size_t input_positions() const {
    return static_cast<std::size_t>(position_count(program_.input_positions));
  }

  /// (1 ± u)/2 of the inputs.
  [[nodiscard]] Value input_complement(const Node& node, int sign) const {
    const std::size_t p = row(node);
    const std::size_t q = column(node);
    const std::size_t count = input_positions();
    const auto of = [&](const std::vector<Quad>& first, const std::vector<Quad>& second,
                        const std::vector<Quad>& cross) {
      const Quad scale = sqrtq(first[p * count + p]) * sqrtq(second[q * count + q]);
      const Quad u = scale > 0 ? fmaxq(-1, fminq(1, cross[p * count + q] / scale)) : 0;
      return (1 + sign * u) / 2;
    };
    if (node.dependence == Dependence::pair) return constant(of(input_.first, input_.second, input_.cross));
    return {of(input_.first, input_.first, input_.first), of(input_.second, input_.second, input_.second)};
  }

  const Program& program_;
  const InputCovariances& input_;
  std::vector<Values> values_;
  std::size_t index_ = 0;  // of the number that is being computed
  std::vector<std::vector<NodeId>> members_;
  std::vector<std::vector<std::vector<Quad>>> planes_;  // by root, then plane, then position
  std::unordered_map<RegionId, std::vector<Values>> results_;
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

InputCovariances input_covariances(std::span<const double> x, std::span<const double> y,
                                   std::size_t positions) {
  InputCovariances result;
  const std::size_t channels = x.size() / positions;
  const auto add = [&](std::span<const double> a, std::span<const double> b, std::vector<Quad>& to) {
    for (std::size_t p = 0; p < positions; ++p) {
      for (std::size_t q = 0; q < positions; ++q)
        to.push_back(
            input_covariance(a.subspan(p * channels, channels), b.subspan(q * channels, channels)).cross);
    }
  };
  add(x, x, result.first);
  add(y, y, result.second);
  add(x, y, result.cross);
  return result;
}

std::vector<std::vector<Quad>> interpret_planes(const Program& program, const InputCovariance& input) {
  const InputCovariances inputs = {{input.first}, {input.second}, {input.cross}, input.is_same};
  std::vector<std::vector<Quad>> result;
  for (const auto& planes : Interpreter(program, inputs).planes()) {
    std::vector<Quad>& of_root = result.emplace_back();
    for (const std::vector<Quad>& plane : planes) of_root.push_back(plane[0]);
  }
  return result;
}

std::vector<Quad> interpret(const Program& program, const InputCovariance& input) {
  std::vector<Quad> result;
  for (const std::vector<Quad>& planes : interpret_planes(program, input)) result.push_back(planes.back());
  return result;
}

std::vector<std::vector<Quad>> interpret(const Program& program, const InputCovariances& input) {
  std::vector<std::vector<Quad>> result;
  for (auto& planes : Interpreter(program, input).planes()) result.push_back(std::move(planes.back()));
  return result;
}

}  // namespace ntkc::kernel_ir
