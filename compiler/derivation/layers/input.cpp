#include "compiler/derivation/layers/layer_rules.hpp"

namespace ntkc::derivation {

/// Σ⁰ = x·x'/d at each pair of positions, d channels; under `cntk` x·x'.
kernel_ir::NodeId layers::input(const RuleContext& context, const layer_graph::Node& /*node*/) {
  kernel_ir::Program& program = context.program;
  const bool has_positions = !program.input_positions.empty();
  const kernel_ir::NodeId sigma =
      program.input_cross(has_positions ? kernel_ir::Space::full : kernel_ir::Space::point);
  if (context.graph.parametrization != layer_graph::Parametrization::cntk) return sigma;
  return program.multiply(program.literal(static_cast<double>(program.input_size)), sigma);
}

}  // namespace ntkc::derivation
