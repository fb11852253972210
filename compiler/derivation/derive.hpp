// Layer graph → kernel IR: the covariance Σ by one rule a layer, the neural tangent kernel Θ by
// differentiation.
#pragma once

#include <string>
#include <vector>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::derivation {

/// The Σ program: root "Sigma", the covariance of the output, or a stack of it where the graph asks for
/// depths. Layers with trainable parameters are marked (Operation::trainable) with what their parameters
/// contribute to Θ, and numbered as in trainable_layers. Precondition: the graph passed elaboration.
kernel_ir::Program derive_sigma(const layer_graph::LayerGraph& graph);

/// The expectations of one activation of the graph, on Σ⁰: the roots "Dual", E[φ(u)φ(v)], "Sigma", that with
/// the factor of the parametrization, and "Theta", E[φ'(u)φ'(v)].
kernel_ir::Program derive_activation(const layer_graph::LayerGraph& graph,
                                     const layer_graph::ActivationNode& activation);

/// A name for each layer with trainable parameters, in order of appearance: the one its value is bound to in
/// the text, or that of the layer, numbered where that is not enough to tell them apart. What stands at one
/// place of the text is one layer, however often a `repeat` runs it.
std::vector<std::string> trainable_layers(const layer_graph::LayerGraph& graph);

/// Adds the root "Theta": the tangent of Σ along c, self covariances held fixed, with the seeds of the
/// markers added: Θ' = dT/dΣ · Θ + seed. With `layers`, also "Theta_by_layer", a plane for each:
/// what its parameters contribute, that is Θ with the seeds of all other layers left out; the sum is Θ. The
/// markers are gone from the result.
kernel_ir::Program differentiate(const kernel_ir::Program& sigma, std::size_t layers = 0);

}  // namespace ntkc::derivation
