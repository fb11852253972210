// How exact a kernel is at the inputs at hand: enough terms of its Hermite expansions, and a note where they
// or the rounding of closed forms leave more open than was asked.
#pragma once

#include <functional>
#include <vector>

#include "cli/common_options.hpp"
#include "cli/console.hpp"
#include "ntkc/matrix.hpp"

namespace ntkc::cli {

/// Compiles again with more terms if the kernel's expansions leave out more than asked at these inputs. Then
/// as `report_expansions`.
void serve_inputs(KernelFunctions& kernel, const NetworkSource& network, KernelKind kind,
                  CompileOptions options, const std::vector<MatrixView<const double>>& inputs,
                  Console& console);
/// The same of a kernel that is not one of the two.
void serve_inputs(KernelFunctions& kernel, CompileOptions options,
                  const std::vector<MatrixView<const double>>& inputs,
                  const std::function<KernelFunctions(CompileOptions)>& recompile, Console& console);
/// Puts what a layer may be off by at these inputs into the report, with a note if it is more than asked.
void report_expansions(const KernelFunctions& kernel, const std::vector<MatrixView<const double>>& inputs,
                       Console& console);

}  // namespace ntkc::cli
