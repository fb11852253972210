// The parameters of a finite network. They are read in blocks, so that those which can be drawn again need
// not be kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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
  /// Of a draw; what is not drawn, such as weights that are given, is of seed and draw 0.
  explicit Weights(std::uint64_t seed = 0, std::uint32_t draw = 0) : seed_(seed), draw_(draw) {}
  Weights& operator=(const Weights&) = delete;
  virtual ~Weights() = default;

  /// A block of the weights W (outputs × inputs) of a layer. `room` has weight_block² entries, which the
  /// result may lie in. Preconditions: neither range is larger than weight_block, and both begin at a
  /// multiple of it.
  virtual MatrixView<const double> block(const LayerParameters& layer, Range rows, Range columns,
                                         double* room) const = 0;
  /// The whole bias b. Precondition: the layer has one.
  virtual void bias(const LayerParameters& layer, double* result) const = 0;

  /// Which units of a row of a value dropout number `layer` keeps, each with probability `keep`: result[j] is
  /// 1/keep or 0. A function of (seed, draw, layer, row, j): the same in each pass, forwards and backwards.
  void mask(std::uint32_t layer, std::int64_t row, double keep, std::span<double> result) const;

 protected:
  Weights(const Weights&) = default;
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] std::uint32_t draw() const { return draw_; }

 private:
  std::uint64_t seed_;
  std::uint32_t draw_;
};

/// A draw of the network. Every entry is a function of (seed, draw, layer, place), whatever the widths, and
/// is made anew each time it is read.
class DrawnWeights final : public Weights {
 public:
  DrawnWeights(std::uint64_t seed, std::uint32_t draw) : Weights(seed, draw) {}

  MatrixView<const double> block(const LayerParameters& layer, Range rows, Range columns,
                                 double* room) const override;
  void bias(const LayerParameters& layer, double* result) const override;
};

/// Weights that are kept, so that they can be changed.
class StoredWeights final : public Weights {
 public:
  /// A copy of `source`, with the masks of dropout that it has.
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
