// The recursion of a network: one iteration of its `repeat` as a program of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::analysis {

/// Programs with one outermost loop. It carries the self covariance and the cross covariance of each of the n
/// values that are followed, and behind these three groups of n tangents: for all seeds together, for the seeds
/// of the layers (Θ), and for the seed 1 at what enters (the derivative by the carried cross covariances).
struct RecursionPrograms {
  std::vector<std::size_t> followed;  ///< which of the values that the `repeat` carries
  kernel_ir::Program
      entry;                ///< what enters the first iteration, from the inputs; the loop's body is not used
  kernel_ir::Program step;  ///< one iteration, from any values: the body of the loop
  std::string obstacle;     ///< why there is no such recursion; "" if there is one
};

/// From the Σ program of a network, as derivation::derive_sigma makes it: of the last of its outermost loops.
RecursionPrograms find_recursion(const kernel_ir::Program& sigma);

}  // namespace ntkc::analysis
