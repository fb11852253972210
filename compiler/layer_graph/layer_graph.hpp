// The layer graph: a typed DAG of layers with names resolved, constants folded where they shape the graph,
// and `repeat` kept as a loop. What the derivation and the finite-width simulator both read.
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
#include "compiler/layer_graph/builtins.hpp"

namespace ntkc::layer_graph {

// ---------------------------------------------------------------------------------------------------------------
// Scalars: constant arithmetic, symbolic in the network parameters; functions of the argument of an
// activation
// ---------------------------------------------------------------------------------------------------------------

using ScalarId = std::uint32_t;

enum class ScalarOperation : std::uint8_t {
  literal,
  parameter,
  variable,  ///< z, the argument of an activation
  add,
  subtract,
  multiply,
  divide,
  power,
  negate,
  sqrt,
  exp,
  log,
  sin,
  cos,
  tanh,
  erf,
  abs,
  sign,  ///< of 0 it is 0
  minimum,
  maximum,
  less,        ///< 1 or 0
  less_equal,  ///< 1 or 0
  equal,       ///< 1 or 0
  select,      ///< condition (not 0), then, else
};
/// How many operands it has, 0 to 3.
std::size_t operand_count(ScalarOperation operation);

/// One node of a hash-consed expression; operands have smaller ids, those it does not have are 0. `value` is
/// its value at the given parameters; of a function (what depends on `variable`) it has no meaning.
struct Scalar {
  ScalarOperation operation = ScalarOperation::literal;
  std::array<ScalarId, 3> operands = {};
  std::uint32_t parameter = 0;  ///< index into LayerGraph::parameters
  double value = 0;

  friend bool operator==(const Scalar&, const Scalar&) = default;
};

/// A network parameter with the value it has in this compilation (its default or `-D`).
struct NetworkParameter {
  std::string name;
  double value = 0;
  bool integer = false;
};

// ---------------------------------------------------------------------------------------------------------------
// Types
// ---------------------------------------------------------------------------------------------------------------

/// Positions (none for a vector, [length], [height, width]) and channels. `channels` is nothing where the
/// width is not stated (infinite).
struct ValueType {
  std::vector<std::int64_t> positions;
  std::optional<std::int64_t> channels;
  bool gaussian = false;  ///< Gaussian with mean zero in the infinite-width limit

  friend bool operator==(const ValueType&, const ValueType&) = default;
};

// ---------------------------------------------------------------------------------------------------------------
// Nodes
// ---------------------------------------------------------------------------------------------------------------

using NodeId = std::uint32_t;
using RegionId = std::uint32_t;

enum class Parametrization : std::uint8_t { ntk, standard, cntk };

/// Numbers in a row, or a matrix, one row after the other; integers as exact values.
struct ListArgument {
  std::vector<ScalarId> numbers;
  std::size_t rows = 0;  ///< of a matrix; 0: no matrix
};

/// One of the names that an argument may be: `channels`. They live as long as the program.
struct ChoiceArgument {
  std::string_view name;
  friend bool operator==(const ChoiceArgument&, const ChoiceArgument&) = default;
};

/// An argument in the order of the built-in's parameter list; monostate: left out and `optional`.
using ArgumentValue =
    std::variant<std::monostate, ScalarId, std::int64_t, bool, ListArgument, ChoiceArgument>;

/// The input of the network.
struct InputNode {
  std::string name;
};
/// A layer applied by its name to one value. Every node draws weights of its own.
struct LayerNode {
  LayerKind kind = LayerKind::dense;
  NodeId operand = 0;
  std::vector<ArgumentValue> arguments;
};
/// φ(operand), elementwise. `function` is φ(z) with its parameters substituted, a function of `variable`.
/// What it was written as is kept for printing: `leaky_relu(alpha = 0.1)`.
struct ActivationNode {
  NodeId operand = 0;
  ScalarId function = 0;
  std::string name;
  std::vector<std::pair<std::string, ScalarId>> arguments;
  std::optional<SourceRange> definition;  ///< the name where the text defines it; nothing if it is built in
};
/// Σ coefficient · value with uncorrelated values. One term is a multiple. Like values are merged (h + 0.5 h
/// is 1.5 h), so that a value is reached in one way only: a sum that is itself a term shares nothing with the
/// others.
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
/// Values one after the other, along the channels or, uncorrelated ones, along an axis of positions.
struct ConcatNode {
  std::vector<NodeId> values;
  std::optional<std::size_t> axis = std::nullopt;  ///< of positions, from 0; nothing: the channels
};
/// `repeat`: `initial[i]` is the value of the region's argument i in the first iteration; iteration k+1 takes
/// the region's results of iteration k. `count` >= 1 (less than one folds away).
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

/// An application of a `def`, for drawing.
struct AppliedBlock {
  std::string name;
  BlockId outer = 0;  ///< the application that it is part of
};

struct Node {
  std::variant<InputNode, LayerNode, ActivationNode, SumNode, ProductNode, ConcatNode, LoopNode,
               LoopArgumentNode, LoopResultNode>
      node;
  ValueType type;  ///< of no meaning for a LoopNode
  RegionId region = 0;
  BlockId block = 0;  ///< the innermost that it comes from
  std::string name;   ///< the name it was bound to first, for printing ("" if none)
  SourceRange range;
};

/// A region lists its own nodes in order; operands come before their users, and may lie in an enclosing
/// region.
struct Region {
  std::optional<NodeId> loop;  ///< nothing for region 0, the top
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
  /// In the order of application; the first is none, the network itself.
  std::vector<AppliedBlock> blocks = {{}};
  NodeId input = 0;
  NodeId output = 0;
  /// On request: the output after each number of iterations of the last `repeat` at the top, from 1 on. A
  /// node of the loop's body stands for as many of them as the loop has iterations. Otherwise empty.
  std::vector<NodeId> depths;
};

/// The kind of layer that a node is; nothing of a loop, of what it carries and of its results.
std::optional<LayerKind> kind_of(const Node& node);

/// Argument `name` of a layer, resolved through the table of built-ins. Precondition: the layer has it.
const ArgumentValue& argument(const LayerNode& layer, std::string_view name);

/// The part that each value of a concat has in its channels, by width; equal parts of values that state no
/// width.
std::vector<double> channel_fractions(const LayerGraph& graph, const ConcatNode& concat);

/// "vector(64)", "vector(inf) gaussian"
std::string print_type(const ValueType& type);

/// An argument of a layer as it may be written; nothing if it was left out.
std::optional<std::string> print_argument(const LayerGraph& graph, const ArgumentValue& value);

/// The graph for Graphviz, `--emit=graph --format=dot`: a box for each layer, a `repeat` and an applied block
/// as clusters.
std::string print_dot(const LayerGraph& graph);

/// The graph as text, `--emit=graph`: one node a line, loops as blocks, scalars in symbols.
std::string print(const LayerGraph& graph);

/// A scalar in symbols, with as few parentheses as precedence allows: `sqrt(2)*w`.
std::string print_scalar(const LayerGraph& graph, ScalarId scalar);

}  // namespace ntkc::layer_graph
