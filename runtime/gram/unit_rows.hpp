// Inputs as the Gram matrix needs them: unit vectors and self covariances.
#pragma once

#include <cstddef>
#include <string>

#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"
#include "runtime/gram/aligned_array.hpp"

namespace ntkc::runtime {

/// |x|²/d of one row and 1/|x|, each rounded once; a zero row has both zero.
struct RowMeasure {
  double self = 0;
  double inverse_norm = 0;
};

/// Rows of the caller's matrix with what makes unit vectors of them: x̂ = x · inverse_norm.
struct ScaledRows {
  const double* data = nullptr;
  std::ptrdiff_t stride = 0;
  std::ptrdiff_t size = 0;
  const double* inverse_norms = nullptr;
};

/// Measures row `index` of `x` without overflow or underflow in between; `self` is |x|²/d to 1 ulp for d up
/// to 2^10 (the error of the sum, d · 2⁻⁶⁴ at most, stays below that of its rounding to double). Throws
/// InputError, naming the matrix by `name`, for NaN and infinity, and if `self` of a row other than zero is
/// no normal number of `precision`: a kernel could not tell such an input from zero or infinity.
RowMeasure measure_row(MatrixView<const double> x, std::ptrdiff_t index, const std::string& name,
                       Precision precision);

/// The rows of a matrix as unit vectors x̂ = x/|x|, zero for a zero row, in whole tiles of `tile` rows: the
/// last one is filled up with zero vectors of self covariance 1. T is the kernel's precision. Each component
/// of x̂ in f64 is within 1.5 ulp of the exact quotient, of which a common factor within 0.5 ulp of 1 has no
/// part in the angle between two vectors. Equal rows have equal unit vectors, and so have rows that differ by
/// a power of two. The matrix must outlive this; only the packed unit vectors are copies.
template <typename T>
class UnitRows {
 public:
  UnitRows(MatrixView<const double> x, std::ptrdiff_t tile, const std::string& name, Precision precision,
           int threads);

  /// What messages call the matrix.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::ptrdiff_t rows() const { return x_.rows; }
  [[nodiscard]] std::ptrdiff_t tile() const { return tile_; }
  [[nodiscard]] std::ptrdiff_t tiles() const { return tiles_; }
  /// Components of a row.
  [[nodiscard]] std::ptrdiff_t size() const { return x_.columns; }
  /// The rows from `row` on, to the last bit of the input.
  [[nodiscard]] ScaledRows scaled(std::ptrdiff_t row) const {
    return {x_.data + row * x_.stride, x_.stride, x_.columns, inverse_norms_.data() + row};
  }
  /// All unit vectors in the kernel's precision, packed for micro_kernel<T>().
  [[nodiscard]] const T* packed() const { return packed_.data(); }
  /// Self covariances; whole multiples of lane_padding can be read from the first row of any tile.
  [[nodiscard]] const double* self(std::ptrdiff_t row) const { return self_.data() + row; }

 private:
  void pack_panel(std::ptrdiff_t first);

  MatrixView<const double> x_;
  std::string name_;
  std::ptrdiff_t tile_;
  std::ptrdiff_t tiles_;
  AlignedArray<double> self_;
  AlignedArray<double> inverse_norms_;
  AlignedArray<T> packed_;
};

extern template class UnitRows<double>;
extern template class UnitRows<float>;

}  // namespace ntkc::runtime
