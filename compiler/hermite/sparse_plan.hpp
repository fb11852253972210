// How many sparse degrees (compiler/hermite/sparse.hpp) an expansion takes, and what they leave open.
#pragma once

#include <vector>

#include "compiler/hermite/expansion.hpp"

namespace ntkc::hermite {

/// f = r + s. E[f(u)f(v)] - E[s(u)s(v)] is expanded.
struct SparseRequest {
  std::vector<RealFunction> r;  ///< r, r', r″, …
  RealFunction s = {};          ///< if there is one: narrow itself
  std::vector<double> breaks = {};
  std::vector<double> sigmas = {};
  Rule mean = {};  ///< for expectations of r, s and their products
  Parity parity = Parity::none;
};

struct SparsePlan {
  int order = 0;              ///< of the derivative of r that is narrow
  std::vector<Terms> r = {};  ///< of even and of odd degrees, or of one of them
  std::vector<Terms> s = {};  ///< likewise, of the same degrees
  /// The largest that is found of |Σ r_k² - E[r²]| + 2 |Σ r_k s_k - E[rs]|, relative to E[f²], and of the difference that
  /// other degrees make at correlations below 1. Infinite if there is no plan.
  double remainder = 0;
  /// The same for samples of at least this σ, descending, with others of at least theirs: a narrow feature and a wide
  /// one together take more degrees than two of a kind.
  struct Loss {
    double sigma = 0;
    double loss = 0;
  };
  std::vector<Loss> losses = {};
};

/// By a few of the sigmas, without losses.
SparsePlan plan_sparse(const SparseRequest& request);
/// Sets the losses from the largest σ of the request down, and the remainder to the largest.
void find_losses(const SparseRequest& request, SparsePlan& plan);

}  // namespace ntkc::hermite
