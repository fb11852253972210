// What several experiments need: networks from files, inputs, estimates with standard errors, power laws.
#pragma once

#include <cstdint>
#include <map>
#include <ntkc/compiler.hpp>
#include <ntkc/eigen.hpp>
#include <ntkc/finite_network.hpp>
#include <ntkc/training.hpp>
#include <optional>
#include <string>
#include <vector>

#include "experiment.hpp"

namespace theory {

using ntkc::gram;
using ntkc::RowMatrix;
using ntkc::view;

/// A network of this folder (or of another, relative to it) with parameters set.
struct Network {
  std::string text;
  ntkc::CompileOptions options = {};

  [[nodiscard]] ntkc::KernelFunctions kernel() const { return ntkc::compile(text, options); }
  [[nodiscard]] ntkc::FiniteNetwork finite(const ntkc::FiniteNetworkOptions& sizes) const {
    return ntkc::FiniteNetwork(text, sizes, options);
  }
  /// On one thread: with one hidden layer, starting threads takes longer than the products.
  [[nodiscard]] ntkc::TrainingResult train(const RowMatrix& x, const RowMatrix& y, const RowMatrix& test,
                                           const ntkc::TrainingOptions& training, int threads = 1) const {
    return ntkc::train_network(text, view(x), view(y), view(test), training, options, {.threads = threads});
  }
};
/// Programs and tests run in the root of the repository. Throws ntkc::InputError if the file is not there.
Network read_network(const std::string& file, const std::map<std::string, std::string>& definitions = {});

/// The units of a network are those of a wider one of the same seed and draw, and more. Each width has a seed
/// of its own, so that what is measured at several widths is independent.
inline std::uint64_t seed_of(std::int64_t width) { return static_cast<std::uint64_t>(width); }
inline ntkc::FiniteNetworkOptions sizes(std::int64_t width) {
  return {.width = width, .outputs = std::nullopt, .seed = seed_of(width)};
}

/// `count` values from `first` to `last`, both among them.
std::vector<double> evenly(double first, double last, int count);
/// Points (cos γ, sin γ).
RowMatrix on_circle(const std::vector<double>& angles);
/// A function of the angle, at `count` equidistant training points and at `test_count` further angles from 0
/// to 2π. Angles are in units of π.
struct CircleData {
  std::vector<double> angles;
  RowMatrix x;
  RowMatrix y;
  std::vector<double> test_angles;
  RowMatrix test;

  /// Of values at (training, then test) points, those at the latter.
  [[nodiscard]] std::vector<double> test_values(const ntkc::Matrix& values) const;
  [[nodiscard]] ntkc::plot::Series training_points() const;
};
CircleData circle_data(int count, int test_count, double (*function)(double angle));
/// Deviates of N(0, 1), and their rows divided by their norms.
RowMatrix normal_matrix(int rows, int columns, std::uint64_t seed);
RowMatrix random_unit_vectors(int count, int dimension, std::uint64_t seed);

double spectral_norm(const RowMatrix& symmetric);
double least_eigenvalue(const RowMatrix& symmetric);
double root_mean_square(const RowMatrix& m);
/// H(0) of f(x) = m^(-1/2) Σ a_r relu(w_r·x), a_r = ±1 not trained: (x·x'/m) Σ 1[w_r·x > 0] 1[w_r·x' > 0].
/// `features` is features.arch: the tangent kernel of the sum of its outputs, divided by their number.
RowMatrix tangent_kernel_of_signs(const ntkc::FiniteNetwork& features, const RowMatrix& x,
                                  std::uint32_t draw);

/// A mean with its standard error.
struct Estimate {
  double value = 0;
  double error = 0;
};
Estimate mean_of(const std::vector<double>& values);
/// The value that a fraction `level` of the values do not exceed.
double quantile(std::vector<double> values, double level);
/// z with P(|Z| > z) = `probability` for a normal variable Z.
double two_sided_normal_quantile(double probability);

/// The exponent p of y ∝ x^p, fitted to logarithms, with the standard error that those of y give it.
Estimate exponent(const std::vector<double>& x, const std::vector<Estimate>& y);
/// Without errors.
double exponent(const std::vector<double>& x, const std::vector<double>& y);

/// What is left without the first `count` values: limits show at the larger widths.
template <typename T>
std::vector<T> without_first(const std::vector<T>& values, std::size_t count) {
  return {values.begin() + static_cast<std::ptrdiff_t>(count), values.end()};
}

/// "0.0123", "0.012 ± 0.003"
std::string text_of(double value);
std::string text_of(const Estimate& estimate);

Check at_most(const std::string& claim, double value, double bound);
Check at_least(const std::string& claim, double value, double bound);
/// Within 3.3 standard errors, which a right one leaves once in a thousand, and what terms of higher order
/// may do where the statement is one of a limit.
Check exponent_is(const std::string& claim, const Estimate& exponent, double expected,
                  double higher_orders = 0);
/// At most `bound` plus 3.3 standard errors.
Check exponent_at_most(const std::string& claim, const Estimate& exponent, double bound);

/// A line; and markers, with error bars where there are errors.
ntkc::plot::Series curve(const std::string& label, const std::vector<double>& x,
                         const std::vector<double>& y);
ntkc::plot::Series points(const std::string& label, const std::vector<double>& x,
                          const std::vector<double>& y);
ntkc::plot::Series points(const std::string& label, const std::vector<double>& x,
                          const std::vector<Estimate>& y);
/// c · x^p through the first point, dashed.
ntkc::plot::Series power_line(const std::string& label, const std::vector<double>& x, double first,
                              double exponent);
ntkc::plot::Axis log_axis(const std::string& label);

std::vector<double> doubles(const std::vector<std::int64_t>& values);

}  // namespace theory
