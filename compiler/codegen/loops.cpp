#include "compiler/codegen/loops.hpp"

#include <llvm/IR/Constants.h>
#include <llvm/IR/Module.h>

namespace ntkc::codegen {

using llvm::Value;

namespace {

llvm::Function* function_of(llvm::IRBuilder<>& builder) { return builder.GetInsertBlock()->getParent(); }

}  // namespace

Value* splat_entry(llvm::IRBuilder<>& builder, Value* array, Value* i, llvm::Type* type) {
  Value* pointer = builder.CreateGEP(builder.getDoubleTy(), array, i);
  Value* value = builder.CreateAlignedLoad(builder.getDoubleTy(), pointer, llvm::Align(8));
  if (type->getScalarType()->isFloatTy()) value = builder.CreateFPTrunc(value, builder.getFloatTy());
  return builder.CreateVectorSplat(llvm::cast<llvm::FixedVectorType>(type)->getElementCount(), value);
}

std::vector<Value*> emit_loop(
    llvm::IRBuilder<>& builder, std::int64_t count, const std::vector<Value*>& initial,
    const std::function<std::vector<Value*>(Value*, const std::vector<Value*>&)>& body) {
  llvm::BasicBlock* before = builder.GetInsertBlock();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder.getContext(), "term", function_of(builder));
  builder.CreateBr(block);
  builder.SetInsertPoint(block);
  llvm::PHINode* i = builder.CreatePHI(builder.getInt64Ty(), 2);
  i->addIncoming(builder.getInt64(0), before);
  std::vector<Value*> state;
  for (Value* value : initial) {
    llvm::PHINode* phi = builder.CreatePHI(value->getType(), 2);
    phi->addIncoming(value, before);
    state.push_back(phi);
  }
  const std::vector<Value*> next = body(i, state);
  llvm::BasicBlock* last = builder.GetInsertBlock();
  Value* next_i = builder.CreateAdd(i, builder.getInt64(1));
  i->addIncoming(next_i, last);
  for (std::size_t k = 0; k < state.size(); ++k)
    llvm::cast<llvm::PHINode>(state[k])->addIncoming(next[k], last);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder.getContext(), "", function_of(builder));
  builder.CreateCondBr(builder.CreateICmpSLT(next_i, builder.getInt64(static_cast<std::uint64_t>(count))),
                       block, after);
  builder.SetInsertPoint(after);
  return next;
}

Value* allocate(llvm::IRBuilder<>& builder, llvm::Type* element, int count) {
  return builder.CreateAlloca(element, builder.getInt64(static_cast<std::uint64_t>(count)));
}

Value* constant_array(llvm::IRBuilder<>& builder, const std::vector<double>& values) {
  llvm::Module& module = *function_of(builder)->getParent();
  llvm::Constant* data = llvm::ConstantDataArray::get(builder.getContext(), values);
  for (llvm::GlobalVariable& global : module.globals()) {
    if (global.hasInitializer() && global.getInitializer() == data) return &global;
  }
  return new llvm::GlobalVariable(module, data->getType(), true, llvm::GlobalValue::PrivateLinkage, data,
                                  "nodes");
}

UnitNodes unit_nodes(llvm::IRBuilder<>& builder, hermite::Quadrature rule, double factor) {
  for (double& weight : rule.weights) weight *= factor;
  return {constant_array(builder, rule.nodes), constant_array(builder, rule.weights),
          static_cast<int>(rule.nodes.size())};
}

Value* UnitNodes::node(llvm::IRBuilder<>& builder, Value* i, llvm::Type* type) const {
  return splat_entry(builder, nodes, i, type);
}

Value* UnitNodes::weight(llvm::IRBuilder<>& builder, Value* i, llvm::Type* type) const {
  return splat_entry(builder, weights, i, type);
}

}  // namespace ntkc::codegen
