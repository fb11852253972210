// Θ is a derivative of Σ. Each layer maps the covariance of its input to that of its output, Σ' = T(Σ), and by
// Price's theorem ∂/∂c E[φ(u)φ(v)] = E[φ'(u)φ'(v)]: what multiplies Θ in its recursion is the derivative of T by the
// cross covariance c, with self covariances held fixed. So Θ' = dT/dc · Θ + what the layer's own parameters
// contribute (its seed), which is forward differentiation of the program of Σ.
#include "compiler/derivation/derive.hpp"
#include "compiler/kernel_ir/reach.hpp"
#include "compiler/kernel_ir/rewriter.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::Carried;
using kernel_ir::Dependence;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Type;

constexpr std::uint32_t all_layers = ~std::uint32_t{0};

/// A choice of the seeds that count, with the tangents that these give: Θ, or the part of it that one layer
/// contributes.
struct Direction {
  std::uint32_t layer = all_layers;
  std::vector<bool> active;                                         // source nodes whose tangent is not zero
  std::vector<NodeId> tangents;                                     // in the target, by source node
  std::unordered_map<NodeId, std::vector<NodeId>> loop_tangents{};  // by source loop, then index

  [[nodiscard]] bool counts(std::uint32_t trainable_layer) const {
    return layer == all_layers || layer == trainable_layer;
  }
};

/// The pair covariances whose tangent is not identically zero: those that have a marker below them whose seed
/// counts.
std::vector<bool> find_active(const Program& program, std::uint32_t layer) {
  return kernel_ir::reached(
      program,
      [&](const Node& node) {
        return node.operation == Operation::trainable &&
               (layer == all_layers || layer == program.trainable_layer(node));
      },
      [](const Node& node) { return node.type == Type::covariance && node.dependence == Dependence::pair; });
}

class Differentiation final : public kernel_ir::Rewriter {
 public:
  Differentiation(const Program& sigma, std::size_t layers) : Rewriter(sigma) {
    add_direction(all_layers);
    for (std::uint32_t layer = 0; layer < layers; ++layer) add_direction(layer);
  }

 private:
  void add_direction(std::uint32_t layer) {
    directions_.push_back({layer, find_active(source_, layer), std::vector<NodeId>(source_.size(), no_node)});
  }

  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    const NodeId result = node.operation == Operation::trainable ? image(node.operands[0]) : copy(id);
    set_image(id, result);
    for (Direction& direction : directions_) {
      if (!direction.active[id]) continue;
      direction.tangents[id] =
          node.operation == Operation::loop_result
              ? direction.loop_tangents.at(node.operands[0])[source_.carried_number(node)]
              : tangent(direction, node);
    }
    return result;
  }

  /// The tangent of one operation; each rule is its derivative by the cross covariance of its operand.
  NodeId tangent(const Direction& direction, const Node& node) {
    const NodeId a = node.operands[0];
    const std::vector<NodeId>& tangents = direction.tangents;
    switch (node.operation) {
      case Operation::trainable:
        return direction.counts(source_.trainable_layer(node)) ? sum(tangents[a], image(node.operands[1]))
                                                               : tangents[a];
      case Operation::add:
        return sum(tangents[a], tangents[node.operands[1]]);
      case Operation::multiply: {
        const NodeId b = node.operands[1];
        return sum(product(tangents[a], factor(b)), product(tangents[b], factor(a)));
      }
      case Operation::scaled: {
        target_.set_frame({Dependence::pair, node.place.space});
        const NodeId scale = image(node.operands[1]);
        return product(tangents[a], target_.multiply(target_.first(scale), target_.second(scale)));
      }
      case Operation::dropout: {
        const NodeId is_same = target_.identity(Dependence::pair, target_.place_of(source_, node));
        const NodeId gain = target_.divide(target_.literal(1), image(node.operands[1]));
        return product(tangents[a], target_.real(Operation::select_less,
                                                 {target_.literal(0), is_same, gain, target_.literal(1)}));
      }
      case Operation::diagonal:
      case Operation::coupled:
      case Operation::congruent:
      case Operation::separate:
        return tangents[a] == no_node ? no_node : mapped(node, tangents[a]);
      case Operation::dual:
        return product(tangents[a], target_.dual_derivative(image(a), image(node.operands[1])));
      default:
        return no_node;
    }
  }

  /// What multiplies the tangent of the other operand: a constant itself, or c where the operand is a
  /// covariance.
  NodeId factor(NodeId operand) {
    return source_[operand].type == Type::covariance ? target_.cross(image(operand)) : image(operand);
  }
  /// The tangent of a linear map is the same map of the tangent.
  NodeId mapped(const Node& node, NodeId tangent) {
    const NodeId operand =
        target_.broadcast_to(tangent, target_.place_of(source_, source_[node.operands[0]]));
    return target_.real(node.operation, {operand}, source_.attribute(node), target_.place_of(source_, node));
  }
  NodeId sum(NodeId a, NodeId b) {
    if (a == no_node) return b;
    return b == no_node ? a : target_.add(a, b);
  }
  NodeId product(NodeId tangent, NodeId by) {
    return tangent == no_node ? no_node : target_.multiply(tangent, by);
  }
  NodeId or_zero(NodeId tangent) { return tangent == no_node ? target_.literal(0) : tangent; }

  /// A loop carries, behind its own values, the tangents of those that have one, direction by direction.
  void rewrite_loop(NodeId id) override {
    const Node& loop = source_[id];
    const auto& body = source_.body(loop);
    const auto count = static_cast<std::uint32_t>(loop.operands.size());
    std::vector<Carried> carried = carry(loop, operand_images(loop));
    std::vector<std::pair<Direction*, std::uint32_t>> differentiated;
    for (Direction& direction : directions_) {
      for (std::uint32_t i = 0; i < count; ++i) {
        if (!direction.active[body.arguments[i]]) continue;
        differentiated.emplace_back(&direction, i);
        carried.push_back({or_zero(direction.tangents[loop.operands[i]]), Dependence::pair, Carried::no_self,
                           target_.place_of(source_, source_[body.arguments[i]])});
      }
    }
    const auto region = target_.begin_loop(carried, source_.loop(loop).count);
    const std::vector<NodeId> arguments = target_.regions()[region].arguments;
    for (std::uint32_t i = 0; i < count; ++i) set_image(body.arguments[i], arguments[i]);
    for (std::size_t k = 0; k < differentiated.size(); ++k) {
      const auto& [direction, i] = differentiated[k];
      direction->tangents[body.arguments[i]] = arguments[count + k];
    }
    rewrite_region(source_.loop(loop).body);
    std::vector<NodeId> next;
    for (const NodeId result : body.results) next.push_back(image(result));
    for (const auto& [direction, i] : differentiated) {
      next.push_back(or_zero(direction->tangents[body.results[i]]));
    }
    const std::vector<NodeId> results = target_.end_loop(next);
    for (std::uint32_t i = 0; i < count; ++i) map_result(id, i, results[i]);
    for (Direction& direction : directions_) direction.loop_tangents[id].resize(count, no_node);
    for (std::size_t k = 0; k < differentiated.size(); ++k) {
      const auto& [direction, i] = differentiated[k];
      direction->loop_tangents[id][i] = results[count + k];
    }
  }

  void finish() override {
    const Direction& theta = directions_.front();
    for (const auto& sigma : source_.roots) {
      target_.roots.push_back({"Theta", or_zero(theta.tangents[sigma.node]), sigma.plane, sigma.count});
    }
    for (std::size_t i = 1; i < directions_.size(); ++i) {
      target_.roots.push_back({"Theta_by_layer", or_zero(directions_[i].tangents[source_.root("Sigma")]),
                               static_cast<std::int64_t>(i) - 1, 1});
    }
  }

  std::vector<Direction> directions_;
};

}  // namespace

Program differentiate(const Program& sigma, std::size_t layers) {
  return Differentiation(sigma, layers).run();
}

}  // namespace ntkc::derivation
