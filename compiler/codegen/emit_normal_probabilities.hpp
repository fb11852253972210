// Tails of the normal distribution as LLVM IR.
#pragma once

#include <llvm/IR/IRBuilder.h>

namespace ntkc::codegen {

/// e^s P(U > x), U ~ N(0, 1): e^(s - x²/2) erfcx(x/√2)/2 for x ≥ 0, so that e^s may be large where the tail
/// is small; e^s less that of -x for x < 0. erfcx(y) = e^(y²) erfc(y), a polynomial in (y - 3.75)/(y + 3.75)
/// over 1 + 2y (Shepherd and Laframboise 1981).
llvm::Value* emit_normal_tail(llvm::IRBuilder<>& builder, llvm::Value* x, llvm::Value* s);

/// e^s P(U > h, V > k) for standard normal U and V of correlation ρ = zbar - z, z = (1 - ρ)/2.
///
/// In coordinates in which the two are independent, {U > h, V > k} is an angle with its corner at distances h
/// and k of its sides from the origin. Seen from there, each side contributes the part of the plane behind
/// it:
///   P = sgn(h) W(|h|, m_h) + sgn(k) W(|k|, m_k) + [h < 0 and k < 0],   m_h = (k - ρh)/√(1 - ρ²),
///   W(h, m) = (1/2π) ∫_m^∞ h/(h² + y²) e^(-(h² + y²)/2) dy,
/// m_h being where on its side the corner is (Owen 1956; W(h, ah) = P(U > h)/2 - T(h, a)). k - ρh is formed
/// as (k - h) + 2zh or (k + h) - 2z̄h, whichever loses nothing: for equal inputs z = 0, m = 0 and
/// P = P(U > h). W(h, -m) = P(U > h) - W(h, m), and for m ≥ 0
///   h² + m² ≥ 4: Gauss-Legendre in y - m, up to where the integrand is below 2⁻⁵³ (2⁻²⁴) of its largest;
///   otherwise, p and q being the larger and the smaller of h and m, likewise
///     T = (1/2π) ∫_0^1 r/(1 + r²x²) e^(-(p² + q²x²)/2) dx, r = q/p,
///     W = P(U > h)/2 - T if h ≥ m, else T - P(U > m) (1/2 - P(U > h)) (Owen's exchange).
/// All is scaled by e^s within the integrands. The error is 2⁻⁵² (2⁻²³), see `routines`, times e^s and
/// the largest density on a side.
llvm::Value* emit_normal_orthant(llvm::IRBuilder<>& builder, llvm::Value* h, llvm::Value* k, llvm::Value* z,
                                 llvm::Value* zbar, llvm::Value* s);

}  // namespace ntkc::codegen
