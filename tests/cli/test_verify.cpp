// verify: verdict, exit code, report, chart, and what it refuses.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("verify agrees with a derived kernel, in text, JSON and a chart") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(5));
  const std::string chart = directory.path("n.svg");
  const std::vector<std::string> common = {"verify", network, "--width=64,256,128", "--samples=30",
                                           "--seed=1"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = common;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const Result text = run_ntkc(with({"-o", chart}));
  INFO(text.err);
  CHECK(text.exit == 0);
  CHECK(contains(text.out, "verdict: agree"));
  CHECK(contains(text.out, "8 inputs drawn from N(0, 1), 30 draws at each width, 1 output for theta"));
  const std::string svg = read_file(chart);
  CHECK(contains(svg, "<svg"));
  CHECK(contains(svg, "relative deviation"));

  const nlohmann::json report = json_of(run_ntkc(with({"--json", "--threads=2"})));
  CHECK(report.at("verdict") == "agree");
  CHECK(report.at("width") == nlohmann::json({64, 128, 256}));
  CHECK(report.at("samples") == 30);
  CHECK(report.at("seed") == 1);
  for (const char* const kernel : {"sigma", "theta"}) {
    CHECK(report.at(kernel).at("relative_deviation").size() == 3);
    CHECK(report.at(kernel).at("mean_deviation").size() == 3);
    CHECK(std::abs(report.at(kernel).at("slope").get<double>() + 0.5) <
          report.at(kernel).at("allowed_slope").get<double>());
    CHECK(report.at(kernel).at("max_abs_z").get<double>() < report.at(kernel).at("critical_z").get<double>());
  }
  const nlohmann::json again = json_of(run_ntkc(with({"--json", "--threads=1"})));
  CHECK(again.at("theta") == report.at("theta"));
}

TEST_CASE("verify scales the widths of the standard parametrization, and says so") {
  const TemporaryDirectory directory;
  const std::string network = directory.write(
      "n.arch",
      "network n\nparametrization = standard\ninput x : vector(3)\n"
      "output x |> dense(width = 10) |> relu |> dense(width = 5) |> erf |> dense(bias = true)\n");
  const Result text = run_ntkc({"verify", network, "--width=64,128,256", "--samples=40", "--seed=1"});
  INFO(text.err);
  CHECK(text.exit == 0);
  CHECK(contains(text.out, "verdict: agree"));
  CHECK(contains(text.out, "all are scaled in proportion, the widest to the"));
  const Result report = run_ntkc({"verify", network, "--width=64", "--samples=4", "--json"});
  CHECK(json_of(report).at("in_proportion") == true);
}

TEST_CASE("verify on data, several outputs") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(5));
  const std::string x = directory.write("X.npy", random_npy(3, 5, 1));
  const nlohmann::json report =
      json_of(run_ntkc({"verify", network, x, "--width=64,128", "--samples=200", "--outputs=3", "--json"}));
  CHECK(report.at("inputs") == 3);
  CHECK(report.at("outputs") == 3);
  CHECK(report.at("verdict") == "agree");
  const Result wrong = run_ntkc({"verify", network, directory.write("Y.npy", random_npy(3, 4, 1))});
  CHECK(wrong.exit == 1);
  CHECK(contains(wrong.err, "Y.npy"));
}

TEST_CASE("verify disagrees with exit code 3 where a network is not wide enough to tend to its limit") {
  // At one and two units the deviation of a draw does not fall as width^(-1/2).
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch",
                                              "network n\ninput x : vector(3)\nh = x |> dense\nrepeat 8 { h "
                                              "= h |> relu |> dense(W_std = sqrt(2)) }\noutput h\n");
  const Result result = run_ntkc({"verify", network, "--width=1,2,3", "--samples=50", "--json"});
  CHECK(result.exit == 3);
  CHECK(json_of(result).at("verdict") == "disagree");
}

TEST_CASE(
    "verify is undecided, with exit code 4, where no error of a fifth would show, and says what would do") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(5));
  const Result few = run_ntkc({"verify", network, "--width=32", "--samples=5", "--json"});
  CHECK(few.exit == 4);
  const nlohmann::json report = json_of(few);
  CHECK(report.at("verdict") == "undecided");
  const auto enough = report.at("theta").at("samples_to_decide").get<int>();
  CHECK(report.at("theta").at("smallest_visible").get<double>() > 0.2);
  CHECK(enough > 5);
  const Result text = run_ntkc({"verify", network, "--width=32", "--samples=5"});
  CHECK(contains(text.out, "verdict: undecided\n"));
  CHECK(contains(text.out, "samples would show one of 20 %"));
  // With twice as many as five draws can foretell.
  const Result more =
      run_ntkc({"verify", network, "--width=32", "--samples=" + std::to_string(2 * enough), "--json"});
  CHECK(json_of(more).at("theta").at("smallest_visible").get<double>() < 0.2);
}

TEST_CASE("verify of kernels whose squares overflow, and of networks that overflow themselves") {
  const TemporaryDirectory directory;
  const std::string x = directory.write("X.npy", npy_of({1e80, -2e80, 3e79, 5e79, -1e80, 1e80}, 3, 2));
  const std::string network = directory.write(
      "n.arch",
      "network n(w = 1.0)\ninput x : vector(2)\noutput x |> dense(W_std = w) |> relu |> dense(W_std = w)\n");
  const Result large = run_ntkc({"verify", network, x, "--width=32,64,128", "--samples=40"});
  INFO(large.out << large.err);
  CHECK(large.exit == 0);
  const Result beyond = run_ntkc({"verify", network, x, "-D", "w=1e100", "--width=8,16", "--samples=4"});
  CHECK(beyond.exit == 3);
  CHECK(contains(beyond.err, "ntkc: error: "));
}

TEST_CASE("the chart may go to standard output, not beside JSON") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(5));
  const Result chart = run_ntkc({"verify", network, "--width=16,32", "--samples=4", "-o", "-"});
  CHECK(contains(chart.out, "<svg"));
  CHECK(contains(chart.err, "verdict"));
  CHECK(run_ntkc({"verify", network, "--json", "-o", "-"}).exit == 2);
}

TEST_CASE("verify refuses options that make no sense as usage, and networks that do as input") {
  const TemporaryDirectory directory;
  const auto check = [&](std::vector<std::string> arguments, int exit, const std::string& part) {
    arguments.insert(arguments.begin(), "verify");
    const Result result = run_ntkc(arguments);
    INFO(result.err);
    CHECK(result.exit == exit);
    CHECK(contains(result.err, part));
    CHECK(result.out.empty());
  };
  check({"no.arch", "--width=0"}, 2, "a width of 0");
  check({"no.arch", "--width=8,x"}, 2, "x");
  check({"no.arch", "--width=8,8"}, 2, "8 is given twice");
  check({"no.arch", "--samples=1"}, 2, "no standard error");
  check({"no.arch", "--outputs=0"}, 2, "outputs: 0");
  check({"no.arch", "--f32"}, 2, "--f32");
  check({"-", "-"}, 2, "standard input");
  check({"no.arch"}, 1, "no.arch");
  const std::string fixed = directory.write(
      "n.arch", "network n\ninput x : vector(3)\noutput x |> dense(width = 4) |> relu |> dense\n");
  check({fixed}, 1, "leave out `width`");
}

}  // namespace
}  // namespace ntkc::tests
