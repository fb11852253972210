#include "compiler/codegen/function_emitter.hpp"

#include <fmt/format.h>
#include <llvm/IR/Constants.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "compiler/codegen/vector_math.hpp"

namespace ntkc::codegen {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::RegionId;

void FunctionEmitter::emit_region(RegionId region) {
  for (const NodeId id : context_.members[region]) {
    const Node& node = context_.program[id];
    if (!context_.needed[id]) continue;
    if (node.operation == Operation::loop) {
      emit_loop(id);
    } else if (node.operation == Operation::loop_result || node.operation == Operation::loop_argument) {
      if (values_[id] == nullptr) values_[id] = carried_result(node);
      if (values_[id] != nullptr) computed(id);
    } else if (node.dependence == dependence_ || node.dependence == Dependence::constant) {
      values_[id] = emit_node(id);
      computed(id);
    }
  }
}

Value* FunctionEmitter::operand(NodeId id) {
  const Node& node = context_.program[id];
  if (values_[id] == nullptr) {
    throw std::invalid_argument(fmt::format("emit: node {} ({}) is not available; passes were skipped", id,
                                            kernel_ir::info(node.operation).name));
  }
  return values_[id];
}

Value* FunctionEmitter::table_row(NodeId id) {
  const RegionId region = context_.program[id].region;
  const auto& slots = context_.layout.regions[region];
  Value* row = index(slots.base + context_.layout.local[id]);
  if (region == 0) return row;
  return builder_.CreateAdd(row, builder_.CreateMul(flat_iteration(region), index(slots.per_iteration)));
}

Value* FunctionEmitter::emit_function(NodeId phi, Value* z) {
  std::vector<bool> is_part(phi + 1, false);
  is_part[phi] = true;
  for (NodeId id = phi + 1; id-- > 0;) {
    if (!is_part[id] || context_.program[id].dependence != Dependence::function) continue;
    for (const NodeId used : context_.program[id].operands) is_part[used] = true;
  }
  for (NodeId id = 0; id <= phi; ++id) {
    if (!is_part[id] || context_.program[id].dependence != Dependence::function) continue;
    values_[id] = context_.program[id].operation == Operation::variable ? z : emit_node(id);
  }
  return operand(phi);
}

Value* FunctionEmitter::flat_iteration(RegionId region) {
  std::vector<RegionId> nest;
  for (RegionId r = region; r != 0; r = context_.program.regions()[r].parent) nest.push_back(r);
  Value* flat = nullptr;
  for (std::size_t level = 0; level < nest.size(); ++level) {
    const RegionId r = nest[nest.size() - 1 - level];
    const std::int64_t count =
        context_.program.loop(context_.program[context_.program.regions()[r].loop]).count;
    Value* counter = counters_[level];
    flat = flat == nullptr ? counter : builder_.CreateAdd(builder_.CreateMul(flat, index(count)), counter);
  }
  return flat;
}

Value* FunctionEmitter::emit_node(NodeId id) {
  const Node& node = context_.program[id];
  switch (node.operation) {
    case Operation::literal:
      return constant(context_.program.literal_value(node));
    case Operation::pi:
      return constant(std::numbers::pi);
    case Operation::input_square:
    case Operation::input_complement:
    case Operation::input_cocomplement:
    case Operation::input_self_complement:
    case Operation::input_self_cocomplement:
    case Operation::identity:
    case Operation::self_identity:
    case Operation::first:
    case Operation::second:
      return leaf(id);
    case Operation::gaussian_mean:
    case Operation::hermite_series:
    case Operation::series_product:
    case Operation::series_slope:
    case Operation::series_distance:
    case Operation::series_step:
    case Operation::series_derivative:
    case Operation::sparse_product:
    case Operation::sparse_deficit:
      return expansion(id);
    case Operation::series_square:
      return operand(node.operands[0]);  // what stands for a series is that
    case Operation::with_loss:
      return stated(id);
    default:
      break;
  }
  std::vector<Value*> operands;
  for (const NodeId id_of : node.operands) operands.push_back(operand(id_of));
  if (!kernel_ir::has_value(node.operation)) {
    throw std::invalid_argument(fmt::format("emit: `{}` has no machine code; passes were skipped",
                                            kernel_ir::info(node.operation).name));
  }
  if (node.operation == Operation::power)
    return emit_power(operands[0], operands[1], context_.program[node.operands[1]]);
  const auto* domain = std::get_if<kernel_ir::Domain>(&context_.program.attribute(node));
  return emit_elementary(builder_, kernel_ir::elementary_of(node.operation), operands,
                         domain == nullptr ? 0 : domain->end);
}

Value* FunctionEmitter::emit_power(Value* a, Value* b, const Node& exponent) {
  if (exponent.operation == Operation::literal) {
    const double n = context_.program.literal_value(exponent);
    if (n == std::nearbyint(n) && std::fabs(n) <= 64)
      return emit_integer_power(builder_, a, static_cast<std::int64_t>(n));
  }
  return emit_exp(builder_, builder_.CreateFMul(b, emit_log(builder_, a)));
}

Value* FunctionEmitter::carried_result(const Node& node) {
  if (node.operation != Operation::loop_result) return nullptr;
  return values_[context_.program.body(context_.program[node.operands[0]])
                     .results[context_.program.carried_number(node)]];
}

void FunctionEmitter::emit_loop(NodeId id) {
  const Node& loop = context_.program[id];
  const auto [region, count] = context_.program.loop(loop);
  const auto& body = context_.program.regions()[region];
  std::vector<std::size_t> carried;
  for (std::size_t i = 0; i < body.arguments.size(); ++i) {
    const NodeId argument = body.arguments[i];
    if (context_.needed[argument] && context_.program[argument].dependence == dependence_)
      carried.push_back(i);
  }
  if (carried.empty() && !stores_in(region)) return;
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder_.getContext(), "iteration", function_);
  builder_.CreateBr(block);
  builder_.SetInsertPoint(block);
  llvm::PHINode* counter = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  counter->addIncoming(index(0), before);
  counters_.push_back(counter);
  std::vector<llvm::PHINode*> phis;
  for (const std::size_t i : carried) {
    llvm::PHINode* phi = builder_.CreatePHI(vector_, 2);
    phi->addIncoming(operand(loop.operands[i]), before);
    values_[body.arguments[i]] = phi;
    phis.push_back(phi);
  }
  emit_region(region);
  llvm::BasicBlock* last = builder_.GetInsertBlock();
  Value* next = builder_.CreateAdd(counter, index(1));
  counter->addIncoming(next, last);
  for (std::size_t k = 0; k < phis.size(); ++k) phis[k]->addIncoming(operand(body.results[carried[k]]), last);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "after", function_);
  builder_.CreateCondBr(builder_.CreateICmpSLT(next, index(count)), block, after);
  builder_.SetInsertPoint(after);
  counters_.pop_back();
}

}  // namespace ntkc::codegen
