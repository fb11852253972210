#include <doctest/doctest.h>

#include "activations.hpp"
#include "compiler/hermite/expansion.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;
using hermite::Parity;
using hermite::Plan;
using hermite::Rule;
using hermite::Terms;

namespace {

/// Σ a_k b_k ρ^k.
double contract(const Terms& e, const std::vector<double>& a, const std::vector<double>& b, double rho) {
  double sum = 0;
  for (int j = 0; j < e.count; ++j) {
    const auto i = static_cast<std::size_t>(j);
    sum += a[i] * b[i] * std::pow(rho, e.degree(j));
  }
  return sum;
}

double total(const std::vector<double>& a) {
  double sum = 0;
  for (const double x : a) sum += x * x;
  return sum;
}

hermite::RealFunction narrow(const test::LongFunction& f) {
  return [f](double z) { return static_cast<double>(f(z)); };
}

}  // namespace

TEST_CASE("both quadratures integrate what they are made for") {
  for (const Rule& rule : {Rule{{}, 60, 13}, Rule{{0}, 80, 13}}) {
    CAPTURE(rule.breaks.size());
    const auto moment = [&](int n) {
      return hermite::mean_square([n](double z) { return std::pow(std::fabs(z), n / 2.0); }, 1.5, rule);
    };
    CHECK(moment(0) == doctest::Approx(1).epsilon(1e-15));
    CHECK(moment(2) == doctest::Approx(1.5 * 1.5).epsilon(3e-15));
    CHECK(moment(8) == doctest::Approx(105 * std::pow(1.5, 8)).epsilon(1e-14));
  }
  // An integrand with a kink: E[|t|] = √(2/π).
  const auto root = [](double z) { return std::sqrt(std::fabs(z)); };
  const double exact = std::sqrt(2 / std::numbers::pi);
  CHECK(std::fabs(hermite::mean_square([&](double z) { return z > 0 ? z : 0; }, 1, {{0}, 80, 13}) - 0.5) <
        1e-15);
  CHECK(std::fabs(hermite::mean_square(root, 1, {{0}, 80, 13}) - exact) < 1e-14);
  CHECK(std::fabs(hermite::mean_square(root, 1, {{}, 80, 13}) - exact) > 1e-4);
}

TEST_CASE("a rule split beside 0 is exact for a threshold, wherever it is for the variance") {
  // [z > b]: a_0 = P(t > b/σ), a_k = h_{k-1}(b/σ) e^(-b²/2σ²)/√(2πk).
  for (const double b : {1.25, -0.5}) {
    const Terms terms = {60, Parity::none, {{-0.5, 1.25}, 120, 13}};
    for (const double sigma : {0.0, 0.02, 0.6, 1.5, 40.0}) {
      CAPTURE(b);
      CAPTURE(sigma);
      const std::vector<double> a =
          hermite::coefficients([b](double z) { return z > b ? 1.0 : 0.0; }, sigma, terms);
      const long double t = sigma == 0 ? std::copysign(100.0L, b) : static_cast<long double>(b) / sigma;
      CHECK(std::fabs(a[0] - static_cast<double>(std::erfc(t / std::sqrt(2.0L)) / 2)) < 4e-16);
      long double previous = 0;
      long double h = 1;
      for (int k = 1; k < terms.count; ++k) {
        const long double expected =
            h * std::exp(-t * t / 2) / std::sqrt(2 * std::numbers::pi_v<long double> * k);
        CHECK(std::fabs(a[static_cast<std::size_t>(k)] - static_cast<double>(expected)) < 4e-15);
        const long double next =
            (t * h - std::sqrt(k - 1.0L) * previous) / std::sqrt(static_cast<long double>(k));
        previous = h;
        h = next;
      }
    }
  }
}

TEST_CASE("coefficients of an exponential and of relu are those of the literature") {
  // e^(az): a_k = e^(a²σ²/2) (aσ)^k/√k!
  const Terms e = {60, Parity::none, {{}, 100, 20}};
  const std::vector<double> a = hermite::coefficients([](double z) { return std::exp(0.7 * z); }, 1.3, e);
  double expected = std::exp(0.7 * 0.7 * 1.3 * 1.3 / 2);
  for (int k = 0; k < e.count; ++k) {
    CHECK(std::fabs(a[static_cast<std::size_t>(k)] - expected) < 4e-15);
    expected *= 0.7 * 1.3 / std::sqrt(k + 1.0);
  }
  // relu (Daniely, Frostig and Singer 2016, section C.1.2): a_1 = σ/2, a_k = σ (k - 3)!!/√(2π k!) for even k.
  const Terms r = {40, Parity::none, {{0}, 160, 13}};
  const std::vector<double> b = hermite::coefficients([](double z) { return z > 0 ? z : 0; }, 2, r);
  CHECK(b[0] == doctest::Approx(2 / std::sqrt(2 * std::numbers::pi)));
  CHECK(b[1] == doctest::Approx(1));
  double magnitude = 2 / std::sqrt(2 * std::numbers::pi) / std::sqrt(2.0);
  for (int k = 2; k < r.count; k += 2) {
    CHECK(std::fabs(std::fabs(b[static_cast<std::size_t>(k)]) - magnitude) < 1e-14);
    CHECK(std::fabs(b[static_cast<std::size_t>(k) + 1]) < 1e-14);
    magnitude *= (k - 1) / std::sqrt((k + 1.0) * (k + 2.0));
  }
}

TEST_CASE("planned expansions keep their bound against quadrature in two dimensions") {
  for (const test::Activation& activation : test::analytic_activations()) {
    for (const bool is_value : {true, false}) {
      const test::LongFunction& f = is_value ? activation.value : activation.derivative;
      const std::vector<double> sigmas = {0.01, 0.6, 1.4};
      const Plan plan = hermite::plan(narrow(f), {.sigmas = sigmas, .tolerance = 1e-12});
      CAPTURE(activation.name);
      CAPTURE(is_value);
      CHECK(plan.remainder <= 1e-12);
      double worst = 0;
      for (const double sigma : sigmas) {
        for (const double sigma2 : {0.01, 1.4}) {
          const std::vector<double> a = hermite::coefficients(narrow(f), sigma, plan.terms);
          const std::vector<double> b = hermite::coefficients(narrow(f), sigma2, plan.terms);
          const double scale = std::sqrt(total(a) * total(b));
          for (const double rho : {-1.0, 0.0, 0.5, 0.999}) {
            const auto exact =
                static_cast<double>(test::dual_by_quadrature(f, f, sigma, sigma2, rho, 0.125L));
            const double error = std::fabs(contract(plan.terms, a, b, rho) - exact) / scale;
            CHECK(error <= plan.remainder + 2e-15);
            worst = test::larger_error(worst, error);
          }
        }
      }
      MESSAGE(activation.name << std::string(is_value ? "" : "'") << ": " << plan.terms.count << " terms, "
                              << plan.terms.rule.nodes << " nodes, bound " << plan.remainder
                              << ", worst error " << worst);
    }
  }
}

TEST_CASE("parity halves the terms, the tolerance and the variance set their number") {
  const auto tanh = [](double z) { return std::tanh(z); };
  const Plan odd = hermite::plan(tanh, {.sigmas = {1}});
  const Plan shifted = hermite::plan([](double z) { return std::tanh(z) + 0.5; }, {.sigmas = {1}});
  CHECK(odd.terms.parity == Parity::odd);
  CHECK(shifted.terms.parity == Parity::none);
  CHECK(2 * odd.terms.count == doctest::Approx(shifted.terms.count).epsilon(0.1));
  CHECK(hermite::plan([](double z) { return 1 / (1 + z * z); }, {.sigmas = {0.5}}).terms.parity ==
        Parity::even);
  const Plan coarse = hermite::plan(tanh, {.sigmas = {1}, .tolerance = 1e-7});
  CHECK(coarse.remainder <= 1e-7);
  CHECK(coarse.terms.count < odd.terms.count / 2);
  const Plan wide = hermite::plan(tanh, {.sigmas = {3}});
  CHECK(wide.remainder <= 1e-12);
  CHECK(wide.terms.count > 6 * odd.terms.count);
}

TEST_CASE("what does not converge says so") {
  const auto relu = [](double z) { return z > 0 ? z : 0; };
  const Plan kinked =
      hermite::plan(relu, {.sigmas = {1}, .tolerance = 1e-12, .most_terms = 512, .breaks = {0}});
  CHECK(kinked.terms.count == 512);
  // Σ_{k ≥ 512} a_k² ~ k^(-3/2)
  CHECK(kinked.remainder > 1e-6);
  CHECK(kinked.remainder < 1e-4);
  const Plan capped = hermite::plan([](double z) { return std::tanh(z); },
                                    {.sigmas = {5}, .tolerance = 1e-12, .most_terms = 100});
  CHECK(capped.terms.count == 100);
  CHECK(capped.remainder > 1e-9);
  CHECK(std::isnan(hermite::plan([](double z) { return std::exp(z * z); }, {.sigmas = {1}}).remainder));
  CHECK(std::isnan(hermite::plan([](double z) { return 1 / z; }, {.sigmas = {1}}).remainder));
}
