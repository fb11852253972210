// ntkc show F.arch --emit=STAGE
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "ntkc/compiler.hpp"

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

class Show final : public Command {
 public:
  void declare(Options& options) override {
    options.option("F.arch", network_, "the network; `-` is standard input").required();
    options.option("--emit", stage_, "what to print")
        .required()
        .value_name("ast|graph|kernel|kernel-opt|latex|llvm|asm")
        .check(stage_error);
    options.choice("--format", format_, "of the graph: text (default), or dot, to be drawn by Graphviz",
                   {"text", "dot"});
    options.option("--derivative", derivatives_, "also the derivatives by these parameters of the network")
        .value_name("NAME")
        .comma_separated();
    options.flag("--per-layer", per_layer_, "also what each layer contributes to Theta");
    options.flag("--all-depths", all_depths_, "the kernels after each iteration of the last `repeat`");
  }

  void validate() const override {
    if (format_ == "dot" && stage_ != "graph") throw UsageError("--format=dot is for --emit=graph");
    if (per_layer_ && all_depths_) throw UsageError("--per-layer and --all-depths exclude each other");
  }

  [[nodiscard]] std::vector<std::string> inputs() const override { return {network_}; }

  int run(Console& console) override {
    const NetworkSource network = read_network(network_, common);
    const Stopwatch stopwatch;
    const auto* const stage = std::find_if(stages.begin(), stages.end(),
                                           [&](const auto& candidate) { return candidate.first == stage_; });
    const Stage wanted = format_ == "dot" ? Stage::graph_dot : stage->second;
    CompileOptions options = compile_options(network, common, console);
    options.derivatives = derivatives_;
    options.per_layer = per_layer_;
    options.all_depths = all_depths_;
    std::string text = ntkc::show(network.text, wanted, options, network.file);
    if (!text.empty() && text.back() != '\n') text += '\n';
    console.print(text);
    console.report["stage"] = stage_;
    console.report["seconds"]["compile"] = stopwatch.seconds();
    console.report["text"] = std::move(text);
    return exit_code::success;
  }

 private:
  std::string network_;
  std::string stage_;
  std::string format_ = "text";
  std::vector<std::string> derivatives_;
  bool per_layer_ = false;
  bool all_depths_ = false;
};

}  // namespace

std::unique_ptr<Command> make_show() { return std::make_unique<Show>(); }

}  // namespace ntkc::cli
