#include "cli/expansions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ntkc/expansion_remainder.hpp"

namespace ntkc::cli {

namespace {

double remainder_at(const KernelFunctions& kernel, const std::vector<MatrixView<const double>>& inputs) {
  double worst = 0;
  for (const auto& x : inputs) {
    if (const double remainder = expansion_remainder(kernel, x); !(remainder <= worst)) worst = remainder;
  }
  return worst;
}

/// With room for the rounding of 1 - Σ a_k².
bool is_enough(const KernelFunctions& kernel, double remainder) {
  return remainder <= 1.001 * kernel.tolerance + 1e-14;
}

}  // namespace

void serve_inputs(KernelFunctions& kernel, CompileOptions options,
                  const std::vector<MatrixView<const double>>& inputs,
                  const std::function<KernelFunctions(CompileOptions)>& recompile, Console& console) {
  if (kernel.remainder_slot < 0) return;
  if (!is_enough(kernel, remainder_at(kernel, inputs))) {
    for (const auto& x : inputs) options.largest_input = std::max(options.largest_input, largest_input(x));
    kernel = recompile(std::move(options));
  }
  report_expansions(kernel, inputs, console);
}

void serve_inputs(KernelFunctions& kernel, const NetworkSource& network, KernelKind kind,
                  CompileOptions options, const std::vector<MatrixView<const double>>& inputs,
                  Console& console) {
  serve_inputs(
      kernel, std::move(options), inputs,
      [&](CompileOptions more) { return compile_kernel(network, kind, std::move(more)); }, console);
}

void report_expansions(const KernelFunctions& kernel, const std::vector<MatrixView<const double>>& inputs,
                       Console& console) {
  if (kernel.remainder_slot < 0) return;
  const double remainder = remainder_at(kernel, inputs);
  console.report["expansions"] = {{"tolerance", kernel.tolerance}, {"remainder", remainder}};
  if (is_enough(kernel, remainder)) return;
  console.note(
      fmt::format("the expansions of this network leave out up to {:.1e} of a kernel entry in a layer, where "
                  "{:.0e} was asked; smaller inputs (--preprocess) need fewer terms",
                  remainder, kernel.tolerance));
}

}  // namespace ntkc::cli
