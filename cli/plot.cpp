// ntkc plot F.arch -o F.svg
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interruption.hpp"
#include "cli/network_title.hpp"
#include "cli/progress.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/output_file.hpp"
#include "ntkc/plot.hpp"

namespace ntkc::cli {

namespace {

constexpr std::size_t max_depths = 20;

/// "1,2,5,10"; nothing if it is no such list.
std::optional<std::vector<std::int32_t>> parse_depths(const std::string& text) {
  std::vector<std::int32_t> depths;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    std::int32_t depth = 0;
    const auto [rest, error] = std::from_chars(at, end, depth);
    if (error != std::errc() || depth < 0 || (rest != end && *rest != ',')) return std::nullopt;
    depths.push_back(depth);
    if (rest == end) return depths;
    at = rest + 1;
  }
}

std::string depths_error(const std::string& text) {
  const auto depths = parse_depths(text);
  if (!depths) return fmt::format("`{}` is not a list of depths; write --depths=1,2,5,10", text);
  if (depths->size() > max_depths) return fmt::format("more than {} depths", max_depths);
  return "";
}

/// Both kernels of one depth against the correlation of inputs with |x|² = d.
struct Curves {
  std::string label;
  std::optional<std::int32_t> depth;  ///< nothing: the network as it is
  std::vector<double> sigma;
  std::vector<double> theta;
};

class Plot final : public Command {
 public:
  void declare(Options& options) override {
    options.option("F.arch", network_, "the network; `-` is standard input").required();
    options
        .option("-o", output_,
                "where the picture goes, as SVG (default: F.svg in this folder); `-` is standard output")
        .value_name("FILE");
    options.choice("--kernel", kernel_, "theta, sigma or both (default)", {"theta", "sigma", "both"});
    options
        .option("--depths", depths_, "counts of the last `repeat`, a curve for each (default: 1,2,5,10,20)")
        .value_name("N,…")
        .check(depths_error);
  }

  void validate() const override {
    if (network_ == "-" && output_.empty())
      throw UsageError("a network from standard input has no name to give to the picture; use -o FILE");
  }

  [[nodiscard]] std::string output() const override {
    if (!output_.empty()) return output_;
    return std::filesystem::path(network_).filename().replace_extension(".svg").string();
  }
  [[nodiscard]] std::vector<std::string_view> formats() const override { return {".svg"}; }
  [[nodiscard]] std::vector<std::string> inputs() const override { return {network_}; }

  int run(Console& console) override {
    const NetworkSource network = read_network(network_, common);
    OutputFile out(output());
    for (int i = -100; i <= 100; ++i) correlations_.push_back(i / 100.0);
    const std::vector<Curves> curves = evaluate(network, console);
    out.append(plot::render(figure(curves)));
    out.commit();
    report(curves, out, console);
    return exit_code::success;
  }

 private:
  /// A curve for each depth; one in all if nothing is repeated.
  std::vector<Curves> evaluate(const NetworkSource& network, Console& console) {
    CompileOptions options = compile_options(network, common, console);
    options.precision = Precision::f64;
    options.sigma = kernel_ != "theta";
    options.theta = kernel_ != "sigma";
    std::vector<Curves> result;
    if (!has_repeat(network.text, options, network.file)) {
      if (!depths_.empty())
        throw InputError(
            fmt::format("{}: --depths changes the count of a `repeat`, and there is none", network.file));
      result.push_back(curves_of(compile(network.text, options, network.file)));
      title_ = network_title(network, options);
      return result;
    }
    title_ = network_title_of_depths(network, options);
    const auto depths = parse_depths(depths_.empty() ? "1,2,5,10,20" : depths_);
    for (const std::int32_t depth : depths.value()) {
      Interruptible::check();
      options.repeat_count = depth;
      result.push_back(curves_of(compile(network.text, options, network.file)));
      result.back().depth = depth;
      result.back().label = fmt::format("depth {}", depth);
      options.on_warning = {};  // the same for every depth
    }
    return result;
  }

  /// One row of a tile: the correlations of inputs with |x|² = d.
  Curves curves_of(const KernelFunctions& kernel) {
    name_ = kernel.name;
    if (kernel.positions.count > 0)
      throw InputError(fmt::format(
          "the kernels of `{}` are functions of the correlations between all positions, not of one: "
          "`ntkc plot` shows those of networks on vectors; `ntkc gram` evaluates this one on data",
          kernel.name));
    const auto count = static_cast<std::ptrdiff_t>(correlations_.size());
    const std::ptrdiff_t columns = (count + lane_padding - 1) / lane_padding * lane_padding;
    std::vector<double> half_complements(static_cast<std::size_t>(columns), 0.5);
    for (std::size_t i = 0; i < correlations_.size(); ++i) {
      const double u = correlations_[i];
      half_complements[i] = u <= -1 ? -0.0 : u < 0 ? -(1 + u) / 2 : (1 - u) / 2;
    }
    const std::vector<double> squares(static_cast<std::size_t>(columns), 1.0);
    std::vector<double> table(static_cast<std::size_t>(std::max<std::int64_t>(kernel.slots, 1) * columns));
    const SampleArguments sample{
        .count = columns, .self = squares.data(), .table = table.data(), .table_stride = columns};
    kernel.sample(&sample);
    const auto curve = [&](KernelKind kind) {
      const KernelStack* stack = kernel.find(kind);
      if (stack == nullptr) return std::vector<double>();
      std::vector<double> values(static_cast<std::size_t>(columns));
      const PairArguments arguments{.rows = 1,
                                    .columns = columns,
                                    .half_complement = half_complements.data(),
                                    .half_complement_stride = columns,
                                    .row_table = table.data(),
                                    .row_table_stride = columns,
                                    .column_table = table.data(),
                                    .column_table_stride = columns,
                                    .result = values.data(),
                                    .result_stride = columns};
      stack->pair(&arguments);
      values.resize(correlations_.size());
      return values;
    };
    Curves curves;
    curves.sigma = curve(KernelKind::sigma);
    curves.theta = curve(KernelKind::theta);
    return curves;
  }

  [[nodiscard]] plot::Chart chart(const std::vector<Curves>& all, std::vector<double> Curves::* values,
                                  const char* symbol) const {
    plot::Chart chart;
    chart.x = {.label = "correlation u of the inputs", .minimum = -1, .maximum = 1};
    chart.y.label = fmt::format("{0}(u) / {0}(1)", symbol);
    for (std::size_t i = 0; i < all.size(); ++i) {
      plot::Series series;
      series.label = all[i].label;
      // The lightest colours are hard to see on white.
      if (all.size() > 1)
        series.colour = plot::sequential(0.85 * static_cast<double>(i) / static_cast<double>(all.size() - 1));
      series.x = correlations_;
      const double diagonal = (all[i].*values).back();
      if (!(diagonal > 0) || !std::isfinite(diagonal))
        throw InputError(fmt::format("{} of `{}` is {} for equal inputs: there is nothing to divide it by",
                                     symbol, name_, diagonal == 0 ? "zero" : "not finite"));
      for (const double value : all[i].*values) series.y.push_back(value / diagonal);
      chart.series.push_back(std::move(series));
    }
    return chart;
  }

  [[nodiscard]] plot::Figure figure(const std::vector<Curves>& curves) const {
    plot::Figure figure;
    figure.title = title_;
    if (kernel_ != "theta") figure.charts.push_back(chart(curves, &Curves::sigma, "Σ"));
    if (kernel_ != "sigma") figure.charts.push_back(chart(curves, &Curves::theta, "Θ"));
    return figure;
  }

  void report(const std::vector<Curves>& curves, const OutputFile& out, Console& console) const {
    console.report["network"] = name_;
    console.report["kernel"] = kernel_;
    console.report["u"] = correlations_;
    console.report["curves"] = Json::array();
    for (const Curves& curve : curves) {
      Json json = {{"depth", curve.depth ? Json(*curve.depth) : Json(nullptr)}};
      if (!curve.sigma.empty()) json["sigma"] = curve.sigma;
      if (!curve.theta.empty()) json["theta"] = curve.theta;
      console.report["curves"].push_back(std::move(json));
    }
    console.report["output"] = output();
    console.print(fmt::format("{}: {} of `{}` against the correlation of two inputs\n", out.name(),
                              kernel_ == "both"    ? "Σ and Θ"
                              : kernel_ == "sigma" ? "Σ"
                                                   : "Θ",
                              name_),
                  out.is_standard_output());
  }

  std::string network_;
  std::string output_;
  std::string kernel_ = "both";
  std::string depths_;
  std::string name_;
  std::string title_;
  std::vector<double> correlations_;
};

}  // namespace

std::unique_ptr<Command> make_plot() { return std::make_unique<Plot>(); }

}  // namespace ntkc::cli
