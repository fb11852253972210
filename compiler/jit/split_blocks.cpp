#include "compiler/jit/split_blocks.hpp"

#include <llvm/IR/IRBuilder.h>

#include <vector>

namespace ntkc::jit {
namespace {

constexpr unsigned most_instructions = 400;

/// `if (arguments == nullptr) return;` in place of the branch at the end of `block`, never taken. An
/// unconditional one the back end would remove.
void keep_apart(llvm::BasicBlock& block, llvm::BasicBlock& next, llvm::BasicBlock& never) {
  llvm::Instruction* branch = block.getTerminator();
  llvm::IRBuilder<> builder(branch);
  llvm::Value* arguments = block.getParent()->getArg(0);
  builder.CreateCondBr(builder.CreateIsNull(arguments), &never, &next);
  branch->eraseFromParent();
}

void split(llvm::Function& function) {
  std::vector<llvm::BasicBlock*> long_blocks;
  for (llvm::BasicBlock& block : function)
    if (block.size() > most_instructions) long_blocks.push_back(&block);
  if (long_blocks.empty()) return;
  auto* never = llvm::BasicBlock::Create(function.getContext(), "never", &function);
  llvm::IRBuilder<>(never).CreateRetVoid();
  for (llvm::BasicBlock* block : long_blocks) {
    unsigned count = 0;
    for (auto at = block->getFirstInsertionPt(); at != block->end(); ++at) {
      if (++count <= most_instructions || at->isTerminator() || llvm::isa<llvm::AllocaInst>(*at)) continue;
      llvm::BasicBlock* next = block->splitBasicBlock(at);
      keep_apart(*block, *next, *never);
      block = next;
      count = 0;
      at = block->begin();
    }
  }
}

}  // namespace

void split_long_blocks(llvm::Module& module) {
  for (llvm::Function& function : module)
    if (!function.isDeclaration()) split(function);
}

}  // namespace ntkc::jit
