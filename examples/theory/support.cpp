#include "support.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <ntkc/line_fit.hpp>
#include <ntkc/verification.hpp>
#include <numbers>

namespace theory {

namespace plot = ntkc::plot;

Network read_network(const std::string& file, const std::map<std::string, std::string>& definitions) {
  const std::string path = "examples/theory/" + file;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw ntkc::InputError(path + " cannot be read: run this in the root of the repository");
  Network network{{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()}};
  network.options.definitions = definitions;
  return network;
}

std::vector<double> evenly(double first, double last, int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(first + (last - first) * i / (count - 1));
  return values;
}

RowMatrix on_circle(const std::vector<double>& angles) {
  RowMatrix x(static_cast<Eigen::Index>(angles.size()), 2);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const double angle = angles[static_cast<std::size_t>(i)];
    x.row(i) << std::cos(angle), std::sin(angle);
  }
  return x;
}

CircleData circle_data(int count, int test_count, double (*function)(double angle)) {
  constexpr double pi = std::numbers::pi;
  const std::vector<double> angles = evenly(0, 2 * pi * (count - 1) / count, count);
  const std::vector<double> test_angles = evenly(0, 2 * pi, test_count);
  CircleData data{.angles = {},
                  .x = on_circle(angles),
                  .y = RowMatrix(count, 1),
                  .test_angles = {},
                  .test = on_circle(test_angles)};
  for (int i = 0; i < count; ++i) data.y(i, 0) = function(angles[static_cast<std::size_t>(i)]);
  for (const double angle : angles) data.angles.push_back(angle / pi);
  for (const double angle : test_angles) data.test_angles.push_back(angle / pi);
  return data;
}

std::vector<double> CircleData::test_values(const ntkc::Matrix& values) const {
  return {values.data() + x.rows(), values.data() + values.rows()};
}

plot::Series CircleData::training_points() const {
  plot::Series series = points("data", angles, std::vector<double>(y.data(), y.data() + y.size()));
  series.colour = "#000000";
  return series;
}

RowMatrix normal_matrix(int rows, int columns, std::uint64_t seed) {
  return ntkc::to_eigen(ntkc::verification_inputs(rows, columns, seed));
}

RowMatrix random_unit_vectors(int count, int dimension, std::uint64_t seed) {
  return normal_matrix(count, dimension, seed).rowwise().normalized();
}

namespace {

Eigen::VectorXd eigenvalues(const RowMatrix& symmetric) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(symmetric, Eigen::EigenvaluesOnly).eigenvalues();
}

}  // namespace

double spectral_norm(const RowMatrix& symmetric) { return eigenvalues(symmetric).cwiseAbs().maxCoeff(); }

double least_eigenvalue(const RowMatrix& symmetric) { return eigenvalues(symmetric).minCoeff(); }

double root_mean_square(const RowMatrix& m) {
  return std::sqrt(m.squaredNorm() / static_cast<double>(m.size()));
}

RowMatrix tangent_kernel_of_signs(const ntkc::FiniteNetwork& features, const RowMatrix& x,
                                  std::uint32_t draw) {
  return ntkc::to_eigen(features.empirical_ntk(view(x), draw, ntkc::NtkForm::pseudo, 0, {.threads = 1}));
}

Estimate mean_of(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / (count * (count - 1)))};
}

double quantile(std::vector<double> values, double level) {
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(level * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

double two_sided_normal_quantile(double probability) {
  double low = 0;
  double high = 40;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2.0)) > probability ? low : high) = middle;
  }
  return low;
}

Estimate exponent(const std::vector<double>& x, const std::vector<Estimate>& y) {
  std::vector<double> log_x;
  std::vector<double> log_y;
  std::vector<double> errors;
  for (const double each : x) log_x.push_back(std::log(each));
  for (const Estimate& each : y) {
    log_y.push_back(std::log(each.value));
    errors.push_back(each.error / each.value);
  }
  const ntkc::LineFit fit = ntkc::fit_line(log_x, log_y);
  return {fit.slope, fit.slope_error(errors)};
}

double exponent(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<Estimate> estimates;
  for (const double each : y) estimates.push_back({each, 0});
  return exponent(x, estimates).value;
}

std::string text_of(double value) { return fmt::format("{:.3g}", value); }

std::string text_of(const Estimate& estimate) {
  return fmt::format("{:.3g} ± {:.2g}", estimate.value, estimate.error);
}

namespace {

constexpr double standard_errors = 3.3;

}  // namespace

Check at_most(const std::string& claim, double value, double bound) {
  return {claim, fmt::format("{:.3g}, at most {:.3g}", value, bound), value <= bound};
}

Check at_least(const std::string& claim, double value, double bound) {
  return {claim, fmt::format("{:.3g}, at least {:.3g}", value, bound), value >= bound};
}

Check exponent_is(const std::string& claim, const Estimate& exponent, double expected, double higher_orders) {
  const double allowed = standard_errors * exponent.error + higher_orders;
  return {claim,
          fmt::format("{:.3f} ± {:.3f}, expected {:.3g} ± {:.2g}", exponent.value, exponent.error, expected,
                      allowed),
          std::abs(exponent.value - expected) <= allowed};
}

Check exponent_at_most(const std::string& claim, const Estimate& exponent, double bound) {
  return {claim,
          fmt::format("{:.3f} ± {:.3f}, at most {:.3g} + {:.2g}", exponent.value, exponent.error, bound,
                      standard_errors * exponent.error),
          exponent.value <= bound + standard_errors * exponent.error};
}

plot::Series curve(const std::string& label, const std::vector<double>& x, const std::vector<double>& y) {
  return {.label = label, .x = x, .y = y, .line = plot::Line::solid};
}

plot::Series points(const std::string& label, const std::vector<double>& x, const std::vector<double>& y) {
  return {.label = label, .x = x, .y = y, .line = plot::Line::none, .marker = plot::Marker::circle};
}

plot::Series points(const std::string& label, const std::vector<double>& x, const std::vector<Estimate>& y) {
  plot::Series series = points(label, x, std::vector<double>{});
  for (const Estimate& each : y) {
    series.y.push_back(each.value);
    series.error.push_back(each.error);
  }
  return series;
}

plot::Series power_line(const std::string& label, const std::vector<double>& x, double first, double power) {
  plot::Series series{.label = label, .line = plot::Line::dashed, .colour = "#777777"};
  for (const double each : {x.front(), x.back()}) {
    series.x.push_back(each);
    series.y.push_back(first * std::pow(each / x.front(), power));
  }
  return series;
}

plot::Axis log_axis(const std::string& label) { return {.label = label, .scale = plot::Scale::logarithmic}; }

std::vector<double> doubles(const std::vector<std::int64_t>& values) {
  return {values.begin(), values.end()};
}

}  // namespace theory
