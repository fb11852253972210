// ntkc predict MODEL TEST -o OUT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/data_arguments.hpp"
#include "cli/exit_codes.hpp"
#include "cli/expansions.hpp"
#include "cli/expected_time.hpp"
#include "cli/interruption.hpp"
#include "cli/progress.hpp"
#include "cli/score_text.hpp"
#include "cli/text_table.hpp"
#include "ntkc/compile_model.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/memory_estimate.hpp"
#include "ntkc/model.hpp"
#include "ntkc/output_file.hpp"
#include "ntkc/posterior.hpp"
#include "ntkc/printable.hpp"
#include "ntkc/score.hpp"
#include "ntkc/table_file.hpp"

namespace ntkc::cli {

namespace {

/// A table of more classes than this nobody reads; it is left to --json.
constexpr std::size_t max_printed_classes = 30;

/// What the test targets hold, decoded before the long computation, so that a mistake in them is found at
/// once.
std::optional<KnownTargets> decode(const Model& model, const Dataset& dataset, const Console& console) {
  if (!dataset.targets) return std::nullopt;
  KnownTargets known = known_targets(model.targets, *dataset.targets);
  if (!known.note.empty()) console.note(known.note);
  if (known.rows.empty()) return std::nullopt;
  return known;
}

/// A name for the scores of this class that no other class has.
std::string score_name(const TargetEncoding& targets, std::string name) {
  do {
    name += "_score";
  } while (std::ranges::find(targets.outputs, name) != targets.outputs.end());
  return name;
}

/// One column per output; for classes the predicted label first, then each class's score. Standard deviations last.
Table table_of(const TargetEncoding& targets, const Matrix& predictions,
               const std::vector<std::int32_t>& classes, const std::vector<double>& deviations) {
  Table table;
  table.rows = predictions.rows();
  if (targets.task == Task::classification) {
    Column label;
    label.name = "label";
    for (const std::int32_t c : classes) label.texts.push_back(targets.outputs[static_cast<std::size_t>(c)]);
    table.columns.push_back(std::move(label));
  }
  for (std::size_t j = 0; j < targets.outputs.size(); ++j) {
    Column column;
    column.name = targets.outputs[j];
    // A class may be called `label` itself.
    if (targets.task == Task::classification && column.name == "label")
      column.name = score_name(targets, "label");
    column.numeric = true;
    for (std::ptrdiff_t i = 0; i < predictions.rows(); ++i)
      column.numbers.push_back(predictions(i, static_cast<std::ptrdiff_t>(j)));
    table.columns.push_back(std::move(column));
  }
  if (!deviations.empty()) {
    Column column;
    column.name = "std";
    while (std::ranges::find(targets.outputs, column.name) != targets.outputs.end()) column.name += "_";
    column.numeric = true;
    column.numbers = deviations;
    table.columns.push_back(std::move(column));
  }
  return table;
}

std::string report_score(Json& report, const TargetEncoding& targets, const ClassificationScore& score) {
  report["classes"] = targets.numeric_labels ? Json(targets.label_values) : Json(targets.outputs);
  report.update(score_json(score));
  report["confusion"] = score.confusion;
  std::string text = score_text(score) + "\n";
  if (targets.outputs.size() > max_printed_classes)
    return text + fmt::format("({} classes: the confusion matrix is in --json)\n", targets.outputs.size());
  return text + "\nconfusion matrix (rows: true class, columns: predicted)\n" +
         confusion_text(targets.outputs, score.confusion);
}

std::string report_score(Json& report, const TargetEncoding& targets, const RegressionScore& score) {
  report.update(score_json(score));
  report["outputs"] = Json::array();
  std::vector<std::vector<std::string>> rows = {{"output", "RMSE", "R²"}};
  for (std::size_t j = 0; j < targets.outputs.size(); ++j) {
    const double rmse = score.rmse_per_output[j];
    const double r_squared = score.r_squared_per_output[j];
    report["outputs"].push_back(
        {{"name", targets.outputs[j]}, {"rmse", rmse}, {"r2", finite_or_null(r_squared)}});
    rows.push_back({shown(targets.outputs[j]), fmt::format("{:.6g}", rmse), r_squared_text(r_squared)});
  }
  std::string text = score_text(score) + "\n";
  return targets.outputs.size() == 1 ? text : text + aligned(rows);
}

/// Options to compile the network of the model with. Warnings are not shown again; `ntkc fit` has shown them.
/// Limits come from this command line. So does the tolerance, if one is given.
CompileOptions model_options(const Model& model, Precision precision, const CommonOptions& common) {
  CompileOptions base;
  base.limits = common.source_limits();
  CompileOptions options = options_of(model, base);
  options.precision = precision;
  options.tolerance = common.tolerance.value_or(model.tolerance);
  return options;
}

/// Two Gram matrices of the training samples, and what they are with the new ones.
double deviation_memory(const Model& model, std::int64_t rows) {
  const auto n = static_cast<double>(model.inputs.rows());
  const double matrices = model.kernel == KernelKind::theta ? 2 : 1;
  return 8 * matrices * n * (n + static_cast<double>(rows));
}

class Predict final : public Command {
 public:
  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"-D", "-I", "-W"}; }
  void declare(Options& options) override {
    options.option("MODEL", model_, "what `ntkc fit` wrote; `-` is standard input").required();
    options
        .option("TEST", test_,
                "a table (CSV and the like), .npy, FILE.npz:NAME or IDX images; `-` is standard input")
        .required();
    options.option("--target", target_, "the columns of a table to score against (default: as in training)")
        .comma_separated()
        .value_name("COLUMN,…");
    options.option("--targets", targets_, "a file with the targets to score against").value_name("FILE");
    arguments_.declare(options);
    options.flag("--std", has_deviations_,
                 "also the standard deviation of each prediction, in a column `std`: of the Gaussian process "
                 "for a model of "
                 "sigma, over trained networks for one of theta");
    options
        .option(
            "-o", output_,
            "where the predictions go: CSV, or the numbers alone if it ends in .npy; `-` is standard output")
        .required()
        .value_name("OUT");
  }

  void validate() const override {
    if (!common.definitions.empty())
      throw UsageError("-D: a model has the parameters it was fitted with; give -D to `ntkc fit`");
    if (!common.include_directories.empty())
      throw UsageError("-I: a model holds what its network imports; give -I to `ntkc fit`");
    if (!common.warnings.empty()) throw UsageError("-W: `ntkc fit` has reported the warnings; give -W there");
    if (has_deviations_ && has_ending(output_, ".npy"))
      throw UsageError("--std is a column of its own: write a table, -o OUT.csv");
    if (!target_.empty() && !targets_.empty())
      throw UsageError("--target names a column of a table, --targets a file: give one of them");
  }

  [[nodiscard]] std::string output() const override { return output_; }
  [[nodiscard]] std::vector<std::string_view> formats() const override { return {".csv", ".txt", ".npy"}; }
  [[nodiscard]] std::vector<std::string> inputs() const override { return {model_, test_, targets_}; }

  int run(Console& console) override {
    const Stopwatch total;
    const Model model = read_model(model_);
    const Precision precision = common.f32 ? Precision::f32 : model.precision;
    const CompileOptions options = model_options(model, precision, common);
    Dataset dataset = read_samples(model, network_input(model.network.text, options, model.network.file));
    tell_notes(dataset.notes, console);
    const std::optional<KnownTargets> truth = decode(model, dataset, console);
    const Stopwatch compile_stopwatch;
    // For the inputs that it was fitted to, whatever it predicts on: the coefficients belong to that kernel.
    const KernelFunctions kernel = compile_kernel(model.network, model.kernel, options);
    const double compile_seconds = compile_stopwatch.seconds();
    require_input_shape(dataset, kernel);
    if (!dataset.ignored_columns.empty())
      console.note(fmt::format("{}: {} not {} of the model: ignored", dataset.path, ignored_text(dataset),
                               dataset.ignored_columns.size() == 1 ? "a feature" : "features"));

    tell_expected_time(kernel, static_cast<double>(dataset.rows()) * static_cast<double>(model.inputs.rows()),
                       common.thread_count(), true, console);
    OutputFile out(output_);
    const Stopwatch evaluate_stopwatch;
    const Matrix predictions = evaluate(model, kernel, dataset, console);
    const std::vector<double> deviations =
        has_deviations_ ? deviations_of(model, options, dataset, console) : std::vector<double>();
    const double evaluate_seconds = evaluate_stopwatch.seconds();
    apply_preprocessing(model.preprocessing,
                        {dataset.inputs.values.data(), dataset.rows(), dataset.inputs.columns()});
    report_expansions(kernel, {model.inputs.matrix(), std::as_const(dataset.inputs).matrix()}, console);
    Interruptible::check();
    std::vector<std::int32_t> classes;
    if (model.targets.task == Task::classification) classes = predicted_classes(predictions.view());
    const Stopwatch write_stopwatch;
    if (has_ending(output_, ".npy"))
      write_npy(out, predictions.view());
    else
      write_csv(out, table_of(model.targets, predictions, classes, deviations));
    Interruptible::check();
    out.commit();

    Json& report = console.report;
    report["seconds"] = {{"compile", compile_seconds},
                         {"evaluate", evaluate_seconds},
                         {"write", write_stopwatch.seconds()},
                         {"total", total.seconds()}};
    report["network"] = kernel.name;
    report["kernel"] = name(model.kernel);
    report["precision"] = name(precision);
    report["shape"] = dataset.inputs.shape;
    report["train_shape"] = model.inputs.shape;
    report["task"] = name(model.targets.task);
    report["threads"] = common.thread_count();
    report["peak_memory_bytes"] = peak_memory_bytes();
    report["output"] = output_;
    std::string text =
        fmt::format("{}: {}, predicted from {} with {} of `{}`\n", dataset.path,
                    counted(dataset.rows(), "sample"), model.inputs.rows(), name(model.kernel), kernel.name);
    text += fmt::format("time: {}\n", durations_text(report["seconds"]));
    console.print(text + score(report, model.targets, truth, predictions, classes), out.is_standard_output());
    return exit_code::success;
  }

 private:
  /// By a kernel with both: the one of the predictions is compiled as it was for the fit, to the same bits.
  [[nodiscard]] std::vector<double> deviations_of(const Model& model, CompileOptions options,
                                                  const Dataset& dataset, const Console& console) const {
    options.sigma = true;
    options.theta = model.kernel == KernelKind::theta;
    const KernelFunctions kernel = compile(model.network.text, options, model.network.file);
    require_memory(deviation_memory(model, dataset.rows()),
                   fmt::format("{}: the standard deviations beside {} training samples", dataset.path,
                               model.inputs.rows()));
    ProgressBar progress("std", console.quiet());
    return predictive_deviation(model, kernel, dataset.inputs.matrix(), progress.execution(common.threads));
  }

  /// A model that was trained on a table finds its features by name; one trained on an array has no names.
  [[nodiscard]] Dataset read_samples(const Model& model, const NetworkInput& input) const {
    DataOptions options = arguments_.data_options(arguments_.seed);
    options.target = target_;
    options.targets = targets_;
    std::vector<std::string> target = {model.targets.name};
    if (model.targets.task == Task::regression && model.targets.name.empty()) target = model.targets.outputs;
    return read_dataset_as(
        model.features, test_, target, options,
        [&](const std::vector<std::int64_t>& shape) { require_input(test_, shape, input); });
  }

  static std::string ignored_text(const Dataset& dataset) {
    if (dataset.ignored_columns.size() == 1)
      return fmt::format("column `{}` is", shown(dataset.ignored_columns.front()));
    return fmt::format("{} columns, among them `{}`, are", dataset.ignored_columns.size(),
                       shown(dataset.ignored_columns.front()));
  }

  [[nodiscard]] Matrix evaluate(const Model& model, const KernelFunctions& kernel, const Dataset& dataset,
                                const Console& console) const {
    ProgressBar progress("predict", console.quiet());
    return ntkc::predict(model, kernel, dataset.inputs.matrix(), progress.execution(common.threads));
  }

  static std::string score(Json& report, const TargetEncoding& targets,
                           const std::optional<KnownTargets>& truth, const Matrix& predictions,
                           const std::vector<std::int32_t>& classes) {
    if (!truth) return "no targets to score against\n";
    report["scored"] = truth->rows.size();
    if (targets.task == Task::classification) {
      std::vector<std::int32_t> predicted;
      for (const std::int64_t row : truth->rows) predicted.push_back(classes[static_cast<std::size_t>(row)]);
      return report_score(report, targets, score_classes(truth->classes, predicted, targets.outputs.size()));
    }
    Matrix predicted(truth->numbers.rows(), predictions.columns());
    for (std::size_t i = 0; i < truth->rows.size(); ++i)
      std::copy_n(&predictions(truth->rows[i], 0), predictions.columns(),
                  &predicted(static_cast<std::ptrdiff_t>(i), 0));
    return report_score(report, targets,
                        score_regression(truth->numbers.view(), std::as_const(predicted).view()));
  }

  std::string model_;
  std::string test_;
  std::vector<std::string> target_;
  std::string targets_;
  std::string output_;
  bool has_deviations_ = false;
  DataArguments arguments_;
};

}  // namespace

std::unique_ptr<Command> make_predict() { return std::make_unique<Predict>(); }

}  // namespace ntkc::cli
