// Warnings are about what compiles, but may not be what was meant.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/layer_graph/diagnostic_buffer.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "grammar/ast.hpp"

namespace ntkc::layer_graph {

/// Reports `unused-value` and `unused-parameter`, which are read off the text. A value is unused if no
/// statement that can run after it reads it; the bodies of repeats run again.
void warn_of_unused(const ast::File& file, DiagnosticBuffer& diagnostics);

/// Reports `jump` and `degenerate-kernel`, which are read off the graph.
void warn_of_kernels(const LayerGraph& graph, DiagnosticBuffer& diagnostics);
void warn_of_constant_kernels(const LayerGraph& graph, DiagnosticBuffer& diagnostics);

}  // namespace ntkc::layer_graph
