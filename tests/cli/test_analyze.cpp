// analyze: text, JSON, pictures, what is refused.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

const std::string deep_relu =
    "network deep(w = sqrt(2), b = 0)\ninput x : vector(3)\nh = x |> dense(W_std = w, b_std = b)\n"
    "repeat 4 { h = h |> relu |> dense(W_std = w, b_std = b) }\noutput h\n";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("analyze says what the critical ReLU network does") {
  const Result result = run_ntkc({"analyze", "-"}, deep_relu);
  CHECK(result.exit == 0);
  CHECK(contains(result.out, "every q is a fixed point"));
  CHECK(contains(result.out, "critical"));
  CHECK(contains(result.out, "44.41/L^2"));
  CHECK(contains(result.out, "Sigma  above 1/ε of f32 (8.4e+06): after 1915 iterations"));
  const nlohmann::json report = json_of(run_ntkc({"analyze", "-", "--json", "--inputs=50"}, deep_relu));
  CHECK(report.at("schema") == 1);
  CHECK(report.at("command") == "analyze");
  CHECK(report.at("network") == "deep");
  CHECK(report.at("phase") == "critical");
  CHECK(report.at("chi_1") == doctest::Approx(1).epsilon(1e-12));
  CHECK(report.at("correlation_depth").is_null());
  CHECK(report.at("power_law").at("exponent") == doctest::Approx(2).epsilon(1e-4));
  CHECK(report.at("condition").at("inputs") == 50);
  CHECK(report.at("condition").at("f32").at("sigma").is_number_integer());
  CHECK(report.at("condition").at("f64").at("theta").is_null());
}

TEST_CASE("a sweep is a table, a JSON array and a picture") {
  const TemporaryDirectory directory;
  const std::string picture = directory.path("phases.svg");
  const Result result = run_ntkc({"analyze", "-", "--sweep", "w=1:2:0.25", "-o", picture}, deep_relu);
  CHECK(result.exit == 0);
  CHECK(contains(result.out, "edge of chaos at w = 1.4142136"));
  CHECK(contains(result.out, "unbounded"));
  CHECK(read(picture).starts_with("<?xml"));
  CHECK(contains(read(picture), "w = 1.414"));
  const nlohmann::json report =
      json_of(run_ntkc({"analyze", "-", "--sweep=w=1:2:0.5", "--sweep=b=0:0.2:0.1", "--json"}, deep_relu));
  REQUIRE(report.at("points").size() == 9);
  CHECK(report.at("points").at(5).at("parameters").at("w") == 2);
  CHECK(report.at("points").at(5).at("parameters").at("b") == 0.1);
  CHECK(report.at("points").at(5).at("phase") == "unbounded");
  REQUIRE(report.at("edge").size() == 3);
  CHECK(report.at("edge").at(2).at("b") == 0.2);
  CHECK(report.at("edge").at(2).at("w") == doctest::Approx(std::sqrt(2)).epsilon(1e-6));
}

TEST_CASE("analyze -o draws the map of correlations; `-` is standard output") {
  const Result result = run_ntkc({"analyze", "-", "-D", "b=0.3", "-D", "w=1", "-o", "-"}, deep_relu);
  CHECK(result.exit == 0);
  CHECK(result.out.starts_with("<?xml"));
  CHECK(contains(result.out, "one iteration"));
  CHECK(contains(result.err, "ordered"));
}

TEST_CASE("sweeps that are none are wrong usage, with the reason") {
  const auto message = [](const std::string& sweep) {
    const Result result = run_ntkc({"analyze", "none.arch", "--sweep", sweep});
    CHECK(result.exit == 2);
    return result.err;
  };
  CHECK(contains(message("w"), "no parameter is named"));
  CHECK(contains(message("=1:2:3"), "no parameter is named"));
  CHECK(contains(message("w=1:2"), "three numbers are wanted"));
  CHECK(contains(message("w=1:2:0.1x"), "three numbers are wanted"));
  CHECK(contains(message("w=1:inf:1"), "three numbers are wanted"));
  CHECK(contains(message("w=2:1:0.1"), "the range is empty"));
  CHECK(contains(message("w=1:2:0"), "the range is empty"));
  CHECK(contains(message("w=1:2:5"), "the range has one value only"));
  CHECK(contains(message("w=0:1:1e-9"), "more than 2000 values"));
  CHECK(contains(message("w=0:1:1e-300"), "more than 2000 values"));
  const Result thrice = run_ntkc({"analyze", "n", "--sweep=a=0:1:1", "--sweep=b=0:1:1", "--sweep=c=0:1:1"});
  CHECK(thrice.exit == 2);
  CHECK(run_ntkc({"analyze", "n", "--sweep=a=0:1:1", "--sweep=a=0:1:1"}).exit == 2);
  const Result both = run_ntkc({"analyze", "n", "--sweep=w=0:1:1", "-D", "w=2"});
  CHECK(both.exit == 2);
  CHECK(contains(both.err, "`w` is swept and set by -D"));
  CHECK(run_ntkc({"analyze", "n", "--inputs=1"}).exit == 2);
  CHECK(run_ntkc({"analyze", "n", "-o", "-", "--json"}).exit == 2);
}

TEST_CASE("several values are named, in text and JSON") {
  const std::string streams =
      "network two(w = 1.2)\ninput x : vector(4)\na = x |> dense\nb = x |> dense\n"
      "repeat 5 { t = a\na = a + b |> erf |> dense(W_std = w)\nb = t |> erf |> dense }\noutput a\n";
  const Result result = run_ntkc({"analyze", "-"}, streams);
  CHECK(result.exit == 0);
  CHECK(contains(result.out, "of 2 values made of one another"));
  CHECK(contains(result.out, "q on entry   a 1, b 1"));
  CHECK(contains(result.out, "Theta of b  above 1/ε of f64"));
  const nlohmann::json report = json_of(run_ntkc({"analyze", "-", "--json"}, streams));
  CHECK_FALSE(report.contains("q"));
  REQUIRE(report.at("values").size() == 2);
  CHECK(report.at("values").at(1).at("name") == "b");
  CHECK(report.at("values").at(1).at("q").is_number());
  CHECK(report.at("values").at(1).at("condition").at("inputs") == 100);
  const TemporaryDirectory directory;
  const std::string picture = directory.path("two.svg");
  CHECK(run_ntkc({"analyze", "-", "--sweep", "w=1:2:0.5", "-o", picture}, streams).exit == 0);
  CHECK(contains(read(picture), "of b"));
}

TEST_CASE("a parameter that the network does not have, and a network without a recursion, are wrong input") {
  const Result unknown = run_ntkc({"analyze", "-", "--sweep=v=1:2:1"}, deep_relu);
  CHECK(unknown.exit == 1);
  CHECK(contains(unknown.err, "`v`"));
  const Result fed = run_ntkc({"analyze", "-"},
                              "network fed\ninput x : vector(4)\nh = x |> dense\n"
                              "repeat 4 { h = (h |> erf |> dense) + (x |> dense) }\noutput h\n");
  CHECK(fed.exit == 1);
  CHECK(contains(fed.err, "`fed` cannot be analysed"));
}

TEST_CASE("sweep values are decimal numbers as written") {
  const Result result = run_ntkc({"analyze", "-", "--sweep=b=0:0.3:0.1", "--json", "-D", "w=1"}, deep_relu);
  const nlohmann::json points = json_of(result).at("points");
  REQUIRE(points.size() == 4);
  CHECK(points.at(3).at("parameters").at("b") == 0.3);
  CHECK(points.at(0).at("parameters").at("b") == 0);
}

}  // namespace
}  // namespace ntkc::tests
