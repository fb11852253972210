// Random networks with inputs of all sizes, and what their kernels have to be: numbers that the interpreter
// confirms, or a typed refusal.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"

namespace ntkc::fuzz {

/// A network of up to three layers in the language, of activations that have a closed form, jump, bend away
/// from 0, or are expanded: one after the other, with branches, products, concatenations and loops.
std::string random_kernel(std::mt19937_64& random);

/// Rows of which some are zero, repeated, opposite, nearly equal, or scaled by powers of 10, small ones
/// (up to 100) or all that a double holds.
Matrix random_inputs(std::mt19937_64& random, std::ptrdiff_t rows, std::ptrdiff_t columns);

/// What was found of one network on one set of inputs.
struct Finding {
  bool is_compiled = false;
  bool is_refused = false;     ///< with an error of the runtime, which is one of the documented ones
  std::string violation = {};  ///< what should not be; empty if all is well
  int compared = 0;            ///< entries compared with the interpreter
  double largest_error = 0;    ///< of these, in units of √(K(x,x) K(x',x')), beyond what is stated
  double largest_stated = 0;   ///< what the tables say
};

/// Compiles Σ and Θ for this precision and looks at every entry: none is NaN, no variance is negative, no
/// entry larger than the diagonal allows, what the interpreter finds to be 0 is 0, the matrix is symmetric to
/// the last bit, does not depend on the order of the rows, and a row alone gives what it gives among others.
/// As many entries as `oracle.entries` are compared with the interpreter in quadruple precision; none where its
/// expansions take more work than that, in products of a coefficient and a node (about 0.2 us each).
struct Oracle {
  int entries = 2;
  double most_work = 1e300;
};
Finding examine(const std::string& network, const Matrix& inputs, Precision precision, const Oracle& oracle,
                std::mt19937_64& random);

}  // namespace ntkc::fuzz
