#include "simulator/layers/position_steps.hpp"

#include "simulator/products.hpp"

namespace ntkc::simulator {
namespace {

using layer_graph::AxisWindow;

class MapStep final : public Step {
 public:
  MapStep(StepId operand, PositionMap map) : Step({operand}, {}), map_(std::move(map)) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    return apply(map_, pass.values[operands[0]]);
  }
  void backward(const BackwardPass& pass, Matrix signal) const override {
    pass.pass(operands[0], apply_transposed(map_, signal));
  }

 private:
  PositionMap map_;
};

class TapStep final : public WeightedStep {
 public:
  TapStep(PlanContext& context, const layer_graph::Node& node, TapMap map)
      : WeightedStep(context, node, static_cast<std::int64_t>(map.taps)), map_(std::move(map)) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    return apply_layer(parameters()[0], pass.weights, gather(map_, pass.values[operands[0]]), pass.threads);
  }
  void backward(const BackwardPass& pass, Matrix signal) const override {
    const LayerParameters& layer = parameters()[0];
    if (layer.are_trained()) pass.visit(layer, gather(map_, pass.values[operands[0]]), signal);
    if (pass.trained[operands[0]])
      pass.pass(operands[0], scatter(map_, apply_transposed(layer, pass.weights, signal, pass.threads)));
  }

 private:
  TapMap map_;
};

}  // namespace

std::unique_ptr<Step> map_step(PlanContext& context, const layer_graph::Node& node, PositionMap map) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  return std::make_unique<MapStep>(context.images[layer.operand], std::move(map));
}

std::unique_ptr<Step> tap_step(PlanContext& context, const layer_graph::Node& node, TapMap map) {
  return std::make_unique<TapStep>(context, node, std::move(map));
}

PositionMap window_sum(const AxisWindow& window, const std::function<double(std::int64_t present)>& weight) {
  PositionMap map{.inputs = window.inputs, .rows = {}};
  for (std::int64_t output = 0; output < window.outputs; ++output) {
    auto& row = map.rows.emplace_back();
    for (std::int64_t tap = 0; tap < window.size; ++tap) {
      if (const auto input = window.input(output, tap)) row.push_back({*input, 0});
    }
    for (auto& entry : row) entry.weight = weight(std::ssize(row));
  }
  return map;
}

PositionMap total(std::int64_t positions, double weight) {
  PositionMap map{.inputs = positions, .rows = {{}}};
  for (std::int64_t p = 0; p < positions; ++p) map.rows[0].push_back({p, weight});
  return map;
}

TapMap tap_map(const std::vector<AxisWindow>& windows) {
  TapMap map{.inputs = 1, .taps = 1, .rows = {{0}}};
  for (const AxisWindow& window : windows) {
    TapMap longer{.inputs = map.inputs * window.inputs,
                  .taps = map.taps * static_cast<std::size_t>(window.size),
                  .rows = {}};
    for (const auto& before : map.rows) {
      for (std::int64_t output = 0; output < window.outputs; ++output) {
        auto& row = longer.rows.emplace_back();
        for (const auto& outer : before) {
          for (std::int64_t tap = 0; tap < window.size; ++tap) {
            const auto input = window.input(output, tap);
            row.push_back(outer && input ? std::optional(*outer * window.inputs + *input) : std::nullopt);
          }
        }
      }
    }
    map = std::move(longer);
  }
  return map;
}

}  // namespace ntkc::simulator
