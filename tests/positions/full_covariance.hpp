// Σ and Θ of networks on positions by their definitions, as full arrays over pairs of positions, in quadruple precision.
// Nothing here is the compiler's: no kernel IR, no complements, no offsets. tests/golden/README.md has the definitions.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace ntkc::test {

using Real = __float128;

/// Of a pair of inputs with P positions in one and in the other, entry (p, p') at p P + p'.
using Square = std::vector<Real>;

/// The values of one layer for the pairs (x, x), (y, y) and (x, y).
struct Covariances {
  std::vector<std::int64_t> extents;
  std::array<Square, 3> sigma;
  std::array<Square, 3> theta;

  [[nodiscard]] std::size_t positions() const {
    std::size_t count = 1;
    for (const std::int64_t extent : extents) count *= static_cast<std::size_t>(extent);
    return count;
  }
};

/// x and y: channels of a position after one another.
Covariances input_covariances(const std::vector<double>& x, const std::vector<double>& y,
                              const std::vector<std::int64_t>& extents, std::int64_t channels);

/// One axis of a filter: which input each output reads through each tap, -1 for none.
using Taps = std::vector<std::vector<std::int64_t>>;
enum class Padding : std::uint8_t { same, valid, circular };
struct Filter {
  std::int64_t size = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  Padding padding = Padding::same;
};
Taps taps_of(const Filter& filter, std::int64_t inputs);
/// Of a transposed convolution.
Taps transposed_taps_of(const Filter& filter, std::int64_t inputs);

/// W² (mean over the taps) + b², and what weights and biases add to Θ. Weights are those of all positions or, if `local`,
/// of each its own.
Covariances convolved(const Covariances& a, const std::vector<Taps>& axes, double w, double b,
                      bool local = false);
Covariances dense(const Covariances& a, double w, double b);

/// A Σ Aᵀ, A given by its rows.
using Rows = std::vector<std::vector<Real>>;
Covariances mapped(const Covariances& a, const Rows& rows, std::vector<std::int64_t> extents);
/// The rows of a map that is the product of one for each axis.
Rows product_of(const std::vector<Rows>& axes);
/// A mean over windows, or a sum; over the positions that there are if `normalize`.
Rows pooling_rows(const Filter& filter, std::int64_t inputs, bool is_sum, bool normalize);
Rows slice_rows(std::int64_t start, std::int64_t stop, std::int64_t step, std::int64_t inputs);
Rows nearest_rows(std::int64_t outputs, std::int64_t inputs);
Rows linear_rows(std::int64_t outputs, std::int64_t inputs);

/// The mean of the diagonals, without positions.
Covariances flattened(const Covariances& a);
/// The mean or the sum over all pairs of positions.
Covariances pooled(const Covariances& a, bool is_sum);
Covariances normalized(const Covariances& a, double eps, bool over_positions);
Covariances dropped(const Covariances& a, double keep);
Covariances sum_of(const Covariances& a, const Covariances& b);
Covariances product_of(const Covariances& a, const Covariances& b);
/// Along the first axis; 0 between positions of the two.
Covariances joined(const Covariances& a, const Covariances& b);

/// E[φ(u)φ(v)] and E[φ'(u)φ'(v)] from q, q', c; q and q' are 0 together with c.
enum class Activation : std::uint8_t { relu, leaky_relu, erf, sin, tanh, sigmoid };
Covariances activated(const Covariances& a, Activation activation);

}  // namespace ntkc::test
