// Arc-cosine kernels. Cho and Saul 2009, eq. 3, 4 and 6; κ_n as in Bietti and Mairal 2019.
#include <fmt/format.h>

#include <array>

#include "compiler/latex/families.hpp"

namespace ntkc::latex {

using moments::Constant;
using moments::NormalForm;
using moments::Switch;

namespace {

const char* const orders_zero_and_one = "With the arc-cosine kernels of order zero and one \\cite{cho2009}";

Formula kappa(int n) { return Formula::call(fmt::format("\\kappa_{}", n), {correlation()}); }

Equation kappa_definition(int n) {
  const Formula rest = Formula::pi() - angle();
  const Formula cosine = Formula::call("\\cos", {angle()});
  const Formula sine = Formula::call("\\sin", {angle()});
  return {kappa(n), (n == 0 ? rest : sine + rest * cosine) / Formula::pi()};
}

Formula angular(int n, const Formula& at) { return Formula::call(fmt::format("J_{{{}}}", n), {at}); }

/// J_n(θ) = 2π E[u₊ⁿ v₊ⁿ] = P_n(cos θ) sin θ + R_n(cos θ) (π - θ) for unit variances, by
///   J_n = (2n - 1) cos θ J_{n-1} + (n - 1)² sin² θ J_{n-2},
/// which Stein's lemma gives for both variables in turn.
struct Angular {
  std::vector<std::int64_t> of_sine;  ///< P_n, by powers of cos θ
  std::vector<std::int64_t> of_angle;
};

Angular combined(const Angular& one, const Angular& two, std::int64_t n) {
  const auto combine = [&](const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
    std::vector<std::int64_t> sum(static_cast<std::size_t>(n) + 1, 0);
    for (std::size_t i = 0; i < a.size() && i + 1 < sum.size(); ++i) sum[i + 1] += (2 * n - 1) * a[i];
    for (std::size_t i = 0; i < b.size(); ++i) {
      sum[i] += (n - 1) * (n - 1) * b[i];
      if (i + 2 < sum.size()) sum[i + 2] -= (n - 1) * (n - 1) * b[i];
    }
    return sum;
  };
  return {combine(one.of_sine, two.of_sine), combine(one.of_angle, two.of_angle)};
}

Equation angular_definition(int n) {
  std::vector<Angular> known = {{{0}, {1}}, {{1}, {0, 1}}};
  for (int i = 2; i <= n; ++i)
    known.push_back(
        combined(known[static_cast<std::size_t>(i) - 1], known[static_cast<std::size_t>(i) - 2], i));
  const Formula cosine = Formula::call("\\cos", {angle()});
  const auto polynomial = [&](const std::vector<std::int64_t>& coefficients) {
    Formula sum;
    for (std::size_t i = 0; i < coefficients.size(); ++i)
      sum += coefficients[i] * power(cosine, static_cast<int>(i));
    return sum;
  };
  const Angular& j = known[static_cast<std::size_t>(n)];
  return {angular(n, angle()), polynomial(j.of_sine) * Formula::call("\\sin", {angle()}) +
                                   (Formula::pi() - angle()) * polynomial(j.of_angle)};
}

constexpr int highest_angular = 12;  // of integers that print in full

}  // namespace

/// α min(z, 0) + β max(z, 0)
std::optional<WrittenDual> piecewise_linear(const NormalForm& form, Writing& writing) {
  const auto found = moments::find_piecewise_linear(form);
  if (!found) return std::nullopt;
  const auto& [odd, even] = *found;
  if (is_zero(even)) {
    const Formula square_of_slope = square(writing.constants(odd));
    return WrittenDual{.words = "It is linear", .value = square_of_slope * cross(), .slope = square_of_slope};
  }
  writing.cited.insert("cho2009");
  const Constant below = odd - even;
  const Constant above = odd + even;
  // Either side alone is a multiple of relu.
  const Formula fold = square(writing.constants(above - below)) / 2;
  const Formula product = writing.constants(below) * writing.constants(above);
  const bool is_one_sided = is_zero(below) || is_zero(above);
  const Formula norm = sqrt(q_first() * q_second());
  const auto with = [&](int n) { return fold * kappa(n); };
  return WrittenDual{.words = orders_zero_and_one,
                     .where = {kappa_definition(0), kappa_definition(1)},
                     .value = is_one_sided ? norm * with(1) : norm * (with(1) + product * correlation()),
                     .slope = is_one_sided ? with(0) : with(0) + product};
}

/// c zⁿ [z > 0] and c zⁿ sign z
std::optional<WrittenDual> rectified_monomial(const NormalForm& form, Writing& writing) {
  const std::vector<Part> parts = parts_of(form);
  if (parts.size() != 1) return std::nullopt;
  const auto& [coefficient, f] = parts[0];
  const bool is_sign = f.s == Switch::sign;
  const bool is_rectified = f.is_threshold() && f.t.is(0);
  const int n = f.power;
  if (!f.is_plain() || (!is_sign && !is_rectified) || n > highest_angular) return std::nullopt;
  const Formula c2 = square(writing.constants(coefficient));
  if (n == 0 && is_sign) {
    return WrittenDual{.words = "The arcsine law",
                       .value = 2 * c2 / Formula::pi() * Formula::call("\\arcsin", {correlation()})};
  }
  writing.cited.insert("cho2009");
  if (n == 0) {
    return WrittenDual{.words = "With the arc-cosine kernel of order zero \\cite{cho2009}",
                       .where = {kappa_definition(0)},
                       .value = c2 / 2 * kappa(0)};
  }
  // A sign has both sides: J_n(θ) for equal signs, J_n(π - θ) for others.
  const Formula pi = Formula::pi();
  const auto kernel = [&](int order) {
    const Formula norm = power(sqrt(q_first() * q_second()), order);
    if (is_rectified) return c2 * norm / (2 * pi) * angular(order, angle());
    const Formula other = angular(order, pi - angle());
    return c2 * norm / pi * (angular(order, angle()) + (order % 2 == 0 ? -other : other));
  };
  return WrittenDual{.words = fmt::format("The arc-cosine kernel of order {} \\cite{{cho2009}}", n),
                     .where = {angular_definition(n - 1), angular_definition(n)},
                     .value = kernel(n),
                     .slope = n * n * kernel(n - 1)};
}

}  // namespace ntkc::latex
