// Any normal form whose moments the calculus has.
#include "compiler/passes/expand/calculus.hpp"
#include "compiler/passes/expand/duals.hpp"

namespace ntkc::passes {

GaussianPair gaussian_pair(const CrossCovariance& k) {
  const Expression m = smaller_complement(k);
  const Expression determinant = k.self.q.both() * (4.0 * (m * (1.0 - m)));
  return {k.self.q.first(), k.self.q.second(), k.c, determinant, Complements{k.z, k.zbar}};
}

GaussianPair equal_pair(Expression q) {
  const Expression zero = q.literal(0);
  return {q, q, q, zero, Complements{zero, q.literal(1)}};
}

Expression GenericRule::self(const SelfCovariance& q) const { return moment(form_, form_, equal_pair(q.q)); }

CrossCovariance GenericRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                   bool /*critical*/) const {
  return from_value(moment(form_, form_, gaussian_pair(k)), self);
}

Expression GenericRule::derivative(const CrossCovariance& k) const {
  const moments::NormalForm slope = moments::derivative(form_);
  return moment(slope, slope, gaussian_pair(k));
}

}  // namespace ntkc::passes
