// What the layer graph knows of a layer: one value of LayerTraits for each, made in a file of its own beside
// this one. Whoever walks the graph asks these, and names no layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// What Σ of a value depends on, in the order in which a search from below finds it out; `unseen` is where
/// the search begins.
enum class Variation : std::uint8_t { unseen, zero, constant, varies };

/// A layer that cannot be applied to its operand, as it is reported.
struct LayerMistake {
  DiagnosticKind kind;
  std::string message;
  std::string help;
  std::string_view argument = {};  ///< the one to blame; empty: the layer as a whole
};

struct LayerTraits {
  /// How it is applied by its name; nothing of a layer that is written otherwise.
  std::optional<BuiltinInfo> builtin = std::nullopt;

  /// Of a layer that is applied by its name to one value (LayerNode): the positions and channels of its
  /// output, or why there is none. Whether that is Gaussian is said below.
  std::variant<ValueType, LayerMistake> (*shape)(const LayerGraph& graph, const LayerNode& layer) = nullptr;
  /// Whether its operand has to be Gaussian with mean zero.
  bool needs_gaussian = false;
  /// Whether its output is Gaussian with mean zero if its operands are. (What draws weights makes such a
  /// value of any.)
  bool keeps_gaussian = false;

  /// Whether it draws weights and biases of mean zero, new ones for each node: then its output is
  /// uncorrelated with all values that do not descend from it, and it has the arguments of
  /// `weight_parameters`.
  bool draws_weights = false;
  /// Of such a layer, how many matrices of weights there are, one for each tap; nothing where there is one.
  std::int64_t (*taps)(const LayerGraph& graph, const LayerNode& layer) = nullptr;
  /// Whether it multiplies its operands elementwise, which have to be independent.
  bool multiplies = false;
  /// What messages call its operands if they have to be uncorrelated.
  std::string_view uncorrelated_operands = {};
  /// The values that its output is linear in: what is uncorrelated with each of them is uncorrelated with it.
  /// Of a layer that is not linear, a null pointer.
  std::vector<NodeId> (*linear_in)(const LayerGraph& graph, const Node& node) = nullptr;
  /// Whether its Σ is the mean of those of its operands, each weighted by the width that it states.
  bool weighs_by_width = false;
  /// What its Σ depends on, given that of its operands.
  Variation (*variation)(const LayerGraph& graph, const Node& node,
                         const std::vector<Variation>& of_values) = widest_variation;

  /// The right-hand side in the text of the graph: `dense(%0, W_std = w)`.
  std::string (*text)(const LayerGraph& graph, const Node& node) = call_text;
  /// The label in the drawing of the graph, and Graphviz's attributes of its shape.
  std::string (*label)(const LayerGraph& graph, const Node& node) = call_label;
  std::string_view outline = "shape=box, style=filled, fillcolor=\"#dce9f7\"";
  /// The label of the edge from the i-th operand; "" for none.
  std::string (*edge_label)(const LayerGraph& graph, const Node& node, std::size_t i) = no_label;
  /// What a message calls its output: "the output of `relu`".
  std::string (*described)(const Node& node) = output_of_call;

  // The defaults, which suit the layers that are applied by their names.
  static Variation widest_variation(const LayerGraph& graph, const Node& node,
                                    const std::vector<Variation>& of_values);
  static std::string call_text(const LayerGraph& graph, const Node& node);
  static std::string call_label(const LayerGraph& graph, const Node& node);
  static std::string no_label(const LayerGraph& graph, const Node& node, std::size_t i);
  static std::string output_of_call(const Node& node);
};

inline constexpr LayerKind layer_kinds[] = {
#define NTKC_LAYER(name) LayerKind::name,
#include "compiler/layer_graph/layers/layers.def"
};

const LayerTraits& traits(LayerKind kind);
/// A null pointer for a loop, for what it carries and for its results.
const LayerTraits* traits_of(const Node& node);

/// All operands, for the layers that are linear in each of them.
std::vector<NodeId> all_operands(const LayerGraph& graph, const Node& node);

namespace layers {
#define NTKC_LAYER(name) LayerTraits name();
#include "compiler/layer_graph/layers/layers.def"
}  // namespace layers

}  // namespace ntkc::layer_graph
