// ntkc train F.arch TRAIN --target=COL: a finite network beside its linearisation and its infinite limit
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/data_arguments.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interruption.hpp"
#include "cli/network_title.hpp"
#include "cli/progress.hpp"
#include "cli/text_table.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/line_fit.hpp"
#include "ntkc/model.hpp"
#include "ntkc/output_file.hpp"
#include "ntkc/plot.hpp"
#include "ntkc/training.hpp"

namespace ntkc::cli {

namespace {

Json json_of(const TrainingMoment& moment) {
  return {{"step", moment.step},
          {"time", moment.time},
          {"loss", moment.loss},
          {"linearized_loss", moment.linearized_loss},
          {"infinite_loss", moment.infinite_loss},
          {"linearized_distance", moment.linearized_distance},
          {"linearized_test_distance", moment.linearized_test_distance},
          {"infinite_distance", moment.infinite_distance},
          {"infinite_test_distance", moment.infinite_test_distance},
          {"regression_test_distance", moment.regression_test_distance},
          {"ntk_drift", moment.ntk_drift},
          {"smallest_eigenvalue", moment.smallest_eigenvalue},
          {"loss_bound", moment.loss_bound}};
}

std::string short_number(double value) { return fmt::format("{:.3g}", value); }

std::string moments_text(const TrainingResult& result, bool has_test) {
  std::vector<std::vector<std::string>> rows = {
      {"step", "time", "loss", "linearised", "infinite", "bound", "|f-lin|", "|f-inf|"}};
  if (has_test) rows[0].insert(rows[0].end(), {"|f-lin| test", "|f-inf| test"});
  rows[0].insert(rows[0].end(), {"drift", "lambda_min"});
  for (const TrainingMoment& m : result.moments) {
    std::vector<std::string> row = {fmt::format("{}", m.step)};
    for (const double value : {m.time, m.loss, m.linearized_loss, m.infinite_loss, m.loss_bound,
                               m.linearized_distance, m.infinite_distance})
      row.push_back(short_number(value));
    if (has_test) {
      row.push_back(short_number(m.linearized_test_distance));
      row.push_back(short_number(m.infinite_test_distance));
    }
    row.push_back(short_number(m.ntk_drift));
    row.push_back(short_number(m.smallest_eigenvalue));
    rows.push_back(std::move(row));
  }
  return aligned(rows);
}

/// The slope of log value against log width, least squares.
double slope(const std::vector<std::int64_t>& widths, const std::vector<double>& values) {
  std::vector<double> x;
  std::vector<double> y;
  for (const std::int64_t width : widths) x.push_back(std::log(static_cast<double>(width)));
  for (const double value : values) y.push_back(std::log(value));
  return fit_line(x, y).slope;
}

plot::Series curve(const TrainingResult& result, std::string label, double TrainingMoment::* member,
                   plot::Line line = plot::Line::solid) {
  plot::Series series{.label = std::move(label), .line = line};
  for (const TrainingMoment& moment : result.moments) {
    series.x.push_back(moment.time);
    series.y.push_back(moment.*member);
  }
  return series;
}

/// The last, widest network: losses and distances over time.
plot::Figure figure_of(const TrainingResult& result, const std::string& title, bool has_test) {
  const plot::Axis time{.label = "time t = steps · η", .scale = plot::Scale::logarithmic};
  plot::Chart loss{
      .title = "loss", .x = time, .y = {.label = "‖f − Y‖²/(2N)", .scale = plot::Scale::logarithmic}};
  loss.series = {curve(result, "network", &TrainingMoment::loss),
                 curve(result, "linearised", &TrainingMoment::linearized_loss, plot::Line::dashed),
                 curve(result, "infinite", &TrainingMoment::infinite_loss, plot::Line::dotted),
                 curve(result, "bound", &TrainingMoment::loss_bound, plot::Line::dotted)};
  plot::Chart distance{.title = "distance of the network to the two models",
                       .x = time,
                       .y = {.label = "root mean square", .scale = plot::Scale::logarithmic}};
  distance.series = {curve(result, "linearised", &TrainingMoment::linearized_distance),
                     curve(result, "infinite", &TrainingMoment::infinite_distance)};
  if (has_test) {
    distance.series.push_back(
        curve(result, "linearised, test", &TrainingMoment::linearized_test_distance, plot::Line::dashed));
    distance.series.push_back(
        curve(result, "infinite, test", &TrainingMoment::infinite_test_distance, plot::Line::dashed));
  }
  plot::Chart drift{.title = "drift of the tangent kernel",
                    .x = time,
                    .y = {.label = "‖Θ_{t} − Θ_{0}‖/‖Θ_{0}‖", .scale = plot::Scale::logarithmic}};
  drift.series = {curve(result, "", &TrainingMoment::ntk_drift)};
  return {.title = title, .charts = {loss, distance, drift}};
}

class Train final : public Command {
 public:
  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"--f32"}; }
  void declare(Options& options) override {
    options.option("F.arch", network_, "the network; `-` is standard input").required();
    data_.declare(options, true);
    options.option("--test", test_, "further inputs, where only the outputs are compared").value_name("FILE");
    options
        .option(
            "--width", widths_,
            "width of every layer that states none, or where stated widths count of the widest; several: the "
            "drift against width")
        .comma_separated()
        .between(1, 1 << 20)
        .value_name("N,…");
    options.option("--steps", options_.steps, "steps of training (1000)").between(1, 1 << 30);
    options
        .option("--learning-rate", options_.learning_rate,
                "η (default: half of the largest stable one, 2N/λ_max of the network's own tangent kernel)")
        .positive();
    options.choice("--method", method_, "descent, or flow: Runge-Kutta steps of size η", {"descent", "flow"});
    options.option("--records", options_.records, "how many moments are reported (20)").between(2, 100000);
    options.option("--seed", options_.seed, "of the weights, and of --sample (0)");
    options.flag("--from-zero", options_.centred,
                 "train f − f₀, which starts at zero as kernel regression does");
    options.option("-o", output_, "a figure of it, SVG").value_name("F.svg");
  }

  void validate() const override {
    data_.validate();
    if (common.f32) throw UsageError("--f32: finite networks are trained in f64");
  }

  [[nodiscard]] std::string output() const override { return output_; }
  [[nodiscard]] std::vector<std::string_view> formats() const override { return {".svg"}; }
  [[nodiscard]] std::vector<std::string> inputs() const override {
    return {network_, data_.train, data_.targets, test_};
  }

  int run(Console& console) override {
    const Stopwatch total;
    const NetworkSource network = read_network(network_, common);
    const NetworkInput input = input_of(network, common, console);
    const RegressionProblem problem = read_problem(input);
    CompileOptions compile = compile_options(network, common, console);
    compile.input_size = problem.data.inputs.columns();
    const KernelFunctions kernel = compile_kernel(network, KernelKind::theta, compile);
    compile.on_warning = {};  // they have been told
    require_input_shape(problem.data, kernel);
    tell_notes(problem.notes, console);
    const Matrix test = read_test(kernel, problem);
    std::optional<OutputFile> out;
    if (!output_.empty()) out.emplace(output_);

    std::vector<TrainingResult> results;
    for (const std::int64_t width : widths_) {
      ProgressBar progress(fmt::format("width {}", width), console.quiet());
      options_.width = width;
      options_.method = method_ == "flow" ? TrainingMethod::flow : TrainingMethod::descent;
      results.push_back(train_network(network.text, problem.data.inputs.matrix(), problem.targets.view(),
                                      test.view(), options_, compile, progress.execution(common.threads),
                                      network.file));
    }
    Interruptible::check();
    const bool has_test = test.rows() > 0;
    if (out) {
      const std::string svg = plot::render(
          figure_of(results.back(),
                    fmt::format("{}, width {}", network_title(network, compile), widths_.back()), has_test));
      out->append(svg);
      out->commit();
    }
    fill_report(console.report, kernel, problem, results);
    console.report["seconds"] = {{"total", total.seconds()}};
    console.print(text_of(results, has_test), out && out->is_standard_output());
    return exit_code::success;
  }

 private:
  [[nodiscard]] RegressionProblem read_problem(const NetworkInput& input) const {
    Dataset dataset =
        data_.read([&](const std::vector<std::int64_t>& shape) { require_input(data_.train, shape, input); },
                   options_.seed);
    return prepare_regression(std::move(dataset), data_.fit_options(input.shape));
  }

  /// The test inputs, preprocessed as the training inputs were; no rows if there are none.
  [[nodiscard]] Matrix read_test(const KernelFunctions& kernel, const RegressionProblem& problem) const {
    if (test_.empty()) return {};
    DataOptions options = data_.data_options(0);
    options.features = options.drop = {};
    options.first_row = 0;
    options.end_row = options.sample = {};
    Dataset dataset = read_dataset_as(problem.data.features, test_, {problem.encoding.name}, options,
                                      [&](const std::vector<std::int64_t>& shape) {
                                        require_input_shape(test_, shape, kernel.name, kernel.input_shape);
                                      });
    require_input_shape(dataset, kernel);
    Matrix result(dataset.rows(), dataset.inputs.columns(), Uninitialized{});
    std::ranges::copy(dataset.inputs.values, result.data());
    apply_preprocessing(problem.preprocessing, result.view());
    return result;
  }

  void fill_report(Json& report, const KernelFunctions& kernel, const RegressionProblem& problem,
                   const std::vector<TrainingResult>& results) const {
    report["network"] = kernel.name;
    report["method"] = method_;
    report["samples"] = problem.data.rows();
    report["outputs"] = problem.targets.columns();
    report["runs"] = Json::array();
    for (std::size_t i = 0; i < results.size(); ++i) {
      const TrainingResult& result = results[i];
      Json moments = Json::array();
      for (const TrainingMoment& moment : result.moments) moments.push_back(json_of(moment));
      report["runs"].push_back({{"width", widths_[i]},
                                {"parameters", result.parameters},
                                {"learning_rate", result.learning_rate},
                                {"largest_learning_rate", result.largest_learning_rate},
                                {"infinite_smallest_eigenvalue", result.infinite_smallest_eigenvalue},
                                {"moments", std::move(moments)}});
    }
    if (widths_.size() > 1) {
      report["slope"] = {
          {"ntk_drift", slope(widths_, last(results, &TrainingMoment::ntk_drift))},
          {"linearized_distance", slope(widths_, last(results, &TrainingMoment::linearized_distance))}};
    }
  }

  static std::vector<double> last(const std::vector<TrainingResult>& results,
                                  double TrainingMoment::* member) {
    std::vector<double> values;
    for (const TrainingResult& result : results) values.push_back(result.moments.back().*member);
    return values;
  }

  [[nodiscard]] std::string text_of(const std::vector<TrainingResult>& results, bool has_test) const {
    std::string text;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const TrainingResult& result = results[i];
      text += fmt::format("width {}: {} parameters, η = {:.4g} (stable below {:.4g}), λ_min(Θ) = {:.3g}\n",
                          widths_[i], result.parameters, result.learning_rate, result.largest_learning_rate,
                          result.infinite_smallest_eigenvalue);
      text += moments_text(result, has_test) + "\n";
    }
    if (widths_.size() < 2) return text;
    std::vector<std::vector<std::string>> rows = {{"width", "drift", "|f-lin|", "|f-inf|"}};
    for (std::size_t i = 0; i < results.size(); ++i) {
      const TrainingMoment& m = results[i].moments.back();
      rows.push_back({fmt::format("{}", widths_[i]), short_number(m.ntk_drift),
                      short_number(m.linearized_distance), short_number(m.infinite_distance)});
    }
    return text + aligned(rows) +
           fmt::format("slope of the drift against width {:.2f}\n",
                       slope(widths_, last(results, &TrainingMoment::ntk_drift)));
  }

  std::string network_;
  TrainingData data_;
  std::string test_;
  std::string output_;
  std::string method_ = "descent";
  std::vector<std::int64_t> widths_ = {512};
  TrainingOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_train() { return std::make_unique<Train>(); }

}  // namespace ntkc::cli
