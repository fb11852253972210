// gram, up to the bytes it writes.
#include <doctest/doctest.h>

#include <cmath>

#include "ntkc/array_file.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"
#include "tests/support/errors.hpp"

namespace ntkc::tests {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("gram writes a symmetric matrix, the same to the last bit for any number of threads") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(5));
  const std::string x = directory.write("X.npy", random_npy(301, 5, 1));
  const std::string one = directory.path("one.npy");
  const std::string three = directory.path("three.npy");
  const Result result = run_ntkc({"gram", network, x, "-o", one, "--threads=1"});
  INFO(result.err);
  REQUIRE(result.exit == 0);
  CHECK(contains(result.out, "301 × 301"));
  CHECK(result.err.empty());
  REQUIRE(run_ntkc({"gram", network, x, "-o", three, "--threads=3"}).exit == 0);
  CHECK(read_file(one) == read_file(three));
  const NumericArray k = read_npy(one);
  CHECK(k.element_type == ElementType::f64);
  REQUIRE(k.shape == std::vector<std::int64_t>{301, 301});
  bool symmetric = true;
  for (std::ptrdiff_t i = 0; i < 301; ++i)
    for (std::ptrdiff_t j = 0; j < i; ++j) symmetric = symmetric && k.matrix()(i, j) == k.matrix()(j, i);
  CHECK(symmetric);
}

TEST_CASE("a jump is told to those who want Theta, which lacks its derivative there, and not of Sigma") {
  const TemporaryDirectory directory;
  const std::string network =
      directory.write("n.arch", "network n\ninput x : vector(3)\noutput x |> dense |> step |> dense\n");
  const std::string x = directory.write("X.npy", random_npy(4, 3, 1));
  const auto said = [&](const std::string& kernel) {
    const Result result = run_ntkc({"gram", network, x, "--kernel=" + kernel, "-o", directory.path("k.npy")});
    CHECK(result.exit == 0);
    return result.err;
  };
  CHECK(contains(said("theta"), "[jump]"));
  CHECK(said("sigma") == "");
}

TEST_CASE("gram between two sets agrees with the symmetric one, and theta is the default") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(4));
  const std::string x = directory.write("X.npy", random_npy(20, 4, 1));
  const auto gram = [&](std::vector<std::string> more) {
    const std::string out = directory.path("k.npy");
    std::vector<std::string> arguments = {"gram", network, x, "-o", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    REQUIRE(run_ntkc(arguments).exit == 0);
    return read_npy(out);
  };
  const NumericArray theta = gram({});
  const NumericArray sigma = gram({"--kernel=sigma"});
  CHECK(gram({"--kernel=theta"}).values == theta.values);
  CHECK(theta.values != sigma.values);
  const NumericArray cross = gram({x});
  REQUIRE(cross.values.size() == theta.values.size());
  double worst = 0;
  for (std::size_t i = 0; i < theta.values.size(); ++i)
    worst = test::larger_error(worst, std::abs(cross.values[i] - theta.values[i]));
  CHECK(worst < 1e-12);
  const NumericArray narrow = gram({"--f32"});
  CHECK(narrow.element_type == ElementType::f32);
  for (std::size_t i = 0; i < theta.values.size(); ++i)
    worst = test::larger_error(worst, std::abs(narrow.values[i] - theta.values[i]));
  CHECK(worst < 1e-3);
}

TEST_CASE("gram through standard input and output writes the bytes it writes to a file") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(3));
  const std::string bytes = random_npy(9, 3, 1);
  const std::string file = directory.path("k.npy");
  REQUIRE(run_ntkc({"gram", network, directory.write("X.npy", bytes), "-o", file}).exit == 0);
  const Result result = run_ntkc({"gram", network, "-", "-o", "-"}, bytes);
  CHECK(result.exit == 0);
  CHECK(result.out == read_file(file));
  CHECK(contains(result.err, "9 × 9"));
  CHECK(run_ntkc({"gram", network, "-", "-o", "-", "--quiet"}, bytes).err.empty());
}

TEST_CASE("gram reports as JSON") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(3));
  const std::string x = directory.write("X.npy", random_npy(9, 3, 1));
  const std::string y = directory.write("Y.npy", random_npy(4, 3, 2));
  const nlohmann::json report =
      json_of(run_ntkc({"gram", network, x, y, "--json", "--threads=2", "-o", directory.path("k.npy")}));
  CHECK(report.at("shape") == nlohmann::json({9, 4}));
  CHECK(report.at("kernel") == "theta");
  CHECK(report.at("precision") == "f64");
  CHECK(report.at("threads") == 2);
  for (const char* const phase : {"compile", "evaluate", "write"}) CHECK(report.at("seconds").at(phase) >= 0);
  CHECK(report.at("peak_memory_bytes") > 1000000);
}

TEST_CASE("gram --all-depths and --per-layer write one matrix after the other") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch",
                                              "network n(depth = 4)\ninput x : vector(5)\nh = x\nrepeat "
                                              "depth { h = h |> dense |> relu }\noutput h |> dense\n");
  const std::string x = directory.write("X.npy", random_npy(30, 5, 1));
  const std::string y = directory.write("Y.npy", random_npy(7, 5, 2));
  const std::string out = directory.path("k.npy");
  REQUIRE(run_ntkc({"gram", network, x, "-o", out}).exit == 0);
  const NumericArray theta = read_npy(out);

  REQUIRE(run_ntkc({"gram", network, x, "--all-depths", "-o", out}).exit == 0);
  const NumericArray depths = read_npy(out);
  REQUIRE(depths.shape == std::vector<std::int64_t>{4, 30, 30});
  for (std::size_t i = 0; i < 900; ++i) CHECK(std::fabs(depths.values[2700 + i] - theta.values[i]) < 1e-13);

  const Result layers = run_ntkc({"gram", network, x, "--per-layer", "-o", out, "--json"});
  REQUIRE(layers.exit == 0);
  CHECK(json_of(layers)["layers"] == nlohmann::json{"dense[1]", "dense[2]"});
  CHECK(json_of(layers)["shape"] == nlohmann::json{2, 30, 30});
  const NumericArray parts = read_npy(out);
  for (std::size_t i = 0; i < 900; ++i)
    CHECK(std::fabs(parts.values[i] + parts.values[900 + i] - theta.values[i]) < 1e-13);

  REQUIRE(run_ntkc({"gram", network, x, y, "--all-depths", "--kernel=sigma", "-o", out}).exit == 0);
  CHECK(read_npy(out).shape == std::vector<std::int64_t>{4, 30, 7});
  CHECK(run_ntkc({"gram", network, x, "--all-depths", "--per-layer", "-o", out}).exit == 2);
  CHECK(run_ntkc({"gram", network, x, "--per-layer", "--kernel=sigma", "-o", out}).exit == 2);
  CHECK(run_ntkc({"gram", network, x, "--all-depths", "-D", "depth=0", "-o", out}).exit == 1);

  // A stack of one plane is a kernel as any other.
  REQUIRE(run_ntkc({"gram", network, x, "-D", "depth=1", "-o", out}).exit == 0);
  const NumericArray single = read_npy(out);
  REQUIRE(run_ntkc({"gram", network, x, "--all-depths", "-D", "depth=1", "-o", out}).exit == 0);
  const NumericArray only = read_npy(out);
  CHECK(only.shape == std::vector<std::int64_t>{1, 30, 30});
  CHECK(only.values == single.values);
}

TEST_CASE("gram takes more terms where inputs are large, for stacks too; --tolerance takes fewer") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch",
                                              "network n(depth = 2)\ninput x : vector(4)\nh = x\nrepeat "
                                              "depth { h = h |> dense |> tanh }\noutput h |> dense\n");
  std::vector<double> values;
  for (int i = 0; i < 12; ++i) values.push_back(4 * std::sin(i * i + 1));  // |x|²/d up to 16, not 4
  const std::string x = directory.write("X.npy", npy_of(values, 3, 4));
  const std::string out = directory.path("k.npy");
  const Result one = run_ntkc({"gram", network, x, "-o", out, "--json"});
  REQUIRE(one.exit == 0);
  CHECK(json_of(one).at("accuracy").at("remainder") < 1.01e-12);
  const NumericArray theta = read_npy(out);
  const Result all = run_ntkc({"gram", network, x, "--all-depths", "-o", out, "--json"});
  REQUIRE(all.exit == 0);
  CHECK(json_of(all).at("accuracy").at("remainder") < 1.01e-12);
  const NumericArray depths = read_npy(out);
  for (std::size_t i = 0; i < 9; ++i)
    CHECK(std::fabs(depths.values[9 + i] - theta.values[i]) < 1e-10 * theta.values[0]);

  const auto terms = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"show", network, "--emit=kernel-opt"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const std::string text = run_ntkc(arguments).out;
    const std::string before = "hermite_series(tanh; ";
    const std::size_t count = text.find(';', text.find(before) + before.size()) + 1;
    return std::stoi(text.substr(count));
  };
  CHECK(2 * terms({"--tolerance=1e-5"}) < terms({}));
  CHECK(json_of(run_ntkc({"gram", network, x, "--tolerance=1e-4", "-o", out, "--json"}))
            .at("accuracy")
            .at("tolerance") == 1e-4);
  for (const char* wrong : {"--tolerance=0", "--tolerance=1", "--tolerance=1e-20", "--tolerance=nan"})
    CHECK(run_ntkc({"gram", network, x, wrong, "-o", out}).exit == 2);
}

TEST_CASE("gram says where rounding leaves less of a closed form than was asked") {
  const TemporaryDirectory directory;
  const std::string network =
      directory.write("n.arch", "network n\ninput x : vector(4)\noutput x |> dense |> elu |> dense\n");
  const std::string out = directory.path("k.npy");
  const auto gram = [&](double size) {
    std::vector<double> values;
    for (int i = 0; i < 12; ++i) values.push_back(size * std::sin(i * i + 1));
    return run_ntkc({"gram", network, directory.write("X.npy", npy_of(values, 3, 4)), "-o", out, "--json"});
  };
  const Result usual = gram(1);
  REQUIRE(usual.exit == 0);
  CHECK(json_of(usual).at("accuracy").at("remainder") < 1e-13);
  CHECK(usual.err.find("was asked") == std::string::npos);
  const Result small = gram(1e-4);
  REQUIRE(small.exit == 0);
  CHECK(json_of(small).at("accuracy").at("remainder") > 1e-9);
  CHECK(small.err.find("of a kernel entry, where 1e-12 was asked") != std::string::npos);
}

TEST_CASE("the memory that is estimated grows as that which is taken") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(3));
  for (const std::vector<std::string>& options : {std::vector<std::string>{}, {"--f32"}, {"--all-depths"}}) {
    const bool deep = !options.empty() && options[0] == "--all-depths";
    const std::string used =
        deep ? directory.write(
                   "deep.arch",
                   "network d\ninput x : vector(3)\nh = x |> dense\nrepeat 2 { h = h |> relu |> dense }\n"
                   "output h\n")
             : network;
    const auto bytes = [&](int rows, const char* member) {
      const std::string x = directory.write("X.npy", random_npy(rows, 3, 1));
      std::vector<std::string> command = {"gram",   used,     x, "-o", directory.path("K.npy"),
                                          "--json", "--quiet"};
      command.insert(command.end(), options.begin(), options.end());
      return json_of(run_ntkc(command)).at(member).get<double>();
    };
    const double estimated = bytes(3000, "estimated_memory_bytes") - bytes(500, "estimated_memory_bytes");
    const double taken = bytes(3000, "peak_memory_bytes") - bytes(500, "peak_memory_bytes");
    CHECK(estimated < 1.5 * taken);
    CHECK(taken < 1.5 * estimated);
  }
}

TEST_CASE("gram refuses what is off by more than a thousandth of an entry, and serves unscaled data") {
  const TemporaryDirectory directory;
  const std::string header = "network n\ninput x : vector(4)\n";
  const std::string out = directory.path("k.npy");
  std::vector<double> values;
  for (int i = 0; i < 12; ++i) values.push_back(300 * std::sin(i * i + 1));
  const std::string x = directory.write("X.npy", npy_of(values, 3, 4));
  const std::string wave = directory.write(
      "wave.arch", "activation f(z) = sin(3*z)*tanh(z)\n" + header + "output x |> dense |> f |> dense\n");
  const Result refused = run_ntkc({"gram", wave, x, "-o", out, "--quiet"});
  CHECK(refused.exit == 3);
  CHECK(refused.err.find("|x|²/d is") != std::string::npos);
  CHECK(refused.err.find("--preprocess=standardize") != std::string::npos);
  const std::string deep = directory.write(
      "deep.arch", header +
                       "h = x |> dense(W_std = 1.5, b_std = 0.1)\n"
                       "repeat 4 { h = h |> tanh |> dense(W_std = 1.5, b_std = 0.1) }\noutput h\n");
  const Result served = run_ntkc({"gram", deep, x, "-o", out, "--json"});
  REQUIRE(served.exit == 0);
  CHECK(json_of(served).at("accuracy").at("remainder") < 1e-12);
  CHECK(served.err.empty());
}

}  // namespace
}  // namespace ntkc::tests
