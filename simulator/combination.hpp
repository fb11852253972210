// Linear combinations of matrices.
#pragma once

#include "ntkc/matrix.hpp"

namespace ntkc::simulator {

/// Computes to += coefficient · from, where columns that one of them lacks are zero.
void add_scaled(Matrix& to, double coefficient, const Matrix& from);

Matrix scaled(double factor, MatrixView<const double> from);

}  // namespace ntkc::simulator
