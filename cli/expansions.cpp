#include "cli/expansions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ntkc/errors.hpp"
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

CompileOptions serving(CompileOptions options, const std::vector<MatrixView<const double>>& inputs) {
  options.largest_input_at = [inputs](std::int64_t positions) {
    double largest = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      largest = std::max(largest, largest_input(inputs[i], i == 0 ? "x" : "y", positions));
    return largest;
  };
  if (!inputs.empty()) options.input_size = inputs.front().columns;
  return options;
}

void report_expansions(const KernelFunctions& kernel, const std::vector<MatrixView<const double>>& inputs,
                       Console& console) {
  if (kernel.remainder_slot < 0) return;
  const double remainder = remainder_at(kernel, inputs);
  console.report["accuracy"] = {{"tolerance", kernel.tolerance}, {"remainder", remainder}};
  // What is more than is accepted, gram refuses, with the row (runtime/gram/gram_checks.cpp).
  if (!(remainder <= std::max(largest_accepted_loss(kernel), 1.001 * kernel.tolerance))) return;
  // The warning of an expansion that falls short says the same, with a figure of its own.
  if (is_enough(kernel, remainder) || console.has_told("inexact-dual")) return;
  console.note(fmt::format(
      "at these inputs a layer may be off by up to {:.1e} of a kernel entry, where {:.0e} was asked: "
      "expansions have too few terms for large inputs, closed forms lose digits at small or large "
      "ones (`ntkc show --emit=kernel` says where); scale the inputs (--preprocess)",
      remainder, kernel.tolerance));
}

}  // namespace ntkc::cli
