// Which ridge to take: many of them judged from one eigendecomposition of the Gram matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ntkc/execution.hpp"
#include "ntkc/matrix.hpp"
#include "ntkc/regression.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// What a ridge is chosen by: the least of the first two, the largest of the third.
enum class RidgeCriterion : std::uint8_t {
  leave_one_out,  ///< the mean square of what each sample is off when predicted from all others
  generalized_cross_validation,
  marginal_likelihood,  ///< of the targets as a Gaussian process with covariance K + λI
};
std::string_view name(RidgeCriterion criterion);  ///< "loo", "gcv", "evidence"

/// Ridges to choose from.
struct RidgeSearch {
  std::vector<double> values = {};  ///< λ, in units of tr(K)/n if `relative`
  bool relative = true;
  RidgeCriterion criterion = RidgeCriterion::leave_one_out;

  /// 1e-10 to 100 in units of tr(K)/n, two each factor of 10.
  static RidgeSearch usual();
};

/// What one λ makes of n samples with m outputs. With eigenvalues w_k and H = K (K + λI)⁻¹:
struct RidgeJudgement {
  double value = 0;  ///< as it was asked for: in units of tr(K)/n, or λ
  double ridge = 0;  ///< λ
  double leave_one_out =
      0;  ///< √(Σ r²/(nm)), r = α_i/((K + λI)⁻¹)_ii (Rasmussen and Williams 2006, eq. (5.12))
  /// (‖Y - HY‖²/(nm))/(tr(I - H)/n)² (Golub, Heath and Wahba 1979)
  double generalized_cross_validation = 0;
  /// Σ over outputs of -½ yᵀ(K + λI)⁻¹y - ½ log det(K + λI) - (n/2) log 2π (Rasmussen and Williams 2006, eq. (2.30))
  double log_marginal_likelihood = 0;
  double effective_degrees_of_freedom = 0;  ///< tr H = Σ w_k/(w_k + λ)
  /// λ is less than what rounding makes of eigenvalues that are 0: nothing is known, and it is not chosen.
  bool is_below_rounding = false;
};

struct RidgePath {
  std::vector<RidgeJudgement> judgements;  ///< ascending in λ
  std::size_t best = 0;
  double smallest_eigenvalue = 0;  ///< of K
  double largest_eigenvalue = 0;
};

/// Judges all ridges. `k`, n × n and symmetric, is overwritten; targets n × m. About 9 n³ operations for the
/// eigendecomposition and 2 n² (m + 1) for each λ; 2 n² numbers besides K. The same to the last bit for any number of
/// threads. Throws InputError (shapes, NaN, a ridge that is negative or not finite), NumericalError (no ridge is above
/// rounding), Cancelled.
RidgePath judge_ridges(MatrixView<double> k, MatrixView<const double> targets, const RidgeSearch& search,
                       const Execution& execution = {});

}  // namespace ntkc
#pragma GCC visibility pop
