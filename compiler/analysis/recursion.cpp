#include "compiler/analysis/recursion.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <vector>

#include "compiler/derivation/derive.hpp"
#include "compiler/kernel_ir/rewriter.hpp"

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
      found.carried.insert(node.index / 2);
    } else if (!lies_in(program, node.region, body)) {
      found.outside = true;
    } else {
      need(node.self);
      for (const NodeId operand : node.operands) need(operand);
      if (node.operation == Operation::loop)
        for (const NodeId result : program.regions()[node.index].results) need(result);
    }
  }
  return found;
}

/// The covariance that a loop maps to itself, all others being made of it on the way.
struct Followed {
  std::size_t index = 0;
  std::string obstacle;  ///< why there is none
};

Followed find_followed(const Program& program, const Node& loop) {
  std::vector<std::size_t> closed;  // made of themselves alone
  bool outside = false;
  const std::size_t count = loop.operands.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const Ingredients ingredients = ingredients_of(program, loop.index, i);
    outside = outside || ingredients.outside;
    if (!ingredients.outside && ingredients.carried == std::set<std::size_t>{i}) closed.push_back(i);
  }
  if (closed.size() == 1) return {closed.front(), ""};
  if (outside && closed.empty())
    return {0,
            "the body of its `repeat` reads a value from outside, so that it is no map of what it carries"};
  return {0, fmt::format("its `repeat` carries {} values {}, and the analysis follows one", count,
                         closed.empty() ? "that are made of one another" : "that go ways of their own")};
}

/// One iteration of a loop (or the whole program) with the carried covariance as input. Seeds: those of the
/// layers as they are, or none of them and 1 for the input, so that the tangent is ∂c'/∂c.
class Step final : public kernel_ir::Rewriter {
 public:
  enum class Seeds : std::uint8_t { of_layers, of_input };
  /// `followed`: which of the covariances that the loop carries.
  Step(const Program& source, std::optional<NodeId> loop, std::size_t followed, Seeds seeds)
      : Rewriter(source), loop_(loop), followed_(followed), seeds_(seeds) {}

  Program make() {
    Program program = run();
    // What remains of the network around the loop is not reachable from the root.
    program.input_size = loop_ ? 1 : program.input_size;
    return program;
  }

 private:
  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    if (node.operation == Operation::trainable && seeds_ == Seeds::of_input) return image(node.operands[0]);
    if (node.operation == Operation::input_cross && !loop_) return input();
    return copy(id);
  }

  void rewrite_loop(NodeId id) override {
    if (id != loop_) {
      Rewriter::rewrite_loop(id);
      return;
    }
    const kernel_ir::Region& body = source_.regions()[source_[id].index];
    // What is made of the other covariances is not needed; any value serves.
    for (std::size_t i = 0; i < body.arguments.size(); i += 2) {
      set_image(body.arguments[i], target_.input_self());
      set_image(body.arguments[i + 1], input());
    }
    rewrite_region(source_[id].index);
    for (std::uint32_t i = 0; i < body.results.size(); ++i) map_result(id, i, image(body.results[i]));
    result_ = image(body.results[2 * followed_ + 1]);
  }

  void finish() override {
    if (loop_) target_.roots = {{"Sigma", result_}};
  }

  NodeId input() {
    const NodeId cross = target_.input_cross();
    return seeds_ == Seeds::of_input ? target_.trainable(cross, target_.literal(1)) : cross;
  }

  std::optional<NodeId> loop_;
  std::size_t followed_;
  Seeds seeds_;
  NodeId result_ = no_node;
};

}  // namespace

RecursionPrograms find_recursion(const Program& sigma) {
  RecursionPrograms result;
  const std::optional<NodeId> loop = last_outer_loop(sigma);
  Program entry = sigma;
  Followed followed;
  if (loop) {
    const Node& node = sigma[*loop];
    result.count = node.count;
    followed = find_followed(sigma, node);
    result.obstacle = followed.obstacle;
    if (!result.obstacle.empty()) return result;
    entry.roots = {{"Sigma", node.operands[2 * followed.index + 1]}};
  } else {
    entry.roots = {{"Sigma", entry.input_cross()}};
  }
  const auto step = [&](Step::Seeds seeds) {
    return derivation::differentiate(Step(sigma, loop, followed.index, seeds).make());
  };
  result.entry = derivation::differentiate(entry);
  result.step = step(Step::Seeds::of_input);
  result.contribution = step(Step::Seeds::of_layers);
  return result;
}

}  // namespace ntkc::analysis
