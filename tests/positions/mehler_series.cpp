#include "tests/positions/mehler_series.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ntkc::test {
namespace {

constexpr long double pi = std::numbers::pi_v<long double>;
constexpr long double digits = 48;  // e^-48 is 1e-21, with room for factors before it

}  // namespace

std::vector<long double> mehler_series(const AnalyticFunction& f, long double q) {
  const long double root = std::sqrt(q);
  // φ(√q s) is analytic up to a: its coefficients fall like e^(-a √k), and two of them are multiplied.
  const long double a = root > 0 ? f.pole / root : digits;
  const auto count = static_cast<std::size_t>(16 + digits * digits / (4 * a * a));
  const long double last = std::sqrt(static_cast<long double>(count));
  // Aliases: the spectrum of h_k e^(-s²/2) ends at √k but for e^(-w²/2), that of φ falls like e^(-a w).
  const long double step = 2 * pi / (last + 9 + digits / a);
  const auto half = static_cast<long>((2 * last + 12) / step);
  std::vector<long double> roots;
  for (std::size_t k = 0; k <= count; ++k) roots.push_back(std::sqrt(static_cast<long double>(k)));
  std::vector<long double> result(count, 0);
  for (long i = -half; i <= half; ++i) {
    const long double s = step * static_cast<long double>(i);
    const long double half_weight = std::exp(-s * s / 4);
    const long double value = f.value(root * s) * half_weight * step / std::sqrt(2 * pi);
    long double before = 0;
    long double now = half_weight;  // h_k e^(-s²/4)
    for (std::size_t k = 0; k < count; ++k) {
      result[k] += now * value;
      const long double next = (s * now - roots[k] * before) / roots[k + 1];
      before = now;
      now = next;
    }
  }
  return result;
}

long double mehler_sum(const std::vector<long double>& a, const std::vector<long double>& b,
                       long double rho) {
  long double sum = 0;
  for (std::size_t k = std::min(a.size(), b.size()); k-- > 0;) sum = sum * rho + a[k] * b[k];
  return sum;
}

}  // namespace ntkc::test
