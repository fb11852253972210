#include "compiler/analysis/step_program.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "compiler/derivation/derive.hpp"
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::analysis {
namespace {

using kernel_ir::Dependence;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::RegionId;

std::optional<NodeId> last_outer_loop(const Program& program) {
  std::optional<NodeId> loop;
  for (NodeId id = 0; id < program.size(); ++id)
    if (program[id].operation == Operation::loop && program[id].region == 0) loop = id;
  return loop;
}

/// Whether a region lies in another or is it.
bool lies_in(const Program& program, RegionId region, RegionId outer) {
  while (region > outer) region = program.regions()[region].parent;  // parents have smaller numbers
  return region == outer;
}

/// What a value carried by a loop is made of in one iteration. A loop carries each covariance as two values,
/// self covariance and cross covariance.
struct Ingredients {
  std::set<std::size_t> carried;  ///< the covariances that the loop carries
  bool outside = false;           ///< values of inputs from outside of the loop, such as Σ⁰
};

Ingredients ingredients_of(const Program& program, RegionId body, std::size_t index) {
  Ingredients found;
  std::vector<NodeId> open = {program.regions()[body].results[2 * index + 1]};
  std::vector<bool> seen(program.size(), false);
  const auto need = [&](NodeId id) {
    if (id != no_node) open.push_back(id);
  };
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (seen[id]) continue;
    seen[id] = true;
    const Node& node = program[id];
    if (node.dependence != Dependence::sample && node.dependence != Dependence::pair) continue;
    if (node.operation == Operation::loop_argument && node.region == body) {
      found.carried.insert(program.carried_number(node) / 2);
    } else if (!lies_in(program, node.region, body)) {
      found.outside = true;
    } else {
      need(node.self);
      for (const NodeId operand : node.operands) need(operand);
      if (node.operation == Operation::loop)
        for (const NodeId result : program.body(node).results) need(result);
    }
  }
  return found;
}

/// The values that make a map of their own: those made of themselves, at however many removes. All others are
/// made of them on the way, or are sums that such values are added to.
struct Followed {
  std::vector<std::size_t> values;
  std::string obstacle;  ///< why there are none
};

Followed find_followed(const Program& program, const Node& loop) {
  const std::size_t count = loop.operands.size() / 2;
  std::vector<std::set<std::size_t>> reached;  // by value: what it is made of
  std::vector<bool> outside;
  for (std::size_t i = 0; i < count; ++i) {
    const Ingredients ingredients = ingredients_of(program, program.loop(loop).body, i);
    reached.push_back(ingredients.carried);
    outside.push_back(ingredients.outside);
  }
  // Warshall's transitive closure: what a value is made of after several iterations.
  for (std::size_t k = 0; k < count; ++k)
    for (std::size_t i = 0; i < count; ++i)
      if (reached[i].contains(k)) {
        reached[i].insert(reached[k].begin(), reached[k].end());
        outside[i] = outside[i] || outside[k];
      }
  Followed followed;
  const auto returns = [&](std::size_t i) {
    return !outside[i] && reached[i].contains(i) &&
           std::ranges::all_of(reached[i], [&](std::size_t k) { return reached[k].contains(i); });
  };
  for (std::size_t i = 0; i < count; ++i)
    if (returns(i)) followed.values.push_back(i);
  if (!followed.values.empty()) return followed;
  followed.obstacle = std::ranges::find(outside, true) != outside.end()
                          ? "the body of its `repeat` reads a value from outside, so that the next iteration "
                            "would depend on more than the last"
                          : "what its `repeat` carries is made of constants alone";
  return followed;
}

/// Keeps a tangent of each kind for every value, even where it is zero. Layer 1 stands for what enters, layer 0
/// for all others.
enum Seed : std::uint32_t { of_layers = 0, of_entry = 1 };
NodeId marked(Program& program, NodeId covariance, double seed) {
  const NodeId inner = program.trainable(covariance, program.literal(seed), of_entry);
  return program.trainable(inner, program.literal(0), of_layers);
}

/// The loop's body as the body of a loop that starts from the inputs.
class Step final : public kernel_ir::Rewriter {
 public:
  Step(const Program& source, NodeId loop, const std::vector<std::size_t>& followed)
      : Rewriter(source), loop_(loop), followed_(followed) {}

  Program make() { return run(); }

 private:
  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    if (node.operation != Operation::trainable) return copy(id);
    return target_.trainable(image(node.operands[0]), image(node.operands[1]), of_layers);
  }

  void rewrite_loop(NodeId id) override {
    if (id != loop_) {
      Rewriter::rewrite_loop(id);
      return;
    }
    const kernel_ir::Region& body = source_.body(source_[id]);
    // What is made of the other values is not needed; any value serves.
    for (std::size_t i = 0; i < body.arguments.size(); i += 2) {
      set_image(body.arguments[i], target_.input_self());
      set_image(body.arguments[i + 1], target_.input_cross());
    }
    begin(followed_.size());
    for (std::size_t k = 0; k < followed_.size(); ++k) {
      set_image(body.arguments[2 * followed_[k]], arguments_[2 * k]);
      set_image(body.arguments[2 * followed_[k] + 1], arguments_[2 * k + 1]);
    }
    rewrite_region(source_.loop(source_[id]).body);
    std::vector<NodeId> next;
    for (const std::size_t value : followed_) next.push_back(image(body.results[2 * value + 1]));
    end(next);
    // What comes behind the loop reads the inputs instead: no root needs it.
    for (std::uint32_t i = 0; i < body.results.size(); ++i)
      map_result(id, i, i % 2 == 0 ? target_.input_self() : target_.input_cross());
  }

  void begin(std::size_t values) {
    const NodeId self = target_.input_self();
    const NodeId cross = marked(target_, target_.input_cross(), 1);
    std::vector<kernel_ir::Carried> carried;
    for (std::size_t i = 0; i < values; ++i) {
      const auto index = static_cast<std::uint32_t>(carried.size());
      carried.push_back({self, Dependence::sample, kernel_ir::Carried::no_self});
      carried.push_back({cross, Dependence::pair, index});
    }
    arguments_ = target_.regions()[target_.begin_loop(carried, 1)].arguments;
  }

  void end(const std::vector<NodeId>& crosses) {
    std::vector<NodeId> next;
    for (const NodeId cross : crosses) {
      next.push_back(target_[cross].self);
      next.push_back(cross);
    }
    results_ = target_.end_loop(next);
  }

  void finish() override {
    target_.roots.clear();
    for (std::size_t i = 1; i < results_.size(); i += 2) target_.roots.push_back({"Sigma", results_[i]});
  }

  NodeId loop_;
  const std::vector<std::size_t>& followed_;
  std::vector<NodeId> arguments_;
  std::vector<NodeId> results_;
};

/// What enters the first iteration, carried by a loop that leaves it as it is.
class Entry final : public kernel_ir::Rewriter {
 public:
  Entry(const Program& source, std::vector<NodeId> crosses)
      : Rewriter(source), crosses_(std::move(crosses)) {}
  Program make() { return run(); }

 private:
  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    if (node.operation != Operation::trainable) return copy(id);
    return target_.trainable(image(node.operands[0]), image(node.operands[1]), of_layers);
  }

  void finish() override {
    std::vector<kernel_ir::Carried> carried;
    for (const NodeId cross : crosses_) {
      const NodeId value = marked(target_, image(cross), 0);
      const auto index = static_cast<std::uint32_t>(carried.size());
      carried.push_back({target_[value].self, Dependence::sample, kernel_ir::Carried::no_self});
      carried.push_back({value, Dependence::pair, index});
    }
    const std::vector<NodeId> arguments = target_.regions()[target_.begin_loop(carried, 1)].arguments;
    const std::vector<NodeId> results = target_.end_loop(arguments);
    target_.roots.clear();
    for (std::size_t i = 1; i < results.size(); i += 2) target_.roots.push_back({"Sigma", results[i]});
  }

  std::vector<NodeId> crosses_;
};

/// With the tangents of both kinds of seeds. There are no roots: the loop is read.
Program with_tangents(const Program& program) {
  Program result = derivation::differentiate(passes::remove_dead(program), 2);
  result.roots.clear();
  return result;
}

}  // namespace

RecursionPrograms find_recursion(const Program& sigma) {
  RecursionPrograms result;
  const std::optional<NodeId> loop = last_outer_loop(sigma);
  if (!loop) {
    result.obstacle =
        "it has no `repeat`, whose iterations are what is analysed; write the layers that are alike as one, "
        "`repeat depth { h = h |> relu |> dense }`";
    return result;
  }
  const Node& node = sigma[*loop];
  Followed followed = find_followed(sigma, node);
  result.obstacle = std::move(followed.obstacle);
  if (!result.obstacle.empty()) return result;
  result.followed = std::move(followed.values);
  std::vector<NodeId> entries;
  for (const std::size_t value : result.followed) entries.push_back(node.operands[2 * value + 1]);
  result.entry = with_tangents(Entry(sigma, entries).make());
  result.step = with_tangents(Step(sigma, *loop, result.followed).make());
  return result;
}

}  // namespace ntkc::analysis
