// Vector math as LLVM IR: what no vector library offers at every width (../shared/facts.md §1).
//
// Maximum errors (tests/codegen/test_vector_math.cpp measures them and docs/numerics.md shows them;
// `accuracy_table` is the one place they are written down).
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <string_view>
#include <vector>

#include "compiler/codegen/approximation.hpp"

namespace ntkc::codegen {

/// A routine's domain and the largest error that its test may find, relative, in units of 2⁻⁵² (f64), 2⁻²³
/// (f32).
struct Accuracy {
  std::string_view routine;
  std::string_view domain;
  double f64_error;
  double f32_error;
};
const std::vector<Accuracy>& accuracy_table();

/// p(t) by Horner's rule with fused multiply-adds where the target has them. `f`, the function, is fitted on
/// [low, high] to half the unit round-off of t's element type.
llvm::Value* emit_fitted(llvm::IRBuilder<>& builder, Function f, double low, double high, llvm::Value* t);

/// e^x - 1 for x ≤ 0, full relative accuracy down to the smallest normal |x|: x = n ln 2 + r, |r| ≤ ln 2/2,
/// 2ⁿ(e^r - 1) + (2ⁿ - 1), e^r - 1 = r + r² p(r). Below ln of the smallest normal number the result is -1.
llvm::Value* emit_expm1(llvm::IRBuilder<>& builder, llvm::Value* x);

}  // namespace ntkc::codegen
