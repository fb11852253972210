#include "tests/positions/full_covariance.hpp"

#include <quadmath.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "tests/positions/mehler_series.hpp"

namespace ntkc::test {
namespace {

const Real pi = acosq(Real(-1));

/// Which of the samples x (0) and y (1) a pair is of.
constexpr std::array<std::array<int, 2>, 3> samples = {{{0, 0}, {1, 1}, {0, 1}}};

/// (p, p') → what entry(square, p, p') says, for Σ and Θ of each pair.
template <typename Entry>
Covariances each_entry(const Covariances& a, std::vector<std::int64_t> extents, Entry entry) {
  Covariances result;
  result.extents = std::move(extents);
  const std::size_t count = result.positions();
  for (std::size_t pair = 0; pair < 3; ++pair) {
    for (std::size_t p = 0; p < count; ++p) {
      for (std::size_t q = 0; q < count; ++q) {
        result.sigma.at(pair).push_back(entry(a.sigma.at(pair), pair, p, q));
        result.theta.at(pair).push_back(entry(a.theta.at(pair), pair, p, q));
      }
    }
  }
  return result;
}

/// Each entry as change(pair, p, p', Σ, Θ) leaves it.
template <typename Change>
Covariances changed(const Covariances& a, Change change) {
  Covariances result = a;
  const std::size_t count = a.positions();
  for (std::size_t pair = 0; pair < 3; ++pair) {
    for (std::size_t p = 0; p < count; ++p) {
      for (std::size_t q = 0; q < count; ++q)
        change(pair, p, q, result.sigma.at(pair)[p * count + q], result.theta.at(pair)[p * count + q]);
    }
  }
  return result;
}

/// The index of a position from those along the axes, and back.
std::vector<std::int64_t> along_axes(std::size_t position, const std::vector<std::int64_t>& extents) {
  std::vector<std::int64_t> result(extents.size());
  for (std::size_t d = extents.size(); d-- > 0;) {
    result[d] = static_cast<std::int64_t>(position) % extents[d];
    position /= static_cast<std::size_t>(extents[d]);
  }
  return result;
}

/// Of each output and tap of all axes together, the input or -1.
Taps combined(const std::vector<Taps>& axes, const std::vector<std::int64_t>& inputs) {
  std::vector<std::int64_t> outputs;
  std::vector<std::int64_t> sizes;
  for (const Taps& axis : axes) {
    outputs.push_back(std::ssize(axis));
    sizes.push_back(std::ssize(axis.at(0)));
  }
  const auto count_of = [](const std::vector<std::int64_t>& each) {
    std::size_t count = 1;
    for (const std::int64_t one : each) count *= static_cast<std::size_t>(one);
    return count;
  };
  Taps result;
  for (std::size_t o = 0; o < count_of(outputs); ++o) {
    auto& taps = result.emplace_back();
    for (std::size_t t = 0; t < count_of(sizes); ++t) {
      std::int64_t input = 0;
      for (std::size_t d = 0; d < axes.size(); ++d) {
        const std::int64_t read = axes[d][static_cast<std::size_t>(along_axes(o, outputs)[d])]
                                      [static_cast<std::size_t>(along_axes(t, sizes)[d])];
        input = input < 0 || read < 0 ? -1 : input * inputs[d] + read;
      }
      taps.push_back(input);
    }
  }
  return result;
}

Covariances weighted(const Covariances& a, double w, double b, bool local) {
  const Real ww = Real(w) * Real(w);
  const Real bb = Real(b) * Real(b);
  return changed(a, [&](std::size_t, std::size_t p, std::size_t q, Real& sigma, Real& theta) {
    const bool is_zero = local && p != q;
    sigma = is_zero ? 0 : ww * sigma + bb;
    theta = is_zero ? 0 : ww * theta + sigma;
  });
}

/// The variance of a sample at a position.
Real variance(const Covariances& a, int sample, std::size_t p) {
  return a.sigma.at(static_cast<std::size_t>(sample))[p * a.positions() + p];
}

struct Dual {
  Real value = 0;
  Real slope = 0;
};

/// z ↦ max(z, 0) + a min(z, 0): Cho and Saul 2009 for a = 0.
Dual rectified(Real a, Real q, Real r, Real c) {
  const Real g = sqrtq(q) * sqrtq(r);
  const Real u = g > 0 ? fminq(1, fmaxq(-1, c / g)) : 0;
  const Real angle = acosq(u);
  const Real share = (1 - a) * (1 - a);
  return {share * g * (sqrtq(1 - u * u) + (pi - angle) * u) / (2 * pi) + a * c,
          share * (pi - angle) / (2 * pi) + a};
}

Dual dual(Activation activation, Real q, Real r, Real c) {
  switch (activation) {
    case Activation::relu:
      return rectified(0, q, r, c);
    case Activation::leaky_relu:
      return rectified(Real(0.25), q, r, c);
    case Activation::erf: {  // Williams 1997
      const Real d = (1 + 2 * q) * (1 + 2 * r);
      return {2 / pi * asinq(2 * c / sqrtq(d)), 4 / pi / sqrtq(d - 4 * c * c)};
    }
    case Activation::sin: {  // e^(-(q+r)/2) sinh(c) and cosh(c), where these overflow, too
      const Real a = expq(c - (q + r) / 2) / 2;
      const Real b = expq(-c - (q + r) / 2) / 2;
      return {a - b, a + b};
    }
    default:
      break;
  }
  throw std::logic_error("no such activation");
}

std::int64_t same_outputs(std::int64_t inputs, std::int64_t stride) { return (inputs + stride - 1) / stride; }

}  // namespace

Covariances input_covariances(const std::vector<double>& x, const std::vector<double>& y,
                              const std::vector<std::int64_t>& extents, std::int64_t channels) {
  Covariances result;
  result.extents = extents;
  const std::array<const std::vector<double>*, 2> inputs = {&x, &y};
  const std::size_t count = result.positions();
  const auto size = static_cast<std::size_t>(channels);
  for (std::size_t pair = 0; pair < 3; ++pair) {
    const std::vector<double>& a = *inputs.at(static_cast<std::size_t>(samples.at(pair)[0]));
    const std::vector<double>& b = *inputs.at(static_cast<std::size_t>(samples.at(pair)[1]));
    for (std::size_t p = 0; p < count; ++p) {
      for (std::size_t q = 0; q < count; ++q) {
        Real sum = 0;
        for (std::size_t k = 0; k < size; ++k) sum += Real(a[p * size + k]) * Real(b[q * size + k]);
        result.sigma.at(pair).push_back(sum / static_cast<Real>(channels));
        result.theta.at(pair).push_back(0);
      }
    }
  }
  return result;
}

Taps taps_of(const Filter& filter, std::int64_t inputs) {
  const std::int64_t reach = (filter.size - 1) * filter.dilation;
  const bool is_valid = filter.padding == Padding::valid;
  const std::int64_t outputs =
      is_valid ? (inputs - reach - 1) / filter.stride + 1 : same_outputs(inputs, filter.stride);
  const std::int64_t padding =
      is_valid ? 0 : std::max<std::int64_t>((outputs - 1) * filter.stride + reach + 1 - inputs, 0);
  Taps result;
  for (std::int64_t o = 0; o < outputs; ++o) {
    auto& taps = result.emplace_back();
    for (std::int64_t t = 0; t < filter.size; ++t) {
      std::int64_t i = o * filter.stride + t * filter.dilation - padding / 2;
      if (filter.padding == Padding::circular) i = (i % inputs + inputs) % inputs;
      taps.push_back(i < 0 || i >= inputs ? -1 : i);
    }
  }
  return result;
}

Taps transposed_taps_of(const Filter& filter, std::int64_t inputs) {
  const std::int64_t more = std::max<std::int64_t>(filter.size - filter.stride, 0);
  const bool is_valid = filter.padding == Padding::valid;
  const std::int64_t outputs = inputs * filter.stride + (is_valid ? more : 0);
  const std::int64_t a = filter.size - 1 - (is_valid ? 0 : more / 2);
  Taps result;
  for (std::int64_t o = 0; o < outputs; ++o) {
    auto& taps = result.emplace_back();
    for (std::int64_t t = 0; t < filter.size; ++t) {
      std::int64_t place = o + t - a;
      const std::int64_t length = inputs * filter.stride;
      if (filter.padding == Padding::circular) place = (place % length + length) % length;
      const bool is_entry = place >= 0 && place < length && place % filter.stride == 0;
      taps.push_back(is_entry ? place / filter.stride : -1);
    }
  }
  return result;
}

Covariances convolved(const Covariances& a, const std::vector<Taps>& axes, double w, double b, bool local) {
  const Taps taps = combined(axes, a.extents);
  std::vector<std::int64_t> outputs;
  for (const Taps& axis : axes) outputs.push_back(std::ssize(axis));
  const std::size_t count = a.positions();
  return weighted(
      each_entry(
          a, outputs,
          [&](const Square& square, std::size_t, std::size_t p, std::size_t q) {
            Real sum = 0;
            for (std::size_t t = 0; t < taps[p].size(); ++t) {
              if (taps[p][t] < 0 || taps[q][t] < 0) continue;
              sum +=
                  square[static_cast<std::size_t>(taps[p][t]) * count + static_cast<std::size_t>(taps[q][t])];
            }
            return sum / static_cast<Real>(taps[p].size());
          }),
      w, b, local);
}

Covariances dense(const Covariances& a, double w, double b) { return weighted(a, w, b, false); }

Covariances mapped(const Covariances& a, const Rows& rows, std::vector<std::int64_t> extents) {
  const std::size_t count = a.positions();
  return each_entry(a, std::move(extents),
                    [&](const Square& square, std::size_t, std::size_t p, std::size_t q) {
                      Real sum = 0;
                      for (std::size_t i = 0; i < count; ++i) {
                        for (std::size_t j = 0; j < count && rows[p][i] != 0; ++j)
                          sum += rows[p][i] * square[i * count + j] * rows[q][j];
                      }
                      return sum;
                    });
}

Rows product_of(const std::vector<Rows>& axes) {
  Rows result = {{1}};
  for (const Rows& axis : axes) {
    Rows next;
    for (const std::vector<Real>& before : result) {
      for (const std::vector<Real>& row : axis) {
        auto& entries = next.emplace_back();
        for (const Real a : before) {
          for (const Real b : row) entries.push_back(a * b);
        }
      }
    }
    result = std::move(next);
  }
  return result;
}

Rows pooling_rows(const Filter& filter, std::int64_t inputs, bool is_sum, bool normalize) {
  Rows result;
  for (const auto& taps : taps_of(filter, inputs)) {
    auto& row = result.emplace_back(static_cast<std::size_t>(inputs));
    const auto there = std::ranges::count_if(taps, [](std::int64_t i) { return i >= 0; });
    const Real weight = is_sum ? 1 : 1 / static_cast<Real>(normalize ? there : filter.size);
    for (const std::int64_t i : taps) {
      if (i >= 0) row[static_cast<std::size_t>(i)] += weight;
    }
  }
  return result;
}

Rows slice_rows(std::int64_t start, std::int64_t stop, std::int64_t step, std::int64_t inputs) {
  Rows result;
  for (std::int64_t i = start; i < stop; i += step)
    result.emplace_back(static_cast<std::size_t>(inputs))[static_cast<std::size_t>(i)] = 1;
  return result;
}

Rows nearest_rows(std::int64_t outputs, std::int64_t inputs) {
  Rows result;
  for (std::int64_t o = 0; o < outputs; ++o)  // ⌊(o + ½) n/m⌋
    result.emplace_back(
        static_cast<std::size_t>(inputs))[static_cast<std::size_t>((2 * o + 1) * inputs / (2 * outputs))] = 1;
  return result;
}

Rows linear_rows(std::int64_t outputs, std::int64_t inputs) {
  const Real ratio = static_cast<Real>(inputs) / static_cast<Real>(outputs);
  const Real width = ratio > 1 ? ratio : 1;
  Rows result;
  for (std::int64_t o = 0; o < outputs; ++o) {
    auto& row = result.emplace_back();
    const Real centre = (static_cast<Real>(o) + Real(0.5)) * ratio - Real(0.5);
    Real total = 0;
    for (std::int64_t i = 0; i < inputs; ++i) {
      row.push_back(fmaxq(0, 1 - fabsq(centre - static_cast<Real>(i)) / width));
      total += row.back();
    }
    for (Real& weight : row) weight /= total;
  }
  return result;
}

Covariances flattened(const Covariances& a) {
  const std::size_t count = a.positions();
  return each_entry(a, {}, [&](const Square& square, std::size_t, std::size_t, std::size_t) {
    Real sum = 0;
    for (std::size_t p = 0; p < count; ++p) sum += square[p * count + p];
    return sum / static_cast<Real>(count);
  });
}

Covariances pooled(const Covariances& a, bool is_sum) {
  const std::size_t count = a.positions();
  const Real weight = is_sum ? 1 : 1 / static_cast<Real>(count);
  return mapped(a, {std::vector<Real>(count, weight)}, {});
}

Covariances normalized(const Covariances& a, double eps, bool over_positions) {
  const std::size_t count = a.positions();
  const auto scale = [&](int sample, std::size_t p) {
    Real v = variance(a, sample, p);
    if (over_positions) {
      v = 0;
      for (std::size_t each = 0; each < count; ++each)
        v += variance(a, sample, each) / static_cast<Real>(count);
    }
    const Real root = sqrtq(Real(eps) + v);
    return root > 0 ? 1 / root : 0;
  };
  return each_entry(a, a.extents, [&](const Square& square, std::size_t pair, std::size_t p, std::size_t q) {
    return scale(samples.at(pair)[0], p) * square[p * count + q] * scale(samples.at(pair)[1], q);
  });
}

Covariances dropped(const Covariances& a, double keep) {
  const std::size_t count = a.positions();
  return each_entry(a, a.extents, [&](const Square& square, std::size_t pair, std::size_t p, std::size_t q) {
    return square[p * count + q] / (pair < 2 && p == q ? Real(keep) : 1);
  });
}

Covariances sum_of(const Covariances& a, const Covariances& b) {
  Covariances result = a;
  for (std::size_t pair = 0; pair < 3; ++pair) {
    for (std::size_t i = 0; i < a.sigma.at(pair).size(); ++i) {
      result.sigma.at(pair)[i] += b.sigma.at(pair)[i];
      result.theta.at(pair)[i] += b.theta.at(pair)[i];
    }
  }
  return result;
}

Covariances product_of(const Covariances& a, const Covariances& b) {
  Covariances result = a;
  for (std::size_t pair = 0; pair < 3; ++pair) {
    for (std::size_t i = 0; i < a.sigma.at(pair).size(); ++i) {
      result.sigma.at(pair)[i] = a.sigma.at(pair)[i] * b.sigma.at(pair)[i];
      result.theta.at(pair)[i] =
          a.theta.at(pair)[i] * b.sigma.at(pair)[i] + a.sigma.at(pair)[i] * b.theta.at(pair)[i];
    }
  }
  return result;
}

Covariances joined(const Covariances& a, const Covariances& b) {
  std::vector<std::int64_t> extents = a.extents;
  extents[0] += b.extents[0];
  Covariances result;
  result.extents = extents;
  const std::size_t count = result.positions();
  const std::size_t first = a.positions();
  for (std::size_t pair = 0; pair < 3; ++pair) {
    for (std::size_t p = 0; p < count; ++p) {
      for (std::size_t q = 0; q < count; ++q) {
        const bool of_first = p < first;
        const Covariances& from = of_first ? a : b;
        const std::size_t begin = of_first ? 0 : first;
        const bool is_zero = of_first != (q < first);
        const std::size_t i = (p - begin) * from.positions() + (q - begin);
        result.sigma.at(pair).push_back(is_zero ? 0 : from.sigma.at(pair)[i]);
        result.theta.at(pair).push_back(is_zero ? 0 : from.theta.at(pair)[i]);
      }
    }
  }
  return result;
}

namespace {

/// tanh and the logistic sigmoid have no closed form; theirs is Mehler's formula, at each variance and correlation.
Covariances activated(const Covariances& a, const AnalyticFunction& f, const AnalyticFunction& slope) {
  struct Series {
    long double q;
    std::vector<long double> value;
    std::vector<long double> slope;
  };
  std::array<std::vector<Series>, 2> series;  // by sample, then position
  for (int sample : {0, 1}) {
    for (std::size_t p = 0; p < a.positions(); ++p) {
      const auto q = static_cast<long double>(variance(a, sample, p));
      series.at(static_cast<std::size_t>(sample))
          .push_back({q, mehler_series(f, q), mehler_series(slope, q)});
    }
  }
  return changed(a, [&](std::size_t pair, std::size_t p, std::size_t q, Real& sigma, Real& theta) {
    const auto of = [&](std::size_t side) -> const std::vector<Series>& {
      return series.at(static_cast<std::size_t>(samples.at(pair)[side]));
    };
    const Series& first = of(0)[p];
    const Series& second = of(1)[q];
    const long double scale = std::sqrt(first.q) * std::sqrt(second.q);
    const long double rho =
        scale > 0 ? std::clamp(static_cast<long double>(sigma) / scale, -1.0L, 1.0L) : 0.0L;
    sigma = mehler_sum(first.value, second.value, rho);
    theta *= mehler_sum(first.slope, second.slope, rho);
  });
}

long double logistic(long double z) { return 1 / (1 + std::exp(-z)); }

}  // namespace

Covariances activated(const Covariances& a, Activation activation) {
  constexpr long double half_turn = std::numbers::pi_v<long double>;
  if (activation == Activation::tanh) {
    const auto slope = [](long double z) { return 1 / (std::cosh(z) * std::cosh(z)); };
    return activated(a, {[](long double z) { return std::tanh(z); }, half_turn / 2}, {slope, half_turn / 2});
  }
  if (activation == Activation::sigmoid) {
    const auto slope = [](long double z) { return logistic(z) * logistic(-z); };
    return activated(a, {logistic, half_turn}, {slope, half_turn});
  }
  return changed(a, [&](std::size_t pair, std::size_t p, std::size_t q, Real& sigma, Real& theta) {
    const Dual values =
        dual(activation, variance(a, samples.at(pair)[0], p), variance(a, samples.at(pair)[1], q), sigma);
    sigma = values.value;
    theta *= values.slope;
  });
}

}  // namespace ntkc::test
