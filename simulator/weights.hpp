// The parameters of a finite network. They are read in blocks, so that those which can be drawn again need
// not be kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ntkc/matrix.hpp"
#include "simulator/layer_parameters.hpp"

namespace ntkc::simulator {

struct Plan;

/// The number of rows and of columns of the blocks in which weights are read.
inline constexpr std::ptrdiff_t weight_block = 256;

struct Range {
  std::ptrdiff_t first = 0;
  std::ptrdiff_t size = 0;
};

class Weights {
 public:
  Weights() = default;
  Weights(const Weights&) = delete;
  Weights& operator=(const Weights&) = delete;
  virtual ~Weights() = default;

  /// A block of the weights W (outputs × inputs) of a layer. `room` has weight_block² entries, which the
  /// result may lie in. Preconditions: neither range is larger than weight_block, and both begin at a
  /// multiple of it.
  virtual MatrixView<const double> block(const LayerParameters& layer, Range rows, Range columns,
                                         double* room) const = 0;
  /// The whole bias b. Precondition: the layer has one.
  virtual void bias(const LayerParameters& layer, double* result) const = 0;
};

/// A draw of the network. Every entry is a function of (seed, draw, layer, place), whatever the widths, and
/// is made anew each time it is read.
class DrawnWeights final : public Weights {
 public:
  DrawnWeights(std::uint64_t seed, std::uint32_t draw) : seed_(seed), draw_(draw) {}

  MatrixView<const double> block(const LayerParameters& layer, Range rows, Range columns,
                                 double* room) const override;
  void bias(const LayerParameters& layer, double* result) const override;

 private:
  std::uint64_t seed_;
  std::uint32_t draw_;
};

/// Weights that are kept, so that they can be changed.
class StoredWeights final : public Weights {
 public:
  /// A copy of `source`.
  StoredWeights(const Plan& plan, const Weights& source);

  MatrixView<const double> block(const LayerParameters& layer, Range rows, Range columns,
                                 double* room) const override;
  void bias(const LayerParameters& layer, double* result) const override;

  [[nodiscard]] Matrix& weights(const LayerParameters& layer) { return weights_[layer.number]; }
  /// The biases, 1 × outputs, or 0 × 0 if the layer has none.
  [[nodiscard]] Matrix& biases(const LayerParameters& layer) { return biases_[layer.number]; }

 private:
  void copy(const LayerParameters& layer, const Weights& source, std::vector<double>& room);

  std::vector<Matrix> weights_;
  std::vector<Matrix> biases_;
};

}  // namespace ntkc::simulator
