// The derived recursion as a LaTeX document, for people to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/duals/statement.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::latex {

/// A document that stands alone: the network, what the symbols mean, Σ and Θ layer by layer with a `repeat`
/// as a recursion, the activations with their closed forms, references. `sigma` is what derive_sigma made of
/// the network (markers in place), `source` its text, `uses` what is compiled of its activations for inputs with
/// |x|²/d up to `largest_input`.
std::string document(const kernel_ir::Program& sigma, std::string_view source,
                     const std::vector<duals::Use>& uses, double largest_input);

}  // namespace ntkc::latex
