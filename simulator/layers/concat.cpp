#include <algorithm>
#include <cmath>

#include "simulator/combination.hpp"
#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {
namespace {

/// Channels of several values side by side. Each is multiplied by √(f n/m), where it has m of the n channels
/// and the part f of them in the graph: a layer that reads them then weighs them by f, whatever m and n are.
class ConcatStep final : public Step {
 public:
  ConcatStep(std::vector<StepId> values, std::vector<double> fractions)
      : Step(std::move(values), {Channels::Rule::sum_of_operands}),
        fractions_(std::move(fractions)),
        scales_(fractions_.size(), 1.0) {}

  void set_channels(const std::vector<std::int64_t>& of_operands) override {
    for (std::size_t i = 0; i < of_operands.size(); ++i) {
      const double part = fractions_[i] * static_cast<double>(channels);
      const auto own = static_cast<double>(of_operands[i]);
      if (std::abs(part - own) > 1e-9 * own) scales_[i] = std::sqrt(part / own);
    }
  }

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    Matrix result(pass.values[operands[0]].rows(), channels, Uninitialized{});
    std::ptrdiff_t first = 0;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      const Matrix& value = pass.values[operands[k]];
      for (std::ptrdiff_t i = 0; i < value.rows(); ++i) {
        for (std::ptrdiff_t j = 0; j < value.columns(); ++j) result(i, first + j) = scales_[k] * value(i, j);
      }
      first += value.columns();
    }
    return result;
  }

  void backward(const BackwardPass& pass, Matrix signal) const override {
    std::ptrdiff_t first = 0;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      // The signal may end within the values: the rest of it is zero.
      const std::ptrdiff_t columns = std::min(pass.values[operands[k]].columns(), signal.columns() - first);
      if (columns <= 0) break;
      Matrix part(signal.rows(), columns, Uninitialized{});
      for (std::ptrdiff_t i = 0; i < signal.rows(); ++i) {
        for (std::ptrdiff_t j = 0; j < columns; ++j) part(i, j) = scales_[k] * signal(i, first + j);
      }
      pass.pass(operands[k], std::move(part));
      first += columns;
    }
  }

 private:
  std::vector<double> fractions_;
  std::vector<double> scales_;
};

/// Positions of several values one after the other, along an axis.
class JoinStep final : public Step {
 public:
  /// `maps`: of each value into the positions of all.
  JoinStep(std::vector<StepId> values, std::vector<PositionMap> maps)
      : Step(std::move(values), {}), maps_(std::move(maps)) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    Matrix result;
    for (std::size_t k = 0; k < operands.size(); ++k)
      add_scaled(result, 1, apply(maps_[k], pass.values[operands[k]]));
    return result;
  }
  void backward(const BackwardPass& pass, Matrix signal) const override {
    for (std::size_t k = 0; k < operands.size(); ++k)
      pass.pass(operands[k], apply_transposed(maps_[k], signal));
  }

 private:
  std::vector<PositionMap> maps_;
};

/// Of n positions along an axis into those of all, of which so many come before.
PositionMap embedding(std::int64_t n, std::int64_t before, std::int64_t all) {
  PositionMap map{.inputs = n,
                  .rows = std::vector<std::vector<PositionMap::Entry>>(static_cast<std::size_t>(all))};
  for (std::int64_t p = 0; p < n; ++p) map.rows[static_cast<std::size_t>(before + p)].push_back({p, 1.0});
  return map;
}

std::unique_ptr<Step> join(PlanContext& context, const layer_graph::Node& node, std::size_t axis) {
  std::vector<PositionMap> maps;
  std::int64_t before = 0;
  for (const auto value : std::get<layer_graph::ConcatNode>(node.node).values) {
    const auto& positions = context.graph.nodes[value].type.positions;
    std::vector<PositionMap> axes;
    for (std::size_t each = 0; each < positions.size(); ++each) {
      axes.push_back(embedding(positions[each], each == axis ? before : 0, node.type.positions[each]));
    }
    before += positions[axis];
    maps.push_back(product(axes));
  }
  return std::make_unique<JoinStep>(context.operands_of(node), std::move(maps));
}

}  // namespace

std::unique_ptr<Step> layers::concat(PlanContext& context, const layer_graph::Node& node) {
  if (const auto axis = std::get<layer_graph::ConcatNode>(node.node).axis) return join(context, node, *axis);
  return std::make_unique<ConcatStep>(
      context.operands_of(node),
      channel_fractions(context.graph, std::get<layer_graph::ConcatNode>(node.node)));
}

}  // namespace ntkc::simulator
