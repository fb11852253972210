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

constexpr std::array<std::pair<PreprocessingKind, std::string_view>, 4> kinds = {{
    {PreprocessingKind::none, "none"},
    {PreprocessingKind::standardize, "standardize"},
    {PreprocessingKind::unit_norm, "unit-norm"},
    {PreprocessingKind::zca, "zca"},
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

/// Sums over rows and positions: column j belongs to channel j % channels.
struct Moments {
  std::vector<double> means;
  std::vector<double> squares;  ///< mean square about the mean
  std::vector<bool> constant;
};

/// Two passes. What is constant is recognised exactly, and its mean is its value: a rounded mean would turn it into
/// noise.
Moments moments_of(MatrixView<const double> inputs, std::size_t channels) {
  const auto columns = static_cast<std::size_t>(inputs.columns);
  const double n = static_cast<double>(inputs.rows) * static_cast<double>(columns / channels);
  Moments moments{std::vector<double>(channels, 0.0), std::vector<double>(channels, 0.0),
                  std::vector<bool>(channels, true)};
  const double* const first = inputs.data;
  const auto for_each = [&](const auto& body) {
    for (std::ptrdiff_t i = 0; i < inputs.rows; ++i) {
      const double* const row = inputs.data + i * inputs.stride;
      for (std::size_t j = 0, channel = 0; j < columns;
           ++j, channel = channel + 1 == channels ? 0 : channel + 1)
        body(row[j], channel);
    }
  };
  for_each([&](double value, std::size_t channel) {
    moments.means[channel] += value;
    if (value != first[channel]) moments.constant[channel] = false;
  });
  for (std::size_t j = 0; j < channels; ++j)
    moments.means[j] = moments.constant[j] ? first[j] : moments.means[j] / n;
  for_each([&](double value, std::size_t channel) {
    moments.squares[channel] += (value - moments.means[channel]) * (value - moments.means[channel]);
  });
  for (double& square : moments.squares) square /= n;
  return moments;
}

std::string place_text(std::size_t j, bool is_channel, const std::vector<std::string>& names) {
  if (is_channel) return fmt::format("channel {} (counted from 0)", j);
  if (names.empty()) return fmt::format("column {} (counted from 0)", j);
  return fmt::format("column `{}`", shown(names[j]));
}

void learn_scales(Preprocessing& preprocessing, MatrixView<const double> inputs, std::int64_t channels,
                  const std::vector<std::string>& names) {
  const bool has_channels = channels > 0;
  const auto count = static_cast<std::size_t>(has_channels ? channels : inputs.columns);
  const double n =
      static_cast<double>(inputs.rows) * static_cast<double>(inputs.columns) / static_cast<double>(count);
  Moments moments = moments_of(inputs, count);
  preprocessing.means = std::move(moments.means);
  for (std::size_t j = 0; j < count; ++j) {
    const double mean = preprocessing.means[j];
    const double deviation = std::sqrt(moments.squares[j]);
    const double scale = moments.constant[j] || is_rounding(deviation, mean, n) ? 1 : deviation;
    if (!std::isfinite(mean) || !std::isfinite(scale) || scale == 0)
      throw InputError(
          fmt::format("{} of the training inputs has no finite, positive standard deviation in double "
                      "precision; rescale its values",
                      place_text(j, has_channels, names)));
    preprocessing.scales.push_back(scale);
  }
}

void standardize_row(const Preprocessing& preprocessing, double* row, std::ptrdiff_t columns) {
  const std::size_t channels = preprocessing.means.size();
  std::size_t channel = 0;
  for (std::ptrdiff_t j = 0; j < columns; ++j) {
    row[j] = (row[j] - preprocessing.means[channel]) / preprocessing.scales[channel];
    if (++channel == channels) channel = 0;
  }
}

}  // namespace

Preprocessing learn_preprocessing(const PreprocessingOptions& options, MatrixView<const double> inputs,
                                  const std::vector<std::string>& names) {
  Preprocessing preprocessing;
  preprocessing.kind = options.kind;
  if (options.kind == PreprocessingKind::standardize) {
    // Data of another shape are refused where it is known to be another one.
    const bool fits = options.channels > 0 && inputs.columns % options.channels == 0;
    learn_scales(preprocessing, inputs, fits ? options.channels : 0, names);
  } else if (options.kind == PreprocessingKind::zca) {
    preprocessing.means = moments_of(inputs, static_cast<std::size_t>(inputs.columns)).means;
    preprocessing.whitening = learn_whitening(inputs, preprocessing.means, options.zca_regularization);
  }
  return preprocessing;
}

void apply_preprocessing(const Preprocessing& preprocessing, MatrixView<double> inputs) {
  if (preprocessing.kind == PreprocessingKind::none) return;
  if (preprocessing.kind == PreprocessingKind::zca)
    return apply_whitening(preprocessing.whitening, preprocessing.means, inputs);
  for (std::ptrdiff_t i = 0; i < inputs.rows; ++i) {
    if (preprocessing.kind == PreprocessingKind::standardize)
      standardize_row(preprocessing, &inputs(i, 0), inputs.columns);
    else
      normalise_row(&inputs(i, 0), inputs.columns);
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
