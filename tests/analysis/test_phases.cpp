// Phase diagrams: the edge of chaos.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "ntkc/analysis.hpp"
#include "tests/analysis/networks.hpp"

namespace ntkc::tests {
namespace {

using doctest::Approx;
using std::numbers::pi;

/// The W_std at which erf is critical for this b_std: χ₁ = 1 gives w² = (π/4) √(1+4q), put into Q(q) = q and
/// solved for q by bisection.
double critical_w_of_erf(double b) {
  const auto excess = [b](double q) {
    return 0.5 * std::sqrt(1 + 4 * q) * std::asin(2 * q / (1 + 2 * q)) + b * b - q;
  };
  // Positive at 0 (b > 0), negative for large q.
  double low = 0;
  double high = 100;
  for (int i = 0; i < 200; ++i) (excess((low + high) / 2) > 0 ? low : high) = (low + high) / 2;
  return std::sqrt(pi / 4 * std::sqrt(1 + 4 * low));
}

TEST_CASE("the edge of chaos of erf is where the closed form has it") {
  const PhaseDiagram diagram = find_phases(deep_network("erf"), {}, "erf.arch",
                                           {{"w", {0.6, 0.95, 1.3, 1.65}}, {"b", {0, 0.05, 0.3, 0.6}}});
  REQUIRE(diagram.edge.size() == 4);
  // b = 0: q* = 0 and χ₁ = w² φ'(0)² = 4 w²/π.
  CHECK(diagram.edge[0].second == 0);
  CHECK(diagram.edge[0].first == Approx(std::sqrt(pi) / 2).epsilon(1e-6));
  for (std::size_t i = 1; i < 4; ++i) {
    CAPTURE(diagram.edge[i].second);
    CHECK(diagram.edge[i].first == Approx(critical_w_of_erf(diagram.edge[i].second)).epsilon(1e-6));
  }
  CHECK(diagram.network == "deep");
  CHECK(diagram.points.size() == 16);
  CHECK(diagram.points[0].phase == Phase::ordered);
  CHECK(diagram.points[3].phase == Phase::chaotic);
  CHECK(diagram.points[12].phase == Phase::ordered);  // w = 0.6, b = 0.6
}

TEST_CASE("a sweep of W_std finds the critical point of ReLU") {
  const PhaseDiagram diagram = find_phases(deep_network("relu"), {}, "relu.arch", {{"w", {0.5, 1, 1.5, 2}}});
  REQUIRE(diagram.edge.size() == 1);
  CHECK(diagram.edge[0].first == Approx(std::sqrt(2)).epsilon(1e-6));
}

TEST_CASE("an edge along the first parameter is found by the second") {
  // The parameter `b` has no say in where ReLU is critical.
  const PhaseDiagram diagram =
      find_phases(deep_network("relu"), {}, "relu.arch", {{"b", {0.1, 0.2}}, {"w", {1, 2}}});
  REQUIRE(diagram.edge.size() == 2);
  CHECK(diagram.edge[1].first == 0.2);
  CHECK(diagram.edge[1].second == Approx(std::sqrt(2)).epsilon(1e-6));
}

TEST_CASE("progress is told, and may stop the work") {
  double last = 0;
  find_phases(deep_network("relu"), {}, "relu.arch", {{"w", {1, 1.1}}},
              [&](double fraction) { last = fraction; });
  CHECK(last == 1);
  const auto stop = [](double) { throw 7; };
  CHECK_THROWS_AS(find_phases(deep_network("relu"), {}, "relu.arch", {{"w", {1, 1.1}}}, stop), int);
}

}  // namespace
}  // namespace ntkc::tests
