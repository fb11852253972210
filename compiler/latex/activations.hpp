// The activations of a network in LaTeX: what they are and the closed forms of their duals.
#pragma once

#include <map>
#include <set>
#include <string>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/latex/latex.hpp"

namespace ntkc::latex {

/// A paragraph for each activation, and in `cited` the keys of what they refer to. `duals`: function → what
/// it is called, in math.
std::string write_activations(const kernel_ir::Program& program,
                              const std::map<kernel_ir::NodeId, std::string>& duals,
                              const std::map<std::string, Expansion>& expansions,
                              std::set<std::string>& cited);

}  // namespace ntkc::latex
