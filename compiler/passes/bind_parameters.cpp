#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::passes {
namespace {

class BindParameters final : public kernel_ir::Rewriter {
  using Rewriter::Rewriter;
  kernel_ir::NodeId rewrite(kernel_ir::NodeId id) override {
    const kernel_ir::Node& node = source_[id];
    if (node.operation != kernel_ir::Operation::parameter) return copy(id);
    return target_.literal(source_.parameters[node.index].value);
  }
  void finish() override { target_.parameters.clear(); }
};

}  // namespace

kernel_ir::Program bind_parameters(const kernel_ir::Program& program) { return BindParameters(program).run(); }

}  // namespace ntkc::passes
