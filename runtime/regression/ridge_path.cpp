#include "ntkc/ridge_path.hpp"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "ntkc/errors.hpp"
#include "runtime/gram/parallel.hpp"
#include "runtime/regression/blas_threads.hpp"
#include "runtime/regression/eigendecomposition.hpp"

namespace ntkc {
namespace {

constexpr std::ptrdiff_t most_rows = 32'000;  // LAPACK counts its workspace of 1 + 6n + 2n² in int

void check(MatrixView<const double> k, MatrixView<const double> targets, const RidgeSearch& search) {
  if (k.rows != k.columns || k.rows == 0)
    throw InputError(fmt::format("the Gram matrix has shape ({}, {}); it must be square, with a row at least",
                                 k.rows, k.columns));
  if (targets.rows != k.rows || targets.columns == 0)
    throw InputError(fmt::format("the targets have shape ({}, {}), and the Gram matrix ({}, {})",
                                 targets.rows, targets.columns, k.rows, k.columns));
  if (k.rows > most_rows)
    throw InputError(
        fmt::format("a ridge is chosen from the eigenvalues of the Gram matrix, for {} samples at most, and "
                    "there are {}; choose it "
                    "on some of them (--sample), or give one",
                    most_rows, k.rows));
  for (std::ptrdiff_t i = 0; i < k.rows; ++i) {
    const auto is_finite = [](double value) { return std::isfinite(value); };
    if (!std::all_of(&k(i, 0), &k(i, 0) + k.columns, is_finite))
      throw InputError(
          fmt::format("the Gram matrix contains NaN or infinity at row {} (counting from 0)", i));
    if (!std::all_of(&targets(i, 0), &targets(i, 0) + targets.columns, is_finite))
      throw InputError(fmt::format("the targets contain NaN or infinity at row {} (counting from 0)", i));
  }
  if (search.values.empty()) throw InputError("there is no ridge to choose from");
  for (const double value : search.values)
    if (!(value >= 0) || std::isinf(value))
      throw InputError(fmt::format("the ridge is {}; it must be finite and not negative", value));
}

double mean_diagonal(MatrixView<const double> k) {
  double trace = 0;
  for (std::ptrdiff_t i = 0; i < k.rows; ++i) trace += k(i, i);
  return std::max(0.0, trace / static_cast<double>(k.rows));
}

/// K = Σ w_k v_k v_kᵀ, and the targets along the eigenvectors, in units in which their squares neither overflow nor vanish.
struct Spectrum {
  MatrixView<const double> eigenvectors;  ///< v_k is row k
  const std::vector<double>& eigenvalues;
  const Matrix& parts;  ///< n × m
  double unit;          ///< of the targets, a power of two
};

/// Not less than half of the largest; 1 if all are 0.
double unit_of(MatrixView<const double> targets) {
  double largest = 0;
  for (std::ptrdiff_t i = 0; i < targets.rows; ++i)
    for (std::ptrdiff_t j = 0; j < targets.columns; ++j) largest = std::max(largest, std::abs(targets(i, j)));
  return largest == 0 ? 1 : std::ldexp(1.0, std::ilogb(largest));
}

RidgeJudgement judge(const Spectrum& spectrum, double ridge) {
  const std::ptrdiff_t n = spectrum.parts.rows();
  const std::ptrdiff_t outputs = spectrum.parts.columns();
  RidgeJudgement result;
  result.ridge = ridge;
  Matrix along(n, outputs, Uninitialized{});
  std::vector<double> inverse(static_cast<std::size_t>(n));  // the diagonal of (K + λI)⁻¹
  double unexplained = 0;                                    // ‖Y - HY‖², of parts λ/(w + λ)
  double rest = 0;                                           // tr(I - H)
  double quadratic = 0;
  double log_determinant = 0;
  for (std::ptrdiff_t k = 0; k < n; ++k) {
    const double w = std::max(spectrum.eigenvalues[static_cast<std::size_t>(k)], 0.0);
    const double share = ridge / (w + ridge);
    rest += share;
    result.effective_degrees_of_freedom += w / (w + ridge);
    log_determinant += std::log(w + ridge);
    for (std::ptrdiff_t j = 0; j < outputs; ++j) {
      const double part = spectrum.parts(k, j);
      along(k, j) = part / (w + ridge);
      unexplained += share * part * share * part;
      quadratic += part * part / (w + ridge);
    }
    const double* vector = &spectrum.eigenvectors(k, 0);
    for (std::ptrdiff_t i = 0; i < n; ++i)
      inverse[static_cast<std::size_t>(i)] += vector[i] * vector[i] / (w + ridge);
  }
  Matrix alpha(n, outputs, Uninitialized{});
  const auto size = static_cast<int>(n);
  const auto columns = static_cast<int>(outputs);
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, size, columns, size, 1.0, spectrum.eigenvectors.data,
              static_cast<int>(spectrum.eigenvectors.stride), along.data(), columns, 0.0, alpha.data(),
              columns);
  double squares = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i)
    for (std::ptrdiff_t j = 0; j < outputs; ++j) {
      const double error = alpha(i, j) / inverse[static_cast<std::size_t>(i)];
      squares += error * error;
    }
  const auto count = static_cast<double>(n) * static_cast<double>(outputs);
  const double mean_rest = rest / static_cast<double>(n);
  const double unit = spectrum.unit;
  result.leave_one_out = unit * std::sqrt(squares / count);
  result.generalized_cross_validation = unexplained / count / (mean_rest * mean_rest) * unit * unit;
  result.log_marginal_likelihood =
      -0.5 * quadratic * unit * unit -
      0.5 * static_cast<double>(outputs) *
          (log_determinant + static_cast<double>(n) * std::log(2 * std::numbers::pi));
  return result;
}

/// Less is better.
double cost(const RidgeJudgement& judgement, RidgeCriterion criterion) {
  switch (criterion) {
    case RidgeCriterion::leave_one_out:
      return judgement.leave_one_out;
    case RidgeCriterion::generalized_cross_validation:
      return judgement.generalized_cross_validation;
    case RidgeCriterion::marginal_likelihood:
      return -judgement.log_marginal_likelihood;
  }
  return 0;
}

}  // namespace

std::string_view name(RidgeCriterion criterion) {
  switch (criterion) {
    case RidgeCriterion::leave_one_out:
      return "loo";
    case RidgeCriterion::generalized_cross_validation:
      return "gcv";
    case RidgeCriterion::marginal_likelihood:
      return "evidence";
  }
  return "";
}

RidgeSearch RidgeSearch::usual() {
  RidgeSearch search;
  for (int i = -20; i <= 4; ++i) search.values.push_back(std::pow(10.0, i / 2.0));
  return search;
}

RidgePath judge_ridges(MatrixView<double> k, MatrixView<const double> targets, const RidgeSearch& search,
                       const Execution& execution) {
  check(k, targets, search);
  const int threads = runtime::blas_threads(runtime::thread_count(execution));
  const auto n = static_cast<double>(k.rows);
  const double each = 2 * n * n * static_cast<double>(targets.columns + 1);
  const double unit = search.relative ? mean_diagonal(k) : 1;
  std::vector<double> values = search.values;
  std::ranges::sort(values);
  values.erase(std::ranges::unique(values).begin(), values.end());
  runtime::ProgressMeter progress(execution, 9 * n * n * n + each * static_cast<double>(values.size()));
  const std::vector<double> eigenvalues = runtime::eigendecompose(k);
  progress.add(9 * n * n * n);
  Matrix scaled(targets.rows, targets.columns, Uninitialized{});
  const double unit_of_targets = unit_of(targets);
  for (std::ptrdiff_t i = 0; i < targets.rows; ++i)
    for (std::ptrdiff_t j = 0; j < targets.columns; ++j) scaled(i, j) = targets(i, j) / unit_of_targets;
  Matrix parts(k.rows, targets.columns);
  const auto size = static_cast<int>(k.rows);
  const auto columns = static_cast<int>(targets.columns);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, columns, size, 1.0, k.data,
              static_cast<int>(k.stride), scaled.data(), columns, 0.0, parts.data(), columns);
  RidgePath path;
  path.smallest_eigenvalue = eigenvalues.front();
  path.largest_eigenvalue = eigenvalues.back();
  path.judgements.resize(values.size());
  const double rounding = runtime::rounding_of(eigenvalues);
  const Spectrum spectrum = {k, eigenvalues, parts, unit_of_targets};
  runtime::parallel_for(std::ssize(values), threads, [&](std::ptrdiff_t i, int) {
    RidgeJudgement& judgement = path.judgements[static_cast<std::size_t>(i)];
    const double value = values[static_cast<std::size_t>(i)];
    judgement.ridge = value * unit;
    // Of a matrix without small eigenvalues any ridge is known.
    judgement.is_below_rounding = judgement.ridge + eigenvalues.front() <= rounding;
    if (!judgement.is_below_rounding) judgement = judge(spectrum, judgement.ridge);
    judgement.value = value;
    progress.add(each);
  });
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < path.judgements.size(); ++i) {
    if (path.judgements[i].is_below_rounding) continue;
    const double found = cost(path.judgements[i], search.criterion);
    if (!(found < least)) continue;
    least = found;
    path.best = i;
  }
  if (!std::isfinite(least))
    throw NumericalError(
        fmt::format("none of the ridges, up to {:.3g}, is more than what rounding makes of the eigenvalues "
                    "of the Gram matrix, {:.3g}, "
                    "or all predictions overflow; give larger ones",
                    values.back() * unit, rounding));
  progress.finish();
  return path;
}

}  // namespace ntkc
