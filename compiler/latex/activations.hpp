// The activations of a network in LaTeX: what they are and the closed forms of their duals.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "compiler/duals/statement.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::latex {

/// A paragraph for each activation, and in `cited` the keys of what they refer to. `duals`: function → what
/// it is called, in math. `uses`: what is compiled, for inputs with |x|²/d up to
/// `largest_input`.
std::string write_activations(const kernel_ir::Program& program,
                              const std::map<kernel_ir::NodeId, std::string>& duals,
                              const std::vector<duals::Use>& uses, double largest_input,
                              std::set<std::string>& cited);

}  // namespace ntkc::latex
