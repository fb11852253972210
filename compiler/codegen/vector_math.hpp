// Vector math as LLVM IR. LLVM has no vector library for all of these functions, widths and element types.
//
// Maximum errors (tests/codegen/test_vector_math.cpp measures them and docs/numerics.md shows them;
// `routines` is the one place they are written down).
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "compiler/codegen/approximation.hpp"
#include "compiler/elementary/operations.hpp"

namespace ntkc::codegen {

/// What an elementary operation is computed by, where LLVM has no instruction for it: its domain and the
/// largest error that its test may find, relative (of sin, cos and normal_orthant absolute), in units of 2⁻⁵²
/// (f64) or 2⁻²³ (f32).
struct Routine {
  elementary::Operation operation;
  std::string_view domain;
  double f64_error;
  double f32_error;
  /// `limit` is the upper end of the domain of an arc ratio.
  llvm::Value* (*emit)(llvm::IRBuilder<>& builder, std::span<llvm::Value* const> operands, double limit);
};
const std::vector<Routine>& routines();

/// The value of an operation by its routine or by instructions. `power` has neither: see
/// `emit_integer_power`.
llvm::Value* emit_elementary(llvm::IRBuilder<>& builder, elementary::Operation operation,
                             std::span<llvm::Value* const> operands, double limit);

/// a b + c, fused where the target can.
llvm::Value* multiply_add(llvm::IRBuilder<>& builder, llvm::Value* a, llvm::Value* b, llvm::Value* c);

/// p(t) by Horner's rule with fused multiply-adds where the target has them. `f`, the function, is fitted on
/// [low, high] to half the unit round-off of t's element type.
llvm::Value* emit_fitted(llvm::IRBuilder<>& builder, FittedFunction f, double low, double high,
                         llvm::Value* t);

/// e^x - 1 for x ≤ 0, full relative accuracy down to the smallest normal |x|: x = n ln 2 + r, |r| ≤ ln 2/2,
/// 2ⁿ(e^r - 1) + (2ⁿ - 1), e^r - 1 = r + r² p(r). Below ln of the smallest normal number the result is -1.
llvm::Value* emit_expm1(llvm::IRBuilder<>& builder, llvm::Value* x);

/// e^x, 0 where it would be below the smallest normal number, infinity where it overflows: reduced as above,
/// 2ⁿ in two factors.
llvm::Value* emit_exp(llvm::IRBuilder<>& builder, llvm::Value* x);

/// The natural logarithm: x = 2ᵉ m, √½ ≤ m < √2, log m = 2 artanh((m - 1)/(m + 1)). -∞ at 0, NaN below.
llvm::Value* emit_log(llvm::IRBuilder<>& builder, llvm::Value* x);

/// tanh |x| = -e/(2 + e), e = e^(-2|x|) - 1.
llvm::Value* emit_tanh(llvm::IRBuilder<>& builder, llvm::Value* x);

/// sin(x + quarter·π/2), so quarter = 1 is the cosine; reduced by multiples of π/2 in three parts.
llvm::Value* emit_sin(llvm::IRBuilder<>& builder, llvm::Value* x, int quarter = 0);

/// erf: x p(x²) up to 1, 1 - e^(-x²) p(t), t = (x - 3)/(x + 3), above.
llvm::Value* emit_erf(llvm::IRBuilder<>& builder, llvm::Value* x);

/// Dawson's integral D(x) = e^(-x²) ∫₀ˣ e^(t²) dt: x p(x²) up to 1, p(x - centre) on three intervals up to 5,
/// p(1/x²)/(2x) above.
llvm::Value* emit_dawson(llvm::IRBuilder<>& builder, llvm::Value* x);

/// xⁿ for an integer n by squaring and multiplying, relative error about |n|/2 units.
llvm::Value* emit_integer_power(llvm::IRBuilder<>& builder, llvm::Value* x, std::int64_t n);

}  // namespace ntkc::codegen
