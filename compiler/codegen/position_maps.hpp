// What maps of positions read, as tables in the module. Internal to this folder.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <cstdint>
#include <vector>

#include "compiler/kernel_ir/positions.hpp"

namespace ntkc::codegen {

/// An array of 32-bit integers in the module; equal ones are one.
llvm::Value* constant_integers(llvm::IRBuilder<>& builder, const std::vector<std::int32_t>& values);

/// The inputs that the taps of each output read: entry output * count + tap. Where that is outside, the number of
/// positions, at which arrays hold a zero.
struct TapTable {
  llvm::Value* entries = nullptr;
  std::int64_t count = 0;  ///< taps
};
TapTable tap_table(llvm::IRBuilder<>& builder, const kernel_ir::Coupled& map,
                   const kernel_ir::Extents& inputs);

/// A sparse matrix: the entries of row o are those from begins[o] to begins[o + 1].
struct RowTable {
  llvm::Value* begins = nullptr;
  llvm::Value* inputs = nullptr;
  llvm::Value* weights = nullptr;  ///< doubles; null if all are `weight`
  double weight = 0;
};
RowTable row_table(llvm::IRBuilder<>& builder, const kernel_ir::Congruent& map,
                   const kernel_ir::Extents& inputs);

/// The same by inputs: what each of them is a part of, the same number of entries for each of them.
struct CoverTable {
  llvm::Value* outputs = nullptr;
  llvm::Value* weights = nullptr;  ///< doubles; 0 behind the entries that an input has
  std::int64_t count = 0;          ///< entries of an input
  bool is_uniform = false;         ///< all weights are `weight`
  double weight = 0;
};
CoverTable cover_table(llvm::IRBuilder<>& builder, const kernel_ir::Congruent& map,
                       const kernel_ir::Extents& inputs);

/// Entry i of an array of 32-bit integers, as an index.
llvm::Value* load_index(llvm::IRBuilder<>& builder, llvm::Value* array, llvm::Value* i);

}  // namespace ntkc::codegen
