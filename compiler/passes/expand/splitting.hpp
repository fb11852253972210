// Functions without a normal form that have a kink or a jump at 0: what breaks there is split off and has a
// closed form, what is left is expanded.
//
// With s = sign(z) P(z) e^(-gz²), P a polynomial of degree J such that s jumps at 0 as φ does, its
// derivatives up to the J-th too, r = φ - s has J continuous derivatives at 0. The Gaussian keeps s about as
// large as φ. With Hermite coefficients r_k, s_k of one sample and r'_k, s'_k of the other,
//   E[φ(u)φ(v)] = E[s(u)s(v)] + Σ_k (r_k r'_k + r_k s'_k + s_k r'_k) u^k,
// and what terms k ≥ K would add is at most √(R R') + √(R S') + √(S R'), R = Σ_{k≥K} r_k² and S likewise, for
// even and for odd k by themselves. R falls like K^(-J-3/2), S like K^(-1/2) or K^(-3/2).
#pragma once

#include <array>
#include <optional>

#include "compiler/hermite/expansion.hpp"
#include "compiler/kernel_ir/quad.hpp"
#include "compiler/moments/normal_form.hpp"

namespace ntkc::passes {

/// Half the jumps at 0 of φ^(j)/j!, j ≤ 12, from the Taylor polynomials of φ on either side; nothing if φ is
/// not finite near 0, or has no jump.
constexpr std::size_t highest_order = 12;
using Jumps = std::array<kernel_ir::Quad, highest_order + 1>;
std::optional<Jumps> find_jumps(const kernel_ir::Program& program, kernel_ir::NodeId phi);

/// s for an order J and a rate g.
moments::NormalForm singular_form(const Jumps& jumps, int order, double rate);
/// s as a node.
kernel_ir::NodeId singular_function(kernel_ir::Program& program, const moments::NormalForm& form);

/// Whether E[s²] is at most 16 E[φ²], φ = r + s: what is subtracted loses a digit at most.
bool is_moderate(const hermite::Function& r, const hermite::Function& s, const hermite::Rule& rule,
                 const std::vector<double>& sigmas);

/// The bound for 512 terms, by which one s is better than another.
double remainder_of_split(const hermite::Function& r, const hermite::Function& s, const hermite::Plan& whole,
                          const std::vector<double>& sigmas);

/// The fewest terms of r and s, at most 1024, whose bound is within the tolerance; the bound, relative to
/// √(E[φ(u)²] E[φ(v)²]), is the remainder. `whole` is the plan for φ itself.
hermite::Plan plan_split(const hermite::Function& r, const hermite::Function& s, const hermite::Plan& whole,
                         const std::vector<double>& sigmas, double tolerance);

}  // namespace ntkc::passes
