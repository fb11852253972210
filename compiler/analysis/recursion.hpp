// The recursion of a network: one iteration of its `repeat` as a program of its own.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::analysis {

/// Programs with the roots Sigma and Theta. The input of `step` and `contribution` is the value that the
/// `repeat` carries: its |x|²/d is q, its x·x'/d is c.
struct RecursionPrograms {
  std::int64_t count = 0;    ///< iterations; 0: there is no `repeat`, the whole network is taken as one
  kernel_ir::Program entry;  ///< Σ and Θ of what enters the first iteration
  kernel_ir::Program step;   ///< Sigma: c' after one iteration; Theta: its derivative ∂c'/∂c, q fixed
  kernel_ir::Program contribution;  ///< Theta: what the weights of one iteration add, Θ' = ∂c'/∂c Θ + this
  std::string obstacle;             ///< why there is no such recursion; "" if there is one
};

/// From the Σ program of a network, as derivation::derive_sigma makes it: the last of its outermost loops, or
/// the whole program if it has none.
RecursionPrograms find_recursion(const kernel_ir::Program& sigma);

}  // namespace ntkc::analysis
