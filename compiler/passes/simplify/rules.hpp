// The rules of simplification. Each takes an operation on operands that are simplified already and makes a
// simpler node of it, or nothing.
//
// Rounding. With Folding::exact no constant is rounded; with Folding::all the constants of a product are
// multiplied in quadruple precision and rounded once. Beyond constants a rule may change the order of
// operations only where the bound on the rounding error, a sum over the operations of ε times the size of
// their results, grows by no more than a small factor and what was 0 for equal inputs stays 0:
//   - Products: every order has the same bound. Those of what is not a constant keep their order all the
//     same, for two that are mirror images, of x and x', are to be equal to the last bit.
//   - ab + ac, two operands of one sum: a (b + c) rounds what is no larger. a/d + b/d likewise.
//   - Longer sums of pairs: a summand may move only if what it is added to is a sum itself, S' = S + t with S
//     rounded: |t| <= |S| + |S'| then bounds what it adds elsewhere. The first two, a - b of (a - b) + t,
//     stay together: they may be equal where the inputs are, and t small.
//   - Longer sums at one input: in any order; each summand has a rounding error of its own.
// Values are finite; what a rule multiplies by 0, divides 0 by or takes from itself is taken to be so. No
// sign of 0 is kept.
//
// Termination. Written as a tree, what a rule makes is smaller than what it was made of, or as large with a
// constant or a sign nearer to the root.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/passes/pipeline.hpp"
#include "compiler/passes/simplify/signs.hpp"

namespace ntkc::passes {

/// An operation on nodes.
struct Applied {
  kernel_ir::Operation operation;
  kernel_ir::Type type;
  std::vector<kernel_ir::NodeId> a;
};

class Rules {
 public:
  using NodeId = kernel_ir::NodeId;

  /// All nodes are those of `target`, and the rules add theirs to it. Without `factoring` no common factors
  /// are taken out: that is better begun when like terms have been collected.
  Rules(kernel_ir::Program& target, Folding folding, bool factoring)
      : target_(target), folding_(folding), factoring_(factoring) {}

  /// Tells what is known of a node of the target: how many more operands and roots it is in the end, and its
  /// sign.
  void note(NodeId id, std::uint32_t uses, Sign sign);

  /// Returns a simpler node of the same value, or no_node if no rule finds one.
  NodeId reduced(const Applied& node);
  /// Returns -x as an operation in place of the one that makes x, which has no other use; no_node where that
  /// is not possible.
  NodeId negated_in_place(NodeId x, int depth = 0);
  /// -x
  NodeId negative(NodeId x);

 private:
  using Operation = kernel_ir::Operation;
  using Quad = kernel_ir::Quad;

  /// Stands for c x, or for the number c if x is no_node.
  struct Scaled {
    Quad c;
    NodeId x;
  };
  /// A product or a quotient, taken apart into its factors.
  struct Factor {
    NodeId id;
    bool is_common;  ///< whether the product beside it has this factor too
  };
  struct Factors {
    std::vector<double> numbers;
    std::vector<Factor> above;
    std::vector<Factor> below;

    [[nodiscard]] Quad number() const;
    [[nodiscard]] std::size_t size() const { return above.size() + below.size(); }
  };
  /// Stands for ±c x or ±x/c, or for a number if x is no_node.
  struct Multiple {
    double c;
    bool is_quotient;
    bool minus;
    NodeId x;
  };

  // --- the rules; see the table in rules.cpp
  NodeId folded(const Applied& node);
  NodeId without_neutral(const Applied& node);
  NodeId of_equals(const Applied& node);
  NodeId with_sign_outside(const Applied& node);
  /// f(-a) of an even or odd f.
  NodeId function_of_negative(const Applied& node);
  NodeId by_sign(const Applied& node);
  NodeId choice(const Applied& node);
  NodeId choice_of_multiples(const Applied& node);
  NodeId normal_probability(const Applied& node);
  NodeId product(const Applied& node);
  NodeId quotient(const Applied& node);
  NodeId with_root(const Applied& node);
  NodeId sum(const Applied& node);

  // --- building
  NodeId make(Operation operation, std::vector<NodeId> operands);
  NodeId times(Quad c, NodeId x);
  /// ±a ± b
  NodeId signed_sum(bool minus_a, NodeId a, bool minus_b, NodeId b);

  // --- looking
  [[nodiscard]] const kernel_ir::Node& at(NodeId id) const { return target_[id]; }
  [[nodiscard]] double literal_value(NodeId id) const { return target_.literal_value(at(id)); }
  [[nodiscard]] bool is_literal(NodeId id) const { return at(id).operation == Operation::literal; }
  [[nodiscard]] bool is(NodeId id, double value) const { return target_.is_literal(id, value); }
  /// Whether a node is 0 - x, or reads one of a sample.
  [[nodiscard]] bool is_negation(NodeId id) const;
  /// Whether a node is a negation, a number below 0, a product with one, or a sum of such nodes.
  [[nodiscard]] bool is_negative(NodeId id) const;
  /// Whether a node is -c x - y and has one use.
  [[nodiscard]] bool is_negative_sum(NodeId id) const;
  /// The sample node that a `first` or `second` reads; any other node stands for itself.
  [[nodiscard]] NodeId sampled(NodeId id) const;
  Multiple multiple(NodeId id);
  Scaled scaled(NodeId id);
  /// The same, but where others use the node too, only its sign is taken off.
  Scaled separable(NodeId id, NodeId sibling);
  /// Whether a node has one use, and that is an operation on it and `sibling` in the same region.
  [[nodiscard]] bool is_own(NodeId id, NodeId sibling) const;
  [[nodiscard]] bool is_sum(NodeId id) const;
  [[nodiscard]] Sign sign(NodeId id) const { return id < signs_.size() ? signs_[id] : Sign::unknown; }
  [[nodiscard]] int depth(kernel_ir::RegionId region) const;
  /// Whether all operands are reals that depend on inputs. The rules that round leave constants alone, which
  /// may still be symbols, and activations.
  [[nodiscard]] bool is_arithmetic(const Applied& node) const;
  /// The constant as a double; nothing where that is out of range, or would be rounded and must not be.
  [[nodiscard]] std::optional<double> number(Quad c) const;

  // --- sums
  /// Which summands a term may be merged with: any, those that it cancels, or of those the ones that may
  /// move.
  enum class Merging : std::uint8_t { any, cancelling, cancelling_free };
  NodeId absorbed(NodeId sum, Scaled term, Merging merging, int& budget);
  NodeId grouped(NodeId sum, bool minus, NodeId term, const Factors& factors, int& budget);
  std::optional<std::pair<NodeId, NodeId>> moved(NodeId sum, NodeId from, bool minus, bool is_free,
                                                 int& budget);
  [[nodiscard]] bool has_two_terms(NodeId sum) const;
  [[nodiscard]] bool may_move(NodeId id, NodeId beside) const;
  NodeId common_factor(NodeId a, bool minus, NodeId b, const Factors& of_b);
  static bool may_share(const Factors& x, const Factors& y);
  [[nodiscard]] bool opens(NodeId id, NodeId top) const;
  void collect(NodeId id, NodeId top, Factors& factors);
  static void find_common(std::vector<Factor>& x, std::vector<Factor>& y);
  NodeId remaining(NodeId top, const Factors& factors, bool common);

  kernel_ir::Program& target_;
  Folding folding_;
  bool factoring_;
  std::vector<std::uint32_t> uses_;  // of each node of the target
  std::vector<Sign> signs_;
};

}  // namespace ntkc::passes
