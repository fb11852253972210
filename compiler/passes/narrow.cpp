// What is needed of values over all pairs of positions at equal positions only becomes their diagonal.
//
// A layer writes its rule down for all pairs of positions. Which of them are needed follows backwards from the
// outputs: a convolution, and what is elementwise, make the diagonal of the diagonal; `flatten` reads the
// diagonal; pooling needs all pairs.
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::Carried;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Place;
using kernel_ir::Program;
using kernel_ir::Space;

/// By node: whether it is over all pairs of positions, and more than its diagonal is needed.
std::vector<bool> find_needed_in_full(const Program& program) {
  std::vector<bool> needed(program.size(), false);
  bool changed = true;
  const auto need = [&](NodeId id) {
    if (id == no_node || needed[id] || program[id].place.space != Space::full) return;
    needed[id] = changed = true;
  };
  for (const kernel_ir::Root& root : program.roots) need(root.node);
  while (changed) {
    changed = false;
    for (NodeId id = program.size(); id-- > 0;) {
      const Node& node = program[id];
      if (node.operation == Operation::congruent) need(node.operands[0]);
      if (!needed[id]) continue;
      if (node.operation == Operation::loop_argument || node.operation == Operation::loop_result) {
        const bool is_argument = node.operation == Operation::loop_argument;
        const Node& loop = program[is_argument ? program.regions()[node.region].loop : node.operands[0]];
        const std::uint32_t number = program.carried_number(node);
        need(loop.operands[number]);
        need(program.body(loop).arguments[number]);
        need(program.body(loop).results[number]);
      } else {
        for (const NodeId operand : node.operands) need(operand);
      }
      need(node.self);
    }
  }
  return needed;
}

class Narrowing final : public kernel_ir::Rewriter {
 public:
  explicit Narrowing(const Program& program) : Rewriter(program), in_full_(find_needed_in_full(program)) {}

 private:
  [[nodiscard]] bool is_narrowed(NodeId id) const {
    return source_[id].place.space == Space::full && !in_full_[id];
  }
  Place diagonal_place(NodeId id) {
    return target_.place(Space::diagonal, source_.extents(source_[id].place));
  }

  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    if (!is_narrowed(id) || node.operation == Operation::loop_result) return copy(id);
    switch (node.operation) {
      case Operation::input_self_complement:  // u = 1
        return target_.literal(0);
      case Operation::input_self_cocomplement:
      case Operation::self_identity:
        return target_.literal(1);
      case Operation::rows:
      case Operation::columns:
        return image(node.operands[0]);
      case Operation::congruent:
        return on_diagonal(id, operand_images(node));
      default: {
        std::vector<NodeId> operands;
        for (const NodeId operand : node.operands) operands.push_back(target_.diagonal(image(operand)));
        return on_diagonal(id, std::move(operands));
      }
    }
  }

  NodeId on_diagonal(NodeId id, std::vector<NodeId> operands) {
    const Node& node = source_[id];
    const bool is_real = node.type == kernel_ir::Type::real;
    return is_real ? target_.real(node.operation, std::move(operands), source_.attribute(node),
                                  diagonal_place(id))
                   : target_.apply(node.operation, std::move(operands), source_.attribute(node),
                                   diagonal_place(id));
  }

  void rewrite_loop(NodeId id) override {
    const Node& loop = source_[id];
    const auto& body = source_.body(loop);
    std::vector<Carried> carried = carry(loop, operand_images(loop));
    for (std::size_t i = 0; i < carried.size(); ++i) {
      const NodeId argument = body.arguments[i];
      if (!is_narrowed(argument)) continue;
      carried[i].initial = target_.diagonal(carried[i].initial);
      carried[i].place = diagonal_place(argument);
      // The self covariance on the diagonal, if that which went with it stays over all pairs.
      const NodeId self = source_[argument].self;
      if (self != no_node && in_full_[self])
        carried[i].self = source_.carried_number(source_[source_.variance(argument)]);
      if (self != no_node && source_[argument].dependence == kernel_ir::Dependence::sample)
        carried[i].self = Carried::no_self;
    }
    const auto region = target_.begin_loop(carried, source_.loop(loop).count);
    for (std::size_t i = 0; i < carried.size(); ++i)
      set_image(body.arguments[i], target_.regions()[region].arguments[i]);
    rewrite_region(source_.loop(loop).body);
    std::vector<NodeId> next;
    for (std::size_t i = 0; i < carried.size(); ++i) {
      const NodeId result = image(body.results[i]);
      next.push_back(is_narrowed(body.arguments[i]) ? target_.diagonal(result) : result);
    }
    const std::vector<NodeId> results = target_.end_loop(next);
    for (std::uint32_t i = 0; i < results.size(); ++i) map_result(id, i, results[i]);
  }

  std::vector<bool> in_full_;
};

}  // namespace

Program narrow(const Program& program) { return Narrowing(program).run(); }

}  // namespace ntkc::passes
