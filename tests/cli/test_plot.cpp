// plot: kernels against the correlation, by depth.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <numbers>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

const std::string relu =
    "network deep(w = sqrt(2), depth = 4)\ninput x : vector(3)\nh = x |> dense(W_std = w)\n"
    "repeat depth { h = h |> relu |> dense(W_std = w) }\noutput h\n";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// (√(1-u²) + u (π - arccos u))/π, the dual of ReLU at w = sqrt(2).
double arc_cosine(double u) {
  return (std::sqrt(1 - u * u) + u * (std::numbers::pi - std::acos(u))) / std::numbers::pi;
}

void check_curves(const nlohmann::json& report) {
  REQUIRE(report.at("u").size() == 201);
  REQUIRE(report.at("curves").size() == 3);
  for (const std::size_t i : {0U, 50U, 130U, 200U}) {
    const double u = report.at("u").at(i);
    CAPTURE(u);
    const auto sigma = [&](std::size_t curve) { return report.at("curves").at(curve).at("sigma").at(i); };
    CHECK(sigma(0) == doctest::Approx(2 * u).epsilon(1e-12));
    CHECK(sigma(1) == doctest::Approx(2 * arc_cosine(u)).epsilon(1e-12));
    CHECK(sigma(2) == doctest::Approx(2 * arc_cosine(std::min(1.0, arc_cosine(u)))).epsilon(1e-12));
  }
}

TEST_CASE("plot draws a curve for each depth, whether the count is a parameter or a number") {
  const TemporaryDirectory directory;
  const std::string picture = directory.path("relu.svg");
  const Result result = run_ntkc({"plot", "-", "--depths=0,1,2", "-o", picture, "--json"}, relu);
  CHECK(result.exit == 0);
  const nlohmann::json report = json_of(result);
  check_curves(report);
  CHECK(report.at("curves").at(2).at("depth") == 2);
  CHECK(report.at("curves").at(2).at("theta").size() == 201);
  std::ifstream file(picture);
  const std::string svg{std::istreambuf_iterator<char>(file), {}};
  CHECK(svg.starts_with("<?xml"));
  CHECK(contains(svg, ">depth 2<"));
  CHECK(contains(svg, ">Θ(u) / Θ(1)<"));
  std::string literal = relu;
  literal.replace(literal.find("repeat depth"), 12, "repeat 7 - 4");
  check_curves(
      json_of(run_ntkc({"plot", "-", "--depths=0,1,2", "--kernel=sigma", "-o", picture, "--json"}, literal)));
}

TEST_CASE("plot of one kernel to standard output, and of a network without a repeat") {
  const Result result = run_ntkc({"plot", "-", "-o", "-", "--kernel=theta"}, network_text(3));
  CHECK(result.exit == 0);
  CHECK(result.out.starts_with("<?xml"));
  CHECK(contains(result.out, "Θ(u) / Θ(1)"));
  CHECK_FALSE(contains(result.out, "Σ(u)"));
  const Result depths = run_ntkc({"plot", "-", "-o", "-", "--depths=1,2"},
                                 "network n\ninput x : vector(3)\noutput x |> dense\n");
  CHECK(depths.exit == 1);
  CHECK(contains(depths.err, "--depths changes the count of a `repeat`, and there is none"));
}

TEST_CASE("plot without -o names the picture after the network; what is wrong in its options is said") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("net.arch", relu);
  const Result result =
      run_program({"sh", "-c", "cd '" + directory.path() + "' && " NTKC_PROGRAM " plot net.arch --depths=1"});
  CHECK(result.exit == 0);
  CHECK(contains(result.out, "net.svg: Σ and Θ of `deep`"));
  CHECK(std::ifstream(directory.path("net.svg")).good());
  for (const char* const depths :
       {"", "1,", "a", "1;2", "-1", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21"}) {
    CAPTURE(depths);
    CHECK(run_ntkc({"plot", path, "-o", "-", std::string("--depths=") + depths}).exit == 2);
  }
  CHECK(run_ntkc({"plot", "-"}, relu).exit == 2);
  CHECK(run_ntkc({"plot", path, "-o", "-", "--json"}).exit == 2);
  CHECK(run_ntkc({"plot", path, "-o", "-", "--kernel=x"}).exit == 2);
}

TEST_CASE("a kernel that is zero cannot be normalised, and that is said") {
  const Result result = run_ntkc({"plot", "-", "-o", "-", "--kernel=theta"},
                                 "network n\ninput x : vector(3)\noutput x |> dense(frozen = true)\n");
  CHECK(result.exit == 1);
  CHECK(contains(result.err, "Θ of `n` is zero"));
}

}  // namespace
}  // namespace ntkc::tests
