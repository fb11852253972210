// train, as a user runs it.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

const std::string circle = "a,b,y\n1,0,0.5\n0,1,-0.3\n-1,0,0.2\n0,-1,0.9\n0.6,0.8,-0.4\n-0.8,0.6,0.1\n";
const std::string network =
    "network n\ninput x : vector(2)\noutput x |> dense(W_std = 1.4, b_std = 0.1) |> relu |> dense(W_std = "
    "1.4)\n";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("train reports each moment, for each width, and draws the widest") {
  const TemporaryDirectory directory;
  const std::string arch = directory.write("n.arch", network);
  const std::string data = directory.write("d.csv", circle);
  const std::string figure = directory.path("f.svg");
  const Result result = run_ntkc({"train", arch, data, "--target=y", "--test", data, "--width=64,1024",
                                  "--steps=50", "--json", "--seed=4", "-o", figure});
  INFO(result.err);
  REQUIRE(result.exit == 0);
  const auto report = json_of(result);
  CHECK(report["schema"] == 1);
  REQUIRE(report["runs"].size() == 2);
  CHECK(report["runs"][1]["width"] == 1024);
  CHECK(report["slope"]["ntk_drift"] < 0);
  for (const auto& run : report["runs"]) {
    const auto& last = run["moments"].back();
    CHECK(last["step"] == 50);
    CHECK(last["loss"] < run["moments"].front()["loss"]);
    // The test points are the training points.
    CHECK(last["linearized_test_distance"].get<double>() ==
          doctest::Approx(last["linearized_distance"].get<double>()).epsilon(1e-9));
    CHECK(run["learning_rate"].get<double>() * 2 ==
          doctest::Approx(run["largest_learning_rate"].get<double>()));
  }
  const std::string svg = read_file(figure);
  CHECK(contains(svg, "<svg"));
  CHECK(contains(svg, "width 1024"));

  const Result text =
      run_ntkc({"train", arch, data, "--target=y", "--width=64,256", "--steps=5", "--method=flow"});
  REQUIRE(text.exit == 0);
  CHECK(contains(text.out, "lambda_min"));
  CHECK(contains(text.out, "slope of the drift against width"));
  CHECK(text.out == run_ntkc({"train", arch, data, "--target=y", "--width=64,256", "--steps=5",
                              "--method=flow", "--threads=1"})
                        .out);
}

TEST_CASE("train learns classes, and starts from zero when told to") {
  const TemporaryDirectory directory;
  const std::string arch = directory.write("n.arch", network_text(3));
  const std::string data = directory.write("d.csv", table_text(20, 3));
  const Result result = run_ntkc({"train", arch, data, "--target=kind", "--preprocess=standardize",
                                  "--width=128", "--steps=20", "--from-zero", "--json"});
  INFO(result.err);
  REQUIRE(result.exit == 0);
  const auto report = json_of(result);
  CHECK(report["outputs"] == 3);
  const auto& moments = report["runs"][0]["moments"];
  // One-hot rows less a third: (4/9 + 1/9 + 1/9)/3, halved.
  CHECK(moments.front()["loss"].get<double>() == doctest::Approx(1.0 / 9).epsilon(1e-12));
  CHECK(moments.back()["loss"] < 0.1);
}

TEST_CASE("train refuses what it cannot do, and leaves nothing behind") {
  const TemporaryDirectory directory;
  const std::string arch = directory.write("n.arch", network);
  const std::string data = directory.write("d.csv", circle);
  const std::string figure = directory.path("f.svg");
  const auto refused = [&](std::vector<std::string> more, int exit, const std::string& message) {
    std::vector<std::string> arguments = {"train", arch, data, "-o", figure};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Result result = run_ntkc(arguments);
    INFO(result.err);
    CHECK(result.exit == exit);
    CHECK(contains(result.err, message));
    CHECK_FALSE(std::filesystem::exists(figure));
  };
  refused({}, 2, "no targets");
  refused({"--target=y", "--width=0"}, 2, "--width");
  refused({"--target=y", "--f32"}, 2, "trained in f64");
  refused({"--target=z"}, 1, "z");
  refused({"--target=y", "--learning-rate=1e9", "--steps=100"}, 3, "too large");
}

}  // namespace
}  // namespace ntkc::tests
