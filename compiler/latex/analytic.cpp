// Waves, polynomials, exponentials and Gaussians.
#include <fmt/format.h>

#include "compiler/latex/families.hpp"

namespace ntkc::latex {

using moments::Constant;
using moments::NormalForm;
using moments::Switch;
using moments::Term;
using moments::Wave;

/// α cos(bz) + β sin(bz), from the characteristic function of the Gaussian
std::optional<WrittenDual> waves(const NormalForm& form, Writing& writing) {
  Constant cosine;
  Constant sine;
  for (const Term& term : form) {
    const bool fits = term.wave != Wave::none && term.power == 0 && term.s == Switch::none && term.a.is(0) &&
                      term.g.is(0) && term.b == form[0].b;
    if (!fits) return std::nullopt;
    (term.wave == Wave::cosine ? cosine : sine) = term.coefficient;
  }
  if (form.empty()) return std::nullopt;
  const Formula b2 = square(writing.constants(form[0].b));
  const Formula even = square(writing.constants(cosine));
  const Formula odd = square(writing.constants(sine));
  const Formula sum = q_first() + q_second();
  WrittenDual result = {.words = "From the characteristic function of the Gaussian"};
  if ((even - odd).is(0)) {
    const Formula decay = exp(-(b2 * (sum - 2 * cross()) / 2));
    result.value = odd * decay;
    result.slope = odd * b2 * decay;
    return result;
  }
  const auto combination = [&](const Formula& of_cosh, const Formula& of_sinh) {
    return exp(-(b2 * sum / 2)) * (of_cosh * Formula::call("\\cosh", {b2 * cross()}) +
                                   of_sinh * Formula::call("\\sinh", {b2 * cross()}));
  };
  result.value = combination(even, odd);
  result.slope = b2 * combination(odd, even);
  return result;
}

namespace {

/// E[φ^(k)(√q t)] = Σ_j p_{k+2j} (k + 2j)!/(2^j j!) q^j
Formula mean_of_derivative(const std::vector<Constant>& powers, int k, Constants& constants) {
  Formula sum;
  for (int j = 0; k + 2 * j < static_cast<int>(powers.size()); ++j) {
    moments::Quad weight = 1;
    for (int i = 2; i <= k + 2 * j; ++i) weight *= i;
    for (int i = 1; i <= j; ++i) weight /= 2 * i;
    sum += Formula::number(weight) * constants(powers[static_cast<std::size_t>(k + 2 * j)]) *
           power(q_first(), j);
  }
  return sum;
}

}  // namespace

/// Polynomials: Σ c^k/k! E[φ^(k)(s)] E[φ^(k)(t)], by Price's theorem
std::optional<WrittenDual> polynomial(const NormalForm& form, Writing& writing) {
  const auto powers = moments::polynomial_coefficients(form);
  if (!powers || powers->size() < 2) return std::nullopt;
  writing.cited.insert("daniely2016");
  WrittenDual result = {.words =
                            "By Mehler's formula \\cite{daniely2016}, with $m_k(q) = "
                            "\\mathbb{E}[\\varphi^{(k)}(\\sqrt{q}\\,t)]$, $t \\sim \\mathcal{N}(0, 1)$"};
  moments::Quad factorial = 1;
  for (int k = 0; k < static_cast<int>(powers->size()); ++k) {
    if (k > 0) factorial *= k;
    const Formula mean = mean_of_derivative(*powers, k, writing.constants);
    if (mean.is(0)) continue;
    const std::string head = fmt::format("m_{{{}}}", k);
    // A mean that is a number stands for itself.
    const bool is_constant = k + 2 >= static_cast<int>(powers->size());
    const Formula first = is_constant ? mean : Formula::call(head, {q_first()});
    const Formula second = is_constant ? mean : Formula::call(head, {q_second()});
    if (!is_constant) result.where.push_back({first, mean});
    const Formula product = first * second / Formula::number(factorial);
    result.value += product * power(cross(), k);
    if (k > 0) result.slope += k * product * power(cross(), k - 1);
  }
  return result;
}

/// c e^(az), constants among them
std::optional<WrittenDual> exponential(const NormalForm& form, Writing& writing) {
  if (form.size() != 1) return std::nullopt;
  const Term& t = form[0];
  if (t.power != 0 || t.s != Switch::none || t.wave != Wave::none || !t.g.is(0)) return std::nullopt;
  const Formula size = square(writing.constants(t.coefficient));
  if (t.a.is(0)) return WrittenDual{.words = "A constant", .value = size};
  const Formula a2 = square(writing.constants(t.a));
  const Formula mean = exp(a2 * (q_first() + q_second() + 2 * cross()) / 2);
  return WrittenDual{.words = "The moment generating function of the Gaussian",
                     .value = size * mean,
                     .slope = a2 * size * mean};
}

/// c e^(-gz²)
std::optional<WrittenDual> gaussian(const NormalForm& form, Writing& writing) {
  if (form.size() != 1) return std::nullopt;
  const Term& t = form[0];
  if (t.power != 0 || t.s != Switch::none || t.wave != Wave::none || !t.a.is(0)) return std::nullopt;
  const Formula size = square(writing.constants(t.coefficient));
  const Formula two_g = 2 * writing.constants(t.g);
  const Formula d = Formula::symbol("D");
  return WrittenDual{
      .words = "The Gaussian integral",
      .where = {{d, (1 + two_g * q_first()) * (1 + two_g * q_second()) - square(two_g) * square(cross())}},
      .value = size / sqrt(d),
      .slope = size * square(two_g) * cross() / (d * sqrt(d))};
}

}  // namespace ntkc::latex
