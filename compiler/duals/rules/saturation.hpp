// What erf and gelu share: both depend on a correlation that saturates with the norms.
#pragma once

#include "compiler/duals/rules/rules.hpp"

namespace ntkc::duals {

/// For each sample x² = q/(q + s) and y² = 1 - x² = s/(q + s).
struct Saturation {
  Expression x2;
  Expression y2;
  Expression x;
  Expression y;
};
Saturation saturation(const SelfCovariance& q, double s);

/// For a pair m = (1 - |u|)/2, κ = x x' |u|, and 1 - κ² = y² + x²y'² + x²x'²·4m(1 - m), a sum of positive
/// terms, with its root.
struct SaturatedAngle {
  Expression m;
  Expression kappa;
  Expression one_minus_square;
  Expression root;
};
SaturatedAngle saturated_angle(const CrossCovariance& k, double s);

}  // namespace ntkc::duals
