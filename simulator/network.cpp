#include "simulator/network.hpp"

#include <algorithm>
#include <utility>

#include "simulator/combination.hpp"

namespace ntkc::simulator {

void BackwardPass::pass(StepId to, Matrix signal) const {
  if (signals[to].columns() == 0)
    signals[to] = std::move(signal);
  else
    add_scaled(signals[to], 1, signal);
}

namespace {

/// For each step, whether parameters that are trained stand at or before it.
std::vector<bool> find_trained(const Plan& plan) {
  std::vector<bool> trained;
  for (const auto& step : plan.steps) {
    const bool here = std::ranges::any_of(step->parameters(), &LayerParameters::are_trained);
    trained.push_back(here || std::ranges::any_of(step->operands, [&](StepId operand) {
                        return static_cast<bool>(trained[operand]);
                      }));
  }
  return trained;
}

}  // namespace

Values forward(const Plan& plan, const Weights& weights, MatrixView<const double> inputs, int threads) {
  Values values;
  values.reserve(plan.steps.size());
  for (const auto& step : plan.steps) values.push_back(step->forward({inputs, weights, values, threads}));
  return values;
}

void backward(const Plan& plan, const Weights& weights, const Values& values, Matrix signal, int threads,
              const ParameterVisitor& visit) {
  std::vector<Matrix> signals(plan.steps.size());
  signals[plan.output] = std::move(signal);
  const std::vector<bool> trained = find_trained(plan);
  const BackwardPass pass{weights, values, visit, trained, signals, threads};
  for (StepId id = plan.steps.size(); id-- > 0;) {
    if (signals[id].columns() == 0 || !trained[id]) continue;
    plan.steps[id]->backward(pass, std::exchange(signals[id], Matrix()));
  }
}

}  // namespace ntkc::simulator
