#include "compiler/passes/variances.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/hermite/expansion.hpp"

namespace ntkc::passes {
namespace {

using duals::NumericFunction;
using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::RegionId;
using kernel_ir::Type;

/// Enough nodes to tell how large E[φ²] is; no more is asked.
const hermite::Rule rule = {{0}, 100, 13};

/// Runs what depends on one input or none.
class Run {
 public:
  explicit Run(const Program& program)
      : program_(program),
        members_(program.regions().size()),
        values_(program.size(), 0),
        ranges_(program.size()) {
    for (NodeId id = 0; id < program.size(); ++id) {
      if (program[id].dependence != Dependence::function) members_[program[id].region].push_back(id);
    }
    for (DeviationRange& range : ranges_) range = {HUGE_VAL, 0};
  }

  void run(double input) {
    input_ = input;
    run_region(0);
  }

  std::vector<DeviationRange> ranges() {
    for (DeviationRange& range : ranges_) range.low = std::min(range.low, range.high);
    return std::move(ranges_);
  }

 private:
  void run_region(RegionId region) {
    for (const NodeId id : members_[region]) {
      const Node& node = program_[id];
      if (node.operation == Operation::loop) {
        run_loop(node);
      } else if (node.dependence == Dependence::sample || node.dependence == Dependence::constant) {
        if (node.operation != Operation::loop_argument) values_[id] = evaluate(node);
        if (node.type != Type::covariance) continue;
        const double deviation = std::sqrt(std::max(values_[id], 0.0));
        ranges_[id].low = std::min(ranges_[id].low, deviation);
        ranges_[id].high = std::max(ranges_[id].high, deviation);
      }
    }
  }

  /// Until nothing moves: self covariances tend to a fixed point or grow without bound.
  void run_loop(const Node& loop) {
    constexpr std::int64_t most = 10000;
    const auto& body = program_.body(loop);
    std::vector<double> carried;
    for (const NodeId initial : loop.operands) carried.push_back(values_[initial]);
    for (std::int64_t iteration = 0; iteration < std::min(program_.loop(loop).count, most); ++iteration) {
      for (std::size_t i = 0; i < carried.size(); ++i) values_[body.arguments[i]] = carried[i];
      run_region(program_.loop(loop).body);
      bool moves = false;
      for (std::size_t i = 0; i < carried.size(); ++i) {
        const double next = values_[body.results[i]];
        if (program_[body.arguments[i]].dependence == Dependence::sample)
          moves = moves || std::fabs(next - carried[i]) > 1e-6 * std::fabs(next);
        carried[i] = next;
      }
      if (!moves) break;
    }
    results_[program_.loop(loop).body] = std::move(carried);
  }

  double evaluate(const Node& node) {
    switch (node.operation) {
      case Operation::literal:
        return program_.literal_value(node);
      case Operation::parameter:
        return program_.parameters[program_.parameter_number(node)].value;
      case Operation::input_self:
      case Operation::input_square:
        return input_;
      case Operation::dual:
        return mean_product(node.operands[1], node.operands[1], values_[node.operands[0]]);
      case Operation::moment:
        return mean_product(node.operands[1], node.operands[2], values_[node.operands[0]]);
      case Operation::loop_result:
        return results_.at(program_.loop(program_[node.operands[0]]).body)[program_.carried_number(node)];
      default: {
        if (!kernel_ir::has_value(node.operation)) return 0;
        std::vector<double> operands;
        for (const NodeId operand : node.operands) operands.push_back(values_[operand]);
        return kernel_ir::evaluate(node.operation, operands);
      }
    }
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

  const Program& program_;
  std::vector<std::vector<NodeId>> members_;
  std::vector<double> values_;
  std::vector<DeviationRange> ranges_;
  std::map<RegionId, std::vector<double>> results_;
  std::map<NodeId, NumericFunction> functions_;
  double input_ = 0;
};

}  // namespace

std::vector<DeviationRange> find_deviations(const Program& program, double largest_input) {
  Run run(program);
  for (const double share : {1.0, 0.5, 0.1, 0.001}) run.run(share * largest_input);
  return run.ranges();
}

}  // namespace ntkc::passes
