#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "activations.hpp"
#include "compiler/hermite/integrability.hpp"

using namespace ntkc::hermite;

namespace {

struct Case {
  const char* name;
  RealFunction f;
};

}  // namespace

TEST_CASE("what people write is square-integrable") {
  const std::vector<Case> cases = {
      {"z^9", [](double z) { return std::pow(z, 9); }},
      {"exp(30 z)", [](double z) { return std::exp(30 * z); }},
      {"exp(z^1.5)", [](double z) { return std::exp(std::pow(std::fabs(z), 1.5)); }},
      {"exp(-z^2)", [](double z) { return std::exp(-z * z); }},
      {"sqrt(|z|)", [](double z) { return std::sqrt(std::fabs(z)); }},
      {"log(|z|)", [](double z) { return std::log(std::fabs(z)); }},
      {"|z|^-0.4", [](double z) { return std::pow(std::fabs(z), -0.4); }},
      {"sign", [](double z) { return static_cast<double>((z > 0) - (z < 0)); }},
      {"sin(40 z)", [](double z) { return std::sin(40 * z); }},
      {"1/(1e-4 + z^2)", [](double z) { return 1 / (1e-4 + z * z); }},
      {"z/(1 + exp(-3z))", [](double z) { return z / (1 + std::exp(-3 * z)); }},
      {"0", [](double) { return 0.0; }},
      {"1e-300 z", [](double z) { return 1e-300 * z; }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(check_integrability(c.f).kind == Integrability::integrable);
  }
  for (const auto& activation : ntkc::test::analytic_activations()) {
    CAPTURE(activation.name);
    CHECK(check_integrability([&](double z) { return static_cast<double>(activation.value(z)); }).kind ==
          Integrability::integrable);
  }
}

TEST_CASE("plateaus and smooth peaks are not searched for singularities") {
  const auto evaluations = [](const std::function<double(double)>& f) {
    std::size_t count = 0;
    const auto report = check_integrability([&](double z) {
      ++count;
      return f(z);
    });
    CHECK(report.kind == Integrability::integrable);
    return count;
  };
  // The grids alone are some 11,000 values.
  CHECK(evaluations([](double z) { return std::floor(z); }) < 20000);
  CHECK(evaluations([](double z) { return std::sin(10 * z); }) < 20000);
}

TEST_CASE("exponentials of squares grow too fast, whatever their coefficient") {
  for (const double a : {1e-8, 0.01, 1.0, 1e4}) {
    CAPTURE(a);
    CHECK(check_integrability([a](double z) { return std::exp(a * z * z); }).kind ==
          Integrability::grows_too_fast);
    CHECK(check_integrability([a](double z) { return std::exp(a * z * z * z); }).kind ==
          Integrability::grows_too_fast);
  }
  CHECK(check_integrability([](double z) { return std::exp(std::exp(z)); }).kind ==
        Integrability::grows_too_fast);
  CHECK(check_integrability([](double z) { return z < 0 ? std::sinh(z * z) : z; }).kind ==
        Integrability::grows_too_fast);
}

TEST_CASE("poles and roots of poles are found where they are") {
  const std::vector<std::pair<Case, double>> cases = {
      {{"1/z", [](double z) { return 1 / z; }}, 0},
      {{"1/sqrt(|z|)", [](double z) { return 1 / std::sqrt(std::fabs(z)); }}, 0},
      {{"1/(z - 0.3)", [](double z) { return 1 / (z - 0.3); }}, 0.3},
      {{"1/(z^2 - 2)", [](double z) { return 1 / (z * z - 2); }}, -std::sqrt(2)},
      {{"tan", [](double z) { return std::tan(z); }}, -5.5 * std::numbers::pi},
      {{"|z - 1|^-0.5 for z > 1", [](double z) { return z > 1 ? std::pow(z - 1, -0.5) : 0; }}, 1},
  };
  for (const auto& [c, where] : cases) {
    CAPTURE(c.name);
    const IntegrabilityReport report = check_integrability(c.f);
    CHECK(report.kind == Integrability::singular);
    CHECK(report.where == doctest::Approx(where).epsilon(1e-9));
  }
}

TEST_CASE("functions that are not defined everywhere are found out") {
  const IntegrabilityReport log = check_integrability([](double z) { return std::log(z); });
  CHECK(log.kind == Integrability::undefined);
  CHECK(log.where < 0);
  CHECK(check_integrability([](double z) { return std::sqrt(1 - z / 50); }).kind == Integrability::undefined);
  CHECK(check_integrability([](double z) { return std::sin(z) / z; }).kind == Integrability::undefined);
}
