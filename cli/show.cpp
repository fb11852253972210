// ntkc show F.arch --emit=STAGE | --cost
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/expected_time.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/cost.hpp"
#include "ntkc/gram.hpp"

namespace ntkc::cli {

namespace {

constexpr std::array<std::pair<std::string_view, Stage>, 7> stages = {{
    {"ast", Stage::ast},
    {"graph", Stage::graph},
    {"kernel", Stage::kernel},
    {"kernel-opt", Stage::kernel_opt},
    {"latex", Stage::latex},
    {"llvm", Stage::llvm},
    {"asm", Stage::assembly},
}};

constexpr std::array<std::string_view, 2> later_stages = {"obj", "so"};

std::string stage_error(const std::string& text) {
  if (std::any_of(stages.begin(), stages.end(), [&](const auto& stage) { return stage.first == text; }))
    return "";
  if (std::find(later_stages.begin(), later_stages.end(), text) != later_stages.end())
    return fmt::format("`{}` is not in this version", text);
  return fmt::format("no stage `{}`; there are ast, graph, kernel, kernel-opt, latex, llvm and asm", text);
}

/// What is between the beginning and the end of a document, with the packages that it needs as a comment.
std::string fragment_of(const std::string& document) {
  constexpr std::string_view begin = "\\begin{document}\n\\thispagestyle{empty}\n";
  constexpr std::string_view end = "\\end{document}";
  const std::size_t first = document.find(begin);
  const std::size_t last = document.rfind(end);
  if (first == std::string::npos || last == std::string::npos)
    throw std::logic_error("a document without its begin and end");
  const std::size_t body = first + begin.size();
  return "% Needs \\usepackage{amsmath,amssymb}.\n" + document.substr(body, last - body);
}

class Show final : public Command {
 public:
  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"--threads"}; }
  void declare(Options& options) override {
    options.option("F.arch", network_, "the network; `-` is standard input").required();
    options.option("--emit", stage_, "what to print")
        .value_name("ast|graph|kernel|kernel-opt|latex|llvm|asm")
        .check(stage_error);
    options.flag("--cost", cost_, "instead of a stage: the operations and the time that the kernel takes");
    options.option("--samples", samples_, "with --cost: rows of the data (default: 1000)").value_name("N");
    options.choice("--format", format_, "of the graph: text (default), or dot, to be drawn by Graphviz",
                   {"text", "dot"});
    options
        .option("--derivative", derivatives_,
                "also the derivatives with respect to these parameters of the network")
        .value_name("NAME")
        .comma_separated();
    options.flag("--fragment", fragment_, "of latex: to be input into a paper, without its preamble");
    options.flag("--per-layer", per_layer_, "also what each layer contributes to Theta");
    options.flag("--all-depths", all_depths_, "the kernels after each iteration of the last `repeat`");
  }

  void validate() const override {
    if (stage_.empty() && !cost_) throw UsageError("--emit is required");
    if (!stage_.empty() && cost_) throw UsageError("--emit and --cost exclude each other");
    if (samples_ < 1) throw UsageError("--samples is at least 1");
    if (format_ == "dot" && stage_ != "graph") throw UsageError("--format=dot is for --emit=graph");
    if (fragment_ && stage_ != "latex") throw UsageError("--fragment is for --emit=latex");
    if (per_layer_ && all_depths_) throw UsageError("--per-layer and --all-depths exclude each other");
  }

  [[nodiscard]] std::vector<std::string> inputs() const override { return {network_}; }

  int run(Console& console) override {
    const NetworkSource network = read_network(network_, common);
    const Stopwatch stopwatch;
    if (cost_) return show_cost(network, console);
    const auto* const stage = std::find_if(stages.begin(), stages.end(),
                                           [&](const auto& candidate) { return candidate.first == stage_; });
    const Stage wanted = format_ == "dot" ? Stage::graph_dot : stage->second;
    CompileOptions options = compile_options(network, common, console);
    options.derivatives = derivatives_;
    options.per_layer = per_layer_;
    options.all_depths = all_depths_;
    std::string text = ntkc::show(network.text, wanted, options, network.file);
    if (fragment_) text = fragment_of(text);
    if (!text.empty() && text.back() != '\n') text += '\n';
    console.print(text);
    console.report["stage"] = stage_;
    console.report["seconds"]["compile"] = stopwatch.seconds();
    console.report["text"] = std::move(text);
    return exit_code::success;
  }

 private:
  /// Operations and memory of Θ, and the time at a rate that is measured now.
  int show_cost(const NetworkSource& network, Console& console) const {
    CompileOptions options = compile_options(network, common, console);
    options.sigma = false;
    const KernelCost cost = kernel_cost(network.text, options, network.file);
    const std::vector<std::int64_t> shape = network_input(network.text, options, network.file).shape;
    const double pair_seconds = cost.operations / measured_rate(common.precision(), shape.size() > 1);
    const auto n = static_cast<double>(samples_);
    const int threads = common.thread_count();
    const double seconds = n * (n + 1) / 2 * pair_seconds / threads;
    const double element = common.f32 ? 4 : 8;
    console.print(fmt::format(
        "theta, {}: {:.3g} operations and about {} a pair; {:.3g} bytes kept of each sample\n"
        "{} samples: {:.3g} operations, about {} on {} threads, {:.3g} bytes for the matrix\n",
        name(common.precision()), cost.operations, expected_text(pair_seconds), cost.table * element,
        samples_, n * (n + 1) / 2 * cost.operations, expected_text(seconds), threads, n * n * element));
    console.report["cost"] = {{"operations", cost.operations},
                              {"pair_seconds", pair_seconds},
                              {"sample_bytes", cost.table * element},
                              {"samples", samples_},
                              {"seconds", seconds},
                              {"matrix_bytes", n * n * element}};
    return exit_code::success;
  }

  std::string network_;
  std::string stage_;
  bool cost_ = false;
  std::int64_t samples_ = 1000;
  std::string format_ = "text";
  std::vector<std::string> derivatives_;
  bool fragment_ = false;
  bool per_layer_ = false;
  bool all_depths_ = false;
};

}  // namespace

std::unique_ptr<Command> make_show() { return std::make_unique<Show>(); }

}  // namespace ntkc::cli
