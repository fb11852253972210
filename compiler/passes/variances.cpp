#include "compiler/passes/variances.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/hermite/expansion.hpp"
#include "compiler/kernel_ir/evaluator.hpp"

namespace ntkc::passes {
namespace {

using duals::NumericFunction;
using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Type;

/// The rule has enough nodes to tell how large E[φ²] is; more is not asked.
const hermite::Rule rule = {{0}, 100, 13};

/// Runs what depends on one input or none, and notes how large self covariances get.
class Run final : public kernel_ir::Evaluator<double> {
 public:
  explicit Run(const Program& program)
      : Evaluator(program), ranges_(program.size(), DeviationRange{HUGE_VAL, 0}) {}

  void run_from(double input) {
    input_ = input;
    run(0);
  }

  std::vector<DeviationRange> ranges() {
    for (DeviationRange& range : ranges_) range.low = std::min(range.low, range.high);
    return std::move(ranges_);
  }

 private:
  [[nodiscard]] bool is_wanted(NodeId id) const override {
    const Node& node = program_[id];
    return node.operation == Operation::loop || node.dependence == Dependence::sample ||
           node.dependence == Dependence::constant;
  }

  void computed(NodeId id) override {
    const Node& node = program_[id];
    const bool is_self = node.dependence == Dependence::sample || node.dependence == Dependence::constant;
    if (node.type != Type::covariance || !is_self || !is_looking_) return;
    const double deviation = std::sqrt(std::max(at(id), 0.0));
    ranges_[id].low = std::min(ranges_[id].low, deviation);
    ranges_[id].high = std::max(ranges_[id].high, deviation);
  }

  /// Until nothing moves: self covariances tend to a fixed point or grow without bound. Where they go slowly
  /// and steadily, many iterations are one step; the last one is never skipped, so that what grows is seen at
  /// its largest.
  std::vector<double> go_round(kernel_ir::RegionId body, std::int64_t count,
                               std::vector<double> carried) override {
    constexpr std::int64_t most_steps = 2000;
    constexpr std::int64_t single_steps = 32;
    std::int64_t stride = 1;
    for (std::int64_t step = 0; count > 0 && step < most_steps; ++step) {
      std::vector<double> next = iterate(body, carried);
      if (!moves(body, carried, next, count)) return next;
      std::int64_t taken = 1;
      if (step >= single_steps) {
        for (stride = std::min(2 * stride, count - 1); stride > 1; stride /= 4) {
          std::optional<std::vector<double>> far = leap(body, carried, next, stride);
          if (!far) continue;
          next = std::move(*far);
          taken = stride;
          break;
        }
        stride = taken;
      }
      carried = std::move(next);
      count -= taken;
    }
    return carried;
  }

  /// By more than 1e-6 in an iteration, or by more than a hundredth in those that are left.
  [[nodiscard]] bool moves(kernel_ir::RegionId body, const std::vector<double>& from,
                           const std::vector<double>& to, std::int64_t left) const {
    const double least = std::min(1e-6, 0.01 / static_cast<double>(left));
    const std::vector<NodeId>& arguments = program_.regions()[body].arguments;
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (program_[arguments[i]].dependence == Dependence::sample &&
          std::fabs(to[i] - from[i]) > least * std::fabs(to[i]))
        return true;
    }
    return false;
  }

  /// The values after so many iterations, of which `next` are those after one. An iteration adds
  /// g(q) = log q' - log q to log q, so that log q solves ẏ = g, by one step of Heun's method. Nothing if g
  /// changes too much on the way, by its size or its sign. What is met on the way does not count.
  std::optional<std::vector<double>> leap(kernel_ir::RegionId body, const std::vector<double>& carried,
                                          const std::vector<double>& next, std::int64_t stride) {
    constexpr double most_change = 0.02;
    const auto steps = static_cast<double>(stride);
    const auto growth = [](double from, double to) { return from == to ? 0 : std::log(to / from); };
    std::vector<double> predicted;
    for (std::size_t i = 0; i < carried.size(); ++i)
      predicted.push_back(carried[i] * std::exp(steps * growth(carried[i], next[i])));
    is_looking_ = false;
    const std::vector<double> beyond = iterate(body, predicted);
    is_looking_ = true;
    std::vector<double> result;
    for (std::size_t i = 0; i < carried.size(); ++i) {
      const double before = growth(carried[i], next[i]);
      const double after = growth(predicted[i], beyond[i]);
      if (!(before * after >= 0 && steps * std::fabs(after - before) / 2 <= most_change)) return std::nullopt;
      result.push_back(carried[i] * std::exp(steps * (before + after) / 2));
    }
    return result;
  }

  double evaluate(NodeId id) override {
    const Node& node = program_[id];
    switch (node.operation) {
      case Operation::literal:
        return program_.literal_value(node);
      case Operation::parameter:
        return program_.parameters[program_.parameter_number(node)].value;
      case Operation::input_self:
      case Operation::input_square:
        return input_;
      case Operation::dual:
        return mean_product(node.operands[1], node.operands[1], operand(node, 0));
      case Operation::moment:
        return mean_product(node.operands[1], node.operands[2], operand(node, 0));
      case Operation::broadcast:
      case Operation::rows:
      case Operation::columns:
      case Operation::diagonal:
      case Operation::separate:
      case Operation::coupled:  // a mean, less where its window reads 0
        return operand(node, 0);
      case Operation::scaled:
        return operand(node, 0) * operand(node, 1) * operand(node, 1);
      case Operation::dropout:
        return operand(node, 0) / operand(node, 1);
      case Operation::congruent:
        return largest_gain(node) * operand(node, 0);
      default:
        return kernel_ir::has_value(node.operation) ? arithmetic(node) : 0;
    }
  }

  /// What A q Aᵀ is of q at most: the largest (Σ|a|)² of a row of A.
  double largest_gain(const Node& node) const {
    const auto& map = std::get<kernel_ir::Congruent>(program_.attribute(node));
    double largest = 0;
    for (const auto& row : kernel_ir::rows(map, program_.extents(program_[node.operands[0]].place))) {
      double sum = 0;
      for (const auto& [input, weight] : row) sum += std::fabs(static_cast<double>(weight));
      largest = std::max(largest, sum * sum);
    }
    return largest;
  }

  double mean_product(NodeId f, NodeId g, double variance) {
    const NumericFunction& first = function(f);
    const NumericFunction& second = function(g);
    const double deviation = std::sqrt(std::max(variance, 0.0));
    if (f == g) return hermite::mean_square(first, deviation, rule);
    // 4 f g = (f + g)² - (f - g)²
    const auto sum = [&](double z) { return first(z) + second(z); };
    const auto difference = [&](double z) { return first(z) - second(z); };
    return (hermite::mean_square(sum, deviation, rule) - hermite::mean_square(difference, deviation, rule)) /
           4;
  }

  const NumericFunction& function(NodeId id) {
    return functions_.try_emplace(id, NumericFunction(program_, id)).first->second;
  }

  std::vector<DeviationRange> ranges_;
  std::map<NodeId, NumericFunction> functions_;
  double input_ = 0;
  bool is_looking_ = true;  ///< what is met counts
};

}  // namespace

std::vector<DeviationRange> find_deviations(const Program& program, double largest_input) {
  Run run(program);
  for (const double share : {1.0, 0.5, 0.1, 0.001}) run.run_from(share * largest_input);
  return run.ranges();
}

}  // namespace ntkc::passes
