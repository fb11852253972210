#include "runtime/regression/blocked_cholesky.hpp"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

// LAPACK's, in Fortran; the last argument is the hidden length of `uplo`.
extern "C" void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info,
                        std::size_t uplo_length);

namespace ntkc::runtime {

namespace {

/// Rows of one block: [first, first + size).
struct Block {
  std::ptrdiff_t first;
  int size;
};

Block block_of(std::ptrdiff_t rows, std::ptrdiff_t index) {
  const std::ptrdiff_t first = index * cholesky_block;
  return {first, static_cast<int>(std::min(cholesky_block, rows - first))};
}

std::ptrdiff_t block_count(std::ptrdiff_t rows) { return (rows + cholesky_block - 1) / cholesky_block; }

template <typename T>
int leading_dimension(MatrixView<T> a) {
  return static_cast<int>(a.stride);
}

/// Factorises a diagonal block; `diagonal` is that of A, before any update. LAPACK reads columns, so its
/// upper triangle U = Lᵀ is our lower one.
CholeskyOutcome factorise_diagonal(MatrixView<double> a, Block block, const std::vector<double>& diagonal) {
  const int stride = leading_dimension(a);
  int info = 0;
  dpotrf_("U", &block.size, &a(block.first, block.first), &stride, &info, 1);
  const int factorised = info == 0 ? block.size : info - 1;
  for (int i = 0; i < factorised; ++i) {
    const std::ptrdiff_t row = block.first + i;
    const double root = a(row, row);
    const double uncertain = std::numeric_limits<double>::epsilon() * diagonal[static_cast<std::size_t>(row)];
    if (!(root * root > uncertain)) return {false, row};
  }
  if (info != 0) return {false, block.first + factorised};
  return {};
}

/// A_ij -= L_ik L_jkᵀ, of a block on the diagonal the lower triangle only.
void subtract_product(MatrixView<double> a, Block i, Block j, Block k) {
  const int stride = leading_dimension(a);
  double* to = &a(i.first, j.first);
  if (i.first == j.first) {
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, i.size, k.size, -1.0, &a(i.first, k.first), stride,
                1.0, to, stride);
  } else {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, i.size, j.size, k.size, -1.0, &a(i.first, k.first),
                stride, &a(j.first, k.first), stride, 1.0, to, stride);
  }
}

/// The pair (i, j), j <= i, at `index` of the lower triangle counted row by row.
std::pair<std::ptrdiff_t, std::ptrdiff_t> lower_pair(std::ptrdiff_t index) {
  auto i = static_cast<std::ptrdiff_t>((std::sqrt(8.0 * static_cast<double>(index) + 1.0) - 1.0) / 2.0);
  while (i * (i + 1) / 2 > index) --i;
  while ((i + 1) * (i + 2) / 2 <= index) ++i;
  return {i, index - i * (i + 1) / 2};
}

double multiply_adds(Block i, Block j, Block k) {
  const double all = static_cast<double>(i.size) * j.size * k.size;
  return i.first == j.first ? all / 2 : all;
}

/// Divides column block k below the diagonal by its factor and updates all to the right of it.
void eliminate(MatrixView<double> a, std::ptrdiff_t k, int threads, ProgressMeter& progress) {
  const std::ptrdiff_t below = block_count(a.rows) - k - 1;
  const Block pivot = block_of(a.rows, k);
  const int stride = leading_dimension(a);
  parallel_for(below, threads, [&](std::ptrdiff_t task, int) {
    const Block i = block_of(a.rows, k + 1 + task);
    cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, i.size, pivot.size, 1.0,
                &a(pivot.first, pivot.first), stride, &a(i.first, pivot.first), stride);
    progress.add(0.5 * static_cast<double>(i.size) * pivot.size * pivot.size);
  });
  parallel_for(below * (below + 1) / 2, threads, [&](std::ptrdiff_t task, int) {
    const auto [row, column] = lower_pair(task);
    const Block i = block_of(a.rows, k + 1 + row);
    const Block j = block_of(a.rows, k + 1 + column);
    subtract_product(a, i, j, pivot);
    progress.add(multiply_adds(i, j, pivot));
  });
}

/// b_i -= op(L block) b_k
void subtract_from_rows(MatrixView<double> b, Block i, Block k, const double* l, int l_stride,
                        CBLAS_TRANSPOSE op) {
  cblas_dgemm(CblasRowMajor, op, CblasNoTrans, i.size, static_cast<int>(b.columns), k.size, -1.0, l, l_stride,
              &b(k.first, 0), leading_dimension(b), 1.0, &b(i.first, 0), leading_dimension(b));
}

void solve_diagonal(MatrixView<const double> l, MatrixView<double> b, Block k, CBLAS_TRANSPOSE op) {
  cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, op, CblasNonUnit, k.size, static_cast<int>(b.columns),
              1.0, &l(k.first, k.first), leading_dimension(l), &b(k.first, 0), leading_dimension(b));
}

}  // namespace

CholeskyOutcome factorise(MatrixView<double> a, int threads, ProgressMeter& progress) {
  std::vector<double> diagonal(static_cast<std::size_t>(a.rows));
  for (std::ptrdiff_t i = 0; i < a.rows; ++i) diagonal[static_cast<std::size_t>(i)] = a(i, i);
  for (std::ptrdiff_t k = 0; k < block_count(a.rows); ++k) {
    const Block pivot = block_of(a.rows, k);
    const CholeskyOutcome outcome = factorise_diagonal(a, pivot, diagonal);
    if (!outcome.succeeded) return outcome;
    progress.add(static_cast<double>(pivot.size) * pivot.size * pivot.size / 6);
    eliminate(a, k, threads, progress);
  }
  return {};
}

void solve_lower(MatrixView<const double> l, MatrixView<double> b, int threads) {
  const std::ptrdiff_t blocks = block_count(l.rows);
  for (std::ptrdiff_t k = 0; k < blocks; ++k) {
    const Block pivot = block_of(l.rows, k);
    solve_diagonal(l, b, pivot, CblasNoTrans);
    parallel_for(blocks - k - 1, threads, [&](std::ptrdiff_t task, int) {
      const Block i = block_of(l.rows, k + 1 + task);
      subtract_from_rows(b, i, pivot, &l(i.first, pivot.first), leading_dimension(l), CblasNoTrans);
    });
  }
}

void solve_lower_transposed(MatrixView<const double> l, MatrixView<double> b, int threads) {
  for (std::ptrdiff_t k = block_count(l.rows) - 1; k >= 0; --k) {
    const Block pivot = block_of(l.rows, k);
    solve_diagonal(l, b, pivot, CblasTrans);
    parallel_for(k, threads, [&](std::ptrdiff_t task, int) {
      const Block i = block_of(l.rows, task);
      subtract_from_rows(b, i, pivot, &l(pivot.first, i.first), leading_dimension(l), CblasTrans);
    });
  }
}

std::vector<double> inverse_diagonal(MatrixView<const double> l, int exponent, int threads,
                                     ProgressMeter& progress) {
  const std::ptrdiff_t n = l.rows;
  std::vector<double> result(static_cast<std::size_t>(n));
  parallel_for(block_count(n), threads, [&](std::ptrdiff_t task, int) {
    // The columns of L⁻¹ of one block; above their diagonal they are 0.
    const Block block = block_of(n, task);
    const std::ptrdiff_t rows = n - block.first;
    Matrix columns(rows, block.size);
    for (std::ptrdiff_t i = 0; i < block.size; ++i) columns(i, i) = std::ldexp(1.0, exponent);
    solve_lower({&l(block.first, block.first), rows, rows, l.stride}, columns.view(), 1);
    for (std::ptrdiff_t i = 0; i < rows; ++i)
      for (std::ptrdiff_t j = 0; j < block.size; ++j)
        result[static_cast<std::size_t>(block.first + j)] += columns(i, j) * columns(i, j);
    progress.add(static_cast<double>(n) * n * n / 6 / block_count(n));
  });
  return result;
}

}  // namespace ntkc::runtime
