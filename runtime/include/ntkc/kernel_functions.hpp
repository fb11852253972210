// The interface between a compiled kernel and the runtime: plain functions on plain arrays, the same whether
// the code comes from the JIT or from a library compiled ahead of time.
//
// A kernel is evaluated in two steps. `sample` runs once per input, O(n), and fills a table of per-sample
// values (self covariances and what is derived from them); a pair function runs once per pair, O(n²), and
// reads two columns of such tables and the correlation of the two inputs.
//
// Each function takes one pointer to a struct of arguments. The struct begins with its size as its caller
// knows it, and new fields are only ever appended, so that callers and machine code of different versions
// work together: older code ignores fields that it does not know, and newer code compares the size before it
// reads a field that was appended. A kernel of vectors reads nothing behind the strides of table and result but `same_column`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace ntkc {

enum class Precision : std::uint8_t { f64, f32 };

enum class KernelKind : std::uint8_t {
  sigma,  ///< NNGP kernel Σ
  theta,  ///< neural tangent kernel Θ
};

/// Arrays that the functions touch are padded to a multiple of this many elements (columns of a tile, entries
/// of a table row); the padding must hold finite values. Machine code then needs no scalar tail.
inline constexpr std::ptrdiff_t lane_padding = 64;

/// What functions of inputs with positions (pixels, elements of a sequence) call now and then, with the state
/// that they were given. False: they give up, and what they have written means nothing.
using Proceed = bool (*)(void* state);

/// Fills table[slot * table_stride + j], j < count. `table` holds elements of the kernel's precision, or
/// doubles where KernelFunctions::wide_tables says so.
struct SampleArguments {
  std::int64_t size = sizeof(SampleArguments);  ///< of this struct, in bytes
  std::int64_t count = 0;                       ///< samples; a multiple of lane_padding
  /// self[j] = |x_j|²/d in f64 for any precision, the self covariance of input j. Of inputs with positions,
  /// that at position p is self[p * position_stride + j].
  const double* self = nullptr;
  void* table = nullptr;
  std::int64_t table_stride = 0;
  // Behind this only of inputs with positions.
  std::int64_t position_stride = 0;
  /// Component k of the unit vector x/|x| at position p is inputs[(p * channels + k) * position_stride + j]; 0
  /// of a zero vector.
  const double* inputs = nullptr;
  void* scratch = nullptr;  ///< KernelFunctions::Positions::scratch_bytes, on a cache line
  Proceed proceed = nullptr;
  void* proceed_state = nullptr;
};

/// Far from all columns.
inline constexpr std::int64_t no_column = -(std::int64_t{1} << 40);

/// Evaluates a tile of the planes of a kernel: the pair (i, j) of plane p goes to
/// result[p * plane_stride + i * result_stride + j].
struct PairArguments {
  std::int64_t size = sizeof(PairArguments);  ///< of this struct, in bytes
  std::int64_t rows = 0;
  std::int64_t columns = 0;  ///< a multiple of lane_padding
  /// half_complement[i * half_complement_stride + j] is m = (1 - |u|)/2 in [0, 1/2] with the sign of the
  /// correlation u = x_i·y_j/(|x_i||y_j|) as its sign bit (-0.0 for u = -1), so that both (1 - u)/2 and
  /// (1 + u)/2 are exact to the last bit. Null for inputs with positions.
  const void* half_complement = nullptr;
  std::int64_t half_complement_stride = 0;
  /// row_table[slot * row_table_stride + i] and column_table[slot * column_table_stride + j] are tables of
  /// `sample`.
  const void* row_table = nullptr;
  std::int64_t row_table_stride = 0;
  const void* column_table = nullptr;
  std::int64_t column_table_stride = 0;
  /// Apart from the tables. One plane of it may be the array of the half complements, at the same stride.
  void* result = nullptr;
  std::int64_t result_stride = 0;
  std::int64_t plane_stride = 0;
  // Behind this only of inputs with positions; `columns` is then a multiple of KernelFunctions::Positions::lanes.
  /// Component k of the unit vector at position p of the input of row i is
  /// row_inputs[(p * channels + k) * row_input_stride + i], of the type that tables have; 0 of a zero vector.
  /// Where KernelFunctions::Positions::rows_by_lane, `rows` is 1, and column j of row_inputs and row_table is the row
  /// that is paired with column j.
  const void* row_inputs = nullptr;
  std::int64_t row_input_stride = 0;
  const void* column_inputs = nullptr;
  std::int64_t column_input_stride = 0;
  void* scratch = nullptr;
  Proceed proceed = nullptr;
  void* proceed_state = nullptr;
  // Of any kernel again.
  /// Column r + same_column holds the very sample that row r is of: with dropout, a sample with itself is more than
  /// two samples that are equal. no_column where rows and columns are different samples.
  std::int64_t same_column = no_column;
};

using SampleFunction = void (*)(const SampleArguments* arguments);
using PairFunction = void (*)(const PairArguments* arguments);

/// A kernel is a stack of planes, matrices that are evaluated together in one pass over the pairs. Σ and Θ
/// have one plane, or one for each depth; the contributions of the layers to Θ are planes; so is a
/// derivative.
struct KernelStack {
  std::string name;                 ///< "Sigma", "Theta", "Theta_by_layer", "dTheta_dw"
  std::vector<std::string> planes;  ///< what each is: "1", "2", … for depths, the name of a layer
  PairFunction pair = nullptr;
  bool is_kernel = false;  ///< positive semi-definite: Σ, Θ and what Θ is the sum of, not their derivatives
};

/// A network as its author wrote it.
struct NetworkSource {
  std::string file;                                ///< as it was named, for messages
  std::string text;                                ///< what it imports written out
  std::map<std::string, std::string> definitions;  ///< of parameters that were set from outside
};

/// A compiled network. Copies share the code; it is freed with the last of them. Safe to call from any
/// thread.
struct KernelFunctions {
  std::string name;       ///< of the network
  NetworkSource network;  ///< what it was compiled from
  std::vector<std::int64_t>
      input_shape;  ///< positions then channels: {d}, {length, channels}, {h, w, channels}
  Precision precision = Precision::f64;
  std::int64_t slots = 0;    ///< rows of the per-sample table
  bool wide_tables = false;  ///< tables hold doubles, because pairs are evaluated in f64 even for f32
  /// The row that holds the largest share that the expansions of a sample leave out, or that rounding may
  /// take of closed forms; -1: neither can exceed the tolerance. An entry of the Gram matrix is off by at
  /// most the geometric mean of its samples' in each layer.
  std::int64_t remainder_slot = -1;
  double tolerance = 0;  ///< what was asked of the expansions
  double operations =
      0;  ///< of a pair of inputs, all kernels together: KernelCost (ntkc/cost.hpp); 0: not known
  SampleFunction sample = nullptr;
  std::vector<KernelStack> kernels = {};  ///< what was asked for: Σ, Θ, derivatives
  /// Of a kernel of inputs with positions.
  struct Positions {
    std::int64_t count = 0;          ///< of positions; 0: inputs are vectors
    std::int64_t channels = 0;       ///< numbers at each position
    std::int64_t lanes = 0;          ///< columns that are computed at a time
    std::int64_t scratch_bytes = 0;  ///< memory that a call of its functions works in
    /// Whether each column has a row of its own, PairArguments: the value of a pair depends, in its last bits, on which
    /// of the two inputs is the row, and who calls decides that for each pair.
    bool rows_by_lane = false;
  };
  Positions positions = {};
  std::shared_ptr<const void> code;  ///< keeps the machine code alive

  [[nodiscard]] std::int64_t input_size() const {
    std::int64_t size = 1;
    for (const std::int64_t extent : input_shape) size *= extent;
    return size;
  }

  /// Null if it was not compiled.
  [[nodiscard]] const KernelStack* find(std::string_view kernel_name) const {
    const auto found = std::ranges::find(kernels, kernel_name, &KernelStack::name);
    return found == kernels.end() ? nullptr : &*found;
  }
  [[nodiscard]] const KernelStack* find(KernelKind kind) const {
    return find(kind == KernelKind::sigma ? "Sigma" : "Theta");
  }
};

}  // namespace ntkc
#pragma GCC visibility pop
