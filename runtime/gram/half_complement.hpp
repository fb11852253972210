// From correlations to the half complements that kernels are evaluated on.
#pragma once

#include <cstddef>
#include <type_traits>

#include "runtime/gram/unit_rows.hpp"

namespace ntkc::runtime {

/// Pairs with 1 - |u| below this are recomputed from the difference of the inputs.
///
/// The product of two unit vectors leaves an error ε in u, hence ε/(4√m) in √m, m = (1 - |u|)/2, which is
/// what ReLU-like kernels depend on. At the threshold √m is 0.088 in f64 and 0.177 in f32, so the error of √m
/// is at most 2.9 ε and 1.5 ε (measured for d = 2 to 3072, |error of √m|: 8e-16 and 3.5e-7); below it the
/// difference gives √m to 4e-16 absolute in f64 (measured: 1.2e-16; f32: 4e-9), and below 1e-3, where the difference is
/// taken with what products round off, to some 1e-15 of itself. Recomputing costs several
/// products per pair (all pairs near: 4 times the time at d = 784), so thresholds stay where few pairs of
/// real data are: of Fashion-MNIST 0.002 % are below 1/64 and 0.5 % below 1/16.
template <typename T>
inline constexpr T near_threshold = std::is_same_v<T, double> ? T(1) / 64 : T(1) / 16;

/// Replaces the correlations u in a tile by m = (1 - |u|)/2, clamped to [0, 1/2], with the sign of u as its
/// sign bit (+ for u = ±0). Near pairs are recomputed from the inputs, row i of `x` and row j of `y`, as m =
/// |x̂ - ŷ|²/4 for u > 0 and |x̂ + ŷ|²/4 for u < 0: equal vectors give exactly 0, opposite ones exactly -0. The
/// value of a pair does not depend on which one is the row.
void half_complement_tile(double* tile, std::ptrdiff_t tile_stride, std::ptrdiff_t rows,
                          std::ptrdiff_t columns, const ScaledRows& x, const ScaledRows& y);
void half_complement_tile(float* tile, std::ptrdiff_t tile_stride, std::ptrdiff_t rows,
                          std::ptrdiff_t columns, const ScaledRows& x, const ScaledRows& y);

}  // namespace ntkc::runtime
