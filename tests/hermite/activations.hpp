// Activations without a closed form, and a slow way to their duals.
#pragma once

#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

namespace ntkc::test {

using LongFunction = std::function<long double(long double)>;

struct Activation {
  std::string name;
  LongFunction value;
  LongFunction derivative;
};

inline long double logistic(long double z) { return 1 / (1 + std::exp(-z)); }
inline long double soft_plus(long double z) {
  return std::fmax(z, 0.0L) + std::log1p(std::exp(-std::fabs(z)));
}

inline std::vector<Activation> analytic_activations() {
  return {
      {"tanh", [](long double z) { return std::tanh(z); },
       [](long double z) { return 1 / std::pow(std::cosh(z), 2.0L); }},
      {"sigmoid", [](long double z) { return logistic(z); },
       [](long double z) { return logistic(z) * logistic(-z); }},
      {"softplus", [](long double z) { return soft_plus(z); }, [](long double z) { return logistic(z); }},
      {"swish", [](long double z) { return z * logistic(z); },
       [](long double z) { return logistic(z) * (1 + z * logistic(-z)); }},
      {"mish", [](long double z) { return z * std::tanh(soft_plus(z)); },
       [](long double z) {
         const long double t = std::tanh(soft_plus(z));
         return t + z * (1 - t * t) * logistic(z);
       }},
  };
}

/// E[f(u)g(v)] by the trapezoidal rule in two dimensions, which converges exponentially for analytic
/// functions. u = σ t, v = σ' (ρ t + √(1 - ρ²) s).
inline long double dual_by_quadrature(const LongFunction& f, const LongFunction& g, long double sigma,
                                      long double sigma2, long double rho, long double step = 0.05L) {
  const int n = static_cast<int>(13 / step);
  const long double rest = std::sqrt((1 - rho) * (1 + rho));
  long double sum = 0;
  for (int i = -n; i <= n; ++i) {
    const long double t = i * step;
    long double inner = 0;
    for (int j = rest > 0 ? -n : 0; j <= (rest > 0 ? n : 0); ++j) {
      const long double s = j * step;
      inner += g(sigma2 * (rho * t + rest * s)) * (rest > 0 ? std::exp(-s * s / 2) : 1);
    }
    sum += f(sigma * t) * std::exp(-t * t / 2) * inner;
  }
  const long double norm = step / std::sqrt(2 * std::numbers::pi_v<long double>);
  return sum * norm * (rest > 0 ? norm : 1);
}

}  // namespace ntkc::test
