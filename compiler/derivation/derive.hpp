// From the layer graph to the kernel IR: the covariance Σ by one rule for each layer, and the neural tangent
// kernel Θ by differentiation.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::derivation {

/// The program of Σ. Its root "Sigma" is the covariance of the output, or a stack of covariances where the
/// graph asks for depths. Layers with trained weights are marked (Operation::trainable) with what these
/// weights add to Θ, and numbered as in trainable_layers. Precondition: the graph passed elaboration.
kernel_ir::Program derive_sigma(const layer_graph::LayerGraph& graph);

/// The expectations of one activation φ of the graph, for u and v with the covariance Σ⁰. The roots are
/// "Dual", which is E[φ(u)φ(v)], "Sigma", the same with the factor of the parametrization, and "Theta", which
/// is E[φ'(u)φ'(v)].
kernel_ir::Program derive_activation(const layer_graph::LayerGraph& graph,
                                     const layer_graph::ActivationNode& activation);

/// What functions are called in the program: by name, the first activation of the graph that is this function.
/// Functions that differ have different names.
std::map<std::string, layer_graph::NodeId> activation_names(const layer_graph::LayerGraph& graph);

/// A name for each layer with trained weights, in order of appearance: the name that the text binds its value
/// to, or that of the layer, with a number where several would have the same. A layer that stands at one
/// place of the text is one layer, however often a `repeat` runs it.
std::vector<std::string> trainable_layers(const layer_graph::LayerGraph& graph);

/// Adds the root "Theta", the tangent of Σ along the cross covariance c = Σ(x, x'), with the seeds of the
/// markers added and the self covariances Σ(x, x), Σ(x', x') held fixed: a layer Σ' = T(Σ) has Θ' = dT/dΣ · Θ
/// + seed. With `layers`, also adds "Theta_by_layer", a plane for each layer: what its weights contribute,
/// which is Θ with the seeds of all other layers left out. The sum of these planes is Θ. The markers are gone
/// from the result.
kernel_ir::Program differentiate(const kernel_ir::Program& sigma, std::size_t layers = 0);

}  // namespace ntkc::derivation
