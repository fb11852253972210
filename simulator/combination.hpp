// Linear combinations of matrices.
#pragma once

#include "ntkc/matrix.hpp"

namespace ntkc::simulator {

/// to += coefficient · from; columns that one of them lacks are zero there.
void add_scaled(Matrix& to, double coefficient, const Matrix& from);

Matrix scaled(double factor, MatrixView<const double> from);

}  // namespace ntkc::simulator
