// Tiles of a Gram matrix that an earlier run has computed, and those that this one keeps for a later one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ntkc/execution.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"
#include "runtime/gram/store_tile.hpp"
#include "runtime/gram/tile_log.hpp"

namespace ntkc::runtime {

/// Does nothing without Execution::checkpoint. A task is a tile of all planes; its number and place depend on the
/// kernel and on the number of samples alone.
template <typename T>
class KeptTiles {
 public:
  /// `y` without data: x with itself. `geometry` tells apart what would divide the same matrix in another way.
  KeptTiles(const Execution& execution, const KernelFunctions& kernel, const KernelStack& stack,
            MatrixView<const double> x, MatrixView<const double> y, std::int64_t geometry,
            std::int64_t tasks);

  /// Work that is done already: tiles, or entries of a plane.
  [[nodiscard]] double tiles() const { return log_ ? static_cast<double>(log_->kept()) : 0; }
  [[nodiscard]] double entries(std::size_t planes) const;
  /// Fills the tile in each plane; false if it has to be computed.
  bool restore(std::int64_t task, const TilePlace& place, std::span<const MatrixView<T>> planes) const;
  /// Keeps a tile that was computed. Throws InputError, also if it is one that was there and has other bits.
  void keep(std::int64_t task, const TilePlace& place, std::span<const MatrixView<T>> planes);

 private:
  std::optional<TileLog> log_;
};

extern template class KeptTiles<double>;
extern template class KeptTiles<float>;

}  // namespace ntkc::runtime
