#include "compiler/layer_graph/layers/layer_traits.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/layer_graph/operands.hpp"
#include "compiler/layer_graph/print_parts.hpp"

namespace ntkc::layer_graph {
namespace {

/// The arguments that a layer was given, other than their defaults, each as `separator` + "name = value".
std::string arguments_text(const LayerGraph& graph, const LayerNode& layer, std::string_view separator) {
  const BuiltinInfo& builtin = info(layer.kind);
  std::string text;
  for (std::size_t i = 0; i < layer.arguments.size(); ++i) {
    const std::optional<std::string> value = print_argument(graph, layer.arguments[i]);
    if (!value || value == builtin.parameters[i].default_value) continue;
    text += fmt::format("{}{} = {}", separator, builtin.parameters[i].name, *value);
  }
  return text;
}

}  // namespace

const LayerTraits& traits(LayerKind kind) {
  static const LayerTraits table[] = {
#define NTKC_LAYER(name) layers::name(),
#include "compiler/layer_graph/layers/layers.def"
  };
  return table[static_cast<std::size_t>(kind)];
}

const LayerTraits* traits_of(const Node& node) {
  const std::optional<LayerKind> kind = kind_of(node);
  return kind ? &traits(*kind) : nullptr;
}

std::vector<NodeId> all_operands(const LayerGraph& /*graph*/, const Node& node) { return operands_of(node); }

Variation LayerTraits::widest_variation(const LayerGraph& /*graph*/, const Node& node,
                                        const std::vector<Variation>& of_values) {
  Variation widest = Variation::unseen;
  for (const NodeId operand : operands_of(node)) widest = std::max(widest, of_values[operand]);
  return widest;
}

std::string LayerTraits::call_text(const LayerGraph& graph, const Node& node) {
  const auto& layer = std::get<LayerNode>(node.node);
  return fmt::format("{}({}{})", info(layer.kind).name, print_reference(layer.operand),
                     arguments_text(graph, layer, ", "));
}

std::string LayerTraits::call_label(const LayerGraph& graph, const Node& node) {
  const auto& layer = std::get<LayerNode>(node.node);
  return std::string(info(layer.kind).name) + arguments_text(graph, layer, "\n");
}

std::string LayerTraits::no_label(const LayerGraph& /*graph*/, const Node& /*node*/, std::size_t /*i*/) {
  return "";
}

std::string LayerTraits::output_of_call(const Node& node) {
  return fmt::format("the output of `{}`", info(std::get<LayerNode>(node.node).kind).name);
}

}  // namespace ntkc::layer_graph
