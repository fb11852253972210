// The derived recursion as a LaTeX document, for people to read.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::latex {

/// How an activation without a closed form is expanded.
struct Expansion {
  int terms = 0;
  hermite::Parity parity = hermite::Parity::none;
  double remainder = 0;
  double largest_input = 0;  ///< |x|²/d up to which that holds
};

/// A document that stands alone: the network, what the symbols mean, Σ and Θ layer by layer with a `repeat`
/// as a recursion, the activations with their closed forms, references. `sigma` is what derive_sigma made of
/// the network (markers in place), `source` its text, `expansions` those of activations by name.
std::string document(const kernel_ir::Program& sigma, std::string_view source,
                     const std::map<std::string, Expansion>& expansions);

}  // namespace ntkc::latex
