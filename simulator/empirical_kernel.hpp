// The kernels of a finite network.
//
// The empirical NTK is Θ̂[(i,k), (j,l)] = Σ_p r_p ∂f_k(x_i)/∂p · ∂f_l(x_j)/∂p over all parameters p with
// learning rates r_p (Jacot et al. 2018, eq. 4). For the weights of a layer with the input A (n × inputs) and
// the signals B (n o × outputs), the gradient of output k at input i is m B_ik ⊗ A_i, so that the sum over
// the entries of W factorises:
//
//     Θ̂ = Σ_layers (r_w m_w² A Aᵀ + r_b m_b² 1 1ᵀ)[i, j] · (B Bᵀ)[(i,k), (j,l)]
//
// (Novak, Sohl-Dickstein, Schoenholz 2022, "Fast finite width neural tangent kernel", §3.3: structured
// derivatives of a matrix-vector product.) No array is larger than B, the result, or a block of weights.
#pragma once

#include "ntkc/matrix.hpp"
#include "ntkc/ntk_form.hpp"
#include "simulator/network.hpp"

namespace ntkc::simulator {

/// The kernel Θ̂ of the first `outputs` channels, in the shape that `form` says. `values` come from
/// forward().
Matrix empirical_ntk(const Plan& plan, const Weights& weights, const Values& values, std::int64_t outputs,
                     NtkForm form, int threads);

/// The mean of Θ̂ over k = l of all output channels, n × n, estimated without computing the others: for signs
/// s of probability 1/2, E[Σ_kl s_k s_l Θ̂_kl] = Σ_k Θ̂_kk (Hutchinson 1990). The mean is over `probes` sets
/// of signs, which are a function of (seed, draw). Where the outputs are not linear in their last weights, Θ̂
/// of a single output stays random at any width, and only this average has a limit. The terms k ≠ l add noise
/// of order width^(−1/2) and no bias.
Matrix averaged_ntk(const Plan& plan, const Weights& weights, const Values& values, std::int64_t probes,
                    std::uint64_t seed, std::uint32_t draw, int threads);

/// The empirical covariance Σ̂ = F Fᵀ/channels, n × n, where F is the output.
Matrix empirical_nngp(const Plan& plan, const Values& values, int threads);

}  // namespace ntkc::simulator
