#include "compiler/kernel_ir/printed_uses.hpp"

#include <algorithm>

namespace ntkc::kernel_ir {
namespace {

class UseFinder {
 public:
  UseFinder(const Program& program, PrintedUses& uses) : program_(program), uses_(uses) {}

  void use(NodeId operand, RegionId region, bool by_name) {
    uses_.live[operand] = true;
    ++uses_.count[operand];
    uses_.user_region[operand] = region;
    if (by_name) uses_.needs_name[operand] = true;
  }

  void run() {
    for (const Root& root : program_.roots) {
      use(root.node, program_[root.node].region, true);
      for (RegionId region = program_[root.node].region; region != 0;
           region = program_.regions()[region].parent)
        uses_.live[program_.regions()[region].loop] = true;
    }
    for (NodeId id = program_.size(); id-- > 0;) {
      if (uses_.live[id]) use_operands(program_[id]);
    }
  }

  void use_operands(const Node& node) {
    switch (node.operation) {
      case Operation::dual:
      case Operation::dual_derivative:
      case Operation::moment: {
        if (node.dependence == Dependence::pair) use(program_.variance(node.operands[0]), node.region, true);
        use(node.operands[0], node.region, true);
        for (std::size_t i = 1; i < node.operands.size(); ++i)
          uses_.live[node.operands[i]] = uses_.is_function_operand[node.operands[i]] = true;
        break;
      }
      case Operation::gaussian_mean:
      case Operation::hermite_series:
        for (std::size_t i = 0; i + 1 < node.operands.size(); ++i) use(node.operands[i], node.region, true);
        uses_.live[node.operands.back()] = uses_.is_function_operand[node.operands.back()] = true;
        break;
      case Operation::first:
      case Operation::second:
      case Operation::cross:
      case Operation::loop_result:
        use(node.operands[0], node.region, true);
        break;
      case Operation::loop: {
        const Region& body = program_.body(node);
        for (const NodeId argument : body.arguments) use(argument, program_.loop(node).body, true);
        for (const NodeId result : body.results) use(result, program_.loop(node).body, true);
        for (const NodeId initial : node.operands) use(initial, node.region, true);
        break;
      }
      default:
        for (std::size_t i = 0; i < node.operands.size(); ++i) {
          const auto earlier = node.operands.begin() + static_cast<std::ptrdiff_t>(i);
          const bool repeated = std::find(node.operands.begin(), earlier, node.operands[i]) != earlier;
          const bool is_square = repeated && node.operation == Operation::multiply;
          // Inside an expression of reals a self covariance would be read as one of them.
          const bool by_name = node.type == Type::real && program_[node.operands[i]].type == Type::covariance;
          if (!is_square) use(node.operands[i], node.region, by_name);
        }
    }
  }

  const Program& program_;
  PrintedUses& uses_;
};

}  // namespace

PrintedUses::PrintedUses(const Program& program)
    : live(program.size()),
      count(program.size()),
      needs_name(program.size()),
      is_function_operand(program.size()),
      user_region(program.size()) {
  UseFinder(program, *this).run();
}

}  // namespace ntkc::kernel_ir
