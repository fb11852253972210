#include "compiler/codegen/approximation.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace ntkc::codegen {
namespace {

constexpr long double pi = std::numbers::pi_v<long double>;

/// Σ_{k≥1} (-1)^(k+1) 2k θ^(2k+1)/(2k+1)!, the series of sin θ - θ cos θ, divided by θ³.
long double arc_segment_ratio(long double theta) {
  long double term = -1.0L / 6;  // of θ^(2k-2)/(2k+1)! with its sign
  long double sum = 0;
  for (int k = 1; k < 20; ++k) {
    sum -= 2 * k * term;
    term *= -theta * theta / ((2 * k + 2) * (2 * k + 3));
  }
  return sum;
}

/// Returns the coefficients of Σ c_k T_k(s), s = (2t - low - high)/(high - low), in powers of t, by
/// Clenshaw's recurrence on polynomials.
std::vector<long double> monomials(const std::vector<long double>& chebyshev, long double low,
                                   long double high) {
  const std::size_t n = chebyshev.size();
  const long double scale = 2 / (high - low);
  const long double shift = -(low + high) / (high - low);
  std::vector<long double> b1(n, 0);
  std::vector<long double> b2(n, 0);
  for (std::size_t k = n; k-- > 1;) {
    std::vector<long double> b0(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
      b0[i] = 2 * shift * b1[i] - b2[i] + (i > 0 ? 2 * scale * b1[i - 1] : 0);
    }
    b0[0] += chebyshev[k];
    b2 = b1;
    b1 = b0;
  }
  std::vector<long double> result(n, 0);
  for (std::size_t i = 0; i < n; ++i) result[i] = shift * b1[i] - b2[i] + (i > 0 ? scale * b1[i - 1] : 0);
  result[0] += chebyshev[0];
  return result;
}

std::vector<long double> interpolate(FittedFunction function, long double low, long double high, int degree) {
  const int n = degree + 1;
  std::vector<long double> values;
  for (int j = 0; j < n; ++j) {
    const long double s = std::cos(pi * (j + 0.5L) / n);
    values.push_back(evaluate(function, (low + high) / 2 + s * (high - low) / 2));
  }
  std::vector<long double> chebyshev;
  for (int k = 0; k < n; ++k) {
    long double sum = 0;
    for (int j = 0; j < n; ++j)
      sum += values[static_cast<std::size_t>(j)] * std::cos(pi * k * (j + 0.5L) / n);
    chebyshev.push_back(sum * (k == 0 ? 1 : 2) / n);
  }
  return monomials(chebyshev, low, high);
}

long double worst_error(FittedFunction function, const std::vector<long double>& coefficients,
                        long double low, long double high) {
  const int points = 20 * static_cast<int>(coefficients.size());
  long double worst = 0;
  for (int i = 0; i <= points; ++i) {
    const long double t = low + (high - low) * i / points;
    long double value = 0;
    for (std::size_t k = coefficients.size(); k-- > 0;) value = value * t + coefficients[k];
    const long double exact = evaluate(function, t);
    worst = std::max(worst, std::fabs((value - exact) / exact));
  }
  return worst;
}

}  // namespace

namespace {

/// x e^(x²) erfc(x) for x ≥ 8, by Laplace's continued fraction (DLMF 7.9.2) from its 60th step.
long double scaled_erfc_tail(long double x) {
  const long double w = 1 / (x * x);  // 0 for infinite x
  long double fraction = 1;
  for (int k = 60; k >= 1; --k) fraction = 1 + k * w / (2 * fraction);
  return 1 / (std::sqrt(pi) * fraction);
}

}  // namespace

namespace {

/// D(x)/x for 0 ≤ x ≤ 8, e^(-x²) Σ x^(2k)/(k! (2k + 1)) (DLMF 7.6.2), all terms positive.
long double dawson_ratio(long double x) {
  long double sum = 1;
  long double power = 1;  // x^(2k)/k!
  for (int k = 1; power > sum * 1e-22L; ++k) {
    power *= x * x / k;
    sum += power / (2 * k + 1);
  }
  return sum * std::exp(-x * x);
}

/// 2x D(x) for x ≥ 8 by its asymptotic series in w = 1/x², Σ (2k - 1)!!/(2x²)^k (DLMF 7.12.1), up to its
/// least term, below e^(-64).
long double dawson_tail(long double w) {
  long double sum = 1;
  long double term = 1;
  for (int k = 1; (2 * k - 1) * w < 2 && term > 1e-22L; ++k) {
    term *= (2 * k - 1) * w / 2;
    sum += term;
  }
  return sum;
}

}  // namespace

long double evaluate(FittedFunction function, long double t) {
  switch (function) {
    case FittedFunction::arcsine_ratio: {
      const long double s = std::sqrt(t);
      return s > 0 ? std::asin(s) / s : 1;
    }
    case FittedFunction::arccosine_ratio: {
      const long double s = std::sqrt(t);
      const long double ratio = s > 0 ? 2 * std::asin(s) / s : 2;  // θ/s
      return arc_segment_ratio(ratio * s) * ratio * ratio * ratio;
    }
    case FittedFunction::expm1_remainder: {
      long double term = 0.5L;
      long double sum = 0;
      for (int k = 3; k < 30; ++k) {
        sum += term;
        term *= t / k;
      }
      return sum;
    }
    case FittedFunction::artanh_remainder: {
      long double power = 1;
      long double sum = 0;
      for (int k = 3; k < 60; k += 2) {
        sum += power / k;
        power *= t;
      }
      return sum;
    }
    case FittedFunction::sine_ratio: {
      const long double r = std::sqrt(t);
      return r > 0 ? std::sin(r) / r : 1;
    }
    case FittedFunction::cosine_ratio: {
      const long double half = std::sqrt(t) / 2;
      const long double ratio = half > 0 ? std::sin(half) / half : 1;
      return ratio * ratio / 2;
    }
    case FittedFunction::erf_ratio: {
      const long double x = std::sqrt(t);
      return x > 0 ? std::erf(x) / x : 2 / std::sqrt(pi);
    }
    case FittedFunction::erfc_ratio: {
      const long double x = 3.75L * (1 + t) / (1 - t);
      return x < 8 ? (1 + 2 * x) * std::exp(x * x) * std::erfc(x) : (1 / x + 2) * scaled_erfc_tail(x);
    }
    case FittedFunction::erfc_scaled: {
      const long double x = 3 * (1 + t) / (1 - t);
      return std::exp(x * x) * std::erfc(x);
    }
    case FittedFunction::dawson_ratio:
      return dawson_ratio(std::sqrt(t));
    case FittedFunction::dawson_near:
      return (1.625L + t) * dawson_ratio(1.625L + t);
    case FittedFunction::dawson_middle:
      return (2.875L + t) * dawson_ratio(2.875L + t);
    case FittedFunction::dawson_far:
      return (4.25L + t) * dawson_ratio(4.25L + t);
    case FittedFunction::dawson_tail:
      return t < 1.0L / 64 ? dawson_tail(t) : 2 / t * dawson_ratio(1 / std::sqrt(t));
  }
  return 0;
}

Polynomial fit(FittedFunction function, long double low, long double high, long double tolerance) {
  for (int degree = 2; degree <= 40; ++degree) {
    std::vector<long double> coefficients = interpolate(function, low, high, degree);
    const long double error = worst_error(function, coefficients, low, high);
    if (error <= tolerance) return {std::move(coefficients), error};
  }
  throw std::logic_error("fit: no polynomial of degree 40 or less reaches the tolerance");
}

}  // namespace ntkc::codegen
