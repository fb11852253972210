// ntkc verify F.arch [DATA] --width=256,512,1024,2048 --samples=S
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/data_arguments.hpp"
#include "cli/exit_codes.hpp"
#include "cli/network_title.hpp"
#include "cli/progress.hpp"
#include "cli/text_table.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/output_file.hpp"
#include "ntkc/plot.hpp"
#include "ntkc/verification.hpp"

namespace ntkc::cli {

namespace {

/// Inputs when no data are given.
constexpr std::int64_t default_inputs = 8;

Json kernel_json(const KernelComparison& kernel) {
  Json object;
  object["verdict"] = ntkc::name(kernel.verdict());
  object["slope"] = kernel.slope ? finite_or_null(*kernel.slope) : Json(nullptr);
  object["slope_error"] = finite_or_null(kernel.slope_error);
  object["allowed_slope"] = finite_or_null(kernel.allowed_slope());
  object["exact"] = kernel.exact;
  object["max_abs_z"] = finite_or_null(kernel.max_abs_z);
  object["critical_z"] = finite_or_null(kernel.critical_z);
  object["entry"] = {kernel.row, kernel.column};
  object["estimate"] = finite_or_null(kernel.estimate);
  object["expected"] = finite_or_null(kernel.expected);
  object["standard_error"] = finite_or_null(kernel.standard_error);
  object["smallest_visible"] = finite_or_null(kernel.smallest_visible);
  object["samples_to_decide"] = kernel.samples_to_decide > 0 ? Json(kernel.samples_to_decide) : Json(nullptr);
  for (const double deviation : kernel.relative_deviation)
    object["relative_deviation"].push_back(finite_or_null(deviation));
  for (const double deviation : kernel.mean_deviation)
    object["mean_deviation"].push_back(finite_or_null(deviation));
  return object;
}

/// Of draws too few to show an error of a fifth.
std::string visible_text(const KernelComparison& kernel) {
  if (kernel.smallest_visible <= visible_error) return "";
  return fmt::format(
      "  no error below {:.0f} % of the diagonal would show: {} samples would show one of {:.0f} %\n",
      100 * kernel.smallest_visible, kernel.samples_to_decide, 100 * visible_error);
}

std::string kernel_text(const char* name, const KernelComparison& kernel) {
  std::string slope = "not judged";
  if (kernel.exact) {
    slope = "none, equal to rounding at every width";
  } else if (kernel.slope) {
    slope =
        fmt::format("{:.3f} ± {:.3f}, {} {} ± {:.2f}", *kernel.slope, kernel.slope_error,
                    kernel.slope_agrees() ? "within" : "not within", expected_slope, kernel.allowed_slope());
  }
  return fmt::format(
             "{}: {}\n  slope: {}\n  farthest entry ({}, {}): {:.6g}, infinite width {:.6g}, z = {:.2f}, {} "
             "{:.2f}\n",
             name, ntkc::name(kernel.verdict()), slope, kernel.row, kernel.column, kernel.estimate,
             kernel.expected, kernel.max_abs_z, kernel.entries_agree() ? "within" : "beyond",
             kernel.critical_z) +
         visible_text(kernel);
}

std::string deviation_table(const Verification& result) {
  std::vector<std::vector<std::string>> rows = {{"width", "sigma, a draw", "mean", "theta, a draw", "mean"}};
  for (std::size_t i = 0; i < result.options.widths.size(); ++i) {
    rows.push_back({fmt::format("{}", result.options.widths[i]),
                    fmt::format("{:.5f}", result.sigma.relative_deviation[i]),
                    fmt::format("{:.5f}", result.sigma.mean_deviation[i]),
                    fmt::format("{:.5f}", result.theta.relative_deviation[i]),
                    fmt::format("{:.5f}", result.theta.mean_deviation[i])});
  }
  return aligned(rows);
}

/// Deviations over width, logarithmic both ways, with the line of slope −1/2 through the first of Σ.
std::string plot_text(const Verification& result, const std::string& network) {
  plot::Chart chart;
  chart.title = fmt::format("{}: {} draws at each width", network, result.options.samples);
  chart.x = {.label = "width", .scale = plot::Scale::logarithmic};
  chart.y = {.label = "relative deviation", .scale = plot::Scale::logarithmic};
  const std::vector<double> widths(result.options.widths.begin(), result.options.widths.end());
  const auto add = [&](const std::string& label, const std::vector<double>& values, plot::Line line,
                       plot::Marker marker) {
    chart.series.push_back({.label = label, .x = widths, .y = values, .line = line, .marker = marker});
  };
  add("Σ, a draw", result.sigma.relative_deviation, plot::Line::solid, plot::Marker::circle);
  add("Θ, a draw", result.theta.relative_deviation, plot::Line::solid, plot::Marker::square);
  add("Σ, mean over draws", result.sigma.mean_deviation, plot::Line::dotted, plot::Marker::circle);
  add("Θ, mean over draws", result.theta.mean_deviation, plot::Line::dotted, plot::Marker::square);
  std::vector<double> expected;
  for (const double width : widths)
    expected.push_back(result.sigma.relative_deviation.front() *
                       std::pow(width / widths.front(), expected_slope));
  add("width^{−1/2}", expected, plot::Line::dashed, plot::Marker::none);
  return plot::render(chart);
}

class Verify final : public Command {
 public:
  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"--f32"}; }
  void declare(Options& options) override {
    options.option("F.arch", network_, "the network; `-` is standard input").required();
    options.option("DATA", data_, "inputs, an array or a table; without it 8 are drawn from N(0, 1)");
    options
        .option("--width", options_.widths,
                "widths of the layers that state none; where stated widths count, as under "
                "parametrization = standard, of the widest (default: 256,512,1024,2048)")
        .comma_separated()
        .value_name("N,...");
    options.option("--samples", options_.samples, "networks drawn at each width (default: 64)")
        .value_name("S");
    options.option("--seed", options_.seed, "names the draws, those of --sample too (default: 0)")
        .value_name("N");
    options.option("--outputs", options_.outputs, "channels that theta is taken of (default: 1)")
        .value_name("O");
    options.option("-o,--plot", plot_, "draw the deviations over width, as SVG; `-` is standard output")
        .value_name("FILE");
    arguments_.declare(options, true);
    arguments_.declare_features(options);
  }

  void validate() const override {
    if (common.f32) throw UsageError("verify compares in double precision; leave out --f32");
    try {
      static_cast<void>(checked(options_));
    } catch (const InputError& error) {
      throw UsageError(error.what());
    }
  }

  [[nodiscard]] std::string output() const override { return plot_; }
  [[nodiscard]] std::vector<std::string_view> formats() const override { return {".svg"}; }
  [[nodiscard]] std::vector<std::string> inputs() const override { return {network_, data_}; }

  int run(Console& console) override {
    const Stopwatch total;
    const NetworkSource network = read_network(network_, common);
    CompileOptions compile_options = cli::compile_options(network, common, console);
    std::optional<Dataset> data;
    if (!data_.empty()) {
      data = read_dataset(data_, arguments_.data_options(options_.seed));
      tell_notes(data->notes, console);
      compile_options.input_size = data->inputs.columns();
    }
    const KernelFunctions kernel = compile(network.text, compile_options, network.file);
    compile_options.on_warning = {};  // told once
    if (data) require_input_shape(*data, kernel);
    const Matrix drawn =
        data ? Matrix() : verification_inputs(default_inputs, kernel.input_size(), options_.seed);
    std::optional<OutputFile> plot_file;
    if (!plot_.empty()) plot_file.emplace(plot_);
    const MatrixView<const double> x = data ? data->inputs.matrix() : drawn.view();
    const Verification result = simulate(network, compile_options, x, console);
    if (plot_file) {
      plot_file->append(plot_text(result, network_title(network, compile_options)));
      plot_file->commit();
    }
    fill_report(result, kernel.name, x.rows, total, console.report);
    console.print(text(result, kernel.name, x.rows), plot_file && plot_file->is_standard_output());
    switch (result.verdict()) {
      case Verdict::agree:
        return exit_code::success;
      case Verdict::undecided:
        return exit_code::undecided;
      case Verdict::disagree:
        break;
    }
    return exit_code::numerical_failure;
  }

 private:
  Verification simulate(const NetworkSource& network, const CompileOptions& compile_options,
                        MatrixView<const double> x, const Console& console) const {
    ProgressBar progress("verify", console.quiet());
    return ntkc::verify(network.text, x, options_, compile_options, network.file,
                        progress.execution(common.threads));
  }

  [[nodiscard]] std::string text(const Verification& result, const std::string& name,
                                 std::int64_t rows) const {
    std::string text =
        fmt::format("`{}` on {} inputs{}, {} draws at each width, {} {} for theta\n\n", name, rows,
                    data_.empty() ? " drawn from N(0, 1)" : "", result.options.samples,
                    result.options.outputs, result.options.outputs == 1 ? "output" : "outputs");
    if (result.in_proportion)
      text +=
          "the kernels depend on the widths that layers state: all are scaled in proportion, the widest to "
          "the\nwidth given, and learning rates so that theta stays the same\n\n";
    text += "relative deviation from the infinite kernel:\n" + deviation_table(result) + "\n";
    text += kernel_text("sigma", result.sigma) + kernel_text("theta", result.theta);
    for (const std::string& caveat : result.caveats) text += "caveat: " + caveat + "\n";
    return text + fmt::format("verdict: {}\n", ntkc::name(result.verdict()));
  }

  void fill_report(const Verification& result, const std::string& name, std::int64_t rows,
                   const Stopwatch& total, Json& report) const {
    report["network"] = name;
    report["inputs"] = rows;
    report["width"] = result.options.widths;
    report["in_proportion"] = result.in_proportion;
    report["samples"] = result.options.samples;
    report["seed"] = result.options.seed;
    report["outputs"] = result.options.outputs;
    report["threads"] = common.thread_count();
    report["verdict"] = ntkc::name(result.verdict());
    report["level"] = verification_level;
    report["sigma"] = kernel_json(result.sigma);
    report["theta"] = kernel_json(result.theta);
    report["caveats"] = result.caveats;
    report["seconds"] = {{"total", total.seconds()}};
    report["peak_memory_bytes"] = peak_memory_bytes();
  }

  std::string network_;
  std::string data_;
  DataArguments arguments_;
  std::string plot_;
  VerificationOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_verify() { return std::make_unique<Verify>(); }

}  // namespace ntkc::cli
