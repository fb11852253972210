#include "compiler/duals/near_pairs.hpp"

#include <algorithm>
#include <numbers>

namespace ntkc::duals {

NearPairs NearPairs::of(const SelfCovariance& q, const SelfCovariance& self, Expression slope_square,
                        Expression growth_square, Expression drift, hermite::Parity parity, double accuracy) {
  const Expression share = square(self.reciprocal);
  const Expression spread = growth_square * share - square(drift * share);
  return {q.q * slope_square * share, maximum(spread, spread.literal(0)), parity, accuracy};
}

void NearPairs::add(const std::vector<moments::Jump>& jumps, const SelfCovariance& q,
                    const SelfCovariance& self) {
  const double over_root = 1 / std::sqrt(2 * std::numbers::pi);
  for (std::size_t i = 0; i < jumps.size(); ++i) {
    const Expression at = q.q.constant(jumps[i].at);
    const Expression height = q.q.constant(jumps[i].height);
    const Expression density = over_root * exp(-0.5 * square(at * q.reciprocal));
    crossings.push_back({at, 0.25 * (square(height * self.reciprocal) * density)});
    if (i > 0)
      spacing = std::min(spacing, static_cast<double>(jumps[i].at.value() - jumps[i - 1].at.value()));
  }
}

namespace {

/// E|d| for the threshold t.
Expression mean_distance(const CrossCovariance& k, Expression m, Expression t) {
  const Expression deviation = 2.0 * sqrt(m);
  const double mean_size = std::sqrt(2 / std::numbers::pi);
  if (t.is(0)) return mean_size * deviation;
  const SelfCovariance& q = k.self;
  // |1/√q - 1/√q'|
  const Expression between = absolute(q.q.first() - q.q.second()) *
                             (q.reciprocal.both() * reciprocal_or_zero(q.root.first() + q.root.second()));
  const Expression apart = absolute(t) * between;
  const Expression ratio = std::numbers::sqrt2 / 2 * (apart * reciprocal_or_zero(deviation));
  const Expression distance = mean_size * (deviation * exp(-square(ratio))) + apart * erf(ratio);
  return select_less(m.literal(0), m, distance, apart);
}

}  // namespace

CrossCovariance refine_near_pairs(const CrossCovariance& value, const CrossCovariance& k,
                                  const NearPairs& near) {
  const Expression m = near.parity == hermite::Parity::none ? k.complement : smaller_complement(k);
  const Expression q = k.self.q;
  // Δ = log(√q/√q') = (q - q')/(q + q') (1 + O(Δ²))
  const Expression step =
      0.25 * square((q.first() - q.second()) * reciprocal_or_zero(q.first() + q.second()));
  const auto mean = [](Expression a) { return 0.5 * (a.first() + a.second()); };
  Expression leading = mean(near.stretch) * m + mean(near.spread) * step;
  for (const NearPairs::Crossing& each : near.crossings)
    leading = leading + mean(each.weight) * mean_distance(k, m, each.at);
  // The next term is about `leading` √(m + Δ²/4): where that is less than the error of the value.
  Expression next_square = square(leading) * (m + step);
  if (near.spacing < HUGE_VAL) next_square = next_square * mean(1.0 + 1 / (near.spacing * near.spacing) * q);
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
