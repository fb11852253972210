// Σ and Θ of a network, layer by layer, as LaTeX.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::latex {

struct Recursion {
  std::string equations;  ///< align environments, and text around those of loops
  std::map<kernel_ir::NodeId, std::string>
      duals;           ///< the activations met: function → what it is called, in math
  std::string maps;    ///< what the maps of positions in them are; "" if there are none
  std::string output;  ///< which Σ and Θ are those of the network
};

/// `sigma`: what derive_sigma made of the network.
Recursion write_recursion(const kernel_ir::Program& sigma);

}  // namespace ntkc::latex
