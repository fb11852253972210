// ntkc gram F.arch X.npy [Y.npy] -o K.npy
#include "ntkc/gram.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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
#include "ntkc/array_file.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/dataset.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/memory_estimate.hpp"
#include "ntkc/output_file.hpp"

namespace ntkc::cli {

namespace {

struct GramSeconds {
  double evaluate = 0;
  double write = 0;
};

class Gram final : public Command {
 public:
  void declare(Options& options) override {
    options.option("F.arch", network_, "the network; `-` is standard input").required();
    options.option("X", x_, "samples: .npy, FILE.npz:NAME, IDX or a table; `-` is standard input").required();
    options.option("Y", y_, "other samples: K[i, j] = k(x_i, y_j); without it k(x_i, x_j)");
    declare_kernel(options, kernel_);
    options.flag("--per-layer", per_layer_,
                 "what each layer contributes to Theta: an array (layers, rows, columns), its sum is Theta");
    options.flag("--all-depths", all_depths_,
                 "the kernel after each iteration of the last `repeat`: an array (depths, rows, columns)");
    options
        .option("--derivative", derivative_,
                "the derivative of the kernel with respect to this parameter of the network")
        .value_name("NAME");
    options.option("-o", output_, "where the matrix goes, as .npy; `-` is standard output")
        .required()
        .value_name("FILE");
    preprocessing_.declare(
        options, "what is done to the samples (default: none); means and deviations are those of X");
    checkpoint_.declare(options);
    arguments_.declare(options);
    arguments_.declare_features(options);
  }

  void validate() const override {
    if (per_layer_ && all_depths_) throw UsageError("--per-layer and --all-depths exclude each other");
    if (per_layer_ && !derivative_.empty())
      throw UsageError("--per-layer and --derivative exclude each other");
    if (per_layer_ && kernel_ != "theta")
      throw UsageError("--per-layer splits Theta; it needs --kernel=theta");
  }

  [[nodiscard]] std::string output() const override { return output_; }
  [[nodiscard]] std::vector<std::string_view> formats() const override { return {".npy"}; }
  [[nodiscard]] std::vector<std::string> inputs() const override { return {network_, x_, y_}; }

  int run(Console& console) override {
    const Stopwatch total;
    const NetworkSource network = read_network(network_, common);
    const NetworkInput input = input_of(network, common, console);
    Dataset x = read_samples(input, console);
    std::optional<Dataset> y = y_.empty() ? std::nullopt : std::optional(read_others(x, input, console));
    preprocess(x, y, input);
    std::vector<MatrixView<const double>> inputs = {x.inputs.matrix()};
    if (y) inputs.push_back(y->inputs.matrix());
    const Stopwatch compile_stopwatch;
    const KernelFunctions kernel =
        compile(network, serving(compile_options(network, common, console), inputs));
    const double compile_seconds = compile_stopwatch.seconds();
    require_input_shape(x, kernel);
    if (y) require_input_shape(*y, kernel);
    report_expansions(kernel, inputs, console);
    // The last one: a derivative comes after what it is the derivative of.
    const KernelStack& stack = kernel.kernels.back();
    std::vector<std::int64_t> shape = {x.rows(), y ? y->rows() : x.rows()};
    if (per_layer_ || all_depths_)
      shape.insert(shape.begin(), static_cast<std::int64_t>(stack.planes.size()));
    const std::string extent = fmt::format("{}", fmt::join(shape, " × "));
    KernelWork work = work_of(x.inputs.shape, kernel.precision);
    work.columns = y ? y->rows() : 0;
    work.planes = static_cast<std::int64_t>(stack.planes.size());
    const Execution execution = {.threads = common.threads};
    work.table_bytes = sample_table_bytes(kernel, work.rows, execution);
    if (y) work.table_bytes += sample_table_bytes(kernel, work.columns, execution);
    require_matrix_memory(x_, work);
    console.report["estimated_memory_bytes"] = std::llround(gram_memory(work));
    const auto rows = static_cast<double>(x.rows());
    tell_expected_time(kernel, y ? rows * static_cast<double>(y->rows()) : rows * (rows + 1) / 2,
                       common.thread_count(), !checkpoint_.folder.empty(), console);
    OutputFile out(output_);
    const GramSeconds seconds = common.f32 ? evaluate<float>(kernel, stack, x, y, out, console)
                                           : evaluate<double>(kernel, stack, x, y, out, console);

    Json& report = console.report;
    report["network"] = kernel.name;
    report["kernel"] = kernel_;
    if (!derivative_.empty()) report["derivative"] = derivative_;
    report["precision"] = name(kernel.precision);
    report["shape"] = shape;
    if (per_layer_) report["layers"] = stack.planes;
    report["threads"] = common.thread_count();
    report["seconds"] = {{"compile", compile_seconds},
                         {"evaluate", seconds.evaluate},
                         {"write", seconds.write},
                         {"total", total.seconds()}};
    report["peak_memory_bytes"] = peak_memory_bytes();
    report["output"] = output_;
    const std::string layers = per_layer_ ? fmt::format("layers: {}\n", fmt::join(stack.planes, ", ")) : "";
    console.print(fmt::format("{}: {} of `{}`, {} in {}\n{}time: {}\n", out.name(), kernel_, kernel.name,
                              extent, name(kernel.precision), layers, durations_text(report["seconds"])),
                  out.is_standard_output());
    return exit_code::success;
  }

 private:
  /// Asked about arrays before they are read: whether the network takes them, and a matrix of so many rows fits.
  [[nodiscard]] ShapeCheck check_of(const std::string& path, const NetworkInput& input,
                                    std::optional<std::int64_t> rows) const {
    return [&, rows](const std::vector<std::int64_t>& shape) {
      require_input(path, shape, input);
      KernelWork work = work_of(shape, common.precision());
      work.columns = rows.value_or(0);
      if (rows || y_.empty()) require_matrix_memory(path, work);
    };
  }

  [[nodiscard]] Dataset read_samples(const NetworkInput& input, const Console& console) const {
    Dataset x = read_dataset(x_, arguments_.data_options(arguments_.seed), check_of(x_, input, std::nullopt));
    tell_notes(x.notes, console);
    return x;
  }

  /// All rows of Y, with the columns of X.
  [[nodiscard]] Dataset read_others(const Dataset& x, const NetworkInput& input,
                                    const Console& console) const {
    DataOptions options;
    options.table = arguments_.data_options(0).table;
    Dataset y = read_dataset_as(x.features, y_, {}, options, check_of(y_, input, x.rows()));
    tell_notes(y.notes, console);
    return y;
  }

  void preprocess(Dataset& x, std::optional<Dataset>& y, const NetworkInput& input) const {
    const Preprocessing preprocessing =
        learn_preprocessing(preprocessing_.options(input.shape), x.inputs.matrix(), x.feature_names);
    for (Dataset* const data : {&x, y ? &*y : nullptr})
      if (data != nullptr)
        apply_preprocessing(preprocessing,
                            {data->inputs.values.data(), data->rows(), data->inputs.columns()});
  }

  static void require_matrix_memory(const std::string& path, const KernelWork& work) {
    require_memory(gram_memory(work), fmt::format("{}: a Gram matrix of {} × {}", path, work.rows,
                                                  work.columns == 0 ? work.rows : work.columns));
  }

  [[nodiscard]] KernelFunctions compile(const NetworkSource& network, CompileOptions options) const {
    if (!per_layer_ && !all_depths_ && derivative_.empty())
      return compile_kernel(network, kernel_kind(kernel_), std::move(options));
    options.sigma = !per_layer_ && kernel_ == "sigma";
    options.theta = !per_layer_ && kernel_ == "theta";
    if (!derivative_.empty()) options.derivatives = {derivative_};
    options.per_layer = per_layer_;
    options.all_depths = all_depths_;
    suit_warnings(options);
    return ntkc::compile(network.text, options, network.file);
  }

  template <typename T>
  GramSeconds evaluate(const KernelFunctions& kernel, const KernelStack& stack, const Dataset& x,
                       const std::optional<Dataset>& y, OutputFile& out, const Console& console) const {
    GramSeconds seconds;
    ProgressBar progress("evaluate", console.quiet());
    const Stopwatch evaluate_stopwatch;
    const std::int64_t columns = y ? y->rows() : x.rows();
    const auto planes = static_cast<std::int64_t>(stack.planes.size());
    BasicMatrix<T> k(planes * x.rows(), columns, Uninitialized{});
    std::vector<MatrixView<T>> views;
    for (std::int64_t p = 0; p < planes; ++p)
      views.emplace_back(k.data() + p * x.rows() * columns, x.rows(), columns);
    const std::unique_ptr<Checkpoint> checkpoint = checkpoint_.open(console);
    Execution execution = progress.execution(common.threads);
    execution.checkpoint = checkpoint.get();
    try {
      if (y)
        ntkc::cross_gram<T>(kernel, stack, x.inputs.matrix(), y->inputs.matrix(), views, execution);
      else
        ntkc::gram<T>(kernel, stack, x.inputs.matrix(), views, execution);
    } catch (const Cancelled&) {
      checkpoint_.tell_interrupted(console);
      throw;
    }
    seconds.evaluate = evaluate_stopwatch.seconds();
    Interruptible::check();
    const Stopwatch write_stopwatch;
    if (per_layer_ || all_depths_)
      write_npy(out, std::as_const(k).view(), planes);
    else
      write_npy(out, std::as_const(k).view());
    Interruptible::check();
    out.commit();
    if (checkpoint) checkpoint->finish();
    seconds.write = write_stopwatch.seconds();
    return seconds;
  }

  std::string network_;
  std::string x_;
  std::string y_;
  std::string kernel_ = "theta";
  std::string output_;
  std::string derivative_;
  PreprocessingArguments preprocessing_;
  DataArguments arguments_;
  CheckpointArgument checkpoint_;
  bool per_layer_ = false;
  bool all_depths_ = false;
};

}  // namespace

std::unique_ptr<Command> make_gram() { return std::make_unique<Gram>(); }

}  // namespace ntkc::cli
