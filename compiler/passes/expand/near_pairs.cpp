#include "compiler/passes/expand/near_pairs.hpp"

namespace ntkc::passes {

CrossCovariance refine_near_pairs(const CrossCovariance& value, const CrossCovariance& k,
                                  const NearPairs& near) {
  const Expression m = near.parity == hermite::Parity::none ? k.z : smaller_complement(k);
  const Expression q = k.self.q;
  // Δ = log(√q/√q') = (q - q')/(q + q') (1 + O(Δ²))
  const Expression step =
      0.25 * square((q.first() - q.second()) * reciprocal_or_zero(q.first() + q.second()));
  const auto mean = [](Expression a) { return 0.5 * (a.first() + a.second()); };
  const Expression leading = mean(near.stretch) * m + mean(near.spread) * step;
  // The next term is about `leading` √(m + Δ²/4): where that is less than the rounding of the value.
  const Expression next_square = square(leading) * (m + step);
  const Expression rounding_square = next_square.literal(9 * near.unit_roundoff * near.unit_roundoff);
  const auto refined = [&](Expression z) { return select_less(next_square, rounding_square, leading, z); };
  CrossCovariance result = value;
  if (near.parity == hermite::Parity::odd) {
    result.z = select_negative(k, value.z, refined(value.z));
    result.zbar = select_negative(k, refined(value.zbar), value.zbar);
  } else {
    result.z = refined(value.z);
  }
  return result;
}

}  // namespace ntkc::passes
