// Layer graph → kernel IR: the covariance Σ by one rule a layer, the neural tangent kernel Θ by
// differentiation.
#pragma once

#include "compiler/kernel_ir/program.hpp"
#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::derivation {

/// The Σ program: root "Sigma", the covariance of the output. Layers with trainable parameters are marked
/// (Operation::trainable) with what their parameters contribute to Θ. Precondition: the graph passed
/// elaboration.
kernel_ir::Program derive_sigma(const layer_graph::LayerGraph& graph);

/// Adds the root "Theta": the tangent of Σ along c, self covariances held fixed, with the seeds of the
/// markers added (design §1): Θ' = dT/dΣ · Θ + seed. The markers are gone from the result.
kernel_ir::Program differentiate(const kernel_ir::Program& sigma);

}  // namespace ntkc::derivation
