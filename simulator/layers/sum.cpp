#include "simulator/combination.hpp"
#include "simulator/layers/steps.hpp"

namespace ntkc::simulator {
namespace {

class SumStep final : public Step {
 public:
  SumStep(std::vector<StepId> values, std::vector<double> coefficients)
      : Step(std::move(values), {}), coefficients_(std::move(coefficients)) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    Matrix result;
    for (std::size_t i = 0; i < operands.size(); ++i)
      add_scaled(result, coefficients_[i], pass.values[operands[i]]);
    return result;
  }

  void backward(const BackwardPass& pass, Matrix signal) const override {
    for (std::size_t i = 0; i < operands.size(); ++i)
      add_scaled(pass.signals[operands[i]], coefficients_[i], signal);
  }

 private:
  std::vector<double> coefficients_;
};

}  // namespace

std::unique_ptr<Step> layers::sum(PlanContext& context, const layer_graph::Node& node) {
  std::vector<double> coefficients;
  for (const layer_graph::SumTerm& term : std::get<layer_graph::SumNode>(node.node).terms)
    coefficients.push_back(context.value(term.coefficient));
  return std::make_unique<SumStep>(context.operands_of(node), std::move(coefficients));
}

}  // namespace ntkc::simulator
