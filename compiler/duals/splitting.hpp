// Functions without a normal form that have kinks or jumps: what breaks there is split off and has a closed
// form, what is left is expanded.
//
// Around a break t_j let w = z - t_j. With s = Σ_j c_j(w) P_j(w) e^(-gw²), P_j a polynomial of degree J and
// c_j(w) = [w > 0] (t_j > 0), -[w < 0] (t_j < 0) or sign(w)/2 (t_j = 0, where half of the products vanish by
// parity), such that s jumps at all t_j as φ does, its derivatives up to the J-th too, r = φ - s has J
// continuous derivatives. The Gaussian keeps s about as large as φ. With Hermite coefficients r_k, s_k of one
// sample and r'_k, s'_k of the other,
//   E[φ(u)φ(v)] = E[s(u)s(v)] + Σ_k (r_k r'_k + r_k s'_k + s_k r'_k) u^k,
// and what terms k ≥ K would add is at most √(R R') + √(R S') + √(S R'), R = Σ_{k≥K} r_k² and S likewise, for
// even and for odd k by themselves. R falls like K^(-J-3/2), S like K^(-1/2) or K^(-3/2).
#pragma once

#include <array>
#include <vector>

#include "compiler/duals/calculus.hpp"
#include "compiler/hermite/expansion.hpp"
#include "compiler/kernel_ir/operations.hpp"
#include "compiler/moments/normal_form.hpp"

namespace ntkc::duals {

/// The jumps of φ^(j)/j! at a point, j ≤ 12, from the Taylor polynomials of φ on either side; all 0 where
/// those are not finite.
constexpr std::size_t highest_order = 12;
using Jumps = std::array<kernel_ir::Quad, highest_order + 1>;
struct Break {
  double at = 0;
  Jumps jumps{};
  /// Those of ∂φ for parameters of the program.
  std::vector<std::pair<std::uint32_t, Jumps>> by_parameter = {};
};

/// Where jumps of functions are looked for: at |z| up to this.
constexpr double furthest_jump = 40;

/// The breaks of φ with |z| ≤ limit, in ascending order: where what φ compares or takes the sign or a root of
/// vanishes. Nothing but the one at 0 if there are more than 4.
std::vector<Break> find_breaks(const kernel_ir::Program& program, kernel_ir::NodeId phi, double limit);

/// Sets what the jumps have for derivatives by the parameters. False if a break moves with one of them.
bool differentiate_breaks(kernel_ir::Program& program, kernel_ir::NodeId phi, double limit,
                          const std::vector<std::uint32_t>& parameters, std::vector<Break>& breaks);

/// c_j(w) P_j(w) e^(-gw²): terms whose powers are those of w = z - at.
struct SingularPart {
  double at = 0;
  moments::NormalForm form;
};
/// s for an order J and a rate g. Of first degree in the parameters around the values that they have: s is as
/// good as any other that takes the jumps off φ and, differentiated, off ∂φ.
std::vector<SingularPart> singular_parts(kernel_ir::Program& program, const std::vector<Break>& breaks,
                                         int order, double rate);
/// The jumps of s, which are those of φ.
std::vector<moments::Jump> jumps_of(const std::vector<SingularPart>& parts);
/// s as a node.
kernel_ir::NodeId singular_function(kernel_ir::Program& program, const std::vector<SingularPart>& parts);
/// E[s(u)s(v)]: a sum over pairs of terms.
constexpr std::size_t most_pair_terms = 400;
std::size_t pair_terms(const std::vector<SingularPart>& parts);
Expression singular_moment(const std::vector<SingularPart>& parts, const GaussianPair& pair);

/// r and s, and what they are for derivatives by parameters.
struct Parts {
  hermite::RealFunction r;
  hermite::RealFunction s;
};

/// Whether E[s²] is at most 16 E[φ²], φ = r + s: what is subtracted loses a digit at most.
bool is_moderate(const hermite::RealFunction& r, const hermite::RealFunction& s, const hermite::Rule& rule,
                 const std::vector<double>& sigmas);

/// What rounding takes of E[s(u)s(v)], relative to E[φ²], whose terms cancel where they are larger than s:
/// (Σ |c| √E[(wⁿ e^(-gw²))²])² 2⁻⁵² over E[φ²].
double rounding_of_split(const std::vector<SingularPart>& parts, const hermite::RealFunction& phi,
                         const hermite::Rule& rule, const std::vector<double>& sigmas);

/// The bound for 512 terms at one √q, by which one s is better than another.
double remainder_of_split(const hermite::RealFunction& r, const hermite::RealFunction& s,
                          const hermite::Plan& whole, double sigma);

/// The fewest terms of r and s, at most 1024, whose bound is within the tolerance; the bound, relative to
/// √(E[φ(u)²] E[φ(v)²]), is the remainder. `whole` is the plan for φ itself. With `derivatives` the bound is
/// also that for derivatives by the correlation and by log √q, which takes k r_k for r_k, and for those by
/// the parameters that `by_parameter` has the r and s of.
hermite::Plan plan_split(const Parts& parts, const hermite::Plan& whole, const std::vector<double>& sigmas,
                         double tolerance, bool derivatives, const std::vector<Parts>& by_parameter);

}  // namespace ntkc::duals
