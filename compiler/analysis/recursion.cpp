#include "compiler/analysis/recursion.hpp"

#include <fmt/format.h>

#include <optional>

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

/// Whether a loop's body needs a covariance that it does not carry, such as that of the input.
bool reads_outside(const Program& program, RegionId body) {
  const auto outside = [&](NodeId id) {
    const Node& node = program[id];
    const bool varies = node.dependence == Dependence::sample || node.dependence == Dependence::pair;
    return varies && !lies_in(program, node.region, body);
  };
  for (NodeId id = 0; id < program.size(); ++id) {
    const Node& node = program[id];
    if (!lies_in(program, node.region, body) || node.operation == Operation::loop_result) continue;
    for (const NodeId operand : node.operands)
      if (outside(operand)) return true;
  }
  for (const NodeId result : program.regions()[body].results)
    if (outside(result)) return true;
  return false;
}

/// One iteration of a loop (or the whole program) with the carried covariance as input. Seeds: those of the
/// layers as they are, or none of them and 1 for the input, so that the tangent is ∂c'/∂c.
class Step final : public kernel_ir::Rewriter {
 public:
  enum class Seeds : std::uint8_t { of_layers, of_input };
  Step(const Program& source, std::optional<NodeId> loop, Seeds seeds)
      : Rewriter(source), loop_(loop), seeds_(seeds) {}

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
    set_image(body.arguments[0], target_.input_self());
    set_image(body.arguments[1], input());
    rewrite_region(source_[id].index);
    for (std::uint32_t i = 0; i < body.results.size(); ++i) map_result(id, i, image(body.results[i]));
    result_ = image(body.results[1]);
  }

  void finish() override {
    if (loop_) target_.roots = {{"Sigma", result_}};
  }

  NodeId input() {
    const NodeId cross = target_.input_cross();
    return seeds_ == Seeds::of_input ? target_.trainable(cross, target_.literal(1)) : cross;
  }

  std::optional<NodeId> loop_;
  Seeds seeds_;
  NodeId result_ = no_node;
};

}  // namespace

RecursionPrograms find_recursion(const Program& sigma) {
  RecursionPrograms result;
  const std::optional<NodeId> loop = last_outer_loop(sigma);
  Program entry = sigma;
  if (loop) {
    const Node& node = sigma[*loop];
    result.count = node.count;
    if (node.operands.size() != 2)
      result.obstacle = fmt::format("its `repeat` carries {} values, and the analysis follows one",
                                    node.operands.size() / 2);
    else if (reads_outside(sigma, node.index))
      result.obstacle =
          "the body of its `repeat` reads a value from outside, so that it is no map of what it carries";
    if (!result.obstacle.empty()) return result;
    entry.roots = {{"Sigma", node.operands[1]}};
  } else {
    entry.roots = {{"Sigma", entry.input_cross()}};
  }
  result.entry = derivation::differentiate(entry);
  result.step = derivation::differentiate(Step(sigma, loop, Step::Seeds::of_input).make());
  result.contribution = derivation::differentiate(Step(sigma, loop, Step::Seeds::of_layers).make());
  return result;
}

}  // namespace ntkc::analysis
