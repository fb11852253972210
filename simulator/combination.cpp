#include "simulator/combination.hpp"

#include <utility>

namespace ntkc::simulator {

void add_scaled(Matrix& to, double coefficient, const Matrix& from) {
  if (to.columns() < from.columns()) {
    Matrix wider(from.rows(), from.columns());
    if (to.columns() > 0) add_scaled(wider, 1, to);
    to = std::move(wider);
  }
  for (std::ptrdiff_t i = 0; i < from.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < from.columns(); ++j) to(i, j) += coefficient * from(i, j);
  }
}

Matrix scaled(double factor, MatrixView<const double> from) {
  Matrix result(from.rows, from.columns, Uninitialized{});
  for (std::ptrdiff_t i = 0; i < from.rows; ++i) {
    for (std::ptrdiff_t j = 0; j < from.columns; ++j) result(i, j) = factor * from(i, j);
  }
  return result;
}

}  // namespace ntkc::simulator
