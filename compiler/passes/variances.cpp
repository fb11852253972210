#include "compiler/passes/variances.hpp"

#include <algorithm>
#include <cmath>
#include <map>

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
    if (program_[id].type != Type::covariance || program_[id].dependence != Dependence::sample) return;
    const double deviation = std::sqrt(std::max(at(id), 0.0));
    ranges_[id].low = std::min(ranges_[id].low, deviation);
    ranges_[id].high = std::max(ranges_[id].high, deviation);
  }

  /// A loop is gone round until nothing moves: self covariances tend to a fixed point or grow without bound.
  [[nodiscard]] bool goes_on(const kernel_ir::Region& body, std::int64_t iterations,
                             const std::vector<double>& before,
                             const std::vector<double>& after) const override {
    constexpr std::int64_t most = 10000;
    bool moves = false;
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (program_[body.arguments[i]].dependence == Dependence::sample)
        moves = moves || std::fabs(after[i] - before[i]) > 1e-6 * std::fabs(after[i]);
    }
    return moves && iterations < most;
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
      case Operation::coupled:  // a mean, less where its window reads 0
        return operand(node, 0);
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
};

}  // namespace

std::vector<DeviationRange> find_deviations(const Program& program, double largest_input) {
  Run run(program);
  for (const double share : {1.0, 0.5, 0.1, 0.001}) run.run_from(share * largest_input);
  return run.ranges();
}

}  // namespace ntkc::passes
