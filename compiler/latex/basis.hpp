// A function as a sum of what expectations are printed of: its normal form with powers of the distance from
// a threshold, so that relu6 is z₊ - (z - 6)₊.
#pragma once

#include <vector>

#include "compiler/latex/expression.hpp"
#include "compiler/moments/normal_form.hpp"

namespace ntkc::latex {

/// zⁿ s(z) e^(az - gz²) w(bz) as a moments::Term, its coefficient 1; but for thresholds (z - t)₊ⁿ in place of
/// zⁿ [z > t] and (t - z)₊ⁿ in place of zⁿ [z < t].
using BasisFunction = moments::Term;

struct Part {
  moments::Constant coefficient;
  BasisFunction function;
};

std::vector<Part> parts_of(const moments::NormalForm& form);

/// As a function of z.
Formula written(const BasisFunction& function, Constants& constants);

/// z → f(-z) is ± a basis function: that one and its sign.
std::pair<BasisFunction, int> mirror_image(const BasisFunction& function);

/// Zero but for rounding, whatever the parameters.
bool is_zero(const moments::Constant& constant);

}  // namespace ntkc::latex
