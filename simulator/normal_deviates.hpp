// Standard normal deviates as a function of their place: seed, draw, array, row and column.
//
// Method: Box and Muller 1958. One Philox block (counter: block, row, stream, draw; key: seed) gives four
// words of 32 bits, two pairs: the first of a pair makes u = (k + 1/2)/2^32, the second an angle a; the
// deviates √(−2 ln u) cos a and √(−2 ln u) sin a stand in neighbouring columns. The largest possible
// |deviate| is √(66 ln 2) = 6.76, beyond which a normal variable lies with probability 1e-11. ln, sin and cos
// are Taylor polynomials after range reduction; each deviate is within 1e-15 of exact arithmetic, relative to
// max(1, |deviate|) (tests/simulator/test_normal.cpp measures it). Multiplications are never fused with
// additions, so the deviates have the same bits on every machine.
#pragma once

#include <cstdint>

namespace ntkc::simulator {

/// Names the deviates of one parameter array in one draw of the network.
struct NormalStream {
  std::uint64_t seed = 0;
  std::uint32_t draw = 0;
  std::uint32_t stream = 0;
};

/// How many columns one Philox block makes.
inline constexpr std::int64_t normal_columns = 4;

/// Writes result[j] = scale · deviate (row, first_column + j) for j < count. Precondition: first_column is a
/// multiple of normal_columns and below 2^34, and row is below 2^32.
void fill_normal(const NormalStream& stream, std::int64_t row, std::int64_t first_column, std::int64_t count,
                 double scale, double* result);

}  // namespace ntkc::simulator
