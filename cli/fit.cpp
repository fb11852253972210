// ntkc fit F.arch TRAIN --target=COL -o MODEL
#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/data_arguments.hpp"
#include "cli/exit_codes.hpp"
#include "cli/expansions.hpp"
#include "cli/expected_time.hpp"
#include "cli/interruption.hpp"
#include "cli/progress.hpp"
#include "cli/ridge_option.hpp"
#include "cli/score_text.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/model.hpp"
#include "ntkc/printable.hpp"

namespace ntkc::cli {

namespace {

Json json_of(const TargetEncoding& targets) {
  if (targets.task == Task::regression) return targets.outputs;
  return targets.numeric_labels ? Json(targets.label_values) : Json(targets.outputs);
}

std::string_view preprocessing_text(const Preprocessing& preprocessing, std::int64_t features) {
  switch (preprocessing.kind) {
    case PreprocessingKind::none:
      return "as given";
    case PreprocessingKind::standardize:
      return std::ssize(preprocessing.means) == features
                 ? "each feature less its mean, divided by its standard deviation"
                 : "each channel less its mean, divided by its standard deviation, over all positions";
    case PreprocessingKind::unit_norm:
      return "each sample scaled to |x|² = its number of features";
    case PreprocessingKind::zca:
      return "whitened (ZCA)";
  }
  return "";
}

/// What is to be said of the solution of a matrix that is singular in double precision.
std::string singularity(const SolveReport& solve, std::int64_t samples) {
  if (solve.rank == samples) return "";
  return fmt::format(
      "the Gram matrix has rank {} of {} in double precision: repeated inputs, or a kernel of low rank. Of "
      "all solutions of least squares the one of the least norm was taken; {:.2g} of the targets (relative "
      "residual) is out of its reach. A ridge (--ridge=1e-6) makes the matrix regular",
      solve.rank, samples, solve.relative_residual);
}

class Fit final : public Command {
 public:
  void declare(Options& options) override {
    options.option("F.arch", network_, "the network; `-` is standard input").required();
    data_.declare(options);
    options.option("-o", output_, "where the model goes; `-` is standard output")
        .required()
        .value_name("MODEL");
    declare_kernel(options, kernel_);
    ridge_.declare(options);
    options
        .option("--precomputed", precomputed_,
                "the Gram matrix of these samples, which `ntkc gram` wrote (.npy): it is not computed again")
        .value_name("K.npy");
    checkpoint_.declare(options);
    options.flag("--center", center_, "regression: subtract the mean of the targets, add it to predictions");
  }

  void validate() const override {
    data_.validate();
    if (!precomputed_.empty() && !checkpoint_.folder.empty())
      throw UsageError(
          "--checkpoint keeps the Gram matrix while it is computed, --precomputed has it already");
    ridge_.validate();
    if (center_ && data_.task == "classification") throw UsageError("--center is for regression");
  }

  [[nodiscard]] std::string output() const override { return output_; }
  [[nodiscard]] std::vector<std::string_view> formats() const override { return {}; }
  [[nodiscard]] std::vector<std::string> inputs() const override {
    return {network_, data_.train, data_.targets, precomputed_};
  }

  int run(Console& console) override {
    const Stopwatch total;
    const NetworkSource network = read_network(network_, common);
    const NetworkInput input = input_of(network, common, console);
    Dataset dataset = read_dataset(input);
    const std::string data_name = dataset.path;
    RegressionProblem problem = prepare_regression(std::move(dataset), options(input));
    tell_notes(problem.notes, console);
    const std::vector<MatrixView<const double>> inputs = {problem.data.inputs.matrix()};
    const Stopwatch compile_stopwatch;
    const KernelFunctions kernel = compile_kernel(network, kernel_kind(kernel_),
                                                  serving(compile_options(network, common, console), inputs));
    const double compile_seconds = compile_stopwatch.seconds();
    require_fit_possible(problem, kernel);
    console.report["estimated_memory_bytes"] =
        std::llround(fit_memory(work_of(problem, kernel), problem.targets.columns(), ridge_.is_choice()));
    report_expansions(kernel, inputs, console);

    if (precomputed_.empty()) {
      const auto rows = static_cast<double>(problem.data.rows());
      tell_expected_time(kernel, rows * (rows + 1) / 2, common.thread_count(), !checkpoint_.folder.empty(),
                         console);
    }
    OutputFile out(output_);
    const std::unique_ptr<Checkpoint> checkpoint = checkpoint_.open(console);
    const auto [model, seconds, leave_one_out, path] =
        train(std::move(problem), kernel, checkpoint.get(), console);
    Interruptible::check();
    const Stopwatch write_stopwatch;
    write_model(out, model);
    Interruptible::check();
    out.commit();
    if (checkpoint) checkpoint->finish();
    console.report["seconds"] = {{"compile", compile_seconds},
                                 {"evaluate", seconds.evaluate},
                                 {"solve", seconds.solve},
                                 {"write", write_stopwatch.seconds()},
                                 {"total", total.seconds()}};
    fill_report(console.report, kernel, model);
    if (path) console.report["ridge_path"] = path_json(*path, ridge_.criterion());
    const auto loo_text = std::visit(
        [&](const auto& score) {
          console.report["leave_one_out"] = score_json(score);
          return score_text(score);
        },
        leave_one_out);
    const std::string singular = singularity(model.solve, model.inputs.rows());
    if (!singular.empty()) console.note(singular);
    console.print(summary(console.report, kernel, model, path, loo_text, data_name, out.name()),
                  out.is_standard_output());
    return exit_code::success;
  }

 private:
  /// Arrays are read once it is known that the network takes them.
  [[nodiscard]] Dataset read_dataset(const NetworkInput& input) const {
    return data_.read(
        [&](const std::vector<std::int64_t>& shape) {
          require_input(data_.train, shape, input);
          require_memory(fit_memory(work_of(shape, common.precision()), 1, ridge_.is_choice()),
                         fmt::format("{}: fitting {} samples", data_.train, shape.front()));
        },
        data_.seed);
  }

  [[nodiscard]] ntkc::Fit train(RegressionProblem problem, const KernelFunctions& kernel,
                                Checkpoint* checkpoint, const Console& console) const {
    const std::int64_t rows = problem.data.rows();
    ProgressBar progress("fit", console.quiet());
    Execution execution = progress.execution(common.threads);
    execution.checkpoint = checkpoint;
    if (precomputed_.empty()) {
      try {
        return ntkc::fit(std::move(problem), kernel, execution);
      } catch (const Cancelled&) {
        checkpoint_.tell_interrupted(console);
        throw;
      }
    }
    return fit_precomputed(std::move(problem), kernel, read_gram_matrix(precomputed_, rows), precomputed_,
                           execution);
  }

  [[nodiscard]] FitOptions options(const NetworkInput& input) const {
    FitOptions options = data_.fit_options(input.shape);
    options.kernel = kernel_kind(kernel_);
    ridge_.apply(options);
    options.center = center_;
    return options;
  }

  void fill_report(Json& report, const KernelFunctions& kernel, const Model& model) const {
    report["network"] = kernel.name;
    report["kernel"] = kernel_;
    report["precision"] = name(kernel.precision);
    report["shape"] = model.inputs.shape;
    report["task"] = name(model.targets.task);
    report[model.targets.task == Task::classification ? "classes" : "outputs"] = json_of(model.targets);
    report["preprocess"] = name(model.preprocessing.kind);
    report["ridge"] = {{"value", model.ridge.value}, {"relative", model.ridge.relative}};
    report["solve"] = {{"ridge", model.solve.ridge},
                       {"rank", model.solve.rank},
                       {"reciprocal_condition", model.solve.reciprocal_condition},
                       {"relative_residual", model.solve.relative_residual}};
    report["threads"] = common.thread_count();
    report["peak_memory_bytes"] = peak_memory_bytes();
    report["output"] = output_;
  }

  [[nodiscard]] std::string summary(const Json& report, const KernelFunctions& kernel, const Model& model,
                                    const std::optional<RidgePath>& path, const std::string& loo_text,
                                    const std::string& data_name, const std::string& output_name) const {
    const TargetEncoding& targets = model.targets;
    const std::int64_t outputs = std::ssize(targets.outputs);
    std::string text = fmt::format(
        "data     {}: {}, {}, {}\n", data_name, counted(model.inputs.rows(), "sample"),
        counted(model.inputs.columns(), "feature"),
        targets.task == Task::classification ? counted(outputs, "class", "es") : counted(outputs, "output"));
    text += fmt::format("inputs   {}\n", preprocessing_text(model.preprocessing, model.inputs.columns()));
    text += fmt::format("kernel   {} of `{}` in {}\n", kernel_, kernel.name, name(kernel.precision));
    text += model.ridge.relative
                ? fmt::format("ridge    {} tr(K)/n = {:.6g}\n", model.ridge.value, model.solve.ridge)
                : fmt::format("ridge    {}\n", model.ridge.value);
    if (path) text += path_text(*path, ridge_.criterion());
    if (model.solve.rank < model.inputs.rows())
      text += fmt::format("rank     {} of {}: least squares of the least norm\n", model.solve.rank,
                          model.inputs.rows());
    text += fmt::format("solve    reciprocal condition {:.2g}, relative residual {:.2g}\n",
                        model.solve.reciprocal_condition, model.solve.relative_residual);
    text += fmt::format("loo      {}, each sample predicted from all others\n", loo_text);
    text += fmt::format("time     {}\n", durations_text(report["seconds"]));
    text +=
        fmt::format("memory   {} at most\n", memory_text(report["peak_memory_bytes"].get<std::int64_t>()));
    return text + fmt::format("model    {}\n", output_name);
  }

  std::string network_;
  TrainingData data_;
  std::string output_;
  std::string kernel_ = "theta";
  RidgeOption ridge_;
  std::string precomputed_;
  CheckpointArgument checkpoint_;
  bool center_ = false;
};

}  // namespace

std::unique_ptr<Command> make_fit() { return std::make_unique<Fit>(); }

}  // namespace ntkc::cli
