#include "simulator/weights.hpp"

#include <algorithm>
#include <array>

#include "simulator/normal_deviates.hpp"
#include "simulator/philox.hpp"
#include "simulator/plan.hpp"

namespace ntkc::simulator {

static_assert(weight_block % normal_columns == 0);

// The weights of layer l are stream 2 l, its biases stream 2 l + 1, the masks of dropout l stream 2³¹ + l.
constexpr std::uint32_t first_mask_stream = std::uint32_t{1} << 31U;

void Weights::mask(std::uint32_t layer, std::int64_t row, double keep, std::span<double> result) const {
  const PhiloxKey key = {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32U)};
  const double kept_below = keep * 0x1p32;
  PhiloxCounter words = {};
  for (std::size_t j = 0; j < result.size(); ++j) {
    if (j % words.size() == 0)
      words = philox({static_cast<std::uint32_t>(j / words.size()), static_cast<std::uint32_t>(row),
                      first_mask_stream + layer, draw_},
                     key);
    result[j] = words.at(j % words.size()) < kept_below ? 1 / keep : 0;
  }
}

MatrixView<const double> DrawnWeights::block(const LayerParameters& layer, Range rows, Range columns,
                                             double* room) const {
  const NormalStream stream = {seed(), draw(), 2 * layer.number};
  for (std::ptrdiff_t i = 0; i < rows.size; ++i) {
    fill_normal(stream, rows.first + i, columns.first, columns.size, layer.weights.standard_deviation,
                room + i * columns.size);
  }
  return {room, rows.size, columns.size};
}

void DrawnWeights::bias(const LayerParameters& layer, double* result) const {
  fill_normal({seed(), draw(), 2 * layer.number + 1}, 0, 0, layer.outputs, layer.bias->standard_deviation,
              result);
}

StoredWeights::StoredWeights(const Plan& plan, const Weights& source)
    : Weights(source),
      weights_(static_cast<std::size_t>(plan.layers_with_parameters)),
      biases_(static_cast<std::size_t>(plan.layers_with_parameters)) {
  std::vector<double> room(weight_block * weight_block);
  for (const auto& step : plan.steps) {
    for (const LayerParameters& layer : step->parameters()) copy(layer, source, room);
  }
}

void StoredWeights::copy(const LayerParameters& layer, const Weights& source, std::vector<double>& room) {
  Matrix& w = weights_[layer.number] = Matrix(layer.outputs, layer.inputs, Uninitialized{});
  for (std::ptrdiff_t i = 0; i < layer.outputs; i += weight_block) {
    for (std::ptrdiff_t j = 0; j < layer.inputs; j += weight_block) {
      const MatrixView<const double> block =
          source.block(layer, {i, std::min(weight_block, layer.outputs - i)},
                       {j, std::min(weight_block, layer.inputs - j)}, room.data());
      for (std::ptrdiff_t row = 0; row < block.rows; ++row)
        std::copy_n(&block(row, 0), block.columns, &w(i + row, j));
    }
  }
  if (!layer.bias) return;
  biases_[layer.number] = Matrix(1, layer.outputs, Uninitialized{});
  source.bias(layer, biases_[layer.number].data());
}

MatrixView<const double> StoredWeights::block(const LayerParameters& layer, Range rows, Range columns,
                                              double* /*room*/) const {
  const Matrix& w = weights_[layer.number];
  return {&w(rows.first, columns.first), rows.size, columns.size, w.columns()};
}

void StoredWeights::bias(const LayerParameters& layer, double* result) const {
  std::copy_n(biases_[layer.number].data(), layer.outputs, result);
}

}  // namespace ntkc::simulator
