// The layer graph, which the derivation and the finite-width simulator both read: a directed acyclic graph of
// layers with types. Names are resolved, constants that shape the graph are computed, and `repeat` is kept as
// a loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/elementary/operations.hpp"
#include "compiler/layer_graph/builtins.hpp"

namespace ntkc::layer_graph {

// --- Scalars: constant arithmetic, symbolic in the network parameters; functions of the argument of an
// activation

using ScalarId = std::uint32_t;

/// Numbers, network parameters, z (the argument of an activation), + - * / ^ and the functions of the
/// language. A comparison is part of the choice that it decides, `select_less`; -a is 0 - a.
using ScalarOperation = elementary::Operation;
/// How many operands it has, 0 to 4.
inline std::size_t operand_count(ScalarOperation operation) {
  return static_cast<std::size_t>(elementary::info(operation).operands);
}

/// One node of an expression; equal nodes are one. Operands have smaller ids, and those that an operation
/// does not have are 0. `value` is the value at the given parameters; it has no meaning for a function, that
/// is for what depends on `variable`.
struct Scalar {
  ScalarOperation operation = ScalarOperation::literal;
  std::array<ScalarId, 4> operands = {};
  std::uint32_t parameter = 0;  ///< index into LayerGraph::parameters
  double value = 0;

  friend bool operator==(const Scalar&, const Scalar&) = default;
};

/// A network parameter with its value in this compilation, which is its default or given by `-D`.
struct NetworkParameter {
  std::string name;
  double value = 0;
  bool integer = false;
};

// --- Types

/// The shape of a value: its positions (none for a vector, [length] for a sequence, [height, width] for an
/// image) and channels. `channels` is nothing where the width is not stated and the limit of infinite width
/// is meant.
struct ValueType {
  std::vector<std::int64_t> positions;
  std::optional<std::int64_t> channels;
  bool gaussian = false;  ///< Gaussian with mean zero in the infinite-width limit

  friend bool operator==(const ValueType&, const ValueType&) = default;
};

// --- Nodes

using NodeId = std::uint32_t;
using RegionId = std::uint32_t;

enum class Parametrization : std::uint8_t { ntk, standard, cntk };

/// A list of numbers, or a matrix with one row after the other. Integers are stored as exact values.
struct ListArgument {
  std::vector<ScalarId> numbers;
  std::size_t rows = 0;  ///< of the matrix; 0 for a list
};

/// One of the names that an argument may be, as `channels`. The text lives as long as the program.
struct ChoiceArgument {
  std::string_view name;
  friend bool operator==(const ChoiceArgument&, const ChoiceArgument&) = default;
};

/// An argument, at its place in the order of the built-in's parameters; monostate where an `optional` one was
/// left out.
using ArgumentValue = std::variant<std::monostate, ScalarId, std::int64_t, bool, ListArgument, ChoiceArgument,
                                   std::vector<ChoiceArgument>>;

/// The input of the network.
struct InputNode {
  std::string name;
};
/// A layer that is applied by its name to one value. Every node draws weights of its own.
struct LayerNode {
  LayerKind kind = LayerKind::dense;
  NodeId operand = 0;
  std::vector<ArgumentValue> arguments;
};
/// φ(operand), elementwise. `function` is φ(z) with the parameters of φ put in, a function of `variable`.
/// What was written is kept for printing: `leaky_relu(alpha = 0.1)`.
struct ActivationNode {
  NodeId operand = 0;
  ScalarId function = 0;
  std::string name;
  std::vector<std::pair<std::string, ScalarId>> arguments;
  std::optional<SourceRange>
      definition;  ///< where the text names it in its definition; nothing if it is built in
};
/// The sum Σ coefficient · value of uncorrelated values. A sum of one term is a multiple. Equal values are
/// merged (h + 0.5 h is 1.5 h), so that a sum reaches each value in one way only: a sum that is a term of
/// another one shares nothing with its other terms.
struct SumTerm {
  ScalarId coefficient = 0;
  NodeId value = 0;
};
struct SumNode {
  std::vector<SumTerm> terms;
};
/// The elementwise product of two independent values.
struct ProductNode {
  std::array<NodeId, 2> factors = {};
};
/// Values one after the other, along the channels, or along an axis of positions if they are uncorrelated.
struct ConcatNode {
  std::vector<NodeId> values;
  std::optional<std::size_t> axis =
      std::nullopt;  ///< an axis of positions, counted from 0; nothing where it is the channels
};
/// A `repeat`. `initial[i]` is the value of the region's argument i in the first iteration; iteration k + 1
/// takes the region's results of iteration k. `count` is at least 1, for a loop that does not run is left
/// out.
struct LoopNode {
  RegionId body = 0;
  std::int64_t count = 1;
  std::vector<NodeId> initial;
};
/// A value carried by the loop that the region belongs to.
struct LoopArgumentNode {
  RegionId body = 0;
  std::uint32_t index = 0;
};
/// Value `index` after the last iteration.
struct LoopResultNode {
  NodeId loop = 0;
  std::uint32_t index = 0;
};

using BlockId = std::uint32_t;

/// An application of a `def`, which is kept for drawing.
struct AppliedBlock {
  std::string name;
  BlockId outer = 0;  ///< the application that it is part of
};

struct Node {
  std::variant<InputNode, LayerNode, ActivationNode, SumNode, ProductNode, ConcatNode, LoopNode,
               LoopArgumentNode, LoopResultNode>
      node;
  ValueType type;  ///< has no meaning for a LoopNode
  RegionId region = 0;
  BlockId block = 0;  ///< the innermost application of a block that made it
  std::string name;   ///< the first name that it was bound to, for printing; "" if there is none
  SourceRange range;
};

/// A region lists its own nodes in order. Operands come before the nodes that read them, and may lie in an
/// enclosing region.
struct Region {
  std::optional<NodeId> loop;  ///< nothing for region 0, which is the network outside of all loops
  std::vector<NodeId> nodes;
  std::vector<NodeId> arguments;  ///< LoopArgumentNodes
  std::vector<NodeId> results;    ///< what is carried to the next iteration, as many as arguments
};

struct LayerGraph {
  std::string network;
  Parametrization parametrization = Parametrization::ntk;
  std::vector<NetworkParameter> parameters;
  std::vector<Scalar> scalars;
  std::vector<Node> nodes;
  std::vector<Region> regions;
  /// The applications of blocks in their order. The first stands for none, that is for the network itself.
  std::vector<AppliedBlock> blocks = {{}};
  NodeId input = 0;
  bool sized_by_data = false;  ///< the size of the input is written `*`
  NodeId output = 0;
  /// On request, the output after 1, 2, ... iterations of the last `repeat` at the top; otherwise empty. A
  /// node of the loop's body stands for as many outputs as the loop has iterations.
  std::vector<NodeId> depths;
  /// How many repeats run outside of all others, those in applied blocks included.
  int outermost_repeats = 0;
  /// The iterations that the text gives the one with this number, if that was asked for.
  std::int64_t iterations_of_endless = 0;
};

/// The kind of layer that a node is. Nothing for a loop, for what it carries and for its results.
std::optional<LayerKind> kind_of(const Node& node);

/// The argument `name` of a layer. Precondition: the layer has it.
const ArgumentValue& argument(const LayerNode& layer, std::string_view name);

/// The part that each value of a concat has in its channels: in proportion to the widths, or equal parts
/// where the values state no width.
std::vector<double> channel_fractions(const LayerGraph& graph, const ConcatNode& concat);

/// "vector(64)", "vector(inf) gaussian"
std::string print_type(const ValueType& type);

/// An argument of a layer as it may be written, or nothing if it was left out.
std::optional<std::string> print_argument(const LayerGraph& graph, const ArgumentValue& value);

/// The graph for Graphviz (`--emit=graph --format=dot`). Each layer is a box, each `repeat` and each applied
/// block a cluster.
std::string print_dot(const LayerGraph& graph);

/// The graph as text (`--emit=graph`). Each node is a line, each loop a block, and scalars are written in
/// symbols.
std::string print(const LayerGraph& graph);

/// A scalar in symbols, with as few parentheses as precedence allows: `sqrt(2)*w`.
std::string print_scalar(const LayerGraph& graph, ScalarId scalar);

}  // namespace ntkc::layer_graph
