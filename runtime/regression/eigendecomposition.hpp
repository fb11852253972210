// Eigenvalues and eigenvectors of a Gram matrix.
#pragma once

#include <vector>

#include "ntkc/matrix.hpp"

namespace ntkc::runtime {

/// Overwrites k with its eigenvectors, one a row, and returns the eigenvalues, smallest first. By LAPACK's divide and
/// conquer (dsyevd): about 9 n³ operations, 2 n² numbers besides K, on one thread, so that the result does not depend on
/// their number. The upper triangle is read. NumericalError if they do not converge.
std::vector<double> eigendecompose(MatrixView<double> k);

/// What rounding can make of an eigenvalue that is 0: 4 √n u ‖K‖, u = 2⁻⁵², or twice what the least one is below 0, if that
/// is more. Eigenvalues in ascending order.
double rounding_of(const std::vector<double>& eigenvalues);

}  // namespace ntkc::runtime
