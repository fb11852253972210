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
    double largest = options.largest_input;
    for (const auto& x : inputs) largest = std::max(largest, largest_input(x));
    // What closed forms lose by rounding, or expansions at foreseen inputs, stays as it is.
    if (largest > options.largest_input) {
      options.largest_input = largest;
      kernel = recompile(std::move(options));
    }
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
  console.report["accuracy"] = {{"tolerance", kernel.tolerance}, {"remainder", remainder}};
  if (is_enough(kernel, remainder)) return;
  console.note(fmt::format(
      "at these inputs a layer may be off by up to {:.1e} of a kernel entry, where {:.0e} was asked: "
      "expansions have too few terms for large inputs, closed forms lose digits at small or large "
      "ones (`ntkc show --emit=kernel` says where); scale the inputs (--preprocess)",
      std::min(remainder, 1.0), kernel.tolerance));
}

}  // namespace ntkc::cli
