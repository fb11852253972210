// ntkc check F.arch
#include <fmt/format.h>

#include <algorithm>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "ntkc/compiler.hpp"

namespace ntkc::cli {

namespace {

class Check final : public Command {
 public:
  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"--threads"}; }
  void declare(Options& options) override {
    options.option("F.arch", network_, "the network; `-` is standard input").required();
    declare_kernel(options, kernel_)
        .description("theta (default): the network has both kernels; sigma: it has the NNGP kernel");
  }

  [[nodiscard]] std::vector<std::string> inputs() const override { return {network_}; }

  int run(Console& console) override {
    const NetworkSource network = read_network(network_, common);
    const Stopwatch stopwatch;
    CompileOptions options = compile_options(network, common, console);
    options.theta = kernel_kind(kernel_) == KernelKind::theta;
    const auto diagnostics = ntkc::check(network.text, options, network.file);
    console.report["seconds"]["compile"] = stopwatch.seconds();
    console.report["diagnostics"] = Json::array();
    console.diagnose(diagnostics);
    const auto errors = std::ranges::count_if(diagnostics, &RenderedDiagnostic::error);
    if (errors == 0) return exit_code::success;
    const std::string message = fmt::format("{} error{} in {}", errors, errors == 1 ? "" : "s", network.file);
    console.report["error"] = {{"kind", "compile"}, {"message", message}, {"exit", exit_code::wrong_input}};
    return exit_code::wrong_input;
  }

 private:
  std::string network_;
  std::string kernel_ = "theta";
};

}  // namespace

std::unique_ptr<Command> make_check() { return std::make_unique<Check>(); }

}  // namespace ntkc::cli
