// Linear maps of positions: each output position is a weighted sum of input positions, in every channel alike.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ntkc/matrix.hpp"

namespace ntkc::simulator {

/// A sparse matrix by its rows.
struct PositionMap {
  struct Entry {
    std::int64_t input = 0;
    double weight = 0;
  };
  std::int64_t inputs = 0;
  std::vector<std::vector<Entry>> rows;  ///< one for each output
};

/// The map of all positions, in row-major order, that acts on each axis by one of these.
PositionMap product(const std::vector<PositionMap>& axes);

/// For values and signals (step.hpp): rows of P positions each become rows of P' positions.
Matrix apply(const PositionMap& map, const Matrix& value);
Matrix apply_transposed(const PositionMap& map, const Matrix& signal);

/// By output position, the input position that each tap reads; nothing where there is none.
struct TapMap {
  std::int64_t inputs = 0;
  std::size_t taps = 0;
  std::vector<std::vector<std::optional<std::int64_t>>> rows;
};

/// What the taps read, one after the other: (n P) × channels becomes (n P') × (taps · channels).
Matrix gather(const TapMap& map, const Matrix& value);
/// The transposed map.
Matrix scatter(const TapMap& map, const Matrix& signal);

}  // namespace ntkc::simulator
