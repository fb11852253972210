// The elementwise product of two independent values: a * b.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/print_parts.hpp"

namespace ntkc::layer_graph {
namespace {

/// Zero if a factor is.
Variation variation(const LayerGraph& /*graph*/, const Node& node, const std::vector<Variation>& of_values) {
  const auto& factors = std::get<ProductNode>(node.node).factors;
  const auto [least, widest] = std::minmax(of_values[factors[0]], of_values[factors[1]]);
  return least <= Variation::zero ? least : widest;
}

}  // namespace

LayerTraits layers::product() {
  return {.multiplies = true,
          .variation = variation,
          .text =
              [](const LayerGraph&, const Node& node) {
                const auto& factors = std::get<ProductNode>(node.node).factors;
                return fmt::format("{}*{}", print_reference(factors[0]), print_reference(factors[1]));
              },
          .label = [](const LayerGraph&, const Node&) { return std::string("×"); },
          .outline = "shape=circle, width=0.3",
          .described = [](const Node&) { return std::string("a product"); }};
}

Value Elaborator::multiply(const ast::Binary& binary, const Operand& left, const Operand& right) {
  // The multiples stay outside: (2 a) (3 b) is 6 (a b).
  LinearForm factors[] = {linear_form(left), linear_form(right)};
  if (!check_shapes("factors", factors[0], factors[1], binary.op_range)) return Erroneous{};
  ScalarId coefficient = scalars_.literal(1);
  ProductNode product;
  for (std::size_t i = 0; i < 2; ++i) {
    LinearForm& factor = factors[i];
    if (factor.terms.size() == 1) {
      coefficient = scalars_.binary(ScalarOperation::multiply, coefficient,
                                    std::exchange(factor.terms[0].coefficient, scalars_.literal(1)));
    }
    product.factors[i] = make_sum(std::move(factor), i == 0 ? left.range : right.range);
  }
  ValueType type = graph_.nodes[product.factors[0]].type;
  if (!type.channels) type.channels = graph_.nodes[product.factors[1]].type.channels;
  type.gaussian = false;
  const SourceRange range = {left.range.file, left.range.begin, right.range.end};
  const NodeId node = add_node(product, std::move(type), "", range);
  branch_sources_.emplace(
      node, BranchSource{{{left.range, left.range}, {right.range, binary.op_range}}, diagnostics_.context()});
  return LinearForm{{{coefficient, node}}, {{range, range}}};
}

}  // namespace ntkc::layer_graph
