#include "ntkc/preprocessing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"

namespace ntkc {

namespace {

constexpr std::array<std::pair<PreprocessingKind, std::string_view>, 3> kinds = {{
    {PreprocessingKind::none, "none"},
    {PreprocessingKind::standardize, "standardize"},
    {PreprocessingKind::unit_norm, "unit-norm"},
}};

/// Scales a row to |x|² = d. The largest entry is divided out first, so that squares neither overflow nor
/// vanish.
void normalise_row(double* row, std::ptrdiff_t d) {
  double largest = 0;
  for (std::ptrdiff_t j = 0; j < d; ++j) largest = std::max(largest, std::abs(row[j]));
  if (largest == 0) return;
  double squares = 0;
  for (std::ptrdiff_t j = 0; j < d; ++j) {
    row[j] /= largest;
    squares += row[j] * row[j];
  }
  const double norm = std::sqrt(squares / static_cast<double>(d));
  for (std::ptrdiff_t j = 0; j < d; ++j) row[j] /= norm;
}

/// Whether the standard deviation of n values is within the error of computing it: the bound of a two-pass variance,
/// n ε σ² + (n ε μ)² (Chan, Golub, LeVeque, The American Statistician 37, 1983), as scikit-learn has it. Dividing a
/// column by its own rounding would make noise of it.
bool is_rounding(double deviation, double mean, double n) {
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  return std::isfinite(deviation) &&
         deviation <= std::hypot(std::sqrt(n * epsilon) * deviation, n * epsilon * mean);
}

}  // namespace

Preprocessing learn_preprocessing(PreprocessingKind kind, MatrixView<const double> inputs,
                                  const std::vector<std::string>& names) {
  Preprocessing preprocessing;
  preprocessing.kind = kind;
  if (kind != PreprocessingKind::standardize) return preprocessing;
  // Two passes over the rows. A constant column is recognised exactly, and its mean is its value: a rounded
  // mean would turn it into a column of noise.
  const auto columns = static_cast<std::size_t>(inputs.columns);
  const auto n = static_cast<double>(inputs.rows);
  std::vector<double>& means = preprocessing.means;
  std::vector<double>& scales = preprocessing.scales;
  std::vector<bool> constant(columns, true);
  means.assign(columns, 0);
  scales.assign(columns, 0);
  const double* const first = inputs.data;
  for (std::ptrdiff_t i = 0; i < inputs.rows; ++i) {
    const double* const row = inputs.data + i * inputs.stride;
    for (std::size_t j = 0; j < columns; ++j) {
      means[j] += row[j];
      if (row[j] != first[j]) constant[j] = false;
    }
  }
  for (std::size_t j = 0; j < columns; ++j) means[j] = constant[j] ? first[j] : means[j] / n;
  for (std::ptrdiff_t i = 0; i < inputs.rows; ++i) {
    const double* const row = inputs.data + i * inputs.stride;
    for (std::size_t j = 0; j < columns; ++j) scales[j] += (row[j] - means[j]) * (row[j] - means[j]);
  }
  for (std::size_t j = 0; j < columns; ++j) {
    const double deviation = std::sqrt(scales[j] / n);
    scales[j] = constant[j] || is_rounding(deviation, means[j], n) ? 1 : deviation;
    if (!std::isfinite(means[j]) || !std::isfinite(scales[j]) || scales[j] == 0)
      throw InputError(fmt::format(
          "{} of the training inputs has no finite, positive standard deviation in double precision; "
          "rescale its values",
          names.empty() ? fmt::format("column {} (counted from 0)", j)
                        : fmt::format("column `{}`", shown(names[j]))));
  }
  return preprocessing;
}

void apply_preprocessing(const Preprocessing& preprocessing, MatrixView<double> inputs) {
  for (std::ptrdiff_t i = 0; i < inputs.rows; ++i) {
    double* const row = &inputs(i, 0);
    switch (preprocessing.kind) {
      case PreprocessingKind::none:
        return;
      case PreprocessingKind::standardize:
        for (std::ptrdiff_t j = 0; j < inputs.columns; ++j) {
          const auto column = static_cast<std::size_t>(j);
          row[j] = (row[j] - preprocessing.means[column]) / preprocessing.scales[column];
        }
        break;
      case PreprocessingKind::unit_norm:
        normalise_row(row, inputs.columns);
        break;
    }
  }
}

std::string_view name(PreprocessingKind kind) {
  for (const auto& [value, text] : kinds)
    if (value == kind) return text;
  return "";
}

std::optional<PreprocessingKind> preprocessing_kind(std::string_view name) {
  for (const auto& [value, text] : kinds)
    if (text == name) return value;
  return std::nullopt;
}

}  // namespace ntkc
