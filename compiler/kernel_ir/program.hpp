// The kernel IR: what is computed, for one pair of inputs (x, x').
//
// A program is a hash-consed DAG: equal nodes are one node, so that Θ shares every Σ below it. Nodes are
// numbered in topological order and walked by number, never by recursion. A `repeat` is a loop node with a
// region of its own.
//
// Dependence. `constant` nodes hold for all inputs; `sample` nodes are functions of one input (self
// covariances, evaluated once per sample); `pair` nodes are functions of both. A pair node reads a sample
// node through `first` (its value at x) or `second` (at x'). The builder moves arithmetic below them,
// op(first(a), first(b)) = first(op(a, b)): whatever depends on one input only is a sample node by
// construction. In the same way a node lives in the outermost region that holds its operands: loop-invariant
// code never enters a loop.
//
// Functions. `variable` is z, a real variable that stands for no input; what depends on it is a `function` of
// z: an activation φ, or what is made of it. Functions are operands of `dual`, `dual_derivative` and
// `moment`, which take expectations over u, v ~ N(0, covariance); they meet inputs nowhere else.
//
// Type. A `real` is a number. A `covariance` is Σ(x, x') of a layer: at a sample node the self covariance
// q = Σ(x, x), at a pair node the cross covariance c = Σ(x, x') together with the complements z = (1 - u)/2
// and z̄ = (1 + u)/2 of the correlation u = c/√(q q'). 1 - u must never be formed by subtraction, which leaves
// nothing of it where x and x' are alike, and that is what kernels of ReLU networks depend on: operations on
// covariances have rules for z and z̄ that need none. The pass `expand` writes those rules out as arithmetic on
// reals. A `series` is the coefficients of a Hermite expansion at one input; what reaches code generation holds
// reals and series only.
//
// Space. A value is one number (`point`), or one at each position of a sequence or an image, the same in x and in
// x' (`diagonal`), or one for each pair of positions (`full`). A value of one input has one number, P or P·P in the
// same way. Operations are elementwise: their operands are at the same positions, or are one number for all of
// them; in a value over pairs of positions, `rows` and `columns` of a diagonal one stand for a[p] and a[p'], of x
// and of x'. What combines positions are the two maps of positions.hpp: `coupled`, for weights that are
// independent at each tap, such as those of a convolution, and `congruent`, A Σ Aᵀ, such as pooling. A covariance
// over pairs of positions comes with Σ(x, x) over pairs of positions, which pooling makes the next variances of,
// and that with its diagonal, the variances themselves.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compiler/hermite/terms.hpp"
#include "compiler/kernel_ir/attributes.hpp"
#include "compiler/kernel_ir/operations.hpp"

namespace ntkc::kernel_ir {

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = ~NodeId{0};

/// In this order, as what has operands depends on the largest of theirs. A function and an input do not mix.
enum class Dependence : std::uint8_t { constant, function, sample, pair };
enum class Type : std::uint8_t { real, covariance, series, none };

using ExtentsId = std::uint32_t;
/// How many numbers a value is.
struct Place {
  Space space = Space::point;
  ExtentsId extents = 0;  ///< of its positions; 0 for a point
  friend bool operator==(const Place&, const Place&) = default;
};

struct Node {
  Operation operation = Operation::literal;
  Type type = Type::real;
  Dependence dependence = Dependence::constant;
  RegionId region = 0;
  AttributeId attribute = no_attribute;
  Place place;
  NodeId self =
      no_node;  ///< of a pair covariance, Σ(x, x) in the same space; of that over pairs of positions,
                ///< its diagonal
  std::vector<NodeId> operands;

  friend bool operator==(const Node&, const Node&) = default;
};

struct Region {
  NodeId loop = no_node;  ///< no_node for region 0
  RegionId parent = 0;
  std::vector<NodeId> arguments;  ///< loop_argument nodes
  std::vector<NodeId> results;    ///< carried to the next iteration, one for each argument
};

struct Parameter {
  std::string name;
  double value = 0;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// A value that a loop carries.
struct Carried {
  static constexpr std::uint32_t no_self = ~std::uint32_t{0};
  NodeId initial = 0;
  Dependence dependence = Dependence::pair;  ///< of the carried value; its initial value may depend on less
  std::uint32_t self = no_self;  ///< of what has a self covariance: index, smaller than its own, of that
  Place place = {};              ///< of a value whose initial value is one number for all positions
};

/// What is computed. A kernel may be a stack of planes, numbered from 0 (one for each depth of a network,
/// say): its roots are those of its name. A node of a loop has a value, hence a plane, in each iteration;
/// another one may stand for several planes that are equal.
struct Root {
  std::string name;  ///< "Sigma", "Theta"
  NodeId node = 0;
  std::int64_t plane = 0;  ///< the first
  std::int64_t count = 1;  ///< how many; the iterations of the loop if the node is in one
};

/// A program and the means to build it. Building checks nothing but sharing; `verify` does.
class Program {
 public:
  std::string name;
  std::int64_t input_size = 1;  ///< d: q₀ = |x|²/d; at each position if the input has positions
  Extents input_positions;      ///< {} of an input that is one vector
  std::vector<Parameter> parameters;
  std::vector<Root> roots;
  /// What to print functions as, where that is a free name; several of what turned out to be one function.
  std::multimap<NodeId, std::string> function_names;
  /// Gives a function this name, with a number behind it where the name is another function's or means
  /// something else in the text form. One that has such a name already keeps it. Returns the name;
  /// function_names.cpp
  std::string name_function(NodeId function, const std::string& asked);

  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const Node& operator[](NodeId id) const { return nodes_[id]; }
  [[nodiscard]] const std::vector<Region>& regions() const { return regions_; }
  [[nodiscard]] NodeId size() const { return static_cast<NodeId>(nodes_.size()); }
  [[nodiscard]] bool is_literal(NodeId id, double value) const;
  [[nodiscard]] NodeId root(
      std::string_view root_name) const;  ///< of its first plane; no_node if there is none
  /// How many planes the kernel of a name has; 0 if there is none.
  [[nodiscard]] std::int64_t planes(std::string_view root_name) const;
  /// The iterations of a region in all: the product of the counts of the loops around it.
  [[nodiscard]] std::int64_t iterations(RegionId region) const;

  /// The variance that correlations are relative to: the self covariance at equal positions of a covariance;
  /// that itself is its own.
  [[nodiscard]] NodeId variance(NodeId covariance) const;

  // --- positions
  [[nodiscard]] const Extents& extents(Place place) const { return extents_[place.extents]; }
  Place place(Space space, const Extents& extents);
  /// How many numbers a value at a place is.
  [[nodiscard]] std::int64_t numbers(Place place) const {
    const std::int64_t count = position_count(extents(place));
    return place.space == Space::full ? count * count : count;
  }
  /// Of the input in a space.
  Place input_place(Space space) { return place(space, input_positions); }
  /// Another program's place in this one.
  Place place_of(const Program& other, const Node& node) {
    return place(node.place.space, other.extents(node.place));
  }

  // --- attributes of nodes that have them
  [[nodiscard]] const Attribute& attribute(const Node& node) const { return attributes_[node.attribute]; }
  [[nodiscard]] double literal_value(const Node& node) const { return get<Literal>(node).value; }
  [[nodiscard]] std::uint32_t parameter_number(const Node& node) const {
    return get<ParameterNumber>(node).number;
  }
  [[nodiscard]] const Loop& loop(const Node& node) const { return get<Loop>(node); }
  [[nodiscard]] const Region& body(const Node& loop_node) const { return regions_[loop(loop_node).body]; }
  [[nodiscard]] std::uint32_t carried_number(const Node& node) const {
    return get<CarriedNumber>(node).number;
  }
  [[nodiscard]] std::uint32_t trainable_layer(const Node& node) const {
    return get<TrainableLayer>(node).number;
  }
  [[nodiscard]] double domain_end(const Node& node) const { return get<Domain>(node).end; }
  [[nodiscard]] const Expansion& expansion(const Node& node) const { return get<Expansion>(node); }
  /// The hermite_series whose coefficients a series is: itself, or what is taken of it at x or x', in rows or columns.
  [[nodiscard]] NodeId expanded(NodeId series) const {
    while (nodes_[series].operation != Operation::hermite_series) series = nodes_[series].operands[0];
    return series;
  }
  /// What computes a gaussian_mean or a hermite_series.
  [[nodiscard]] const hermite::Rule& rule(const Node& node) const {
    return node.operation == Operation::hermite_series ? expansion(node).terms.rule
                                                       : get<hermite::Rule>(node);
  }

  /// An operation other than those of loops. Its type, dependence, region and self covariance follow. So does
  /// its place but that of inputs and of `broadcast`, and which space `congruent` and `tap_product` go to.
  NodeId apply(Operation operation, std::vector<NodeId> operands, Attribute attribute = {},
               Place place = {}) {
    return make(operation, std::move(operands), std::move(attribute), place, std::nullopt);
  }

  // --- leaves
  NodeId literal(double value);
  NodeId parameter(std::uint32_t number);
  NodeId variable();                               ///< z
  NodeId input_self(Space space = Space::point);   ///< sample covariance |x|²/d; full: x_p·x_p'/d
  NodeId input_cross(Space space = Space::point);  ///< pair covariance x·x'/d
  NodeId input_square();                           ///< sample real |x|²/d, at each position
  NodeId input_complement();                       ///< real z of the inputs, (1 - u)/2
  NodeId input_cocomplement();                     ///< real z̄ of the inputs, (1 + u)/2

  /// 1 at equal positions of one and the same sample, 0 elsewhere.
  NodeId identity(Dependence dependence, Place place);

  // --- reals; see operations.def
  NodeId real(Operation operation, std::vector<NodeId> operands, Attribute attribute = {}, Place place = {}) {
    return make(operation, std::move(operands), std::move(attribute), place, Type::real);
  }
  NodeId add(NodeId a, NodeId b) { return apply(Operation::add, {a, b}); }
  NodeId subtract(NodeId a, NodeId b) { return real(Operation::subtract, {a, b}); }
  NodeId multiply(NodeId a, NodeId b) { return apply(Operation::multiply, {a, b}); }
  NodeId divide(NodeId a, NodeId b) { return real(Operation::divide, {a, b}); }
  NodeId square(NodeId a) { return multiply(a, a); }
  NodeId square_root(NodeId a) { return real(Operation::square_root, {a}); }
  /// A sample value at x, at x'; in the frame of a value over pairs of positions, in its rows and columns.
  NodeId first(NodeId sample) { return at_side(Operation::first, Operation::rows, sample); }
  NodeId second(NodeId sample) { return at_side(Operation::second, Operation::columns, sample); }
  /// What is being built of values of one input: one of two inputs, in a space, or one over the pairs of
  /// positions of one input, a[p] and a[p'] being its rows and columns.
  struct Frame {
    Dependence dependence = Dependence::pair;
    Space space = Space::point;
  };
  void set_frame(Frame frame) { frame_ = frame; }

  // --- covariances
  /// E[φ(u)φ(v)], (u, v) ~ N(0, covariance), a covariance. φ is a function or a constant.
  NodeId dual(NodeId covariance, NodeId phi);
  /// E[φ'(u)φ'(v)] of a pair covariance, a real: the derivative of `dual` by c, if φ has no jumps. φ' is the
  /// derivative almost everywhere, which is what gradient descent uses.
  NodeId dual_derivative(NodeId covariance, NodeId phi);
  /// The real E[f(u)g(v)] at a pair covariance; E[f(t)g(t)], t ~ N(0, q), at a self covariance or at a
  /// constant q, which is a constant then.
  NodeId moment(NodeId covariance, NodeId f, NodeId g);
  /// c of a pair covariance, a real.
  NodeId cross(NodeId covariance);

  // --- Hermite expansions: `root` and `scale` are reals of one input
  NodeId gaussian_mean(NodeId root, NodeId f, const hermite::Rule& rule);
  NodeId hermite_series(NodeId root, NodeId scale, NodeId f, const hermite::Terms& terms, double remainder);

  // --- positions, of reals and of covariances: see operations.def
  NodeId diagonal(NodeId value) { return apply(Operation::diagonal, {value}); }
  NodeId coupled(NodeId value, Coupled map) { return apply(Operation::coupled, {value}, std::move(map)); }
  NodeId congruent(NodeId value, Congruent map, Space space = Space::full) {
    return apply(Operation::congruent, {value}, std::move(map), {space, 0});
  }
  NodeId broadcast(NodeId number, Place place) { return real(Operation::broadcast, {number}, {}, place); }
  /// The value itself unless it is one number where the place has positions.
  NodeId broadcast_to(NodeId value, Place place) {
    return nodes_[value].place.space == Space::point ? broadcast(value, place) : value;
  }

  /// Marks a pair covariance as made by the trainable parameters of layer number `layer`, which contribute
  /// `seed`, a pair real, to Θ. Only between derivation and differentiation.
  NodeId trainable(NodeId covariance, NodeId seed, std::uint32_t layer = 0);

  // --- loops: begin, build the body, end. Loops nest.
  /// Opens a region with one argument for each carried value.
  RegionId begin_loop(const std::vector<Carried>& carried, std::int64_t count);
  /// Closes the innermost open region; returns the loop's results, one for each initial value.
  std::vector<NodeId> end_loop(const std::vector<NodeId>& results);

 private:
  struct KeyHash {
    std::size_t operator()(const Node& node) const;
  };
  struct OpenLoop {
    RegionId region;
    std::vector<Carried> carried;
    std::int64_t count;
  };
  template <typename Kind>
  [[nodiscard]] const Kind& get(const Node& node) const {
    return std::get<Kind>(attributes_[node.attribute]);
  }
  NodeId intern(Node node);
  AttributeId intern(Attribute attribute);
  NodeId make(Operation operation, std::vector<NodeId> operands, Attribute attribute, Place place,
              std::optional<Type> type);
  NodeId at_side(Operation side, Operation lines, NodeId sample);
  NodeId shortened(Operation operation, const std::vector<NodeId>& operands, const Attribute& attribute,
                   Place place, std::optional<Type> type);
  NodeId hoisted(Operation operation, const std::vector<NodeId>& operands, const Attribute& attribute,
                 Place place);
  [[nodiscard]] Place place_for(const Node& node, Place stated);
  void order(Operation operation, std::vector<NodeId>& operands) const;
  [[nodiscard]] Type type_of(const Node& node) const;
  [[nodiscard]] Dependence dependence_of(const Node& node) const;
  [[nodiscard]] NodeId self_of(const Node& node);
  [[nodiscard]] RegionId innermost(const std::vector<NodeId>& operands) const;
  [[nodiscard]] int depth(RegionId region) const;

  std::vector<Node> nodes_;
  std::vector<Attribute> attributes_ = {Attribute{}};
  std::vector<Extents> extents_ = {Extents{}};
  Frame frame_;
  std::vector<Region> regions_ = {Region{}};
  std::vector<OpenLoop> open_;
  std::unordered_map<Node, NodeId, KeyHash> interned_;
  std::unordered_map<Attribute, AttributeId, AttributeHash> interned_attributes_;
};

/// The program as text (`--emit=kernel`, `kernel-opt`). Arithmetic is printed infix; what is used once is
/// printed in place. `parse(print(p))` is `p` up to numbering.
std::string print(const Program& program);

/// Reads what `print` writes. Throws std::invalid_argument naming line and cause.
Program parse(std::string_view text);

/// Checks what every pass may rely on: operand counts and types, dependence, regions, order. Returns the
/// first violation, or "" if there is none.
std::string verify(const Program& program);

}  // namespace ntkc::kernel_ir
