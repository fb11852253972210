// ntkc gram F.arch X.npy [Y.npy] -o K.npy
#include "ntkc/gram.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/expansions.hpp"
#include "cli/progress.hpp"
#include "ntkc/array_file.hpp"
#include "ntkc/output_file.hpp"

namespace ntkc::cli {

namespace {

struct GramSeconds {
  double evaluate = 0;
  double write = 0;
};

class Gram final : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("F.arch", network_, "the network; `-` is standard input")->required();
    app.add_option("X", x_, "samples, .npy or IDX; `-` is standard input")->required();
    app.add_option("Y", y_, "other samples: K[i, j] = k(x_i, y_j); without it k(x_i, x_j)");
    declare_kernel(app, kernel_);
    app.add_option("-o", output_, "where the matrix goes, as .npy; `-` is standard output")
        ->required()
        ->type_name("FILE");
  }

  void validate() const override {
    require_one_standard_input({network_, x_, y_});
    require_one_standard_output(common, output_);
  }

  int run(Console& console) override {
    const Stopwatch total;
    const NetworkSource network = read_network(network_, common);
    const Stopwatch compile_stopwatch;
    KernelFunctions kernel =
        compile_kernel(network, kernel_kind(kernel_), compile_options(network, common, console));
    const double compile_seconds = compile_stopwatch.seconds();
    const Dataset x = read(x_, kernel);
    const std::optional<Dataset> y = y_.empty() ? std::nullopt : std::optional(read(y_, kernel));
    std::vector<MatrixView<const double>> inputs = {x.inputs.matrix()};
    if (y) inputs.push_back(y->inputs.matrix());
    serve_inputs(kernel, network, kernel_kind(kernel_), compile_options(network, common, console), inputs,
                 console);
    const std::int64_t columns = y ? y->rows() : x.rows();
    const double entry_bytes = common.f32 ? 4 : 8;
    require_memory(static_cast<double>(x.rows()) * static_cast<double>(columns) * entry_bytes,
                   fmt::format("the Gram matrix, {} × {},", x.rows(), columns));
    const Interruptible interruptible;
    OutputFile out(output_);
    const GramSeconds seconds = common.f32 ? evaluate<float>(kernel, x, y, out, console)
                                           : evaluate<double>(kernel, x, y, out, console);

    Json& report = console.report;
    report["network"] = kernel.name;
    report["kernel"] = kernel_;
    report["precision"] = name(kernel.precision);
    report["shape"] = {x.rows(), columns};
    report["threads"] = common.thread_count();
    report["seconds"] = {{"compile", compile_seconds},
                         {"evaluate", seconds.evaluate},
                         {"write", seconds.write},
                         {"total", total.seconds()}};
    report["peak_memory_bytes"] = peak_memory_bytes();
    report["output"] = output_;
    console.print(fmt::format("{}: {} of `{}`, {} × {} in {}\ntime: {}\n", out.name(), kernel_, kernel.name,
                              x.rows(), columns, name(kernel.precision), durations_text(report["seconds"])),
                  output_ == "-");
    return exit_code::success;
  }

 private:
  static Dataset read(const std::string& path, const KernelFunctions& kernel) {
    Dataset dataset = read_array_dataset(path, std::nullopt);
    require_input_shape(dataset, kernel);
    return dataset;
  }

  template <typename T>
  GramSeconds evaluate(const KernelFunctions& kernel, const Dataset& x, const std::optional<Dataset>& y,
                       OutputFile& out, const Console& console) const {
    GramSeconds seconds;
    ProgressBar progress("evaluate", console.quiet());
    const Stopwatch evaluate_stopwatch;
    BasicMatrix<T> k(x.rows(), y ? y->rows() : x.rows(), Uninitialized{});
    const Execution execution = progress.execution(common.threads);
    const KernelKind kind = kernel_kind(kernel_);
    if (y)
      ntkc::cross_gram<T>(kernel, kind, x.inputs.matrix(), y->inputs.matrix(), k.view(), execution);
    else
      ntkc::gram<T>(kernel, kind, x.inputs.matrix(), k.view(), execution);
    seconds.evaluate = evaluate_stopwatch.seconds();
    Interruptible::check();
    const Stopwatch write_stopwatch;
    write_npy(out, std::as_const(k).view());
    Interruptible::check();
    out.commit();
    seconds.write = write_stopwatch.seconds();
    return seconds;
  }

  std::string network_;
  std::string x_;
  std::string y_;
  std::string kernel_ = "theta";
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> make_gram() { return std::make_unique<Gram>(); }

}  // namespace ntkc::cli
