#include "compiler/kernel_ir/live.hpp"
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::passes {

using kernel_ir::Carried;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Program;

namespace {

class RemoveDead final : public kernel_ir::Rewriter {
 public:
  explicit RemoveDead(const Program& program)
      : Rewriter(program), live_(kernel_ir::find_live(program, program.roots)) {}

 private:
  NodeId rewrite(NodeId id) override { return live_[id] ? copy(id) : no_node; }

  void rewrite_loop(NodeId id) override {
    if (!live_[id]) return;
    const Node& loop = source_[id];
    const auto& body = source_.body(loop);
    std::vector<std::uint32_t> kept;
    std::vector<std::uint32_t> new_index(loop.operands.size(), Carried::no_self);
    std::vector<Carried> carried;
    for (std::uint32_t i = 0; i < loop.operands.size(); ++i) {
      const Node& argument = source_[body.arguments[i]];
      if (!live_[body.arguments[i]]) continue;
      new_index[i] = static_cast<std::uint32_t>(carried.size());
      kept.push_back(i);
      carried.push_back({image(loop.operands[i]), argument.dependence,
                         argument.self == no_node ? Carried::no_self
                                                  : new_index[source_.carried_number(source_[argument.self])],
                         target_.place_of(source_, argument)});
    }
    const auto region = target_.begin_loop(carried, source_.loop(loop).count);
    for (std::size_t k = 0; k < kept.size(); ++k) {
      set_image(body.arguments[kept[k]], target_.regions()[region].arguments[k]);
    }
    rewrite_region(source_.loop(loop).body);
    std::vector<NodeId> next;
    for (const std::uint32_t i : kept) next.push_back(image(body.results[i]));
    const auto results = target_.end_loop(next);
    for (std::size_t k = 0; k < kept.size(); ++k) map_result(id, kept[k], results[k]);
  }

  std::vector<bool> live_;
};

}  // namespace

Program remove_dead(const Program& program) { return RemoveDead(program).run(); }

}  // namespace ntkc::passes
