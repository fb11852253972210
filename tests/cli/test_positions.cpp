// Networks over positions, up to the matrix that is written, and what is said of their cost.
#include <doctest/doctest.h>

#include <cmath>

#include "ntkc/array_file.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

constexpr const char* image_network =
    "network images(depth = 2)\n"
    "input x : image(4, 5, 2)\n"
    "h = x |> conv(3, W_std = sqrt(2), b_std = 0.1)\n"
    "repeat depth { h = h |> relu |> conv(3, W_std = sqrt(2), b_std = 0.1) }\n"
    "output h |> relu |> global_avg_pool |> dense\n";

TEST_CASE("gram of images is symmetric, the same for any number of threads, and near in f32") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", image_network);
  const std::string flat = random_npy(21, 40, 1);
  const std::size_t data = std::size_t{21} * 40 * sizeof(double);
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (21, 4, 5, 2), }";
  header.resize(117, ' ');  // 128 bytes with what is around it
  header += '\n';
  const std::string bytes = std::string("\x93NUMPY\x01\x00", 8) + std::string("\x76\x00", 2) + header +
                            flat.substr(flat.size() - data);
  const std::string x = directory.write("X.npy", bytes);
  const auto gram = [&](const std::string& name, const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"gram", network, x, "-o", directory.path(name)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Result result = run_ntkc(arguments);
    INFO(result.err);
    REQUIRE(result.exit == 0);
    return directory.path(name);
  };
  const std::string one = gram("one.npy", {"--threads=1"});
  CHECK(read_file(one) == read_file(gram("two.npy", {"--threads=2"})));
  const NumericArray k = read_npy(one);
  const NumericArray single = read_npy(gram("f32.npy", {"--f32"}));
  REQUIRE(k.shape == std::vector<std::int64_t>{21, 21});
  double asymmetry = 0;
  double difference = 0;
  for (std::ptrdiff_t i = 0; i < 21; ++i) {
    for (std::ptrdiff_t j = 0; j < 21; ++j) {
      asymmetry = std::max(asymmetry, std::fabs(k.matrix()(i, j) - k.matrix()(j, i)));
      difference = std::max(difference, std::fabs(k.matrix()(i, j) - single.matrix()(i, j)) /
                                            std::sqrt(k.matrix()(i, i) * k.matrix()(j, j)));
    }
  }
  CHECK(asymmetry == 0);
  CHECK(difference < 2e-6);
}

TEST_CASE("show --cost counts what a kernel takes") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", image_network);
  const auto cost = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"show", network, "--cost", "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Result result = run_ntkc(arguments);
    INFO(result.err);
    REQUIRE(result.exit == 0);
    return nlohmann::json::parse(result.out).at("cost");
  };
  const nlohmann::json two = cost({"--samples=2000"});
  // 400 pairs of positions, some fifty operations for each layer.
  CHECK(two.at("operations") > 400.0 * 2 * 30);
  CHECK(two.at("operations") < 400.0 * 4 * 120);
  CHECK(two.at("matrix_bytes") == 8.0 * 2000 * 2000);
  CHECK(two.at("seconds") > 0.0);
  CHECK(cost({"-D", "depth=12"}).at("operations").get<double>() > 3 * two.at("operations").get<double>());
  CHECK(run_ntkc({"show", network, "--cost", "--emit=graph"}).exit == 2);
  CHECK(run_ntkc({"show", network, "--cost", "--samples=0"}).exit == 2);
  CHECK(run_ntkc({"show", network}).exit == 2);
}

}  // namespace
}  // namespace ntkc::tests
