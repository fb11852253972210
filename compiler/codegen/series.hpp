// Machine code of Hermite expansions: loops over nodes and terms.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/hermite/terms.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::codegen {

/// φ at a vector of arguments.
using EmitFunction = std::function<llvm::Value*(llvm::Value* z)>;

/// Σᵢ wᵢ (f(r tᵢ) + f(-r tᵢ)).
llvm::Value* emit_gaussian_mean(llvm::IRBuilder<>& builder, llvm::Value* root, const EmitFunction& f,
                                const hermite::Rule& rule);

/// The coefficients of f(rt) in order of their degree, each given to `store` with its number. Returns the sum
/// of their squares. Needs 16 bytes of stack for each lane and node of a symmetric rule, 32 of another.
llvm::Value* emit_hermite_series(
    llvm::IRBuilder<>& builder, llvm::Value* root, llvm::Value* scale, const EmitFunction& f,
    const hermite::Terms& terms,
    const std::function<void(llvm::Value* number, llvm::Value* coefficient)>& store);

/// A series in a table: entry k at base + k·stride, of all lanes or, if `splat`, one for all of them.
struct SeriesPlace {
  llvm::Value* base = nullptr;
  llvm::Value* stride = nullptr;
  llvm::Type* element = nullptr;  ///< of the table; what is computed may be wider
  bool splat = false;
};

/// Entry k.
llvm::Value* load_entry(llvm::IRBuilder<>& builder, llvm::FixedVectorType* type, const SeriesPlace& place,
                        llvm::Value* k);

/// A contraction of two series of `count` terms; series_distance has no `s`.
llvm::Value* emit_contraction(llvm::IRBuilder<>& builder, kernel_ir::Operation operation,
                              llvm::FixedVectorType* type, const SeriesPlace& a, const SeriesPlace& b,
                              llvm::Value* s, std::int64_t count);

/// series_step.
llvm::Value* emit_series_step(llvm::IRBuilder<>& builder, llvm::FixedVectorType* type, const SeriesPlace& a,
                              const SeriesPlace& b, const SeriesPlace& c, std::int64_t count);

}  // namespace ntkc::codegen
