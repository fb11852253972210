#include "ntkc/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/driver/elaborate_text.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/gram.hpp"
#include "runtime/gram/parallel.hpp"
#include "simulator/empirical_kernel.hpp"
#include "simulator/network.hpp"
#include "simulator/training/linear_dynamics.hpp"
#include "simulator/training/parameters.hpp"

namespace ntkc {
namespace {

using Eigen::MatrixXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using simulator::Dynamics;
using simulator::LinearDynamics;
using simulator::StoredWeights;

constexpr std::int64_t most_values = 4096;

MatrixXd eigen(const Matrix& m) { return Eigen::Map<const RowMatrix>(m.data(), m.rows(), m.columns()); }

Matrix from_eigen(const MatrixXd& m) {
  Matrix result(m.rows(), m.cols(), Uninitialized{});
  Eigen::Map<RowMatrix>(result.data(), m.rows(), m.cols()) = m;
  return result;
}

Matrix stacked(MatrixView<const double> above, MatrixView<const double> below) {
  Matrix result(above.rows + below.rows, above.columns, Uninitialized{});
  for (std::ptrdiff_t i = 0; i < result.rows(); ++i) {
    const bool first = i < above.rows;
    for (std::ptrdiff_t j = 0; j < above.columns; ++j)
      result(i, j) = first ? above(i, j) : below(i - above.rows, j);
  }
  return result;
}

/// Writes the (point, output) pairs into one column, the output varying fastest.
MatrixXd flattened(const MatrixXd& m) {
  const RowMatrix rows = m;
  return Eigen::Map<const MatrixXd>(rows.data(), rows.size(), 1);
}
MatrixXd unflattened(const MatrixXd& column, Eigen::Index outputs) {
  return Eigen::Map<const RowMatrix>(column.data(), column.rows() / outputs, outputs);
}

double mean_square(const MatrixXd& m) {
  return m.size() == 0 ? 0 : m.squaredNorm() / static_cast<double>(m.size());
}

/// The steps to record: 0, the last one, and others between them, evenly spaced in the logarithm, `records`
/// in all.
std::vector<std::int64_t> recorded_steps(std::int64_t steps, std::int64_t records) {
  std::vector<std::int64_t> result = {0};
  const auto count = static_cast<double>(std::max<std::int64_t>(records - 2, 1));
  for (double i = 0; i <= count; ++i) {
    const auto step =
        static_cast<std::int64_t>(std::llround(std::pow(static_cast<double>(steps), i / count)));
    if (step > result.back()) result.push_back(step);
  }
  return result;
}

void check_options(const TrainingOptions& options) {
  if (options.width < 1)
    throw InputError(fmt::format("a network of width {}; it is at least 1", options.width));
  if (options.steps < 1)
    throw InputError(fmt::format("{} steps of training; there is at least 1", options.steps));
  if (options.records < 2)
    throw InputError(
        fmt::format("{} moments to record; there are at least 2, the start and the end", options.records));
  if (!(options.learning_rate >= 0) || !std::isfinite(options.learning_rate))
    throw InputError(fmt::format("a learning rate of {}; it is finite and positive", options.learning_rate));
}

/// One network in training, and the two models beside it.
class TrainingRun {
 public:
  TrainingRun(std::string_view text, MatrixView<const double> x, MatrixView<const double> y,
              MatrixView<const double> test, const TrainingOptions& options,
              const CompileOptions& compile_options, const Execution& execution, const std::string& file_name)
      : options_(options),
        execution_(execution),
        threads_(runtime::thread_count(execution)),
        train_(x.rows),
        outputs_(y.columns),
        plan_(make_plan(driver::elaborate_text(text, compile_options, file_name), options.width, y.columns)) {
    check_shapes(x, y, test);
    points_ = stacked(x, test);
    inputs_ = MatrixView<const double>(points_.data(), train_, points_.columns());
    weights_.emplace(plan_, simulator::DrawnWeights(options.seed, options.draw));
    start_ = evaluate();
    targets_ = Matrix(train_, outputs_);
    for (std::ptrdiff_t i = 0; i < train_; ++i) {
      for (std::ptrdiff_t j = 0; j < outputs_; ++j)
        targets_(i, j) = y(i, j) + (options.centred ? start_(i, j) : 0);
    }
    make_linearized();
    make_infinite(text, compile_options, file_name);
    start_kernel_ = linear_kernel_.topLeftCorner(train_ * outputs_, train_ * outputs_);
  }

  TrainingResult run() {
    const std::vector<std::int64_t> recorded = recorded_steps(options_.steps, options_.records);
    auto next = recorded.begin();
    for (std::int64_t step = 0;; ++step) {
      if (step == *next) {
        record(step);
        if (++next == recorded.end()) break;
      }
      advance();
      if (execution_.progress &&
          !execution_.progress(static_cast<double>(step) / static_cast<double>(options_.steps)))
        throw Cancelled();
    }
    return finish();
  }

 private:
  /// Where the kernels depend on stated widths, these are scaled in proportion, as `verify` does it.
  static simulator::Plan make_plan(const layer_graph::LayerGraph& graph, std::int64_t width,
                                   std::int64_t outputs) {
    return simulator::make_plan(
        graph, {.width = width, .outputs = outputs, .in_proportion = simulator::widths_count(graph)});
  }

  void check_shapes(MatrixView<const double> x, MatrixView<const double> y,
                    MatrixView<const double> test) const {
    if (x.rows < 1 || x.rows != y.rows)
      throw InputError(fmt::format("{} training inputs with {} rows of targets", x.rows, y.rows));
    if (x.columns != plan_.input_size() || (test.rows > 0 && test.columns != x.columns)) {
      throw InputError(fmt::format("the data have {} values per sample, the network takes {}",
                                   x.columns != plan_.input_size() ? x.columns : test.columns,
                                   plan_.input_size()));
    }
    if (plan_.output_channels() != y.columns) {
      throw InputError(
          fmt::format("the network has {} outputs, the data {}: leave the width of the last layer out",
                      plan_.output_channels(), y.columns));
    }
    if ((x.rows + test.rows) * y.columns > most_values) {
      throw InputError(
          fmt::format("{} points with {} outputs are more than {} values, whose kernel is solved by "
                      "eigenvalues: take fewer points",
                      x.rows + test.rows, y.columns, most_values));
    }
  }

  [[nodiscard]] Matrix evaluate() const {
    return simulator::forward(plan_, *weights_, points_.view(), threads_)[plan_.output];
  }

  /// The kernel Θ̂ on the first `points` points.
  [[nodiscard]] MatrixXd tangent_kernel(std::ptrdiff_t points) const {
    const MatrixView<const double> inputs(points_.data(), points, points_.columns());
    const simulator::Values values = simulator::forward(plan_, *weights_, inputs, threads_);
    return eigen(simulator::empirical_ntk(plan_, *weights_, values, outputs_, NtkForm::full, threads_));
  }

  void make_linearized() {
    linear_kernel_ = tangent_kernel(points_.rows());
    const auto count = static_cast<double>(train_ * outputs_);
    linearized_.emplace(linear_kernel_, flattened(eigen(targets_)), flattened(eigen(start_)), count);
    if (!(linearized_->largest_eigenvalue() > 0))
      throw InputError("nothing to train: the tangent kernel of the network is zero");
    rate_ = options_.learning_rate > 0 ? options_.learning_rate : linearized_->largest_rate() / 2;
  }

  void make_infinite(std::string_view text, CompileOptions compile_options, const std::string& file_name) {
    compile_options.precision = Precision::f64;
    compile_options.sigma = false;
    compile_options.theta = true;
    const KernelFunctions kernel = compile(text, compile_options, file_name);
    const Matrix theta =
        gram(kernel, KernelKind::theta, points_, {.threads = execution_.threads, .progress = {}});
    infinite_.emplace(eigen(theta), eigen(targets_), eigen(start_), static_cast<double>(train_ * outputs_));
    regression_ = infinite_->limit();
  }

  [[nodiscard]] simulator::Descent descent(const StoredWeights& weights) const {
    return simulator::descent(plan_, weights, inputs_, targets_.view(), threads_);
  }

  /// One step of size η.
  void advance() {
    const simulator::Descent first = descent(*weights_);
    if (options_.method == TrainingMethod::descent) {
      simulator::move(plan_, *weights_, rate_, first.direction, threads_);
      return;
    }
    // The classical Runge–Kutta method: slopes at 0, ½, ½ and 1 of the step, weights 1, 2, 2, 1.
    const auto slope_after = [&](double share, const simulator::Descent& slope) {
      StoredWeights moved(plan_, *weights_);
      simulator::move(plan_, moved, share * rate_, slope.direction, threads_);
      return descent(moved);
    };
    const simulator::Descent second = slope_after(0.5, first);
    const simulator::Descent third = slope_after(0.5, second);
    const simulator::Descent fourth = slope_after(1, third);
    simulator::move(plan_, *weights_, rate_ / 6, first.direction, threads_);
    simulator::move(plan_, *weights_, rate_ / 3, second.direction, threads_);
    simulator::move(plan_, *weights_, rate_ / 3, third.direction, threads_);
    simulator::move(plan_, *weights_, rate_ / 6, fourth.direction, threads_);
  }

  [[nodiscard]] Dynamics dynamics() const {
    return options_.method == TrainingMethod::flow ? Dynamics::flow : Dynamics::descent;
  }
  [[nodiscard]] MatrixXd linearized_at(std::int64_t step) const {
    return unflattened(linearized_->outputs(dynamics(), rate_, static_cast<double>(step)), outputs_);
  }
  [[nodiscard]] MatrixXd infinite_at(std::int64_t step) const {
    return infinite_->outputs(dynamics(), rate_, static_cast<double>(step));
  }

  void record(std::int64_t step) {
    const MatrixXd f = eigen(evaluate());
    const MatrixXd linear = linearized_at(step);
    const MatrixXd infinite = infinite_at(step);
    const MatrixXd kernel = tangent_kernel(train_);
    if (!f.allFinite() || !kernel.allFinite()) {
      throw NumericalError(
          fmt::format("the network is not finite after {} steps: the learning rate {:.3g} is too "
                      "large (2N/λ_max is {:.3g})",
                      step, rate_, linearized_->largest_rate()));
    }
    const auto loss = [this](const MatrixXd& values) {
      return mean_square(values.topRows(train_) - eigen(targets_)) / 2;
    };
    const auto distance = [&](const MatrixXd& other, bool test) {
      const MatrixXd difference = f - other;
      return std::sqrt(mean_square(test ? difference.bottomRows(f.rows() - train_).eval()
                                        : difference.topRows(train_).eval()));
    };
    TrainingMoment moment;
    moment.step = step;
    moment.time = static_cast<double>(step) * rate_;
    moment.loss = loss(f);
    moment.linearized_loss = loss(linear);
    moment.infinite_loss = loss(infinite);
    moment.linearized_distance = distance(linear, false);
    moment.linearized_test_distance = distance(linear, true);
    moment.infinite_distance = distance(infinite, false);
    moment.infinite_test_distance = distance(infinite, true);
    moment.regression_test_distance = distance(regression_, true);
    moment.ntk_drift = (kernel - start_kernel_).norm() / start_kernel_.norm();
    moment.smallest_eigenvalue = simulator::smallest_eigenvalue(kernel);
    smallest_met_ = std::min(smallest_met_, std::max(moment.smallest_eigenvalue, 0.0));
    const double initial = result_.moments.empty() ? moment.loss : result_.moments.front().loss;
    moment.loss_bound =
        initial * std::exp(-2 * moment.time * smallest_met_ / static_cast<double>(train_ * outputs_));
    result_.moments.push_back(moment);
  }

  TrainingResult finish() {
    result_.learning_rate = rate_;
    result_.largest_learning_rate = linearized_->largest_rate();
    result_.infinite_smallest_eigenvalue = infinite_->smallest_eigenvalue();
    result_.parameters = plan_.parameter_count();
    const MatrixXd offset =
        options_.centred ? eigen(start_) : MatrixXd::Zero(start_.rows(), start_.columns());
    result_.outputs = from_eigen(eigen(evaluate()) - offset);
    result_.linearized = from_eigen(linearized_at(options_.steps) - offset);
    result_.infinite = from_eigen(infinite_at(options_.steps) - offset);
    result_.regression = from_eigen(regression_ - offset);
    result_.start_ntk = from_eigen(linear_kernel_);
    result_.end_ntk = from_eigen(tangent_kernel(points_.rows()));
    return std::move(result_);
  }

  TrainingOptions options_;
  Execution execution_;
  int threads_;
  std::ptrdiff_t train_;
  std::ptrdiff_t outputs_;
  simulator::Plan plan_;
  Matrix points_;  ///< training points, then test points
  MatrixView<const double> inputs_;
  Matrix start_;    ///< f₀ on all points
  Matrix targets_;  ///< what f itself is trained towards
  std::optional<StoredWeights> weights_;
  MatrixXd linear_kernel_;  ///< Θ̂₀ on all points
  MatrixXd start_kernel_;   ///< Θ̂₀ on the training points
  std::optional<LinearDynamics> linearized_;
  std::optional<LinearDynamics> infinite_;
  MatrixXd regression_;  ///< the limit of `infinite_`
  double rate_ = 0;
  double smallest_met_ = std::numeric_limits<double>::infinity();
  TrainingResult result_;
};

}  // namespace

TrainingResult train_network(std::string_view arch_text, MatrixView<const double> x,
                             MatrixView<const double> y, MatrixView<const double> test,
                             const TrainingOptions& options, const CompileOptions& compile_options,
                             const Execution& execution, const std::string& file_name) {
  check_options(options);
  return TrainingRun(arch_text, x, y, test, options, compile_options, execution, file_name).run();
}

}  // namespace ntkc
