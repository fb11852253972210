// The experiments of examples/theory at their quick size: what the theory states must hold, and the checks
// can tell when it does not.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "examples/theory/support.hpp"

using namespace theory;

namespace {

/// The experiments read their networks from the root of the repository.
Findings run(std::string_view name) {
  std::filesystem::current_path(NTKC_SOURCE_DIR);
  for (const Experiment& experiment : experiments()) {
    if (experiment.name == name) return experiment.run(Size::quick);
  }
  FAIL("no experiment of this name");
  return {};
}

void require(std::string_view name) {
  const Findings findings = run(name);
  REQUIRE(!findings.checks.empty());
  for (const Check& check : findings.checks)
    CHECK_MESSAGE(check.holds, name << ": " << check.claim << ": " << check.measured);
  CHECK(findings.table.size() > 1);
  for (const auto& row : findings.table) CHECK(row.size() == findings.table.front().size());
  CHECK(ntkc::plot::render(findings.figure).find("<svg") != std::string::npos);
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(std::string(NTKC_SOURCE_DIR "/examples/theory/") + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("the arc cosine formula") { require("arc_cosine_formula"); }
TEST_CASE("concentration of H(0)") { require("concentration"); }
TEST_CASE("the smallest eigenvalue") { require("smallest_eigenvalue"); }
TEST_CASE("the bound on the loss") { require("loss_bound"); }
TEST_CASE("the kernel in training") { require("kernel_in_training"); }
TEST_CASE("linearisation") { require("linearisation"); }
TEST_CASE("random features") { require("random_features"); }
TEST_CASE("lazy training and the mean-field scaling") { require("lazy_and_mean_field"); }
TEST_CASE("kernel regression as the limit of training") { require("kernel_regression_limit"); }

TEST_CASE("every experiment has its page and figure, and stands in the index with its result") {
  const std::string index = text_of_file("README.md");
  CHECK(experiments().size() == 9);
  for (const Experiment& experiment : experiments()) {
    const std::string name(experiment.name);
    INFO(name);
    CHECK(text_of_file(name + ".svg").find("</svg>") != std::string::npos);
    const std::string page = text_of_file(name + ".md");
    CHECK(page.find("**fails**") == std::string::npos);
    CHECK(page.find("| holds |") != std::string::npos);
    CHECK(page.find("(" + name + ".svg)") != std::string::npos);
    CHECK(index.find("(" + name + ".md)") != std::string::npos);
    const std::size_t begin = index.find("<!-- " + name + ":begin -->\n");
    REQUIRE(begin != std::string::npos);
    CHECK(index.find("<!-- " + name + ":end -->") > begin + name.size() + 30);
  }
}

TEST_CASE("checks fail where a statement does") {
  CHECK(at_most("", 1, 1).holds);
  CHECK(!at_most("", 1.01, 1).holds);
  CHECK(!at_most("", std::nan(""), 1).holds);
  CHECK(!at_least("", 0.99, 1).holds);
  CHECK(!at_least("", std::nan(""), 1).holds);
  CHECK(exponent_is("", {-0.53, 0.01}, -0.5).holds);
  CHECK(!exponent_is("", {-0.54, 0.01}, -0.5).holds);
  CHECK(!exponent_is("", {-0.46, 0.01}, -0.5).holds);
  CHECK(exponent_is("", {-0.54, 0.01}, -0.5, 0.1).holds);
  CHECK(exponent_at_most("", {-0.9, 0.01}, -0.5).holds);
  CHECK(!exponent_at_most("", {-0.46, 0.01}, -0.5).holds);
}

TEST_CASE("statistics of the experiments") {
  const Estimate mean = mean_of({1, 2, 3, 6});
  CHECK(mean.value == doctest::Approx(3));
  CHECK(mean.error == doctest::Approx(std::sqrt(14.0 / 12)));
  CHECK(quantile({4, 1, 3, 2}, 0.5) == 2);
  CHECK(quantile({4, 1, 3, 2}, 0.99) == 4);
  CHECK(quantile({4, 1, 3, 2}, 0) == 1);
  CHECK(two_sided_normal_quantile(0.05) == doctest::Approx(1.959964).epsilon(1e-6));
  CHECK(two_sided_normal_quantile(0.001) == doctest::Approx(3.290527).epsilon(1e-6));
  const Estimate power = exponent({1, 10, 100}, std::vector<Estimate>{{5, 0.5}, {0.5, 0.05}, {0.05, 0.005}});
  CHECK(power.value == doctest::Approx(-1));
  // Relative errors of 0.1 at logarithms −ln 10, 0, ln 10.
  CHECK(power.error == doctest::Approx(0.1 / (std::sqrt(2.0) * std::log(10.0))));
}

TEST_CASE("H(0) of units with signs is the sum over units") {
  std::filesystem::current_path(NTKC_SOURCE_DIR);
  const RowMatrix x = on_circle({0.1, 0.7, 3});
  const Network network = read_network("features.arch");
  const ntkc::FiniteNetwork finite = network.finite({.width = 50});
  const RowMatrix kernel = tangent_kernel_of_signs(finite, x, 3);
  const RowMatrix units = ntkc::to_eigen(finite.evaluate(view(x), 3));
  for (Eigen::Index i = 0; i < 3; ++i) {
    for (Eigen::Index j = 0; j < 3; ++j) {
      double both = 0;
      for (Eigen::Index r = 0; r < 50; ++r) both += units(i, r) > 0 && units(j, r) > 0 ? 1 : 0;
      CHECK(kernel(i, j) == doctest::Approx(x.row(i).dot(x.row(j)) * both / 50));
    }
  }
}
