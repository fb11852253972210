// The layer graph by itself, for what reads it beside the derivation: the finite-width simulator, and the
// analysis of depth.
#pragma once

#include <string>
#include <string_view>

#include "compiler/layer_graph/layer_graph.hpp"
#include "ntkc/compile_options.hpp"

namespace ntkc::driver {

/// The layer graph of an .arch text. Throws CompileError.
layer_graph::LayerGraph elaborate_text(std::string_view arch_text, const CompileOptions& options = {},
                                       const std::string& file_name = "<string>");
/// The same of a network that has kernels, with the last of its outermost repeats as a loop whatever its count:
/// also refuses activations whose expectations do not exist.
layer_graph::LayerGraph elaborate_with_loop(std::string_view arch_text, const CompileOptions& options,
                                            const std::string& file_name);

}  // namespace ntkc::driver
