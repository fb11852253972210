// Warnings: what compiles, but may not be what was meant.
#pragma once

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/layer_graph/diagnostic_buffer.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "grammar/ast.hpp"

namespace ntkc::layer_graph {

/// `unused-value`, `unused-parameter`: read off the text. A value is unused if no statement that can run
/// after it reads it; bodies of repeats run again.
void warn_of_unused(const ast::File& file, DiagnosticBuffer& diagnostics);

/// `jump`, `degenerate-kernel`: read off the graph.
void warn_of_kernels(const LayerGraph& graph, DiagnosticBuffer& diagnostics);
void warn_of_constant_kernels(const LayerGraph& graph, DiagnosticBuffer& diagnostics);

}  // namespace ntkc::layer_graph
