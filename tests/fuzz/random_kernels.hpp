// Random networks with inputs of all sizes, and what their kernels have to be: numbers that the interpreter
// confirms, or a typed refusal.
#pragma once

#include <optional>
#include <random>
#include <string>

#include "compiler/kernel_ir/program.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"

namespace ntkc::fuzz {

/// A network of up to three layers in the language, of activations that have a closed form, jump, bend away
/// from 0, or are expanded: one after the other, with branches, products, concatenations and loops.
std::string random_kernel(std::mt19937_64& random);

/// Rows of which some are zero, repeated, opposite, nearly equal, or scaled by powers of 10, small ones
/// (up to 100) or all that a double holds.
Matrix random_inputs(std::mt19937_64& random, std::ptrdiff_t rows, std::ptrdiff_t columns);

/// What entries are compared with: the interpreter in quadruple precision.
struct Oracle {
  int entries = 2;           ///< of each kernel
  double most_work = 1e300;  ///< Networks whose expansions take more are not compared, in products of a
                             ///< coefficient and a node (about 0.2 us each).
};

/// A network, compiled for its Σ and Θ.
struct Subject {
  KernelFunctions kernel;
  kernel_ir::Program program;  ///< what the interpreter evaluates
  Precision precision = Precision::f64;
  int entries = 0;  ///< to be compared with the interpreter
};

/// Nothing if the network is refused, with one of the documented errors.
std::optional<Subject> subject(const std::string& network, Precision precision, const Oracle& oracle);

/// What was found of one network on one set of inputs.
struct Finding {
  bool is_refused = false;     ///< with an error of the runtime, which is one of the documented ones
  std::string violation = {};  ///< what should not be; empty if all is well
  int compared = 0;            ///< entries compared with the interpreter
  double largest_error = 0;    ///< of these, in units of √(K(x,x) K(x',x')), beyond what is stated
  double largest_stated = 0;   ///< what the tables say
};

/// Looks at every entry of Σ and Θ: none is NaN, no variance is negative, no entry larger than the diagonal
/// allows, what the interpreter finds to be 0 is 0, the matrix is symmetric to the last bit, does not depend on
/// the order of the rows, and a row alone gives what it gives among others. Some are compared with the
/// interpreter.
Finding examine(const Subject& subject, const Matrix& inputs, std::mt19937_64& random);

}  // namespace ntkc::fuzz
