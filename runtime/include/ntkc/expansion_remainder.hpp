// What the Hermite expansions of a compiled kernel leave out at given inputs.
#pragma once

#include <string>

#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// The largest share of E[φ²] that the kernel's Hermite expansions leave out in a layer at any of these
/// inputs, or rounding may take of a closed form, 0 if neither can exceed the tolerance; compare with
/// KernelFunctions::tolerance. Costs one evaluation of the per-sample tables.
double expansion_remainder(const KernelFunctions& kernel, MatrixView<const double> x);

/// What an entry may be off by at most: 1e-3, or the tolerance of the kernel if that is more. Gram matrices of
/// inputs with a larger remainder are refused.
double largest_accepted_loss(const KernelFunctions& kernel);

/// The largest |x|²/d of the rows, or of the positions of each: what CompileOptions::largest_input should be at least.
/// `name` is what messages call the rows. Throws InputError for what is not finite. Rows that are not a whole number of
/// positions count as one each: kernels refuse them.
double largest_input(MatrixView<const double> x, const std::string& name = "x", std::int64_t positions = 1);

}  // namespace ntkc
#pragma GCC visibility pop
