#include "compiler/layer_graph/scalar_function.hpp"

#include <map>

namespace ntkc::layer_graph {

elementary::Function<double> scalar_function(const std::vector<Scalar>& scalars, ScalarId root) {
  // Operands have smaller ids: from the root down, then in order up.
  std::map<ScalarId, bool> parts = {{root, false}};  // whether they depend on z
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    const Scalar& scalar = scalars[part->first];
    for (std::size_t i = 0; i < operand_count(scalar.operation); ++i)
      parts.try_emplace(scalar.operands[i], false);
  }
  using Function = elementary::Function<double>;
  std::map<ScalarId, std::uint32_t> places;
  std::vector<Function::Step> steps;
  for (auto& [id, depends] : parts) {
    const Scalar& scalar = scalars[id];
    Function::Step step = {.operation = scalar.operation, .value = scalar.value};
    depends = scalar.operation == ScalarOperation::variable;
    for (std::size_t i = 0; i < operand_count(scalar.operation); ++i) {
      step.operands.at(i) = places.at(scalar.operands[i]);
      depends = depends || parts.at(scalar.operands[i]);
    }
    if (!depends) step = {.value = scalar.value};
    places[id] = static_cast<std::uint32_t>(steps.size());
    steps.push_back(step);
  }
  return Function(std::move(steps));
}

}  // namespace ntkc::layer_graph
