// A matrix that acts on the positions: graph convolution with an adjacency matrix, for example.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph::layers {
namespace {

/// -D may change what it holds, but derivatives by a parameter in it are not taken.
bool depends_on_parameters(const LayerGraph& graph, ScalarId id) {
  const Scalar& scalar = graph.scalars[id];
  if (scalar.operation == ScalarOperation::parameter) return true;
  for (std::size_t i = 0; i < operand_count(scalar.operation); ++i) {
    if (depends_on_parameters(graph, scalar.operands.at(i))) return true;
  }
  return false;
}

std::variant<ValueType, LayerMistake> shape(const LayerGraph& graph, const LayerNode& layer) {
  if (auto mistake = check_axes(graph, layer, {})) return *mistake;
  ValueType type = graph.nodes[layer.operand].type;
  const auto& matrix = std::get<ListArgument>(argument(layer, "matrix"));
  const auto rows = static_cast<std::int64_t>(matrix.rows);
  const auto columns = static_cast<std::int64_t>(matrix.numbers.size() / matrix.rows);
  const std::int64_t positions = position_count(type);
  if (std::ranges::any_of(matrix.numbers,
                          [&](ScalarId number) { return depends_on_parameters(graph, number); }))
    return LayerMistake{DiagnosticKind::not_constant,
                        "the entries of `matrix` are numbers, without network parameters",
                        "write the numbers, or multiply the value that it is applied to", "matrix"};
  if (columns != positions || (rows != positions && type.positions.size() > 1)) {
    type.gaussian = false;
    return LayerMistake{
        DiagnosticKind::shape_mismatch,
        fmt::format("a matrix of {} x {} numbers for the {} positions of `{}`", rows, columns, positions,
                    print_type(type)),
        "it has a column for each position, those of an image row by row, and a row for each that it makes",
        "matrix"};
  }
  if (type.positions.size() == 1) type.positions = {rows};
  return type;
}

}  // namespace

LayerTraits aggregate() {
  return {
      .builtin = BuiltinInfo{.name = "aggregate",
                             .kind = BuiltinKind::layer,
                             .parameters = {{.name = "matrix",
                                             .type = ParameterType::real,
                                             .default_value = std::nullopt,
                                             .positional = true,
                                             .rank = 2,
                                             .longest = 16384,
                                             .purpose = "a row of weights for each position that is made"}},
                             .formula = "the sum of matrix[i][j]*h[j] over the positions j"},
      .shape = shape,
      .keeps_gaussian = true,
      .linear_in = all_operands};
}

}  // namespace ntkc::layer_graph::layers
