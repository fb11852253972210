// Machine code of sparse degrees (compiler/hermite/sparse.hpp).
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <functional>

#include "compiler/codegen/series.hpp"

namespace ntkc::codegen {

/// The nodes of a series in memory, each a vector, and f times the weight there.
struct NodeValues {
  llvm::Value* nodes;
  llvm::Value* values;
  std::int64_t count;
};
/// The entries behind the consecutive ones, each given to `store` with its number; the sum of their squares is
/// returned. Overwrites the values.
llvm::Value* emit_sparse_entries(llvm::IRBuilder<>& builder, llvm::Value* root, const hermite::Terms& terms,
                                 const NodeValues& samples,
                                 const std::function<void(llvm::Value* number, llvm::Value* entry)>& store);

/// sparse_product and sparse_deficit of two series of these terms; w is their last operand.
llvm::Value* emit_sparse_contraction(llvm::IRBuilder<>& builder, kernel_ir::Operation operation,
                                     llvm::FixedVectorType* type, const SeriesPlace& a, const SeriesPlace& b,
                                     llvm::Value* w, const hermite::Terms& terms);

}  // namespace ntkc::codegen
