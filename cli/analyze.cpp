// ntkc analyze F.arch [--sweep w=0.5:3:0.05] [-o F.svg]
#include <fmt/format.h>

#include <optional>

#include "cli/analysis_figure.hpp"
#include "cli/analysis_report.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interruption.hpp"
#include "cli/network_title.hpp"
#include "cli/progress.hpp"
#include "cli/sweep_option.hpp"
#include "ntkc/output_file.hpp"

namespace ntkc::cli {

namespace {

class Analyze final : public Command {
 public:
  void declare(Options& options) override {
    options.option("F.arch", network_, "the network; `-` is standard input").required();
    options.option("--sweep", sweeps_, "over a network parameter, once or twice: --sweep w=0.5:3:0.05")
        .value_name("NAME=FROM:TO:STEP")
        .repeatable();
    options
        .option("--inputs", inputs_, "how many orthogonal inputs the condition number is of (default: 100)")
        .value_name("N")
        .between(2, 1'000'000'000);
    options.option("-o", output_, "draws a picture, as SVG; `-` is standard output").value_name("FILE");
  }

  void validate() const override {
    if (sweeps_.size() > 2) throw UsageError("a picture has two axes: --sweep may be given twice at most");
    for (const std::string& text : sweeps_) {
      const std::string parameter = parse_sweep(text).parameter;
      if (common.definition_map().contains(parameter))
        throw UsageError("`" + parameter + "` is swept and set by -D: leave out one of them");
    }
    if (sweeps_.size() == 2 && parse_sweep(sweeps_[0]).parameter == parse_sweep(sweeps_[1]).parameter)
      throw UsageError("--sweep is given twice for the same parameter");
  }

  [[nodiscard]] std::string output() const override { return output_; }
  [[nodiscard]] std::vector<std::string_view> formats() const override { return {".svg"}; }
  [[nodiscard]] std::vector<std::string> inputs() const override { return {network_}; }

  int run(Console& console) override {
    const NetworkSource network = read_network(network_, common);
    std::optional<OutputFile> out;
    if (!output_.empty()) out.emplace(output_);
    const plot::Figure figure = sweeps_.empty() ? describe(network, console) : sweep(network, console);
    if (out) {
      out->append(plot::render(figure));
      out->commit();
      console.report["output"] = output_;
    }
    return exit_code::success;
  }

 private:
  plot::Figure describe(const NetworkSource& network, Console& console) const {
    const Recursion recursion(network.text, compile_options(network, common, console), network.file);
    const FixedPoint point = find_fixed_point(recursion);
    // At once, as what follows may take seconds.
    const bool to_stderr = names_standard_output(output_);
    console.print(fixed_point_text(recursion.network(), point), to_stderr);
    console.flush();
    std::vector<Conditioning> conditioning;
    for (std::size_t i = 0; i < point.values.size(); ++i) {
      conditioning.push_back(find_conditioning(recursion, inputs_, i));
      console.print(conditioning_text(point, i, conditioning.back()), to_stderr);
    }
    console.report["network"] = recursion.network();
    console.report["iterations"] = point.iterations;
    console.report.update(fixed_point_json(point));
    if (conditioning.size() == 1) {
      console.report["condition"] = conditioning_json(conditioning[0]);
    } else {
      for (std::size_t i = 0; i < conditioning.size(); ++i)
        console.report["values"][i]["condition"] = conditioning_json(conditioning[i]);
    }
    if (output_.empty()) return {};
    plot::Figure figure = recursion_figure(recursion, point);
    figure.title = network_title(network, compile_options(network, common, console));
    return figure;
  }

  plot::Figure sweep(const NetworkSource& network, Console& console) const {
    std::vector<Sweep> sweeps;
    for (const std::string& text : sweeps_) sweeps.push_back(parse_sweep(text));
    ProgressBar progress("analyze", console.quiet());
    const CompileOptions options = compile_options(network, common, console);
    const PhaseDiagram diagram =
        find_phases(network.text, options, network.file, sweeps, [&](double fraction) {
          progress.update(fraction);
          Interruptible::check();
        });
    console.report["network"] = diagram.network;
    console.report.update(phases_json(diagram));
    console.print(phases_text(diagram), names_standard_output(output_));
    plot::Figure figure = phases_figure(diagram);
    std::vector<std::string> varied;
    for (const Sweep& sweep : sweeps) varied.push_back(sweep.parameter);
    figure.title = network_title(network, options, varied);
    return figure;
  }

  std::string network_;
  std::vector<std::string> sweeps_;
  std::int64_t inputs_ = 100;
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> make_analyze() { return std::make_unique<Analyze>(); }

}  // namespace ntkc::cli
