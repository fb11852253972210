// Which values have a cross second moment E[a bᵀ] that is known to vanish, so that their kernels add, and
// which are independent, so that the kernel of their product is a product.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// What a comparison of two values found.
struct Comparison {
  bool holds = false;  ///< `false` also where it cannot tell
  /// If not: the loop whose first iteration is to blame, because of what the loop begins with; later
  /// iterations may be innocent.
  std::optional<NodeId> loop;
};

/// All comparisons are of two values that are visible in one region, and are for every iteration of the loops
/// around it.
class CorrelationAnalysis {
 public:
  explicit CorrelationAnalysis(const LayerGraph& graph) : graph_(graph) {}

  /// The output of a layer that draws weights has mean zero given everything that these do not enter, so it
  /// is uncorrelated with every value that does not descend from it. What is linear is uncorrelated with what
  /// its operands are uncorrelated with. Values of loops are traced to those of the body: two values carried
  /// by a loop are uncorrelated if their initial values are and the results of an iteration are whenever its
  /// arguments are (induction over the iterations).
  [[nodiscard]] Comparison uncorrelated(NodeId a, NodeId b);
  /// Unit i of a value is made of units i of the layers with weights that it comes from without another one
  /// between; units of different ones are independent in the limit, whether or not the one reads the other,
  /// because each draws weights of its own. So values are independent if they come so from different layers.
  /// (An input is not random, but its product with itself is not the product of kernels.)
  [[nodiscard]] Comparison independent(NodeId a, NodeId b);
  /// Whether the comparisons took more steps than are allowed. All that follow fail.
  [[nodiscard]] bool is_exhausted() const { return steps_left_ <= 0; }

 private:
  /// A value of the iteration looked at; or, if `earlier` is not 0, of any iteration before it of the loop
  /// that has this body, the outermost where the two differ.
  struct Instance {
    NodeId node = 0;
    RegionId earlier = 0;
    friend auto operator<=>(const Instance&, const Instance&) = default;
  };
  struct Pair {
    Instance first;
    Instance second;
    std::optional<NodeId> loop;  ///< that has been entered by its initial values
  };
  /// What a carried value was: before the loop, and in the iteration before.
  struct Origin {
    Instance initial;
    Instance result;
    NodeId loop;
  };

  [[nodiscard]] bool is_inside(RegionId region, RegionId outer) const;
  /// `node` as an operand of an instance with this `earlier`: what stands outside of a loop is the same in
  /// all of its iterations.
  [[nodiscard]] Instance operand(NodeId node, RegionId earlier) const;
  [[nodiscard]] Origin origin(Instance carried) const;
  /// What an instance is made of.
  [[nodiscard]] std::vector<Instance> parts(Instance value) const;
  [[nodiscard]] bool descends_from(Instance value, Instance layer);
  [[nodiscard]] bool descends_from_loop(Instance value, NodeId loop, RegionId earlier);
  /// Whether something that is `wanted` is among what `value` is made of, `hopeless` parts left out.
  template <typename Wanted, typename Hopeless>
  [[nodiscard]] bool search(Instance value, Wanted wanted, Hopeless hopeless);
  [[nodiscard]] bool is_fresh(Instance a, Instance b);
  [[nodiscard]] bool has_fresh_factor(Instance a, Instance b);
  /// The pairs that must be uncorrelated for this one to be, by looking into its first; false if it cannot be
  /// looked into.
  bool expand(const Pair& pair, std::vector<Pair>& pairs);
  bool expand_result(const Pair& pair, std::vector<Pair>& pairs);
  bool expand_argument(const Pair& pair, std::vector<Pair>& pairs);
  /// The layers with weights and the inputs whose units `value` is made of, with the loop that was entered on
  /// the way. What is older than `oldest` is left out.
  struct Source {
    Instance layer;
    std::optional<NodeId> loop;
  };
  [[nodiscard]] std::vector<Source> sources(NodeId value, NodeId oldest);

  const LayerGraph& graph_;
  std::int64_t steps_left_ = 20'000'000;
};

}  // namespace ntkc::layer_graph
