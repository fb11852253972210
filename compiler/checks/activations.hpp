// Whether the expectations exist that the kernels of a network are made of.
#pragma once

#include "compiler/diagnostics/diagnostic_list.hpp"
#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::checks {

/// Reports activations φ that are not square-integrable under a Gaussian and, if Θ is wanted and something
/// before them is trained, those whose derivative is not. What has a closed form is integrable; of the others
/// values are looked at (hermite::check_integrability).
void check_activations(const layer_graph::LayerGraph& graph, bool theta, DiagnosticList& diagnostics);

/// Reports what the text is to blame for when the constants of a kernel leave the range of double precision:
/// the first activation that alone does so, or the network at `network`.
void report_overflow(const layer_graph::LayerGraph& graph, const SourceRange& network,
                     DiagnosticList& diagnostics);

}  // namespace ntkc::checks
