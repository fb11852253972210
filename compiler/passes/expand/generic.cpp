// Any normal form whose moments the calculus has.
#include "compiler/passes/expand/calculus.hpp"
#include "compiler/passes/expand/duals.hpp"

namespace ntkc::passes {

GaussianPair gaussian_pair(const CrossCovariance& k) {
  const Expression m = smaller_complement(k);
  const Expression determinant = k.self.q.both() * (4.0 * (m * (1.0 - m)));
  return {k.self.q.first(), k.self.q.second(), k.c, determinant};
}

Expression GenericRule::self(const SelfCovariance& q) const {
  return moment(form_, form_, {q.q, q.q, q.q, q.q.literal(0)});
}

CrossCovariance GenericRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                   bool /*critical*/) const {
  return from_value(moment(form_, form_, gaussian_pair(k)), self);
}

Expression GenericRule::derivative(const CrossCovariance& k) const {
  const moments::NormalForm slope = moments::derivative(form_);
  return moment(slope, slope, gaussian_pair(k));
}

}  // namespace ntkc::passes
