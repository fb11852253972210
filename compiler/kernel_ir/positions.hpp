// Positions of values, and the linear maps between positions that spatial layers are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/elementary/quad.hpp"

namespace ntkc::kernel_ir {

using ntkc::Quad;

/// Which numbers a value is, for P positions p of one input and P positions p' of the other.
enum class Space : std::uint8_t {
  point,     ///< one: it has no positions
  diagonal,  ///< P: at p of the one and the same p of the other; at p of a value of one input
  full,  ///< P·P: all pairs (p, p'), row by row; pairs of positions of the same input if it is of one input
};

/// How many positions there are along each dimension: {32, 32} for an image.
using Extents = std::vector<std::int64_t>;
/// Of {}, 1.
std::int64_t position_count(const Extents& extents);

/// What the outputs of a convolution or a pooling read along one dimension. Output o reads through tap t the
/// place o·stride + t·dilation - low; input i is at place i·base_dilation, and at the other places is 0.
struct Window {
  std::int64_t size = 1;  ///< number of taps
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t base_dilation = 1;  ///< more than 1 for a transposed convolution
  std::int64_t low = 0;            ///< places before the first input; negative where inputs are left out
  std::int64_t high = 0;           ///< places behind the last input
  bool circular = false;           ///< places are taken modulo inputs·base_dilation instead of being 0

  [[nodiscard]] std::int64_t outputs(std::int64_t inputs) const;
  /// The input that an output reads through a tap; nullopt where that is 0.
  [[nodiscard]] std::optional<std::int64_t> input(std::int64_t output, std::int64_t tap,
                                                  std::int64_t inputs) const;
  friend bool operator==(const Window&, const Window&) = default;
};

/// A sparse matrix by its rows; row o is what output o is made of.
struct PositionMatrix {
  struct Entry {
    std::int64_t input = 0;
    double weight = 0;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::int64_t inputs = 0;
  std::vector<std::vector<Entry>> rows;  ///< entries by ascending input
  friend bool operator==(const PositionMatrix&, const PositionMatrix&) = default;
};

/// The weights of a convolution are independent from tap to tap and the same at all positions. With k taps
/// t, Σ'[p, p'] = 1/k Σ_t Σ[s(p) + t, s(p') + t]: both positions move together, so that the diagonal of Σ' is
/// made of that of Σ. `flatten` is the one whose taps are all positions.
struct Coupled {
  std::vector<Window> windows;  ///< one for each dimension
  bool to_point = false;        ///< there is one output, which has no position any more
  friend bool operator==(const Coupled&, const Coupled&) = default;
};

/// A layer that maps the positions of each channel by a matrix: Σ' = A Σ Aᵀ. A is the Kronecker product of
/// one matrix for each dimension, that of a window being the mean over its taps (pooling; slices and, for
/// concatenation, embeddings into more positions are windows of one tap); or one matrix over all positions.
struct Congruent {
  using Factor = std::variant<Window, PositionMatrix>;
  std::vector<Factor> factors;   ///< one for each dimension
  std::optional<Extents> joint;  ///< the extents of the outputs if the one factor is over all positions, in
                                 ///< row-major order
  bool to_point = false;         ///< as of Coupled
  friend bool operator==(const Congruent&, const Congruent&) = default;
};

/// The extents of the outputs, {} for a point. Precondition: `check_map`.
Extents outputs(const Coupled& map, const Extents& inputs);
Extents outputs(const Congruent& map, const Extents& inputs);

/// What keeps the map from being applied to values with these positions; "" if nothing does.
std::string check_map(const Coupled& map, const Extents& inputs);
std::string check_map(const Congruent& map, const Extents& inputs);

/// Whether A has one.
bool has_negative_weights(const Congruent& map);

/// The most inputs that an output is made of: √n where a sum over both positions has n terms.
std::int64_t most_terms(const Congruent& map, const Extents& inputs);
/// Where each output is a positive multiple of one input: the map with 1 for each of these numbers.
std::optional<Congruent> selection(const Congruent& map, const Extents& inputs);

/// For each output, in row-major order, the input that each tap reads; `outside` where it reads 0.
inline constexpr std::int64_t outside = -1;
std::vector<std::vector<std::int64_t>> taps(const Coupled& map, const Extents& inputs);

/// The rows of A.
struct WeightedInput {
  std::int64_t input = 0;
  Quad weight = 0;
};
std::vector<std::vector<WeightedInput>> rows(const Congruent& map, const Extents& inputs);

}  // namespace ntkc::kernel_ir
