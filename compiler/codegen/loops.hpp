// Loops over nodes and terms as LLVM IR, and the memory they use. Internal to this folder.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/hermite/quadrature.hpp"

namespace ntkc::codegen {

/// for (i = 0; i < count; ++i) state = body(i, state). Returns the last state. `count` is at least 1.
std::vector<llvm::Value*> emit_loop(
    llvm::IRBuilder<>& builder, std::int64_t count, const std::vector<llvm::Value*>& initial,
    const std::function<std::vector<llvm::Value*>(llvm::Value*, const std::vector<llvm::Value*>&)>& body);

/// Memory on the stack, from here on; between CreateStackSave and CreateStackRestore if this is in a loop.
llvm::Value* allocate(llvm::IRBuilder<>& builder, llvm::Type* element, int count);

/// An array of doubles in the module.
llvm::Value* constant_array(llvm::IRBuilder<>& builder, const std::vector<double>& values);

/// Entry i of an array of doubles in all lanes of a vector.
llvm::Value* splat_entry(llvm::IRBuilder<>& builder, llvm::Value* array, llvm::Value* i, llvm::Type* type);

/// Nodes on [0, 1] in the module, their weights times a factor.
struct UnitNodes {
  llvm::Value* nodes;
  llvm::Value* weights;
  int count;

  /// Node and weight i in all lanes of a vector.
  llvm::Value* node(llvm::IRBuilder<>& builder, llvm::Value* i, llvm::Type* type) const;
  llvm::Value* weight(llvm::IRBuilder<>& builder, llvm::Value* i, llvm::Type* type) const;
};
UnitNodes unit_nodes(llvm::IRBuilder<>& builder, hermite::Quadrature rule, double factor);

}  // namespace ntkc::codegen
