// Inputs as the Gram matrix needs them: unit vectors and self covariances.
#pragma once

#include <cstddef>
#include <string>

#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"
#include "runtime/gram/aligned_array.hpp"

namespace ntkc::runtime {

/// |x|²/d of one row and 1/|x|; a zero row has both zero.
struct RowMeasure {
  double self = 0;
  long double inverse_norm = 0;
};

/// Measures row `index` of `x` without overflow or underflow in between; `self` is |x|²/d to 1 ulp for d up
/// to 2^10 (the error of the sum, d · 2⁻⁶⁴ at most, stays below that of its rounding to double). Throws
/// InputError, naming the matrix by `name`, for NaN and infinity, and if `self` of a row other than zero is
/// no normal number of `precision`: a kernel could not tell such an input from zero or infinity.
RowMeasure measure_row(MatrixView<const double> x, std::ptrdiff_t index, const std::string& name,
                       Precision precision);

/// The rows of a matrix as unit vectors x̂ = x/|x|, zero for a zero row, in whole tiles of `tile` rows: the
/// last one is filled up with zero vectors of self covariance 1. T is the kernel's precision. Each component
/// of x̂ in f64 is within 0.5 ulp + (d/8 + 4) · 2⁻⁶⁴ |x̂_k| of the exact quotient. Equal rows have equal unit
/// vectors, and so have rows that differ by a power of two.
template <typename T>
class UnitRows {
 public:
  UnitRows(MatrixView<const double> x, std::ptrdiff_t tile, const std::string& name, Precision precision,
           int threads);

  [[nodiscard]] std::ptrdiff_t rows() const { return rows_; }
  [[nodiscard]] std::ptrdiff_t tile() const { return tile_; }
  [[nodiscard]] std::ptrdiff_t tiles() const { return tiles_; }
  /// Components of a row; `stride()` with the zeros after them, a multiple of 16.
  [[nodiscard]] std::ptrdiff_t size() const { return size_; }
  [[nodiscard]] std::ptrdiff_t stride() const { return stride_; }
  [[nodiscard]] const double* accurate(std::ptrdiff_t row) const { return accurate_.data() + row * stride_; }
  /// All rows in the kernel's precision, packed for micro_kernel<T>().
  [[nodiscard]] const T* packed() const { return packed_.data(); }
  /// Self covariances; whole multiples of lane_padding can be read from the first row of any tile.
  [[nodiscard]] const double* self(std::ptrdiff_t row) const { return self_.data() + row; }

 private:
  void pack_panel(std::ptrdiff_t first);
  void fill_row(MatrixView<const double> x, std::ptrdiff_t row, const std::string& name, Precision precision);

  std::ptrdiff_t rows_;
  std::ptrdiff_t tile_;
  std::ptrdiff_t tiles_;
  std::ptrdiff_t size_;
  std::ptrdiff_t stride_;
  AlignedArray<double> accurate_;
  AlignedArray<T> packed_;
  AlignedArray<double> self_;
};

extern template class UnitRows<double>;
extern template class UnitRows<float>;

}  // namespace ntkc::runtime
