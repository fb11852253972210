#include <algorithm>

#include "simulator/layers/position_steps.hpp"
#include "simulator/products.hpp"

namespace ntkc::simulator {
namespace {

/// One row of each input.
Matrix rows_of(const Matrix& all, std::ptrdiff_t position, std::ptrdiff_t positions) {
  Matrix result(all.rows() / positions, all.columns(), Uninitialized{});
  for (std::ptrdiff_t i = 0; i < result.rows(); ++i)
    std::copy_n(&all(i * positions + position, 0), all.columns(), &result(i, 0));
  return result;
}
void put_rows(const Matrix& rows, std::ptrdiff_t position, std::ptrdiff_t positions, Matrix& all) {
  for (std::ptrdiff_t i = 0; i < rows.rows(); ++i)
    std::copy_n(&rows(i, 0), rows.columns(), &all(i * positions + position, 0));
}

class LocalStep final : public WeightedStep {
 public:
  LocalStep(PlanContext& context, const layer_graph::Node& node, TapMap map)
      : WeightedStep(context, node, static_cast<std::int64_t>(map.taps), std::ssize(map.rows)),
        map_(std::move(map)) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    const Matrix read = gather(map_, pass.values[operands[0]]);
    Matrix result(read.rows(), channels, Uninitialized{});
    for (std::ptrdiff_t p = 0; p < positions; ++p) {
      const LayerParameters& layer = parameters()[static_cast<std::size_t>(p)];
      put_rows(apply_layer(layer, pass.weights, rows_of(read, p, positions), pass.threads), p, positions,
               result);
    }
    return result;
  }

  void backward(const BackwardPass& pass, Matrix signal) const override {
    const Matrix read = gather(map_, pass.values[operands[0]]);
    Matrix sent(signal.rows(), read.columns(), Uninitialized{});
    for (std::ptrdiff_t p = 0; p < positions; ++p) {
      const LayerParameters& layer = parameters()[static_cast<std::size_t>(p)];
      const Matrix own = rows_of(signal, p, positions);
      pass.visit(layer, rows_of(read, p, positions), own);
      put_rows(apply_transposed(layer, pass.weights, own, pass.threads), p, positions, sent);
    }
    if (pass.trained[operands[0]]) pass.pass(operands[0], scatter(map_, sent));
  }

 private:
  TapMap map_;
};

}  // namespace

std::unique_ptr<Step> layers::conv_local(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  return std::make_unique<LocalStep>(context, node, tap_map(layer_graph::windows(context.graph, layer, "k")));
}

}  // namespace ntkc::simulator
