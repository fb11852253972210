#include "simulator/layers/steps.hpp"

namespace ntkc::simulator {
namespace {

class ProductStep final : public Step {
 public:
  explicit ProductStep(std::vector<StepId> factors) : Step(std::move(factors), {}) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    const Matrix& left = pass.values[operands[0]];
    const Matrix& right = pass.values[operands[1]];
    Matrix result(left.rows(), left.columns(), Uninitialized{});
    for (std::ptrdiff_t i = 0; i < left.rows(); ++i) {
      for (std::ptrdiff_t j = 0; j < left.columns(); ++j) result(i, j) = left(i, j) * right(i, j);
    }
    return result;
  }

  void backward(const BackwardPass& pass, Matrix signal) const override {
    for (std::size_t k = 0; k < 2; ++k) {
      const Matrix& other = pass.values[operands[1 - k]];
      const std::ptrdiff_t functions = signal.rows() / other.rows();
      Matrix part(signal.rows(), signal.columns(), Uninitialized{});
      for (std::ptrdiff_t i = 0; i < signal.rows(); ++i) {
        const std::ptrdiff_t row = value_row(i, functions, positions);
        for (std::ptrdiff_t j = 0; j < signal.columns(); ++j) part(i, j) = signal(i, j) * other(row, j);
      }
      pass.pass(operands[k], std::move(part));
    }
  }
};

}  // namespace

std::unique_ptr<Step> layers::product(PlanContext& context, const layer_graph::Node& node) {
  return std::make_unique<ProductStep>(context.operands_of(node));
}

}  // namespace ntkc::simulator
