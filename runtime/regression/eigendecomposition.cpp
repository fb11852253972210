#include "runtime/regression/eigendecomposition.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ntkc/errors.hpp"

extern "C" void dsyevd_(const char* job, const char* uplo, const int* n, double* a, const int* lda, double* w,
                        double* work, const int* lwork, int* iwork, const int* liwork, int* info,
                        std::size_t job_length, std::size_t uplo_length);

namespace ntkc::runtime {

std::vector<double> eigendecompose(MatrixView<double> k) {
  const auto n = static_cast<int>(k.rows);
  const auto stride = static_cast<int>(k.stride);
  std::vector<double> eigenvalues(static_cast<std::size_t>(n));
  double work_size = 0;
  int index_size = 0;
  int info = 0;
  const int ask = -1;
  // What is upper in rows is lower in the columns of LAPACK.
  dsyevd_("V", "L", &n, k.data, &stride, eigenvalues.data(), &work_size, &ask, &index_size, &ask, &info, 1,
          1);
  Array<double> work(static_cast<std::size_t>(work_size) + 1);
  std::vector<int> indices(static_cast<std::size_t>(index_size) + 1);
  const auto work_count = static_cast<int>(std::min(work_size, double(std::numeric_limits<int>::max())));
  dsyevd_("V", "L", &n, k.data, &stride, eigenvalues.data(), work.data(), &work_count, indices.data(),
          &index_size, &info, 1, 1);
  if (info != 0)
    throw NumericalError(
        "the eigenvalues of the Gram matrix, which is singular to rounding, do not converge; give a ridge "
        "(--ridge=1e-6)");
  return eigenvalues;
}

double rounding_of(const std::vector<double>& eigenvalues) {
  const double norm = std::max(std::abs(eigenvalues.front()), std::abs(eigenvalues.back()));
  const auto n = static_cast<double>(eigenvalues.size());
  return std::max(4 * std::sqrt(n) * std::numeric_limits<double>::epsilon() * norm, -2 * eigenvalues.front());
}

}  // namespace ntkc::runtime
