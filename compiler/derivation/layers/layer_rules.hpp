// The rule of each layer: from Σ of its operands to its own. Each is a function in a file of its own beside
// this one. A layer with trained weights also states what these add to Θ. There is no rule for Θ itself, for
// that is a derivative (differentiate.cpp).
#pragma once

#include <optional>
#include <vector>

#include "compiler/derivation/trainable_layers.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::derivation {

/// Whether positions have the same weights and biases, or each its own.
enum class Weights : std::uint8_t { shared, local };

/// What a rule reads, and the program that it adds to.
class RuleContext {
 public:
  RuleContext(const layer_graph::LayerGraph& layer_graph, kernel_ir::Program& target)
      : graph(layer_graph),
        program(target),
        sigmas(layer_graph.nodes.size(), kernel_ir::no_node),
        trainable_(layer_graph) {}

  /// Σ(x, x') of a value that comes before.
  [[nodiscard]] kernel_ir::NodeId sigma(layer_graph::NodeId value) const { return sigmas[value]; }
  [[nodiscard]] kernel_ir::NodeId scalar(layer_graph::ScalarId scalar) const { return scalars[scalar]; }
  /// Σ of a layer with trained weights, marked with what these add to Θ: `seed` times the layer's learning
  /// rate, and `of_biases` where these have a learning rate of their own.
  [[nodiscard]] kernel_ir::NodeId trained(const layer_graph::Node& layer, kernel_ir::NodeId sigma,
                                          kernel_ir::NodeId seed,
                                          std::optional<kernel_ir::NodeId> of_biases = {}) const;
  /// Σ of a layer whose weights are independent at each of `taps` taps: W_std² Σ + b_std², with what its weights and
  /// biases add to Θ. `mean` is the average over the taps of Σ of what they read. Under `cntk` it is their sum.
  [[nodiscard]] kernel_ir::NodeId weighted(const layer_graph::Node& node, kernel_ir::NodeId mean,
                                           std::int64_t taps = 1, Weights weights = Weights::shared) const;
  /// Under `cntk` a dual is divided by E[φ(z)²], z ~ N(0, 1) (Arora et al. 2019, sections 3.1 and 4: c_σ is 2
  /// for ReLU); behind a convolution of so many taps also by their number, which those of the next add up.
  [[nodiscard]] kernel_ir::NodeId normalized(kernel_ir::NodeId dual, kernel_ir::NodeId phi,
                                             std::int64_t taps = 1) const;
  [[nodiscard]] kernel_ir::NodeId multiple(double factor, kernel_ir::NodeId a) const {
    return factor == 1 ? a : program.multiply(program.literal(factor), a);
  }

  const layer_graph::LayerGraph& graph;
  kernel_ir::Program& program;
  std::vector<kernel_ir::NodeId> scalars;  ///< by ScalarId: constants and functions of z, symbol for symbol
  std::vector<kernel_ir::NodeId> sigmas;   ///< by NodeId of the graph

 private:
  TrainableLayers trainable_;
};

namespace layers {
#define NTKC_LAYER(name) kernel_ir::NodeId name(const RuleContext& context, const layer_graph::Node& node);
#include "compiler/layer_graph/layers/layers.def"
}  // namespace layers

}  // namespace ntkc::derivation
