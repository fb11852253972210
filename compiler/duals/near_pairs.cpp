#include "compiler/duals/near_pairs.hpp"

namespace ntkc::duals {

NearPairs NearPairs::of(const SelfCovariance& q, const SelfCovariance& self, Expression slope_square,
                        Expression growth_square, Expression drift, hermite::Parity parity, double accuracy) {
  const Expression share = square(self.reciprocal);
  const Expression spread = growth_square * share - square(drift * share);
  return {q.q * slope_square * share, maximum(spread, spread.literal(0)), parity, accuracy};
}

CrossCovariance refine_near_pairs(const CrossCovariance& value, const CrossCovariance& k,
                                  const NearPairs& near) {
  const Expression m = near.parity == hermite::Parity::none ? k.complement : smaller_complement(k);
  const Expression q = k.self.q;
  // Δ = log(√q/√q') = (q - q')/(q + q') (1 + O(Δ²))
  const Expression step =
      0.25 * square((q.first() - q.second()) * reciprocal_or_zero(q.first() + q.second()));
  const auto mean = [](Expression a) { return 0.5 * (a.first() + a.second()); };
  const Expression leading = mean(near.stretch) * m + mean(near.spread) * step;
  // The next term is about `leading` √(m + Δ²/4): where that is less than the error of the value.
  const Expression next_square = square(leading) * (m + step);
  const Expression error_square = next_square.literal(near.accuracy * near.accuracy);
  const auto refined = [&](Expression z) { return select_less(next_square, error_square, leading, z); };
  CrossCovariance result = value;
  if (near.parity == hermite::Parity::odd) {
    result.complement = select_negative(k, value.complement, refined(value.complement));
    result.cocomplement = select_negative(k, refined(value.cocomplement), value.cocomplement);
  } else {
    result.complement = refined(value.complement);
  }
  return result;
}

CrossCovariance exact_if_equal(const CrossCovariance& value, const CrossCovariance& k,
                               hermite::Parity parity) {
  const Expression step = absolute(k.self.q.first() - k.self.q.second());
  const Expression zero = step.literal(0);
  const auto exact = [&](Expression complement, Expression z) {
    return select_less(zero, complement + step, z, zero);
  };
  CrossCovariance result = value;
  const Expression m = parity == hermite::Parity::even ? smaller_complement(k) : k.complement;
  result.complement = exact(m, value.complement);
  if (parity == hermite::Parity::odd) result.cocomplement = exact(k.cocomplement, value.cocomplement);
  return result;
}

}  // namespace ntkc::duals
