// Which pairs of values are known to have a cross second moment E[a bᵀ] of zero, so that their kernels add,
// and which are known to be independent, so that the kernel of their product is the product of their kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// The answer to a comparison of two values.
struct Comparison {
  bool holds = false;  ///< `false` also where the analysis cannot tell
  /// Where the answer is no: the loop whose first iteration alone may be to blame, because of the values that
  /// the loop begins with. Later iterations may be innocent.
  std::optional<NodeId> loop;
};

/// The two values of a comparison are visible in one region, and the answer holds for every iteration of the
/// loops around it.
class CorrelationAnalysis {
 public:
  explicit CorrelationAnalysis(const LayerGraph& graph) : graph_(graph) {}

  /// The output of a layer that draws weights has mean zero given everything that these weights do not enter,
  /// so it is uncorrelated with every value that does not descend from it. A linear layer is uncorrelated
  /// with whatever all of its operands are uncorrelated with. Values of loops are traced to those of the
  /// body: two values that a loop carries are uncorrelated if their initial values are, and if the results of
  /// an iteration are whenever its arguments are (induction over the iterations).
  [[nodiscard]] Comparison uncorrelated(NodeId a, NodeId b);
  /// Going back from a value as far as the nearest layers that draw weights, one finds that its unit i is
  /// made of their units i. Units of two such layers are independent in the limit, even if one of the layers
  /// reads the other, because each draws weights of its own. So two values are independent if these nearest
  /// layers are different ones. (An input is not random, but its product with itself does not have the
  /// product of its kernels as its kernel.)
  [[nodiscard]] Comparison independent(NodeId a, NodeId b);
  /// Whether the comparisons have taken more steps than are allowed. All that follow fail.
  [[nodiscard]] bool is_exhausted() const { return steps_left_ <= 0; }

 private:
  /// A value in the current iteration of the loops around it. If `earlier` is not 0, it is the value in any
  /// iteration before the current one of the loop that has this body; where iterations of several nested
  /// loops differ, it is the body of the outermost.
  struct Instance {
    NodeId node = 0;
    RegionId earlier = 0;
    friend auto operator<=>(const Instance&, const Instance&) = default;
  };
  struct Pair {
    Instance first;
    Instance second;
    std::optional<NodeId> loop;  ///< a loop that was left by way of its initial values to get here
  };
  /// What a carried value was before the loop, and what it was in the iteration before.
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
  /// The instances that this one is made of.
  [[nodiscard]] std::vector<Instance> parts(Instance value) const;
  [[nodiscard]] bool descends_from(Instance value, Instance layer);
  [[nodiscard]] bool descends_from_loop(Instance value, NodeId loop, RegionId earlier);
  /// Whether something that is `wanted` is among what `value` is made of. Parts that are `hopeless` are not
  /// looked into.
  template <typename Wanted, typename Hopeless>
  [[nodiscard]] bool search(Instance value, Wanted wanted, Hopeless hopeless);
  [[nodiscard]] bool is_fresh(Instance a, Instance b);
  [[nodiscard]] bool has_fresh_factor(Instance a, Instance b);
  /// Adds the pairs that must be uncorrelated for this pair to be so, found by looking into its first value.
  /// Returns false if that value cannot be looked into.
  bool expand(const Pair& pair, std::vector<Pair>& pairs);
  bool expand_result(const Pair& pair, std::vector<Pair>& pairs);
  bool expand_argument(const Pair& pair, std::vector<Pair>& pairs);
  /// The layers with weights and the inputs that `value` is made of unit by unit, each with the loop that was
  /// left by way of its initial values to get there. Nodes older than `oldest` are left out.
  struct Source {
    Instance layer;
    std::optional<NodeId> loop;
  };
  [[nodiscard]] std::vector<Source> sources(NodeId value, NodeId oldest);

  const LayerGraph& graph_;
  std::int64_t steps_left_ = 20'000'000;
};

}  // namespace ntkc::layer_graph
