// The interface between a compiled kernel and the runtime: plain functions on plain arrays, the same whether
// the code comes from the JIT or from a library compiled ahead of time.
//
// A kernel is evaluated in two steps (design §1): `sample` once per input, O(n), fills a table of per-sample
// values (self covariances and what is derived from them); `pair`, O(n²), reads two columns of such tables
// and the correlation of the two inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ntkc {

enum class Precision : std::uint8_t { f64, f32 };

enum class KernelKind : std::uint8_t {
  sigma,  ///< NNGP kernel Σ
  theta,  ///< neural tangent kernel Θ
};

/// Arrays that `sample` and `pair` touch are padded to a multiple of this many elements (columns of a tile,
/// entries of a table row); the padding must hold finite values. Machine code then needs no scalar tail.
inline constexpr std::ptrdiff_t lane_padding = 64;

/// Fills table[slot * stride + j], j < count, from self[j] = |x_j|²/d, the self covariance of the input.
/// `count` is rounded up to lane_padding. `table` holds elements of the kernel's precision; `self` is f64
/// always.
using SampleFunction = void (*)(const double* self, std::int64_t count, void* table, std::int64_t stride);

/// Evaluates a tile. `half_complement[i * ld + j]` is m = (1 - |u|)/2 in [0, 1/2] with the sign of the
/// correlation u = x_i·y_j/(|x_i||y_j|) as its sign bit (-0.0 for u = -1), so that both (1 - u)/2 and (1 +
/// u)/2 are exact to the last bit. The result goes to result[i * ld + j]; it may be the same array. `columns`
/// is a multiple of lane_padding; row_table[slot * row_stride + i] and column_table[slot * column_stride + j]
/// are tables of `sample`.
using PairFunction = void (*)(const void* half_complement, void* result, std::int64_t ld, std::int64_t rows,
                              std::int64_t columns, const void* row_table, std::int64_t row_stride,
                              const void* column_table, std::int64_t column_stride);

/// As PairFunction for a stack of matrices, one after the other with `plane_stride` elements between: plane p
/// of the result goes to result[p * plane_stride + i * ld + j]. `result` may be the array of the half
/// complements.
using StackFunction = void (*)(const void* half_complement, void* result, std::int64_t ld, std::int64_t rows,
                               std::int64_t columns, const void* row_table, std::int64_t row_stride,
                               const void* column_table, std::int64_t column_stride,
                               std::int64_t plane_stride);

/// Kernels that are evaluated together: Σ or Θ at each depth, the contributions of the layers to Θ, a
/// derivative.
struct KernelStack {
  std::string name;                 ///< "Sigma", "Theta", "Theta by layer", "dTheta/dw"
  std::vector<std::string> planes;  ///< what each is: "1", "2", … for depths, the name of a layer
  StackFunction pair = nullptr;
};

/// A compiled kernel. Copies share the code; it is freed with the last of them. Safe to call from any thread.
struct KernelFunctions {
  std::string name;  ///< of the network
  std::vector<std::int64_t>
      input_shape;  ///< positions then channels: {d}, {length, channels}, {h, w, channels}
  Precision precision = Precision::f64;
  std::int64_t slots = 0;  ///< rows of the per-sample table
  /// The row that holds the largest share that the expansions of a sample leave out, or that rounding may
  /// take of closed forms; -1: neither can exceed the tolerance. An entry of the Gram matrix is off by at
  /// most the geometric mean of its samples' in each layer.
  std::int64_t remainder_slot = -1;
  double tolerance = 0;  ///< what was asked of the expansions
  SampleFunction sample = nullptr;
  PairFunction sigma = nullptr;  ///< null if it was not compiled
  PairFunction theta = nullptr;
  std::vector<KernelStack> stacks = {};  ///< what CompileOptions asked for beside Σ and Θ
  std::shared_ptr<const void> code;      ///< keeps the machine code alive

  [[nodiscard]] std::int64_t input_size() const {
    std::int64_t size = 1;
    for (const std::int64_t extent : input_shape) size *= extent;
    return size;
  }
};

}  // namespace ntkc
