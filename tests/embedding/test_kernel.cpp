// Kernel, the value: one pair, matrices and both precisions say the same; errors name what is wrong.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "ntkc/compiler.hpp"
#include "ntkc/cost.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/gram.hpp"
#include "ntkc/kernel.hpp"

namespace ntkc {
namespace {

Matrix random_inputs(std::ptrdiff_t rows, std::ptrdiff_t columns) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  Matrix result(rows, columns);
  for (std::ptrdiff_t i = 0; i < rows * columns; ++i) result.data()[i] = normal(random);
  return result;
}

std::span<const double> row(const Matrix& x, std::ptrdiff_t i) {
  return {&x(i, 0), static_cast<std::size_t>(x.columns())};
}

const char* const networks[] = {
    "network v\ninput x : vector(3)\noutput x |> dense(b_std = 0.5) |> relu |> dense |> tanh |> dense\n",
    "network s\ninput x : sequence(5, 2)\noutput x |> conv(3) |> tanh |> global_avg_pool |> dense |> elu |> "
    "dense\n"};

}  // namespace

TEST_CASE("a pair of a Kernel has the bits of the matrix") {
  for (const char* text : networks) {
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      const Kernel kernel = compile(text, {.precision = precision});
      const Matrix x = random_inputs(7, kernel.input_size());
      for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
        const Matrix k = kernel.gram(kind, x);
        const Matrix cross = kernel.gram(kind, x, x);
        const std::vector<double> diagonal = kernel.diagonal(kind, x);
        for (std::ptrdiff_t i = 0; i < 7; ++i) {
          CHECK(kernel.of(kind, row(x, i)) == k(i, i));
          CHECK(diagonal[static_cast<std::size_t>(i)] == k(i, i));
          for (std::ptrdiff_t j = 0; j < 7; ++j) {
            CHECK(kernel.of(kind, row(x, i), row(x, j)) == cross(i, j));
            if (i != j) CHECK(cross(i, j) == k(i, j));
          }
        }
        if (precision == Precision::f64) {
          Matrix exact(7, 7);
          gram<double>(kernel, kind, x, exact.view());
          CHECK(std::equal(k.data(), k.data() + 49, exact.data()));
        }
      }
    }
  }
}

TEST_CASE("a Kernel says what it is, and has the planes it was compiled with") {
  const Kernel kernel = compile(networks[0], {.per_layer = true});
  std::ostringstream text;
  text << kernel;
  CHECK(text.str() == "v: vector(3), f64, Sigma and Theta and Theta_by_layer");
  CHECK(kernel.input_shape() == std::vector<std::int64_t>{3});
  CHECK(kernel.functions().operations == kernel_cost(networks[0], {.per_layer = true}).operations);
  const Matrix x = random_inputs(4, 3);
  const Matrix theta = kernel.theta(x);
  const std::vector<Matrix> layers = kernel.planes("Theta_by_layer", x);
  REQUIRE(layers.size() == 3);
  for (std::ptrdiff_t i = 0; i < 4; ++i)
    CHECK(layers[0](i, 2) + layers[1](i, 2) + layers[2](i, 2) == doctest::Approx(theta(i, 2)).epsilon(1e-14));
}

TEST_CASE("a Kernel refuses what is no input of it, and kernels it has not") {
  const Kernel kernel = compile(networks[0], {.sigma = false});
  const std::vector<double> x = {1, 2, 3};
  CHECK(kernel.has(KernelKind::theta));
  CHECK_FALSE(kernel.has(KernelKind::sigma));
  CHECK_THROWS_WITH_AS(static_cast<void>(kernel.theta(x, std::vector<double>{1, 2})),
                       "y has 2 numbers, inputs of the kernel `v` have 3", InputError);
  CHECK_THROWS_AS(static_cast<void>(kernel.theta(std::vector<double>{1, 2, NAN})), InputError);
  CHECK_THROWS_WITH_AS(static_cast<void>(kernel.sigma(x, x)), doctest::Contains("compiled without"), Error);
  CHECK_THROWS_WITH_AS(static_cast<void>(kernel.planes("dTheta_dw", random_inputs(2, 3))),
                       "the kernel `v` has no stack `dTheta_dw`; it was compiled with Theta", InputError);
  CHECK(kernel.theta(Matrix(0, 3)).rows() == 0);
  try {
    static_cast<void>(kernel.theta(Matrix(2, 4)));
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::input);
  }
}

TEST_CASE("kernels are compiled, copied, evaluated and freed by many threads") {
  const Kernel shared = compile(networks[0]);
  const Matrix x = random_inputs(40, 3);
  const Matrix expected = shared.theta(x);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 5; ++round) {
        const Kernel copy = shared;
        const Kernel own = compile(networks[0]);
        const Matrix a = copy.theta(x, {.threads = 2});
        const Matrix b = own.theta(x);
        for (std::ptrdiff_t i = 0; i < 40 * 40; ++i)
          if (a.data()[i] != expected.data()[i] || b.data()[i] != expected.data()[i]) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : wrong) CHECK(count == 0);
}

TEST_CASE(
    "no page of the process is writable and executable, with kernels alive and while some are compiled") {
  const auto count = [] {
    std::ifstream maps("/proc/self/maps");
    int found = 0;
    for (std::string line; std::getline(maps, line);)
      if (line.find(" rwx") != std::string::npos) ++found;
    return found;
  };
  const Kernel alive = compile(networks[1]);
  std::atomic<bool> is_done = false;
  std::thread compiling([&] {
    for (int i = 0; i < 5; ++i) static_cast<void>(compile(networks[0]));
    is_done = true;
  });
  int most = count();
  while (!is_done) most = std::max(most, count());
  compiling.join();
  CHECK(most == 0);
}

#ifndef __SANITIZE_ADDRESS__  // which keeps what is freed for a while
TEST_CASE("kernels that are compiled and freed leave no memory behind") {
  const auto resident_kilobytes = [] {
    std::ifstream statm("/proc/self/statm");
    long all = 0;
    long resident = 0;
    statm >> all >> resident;
    return resident * 4;
  };
  const auto rounds = [](int count) {
    for (int i = 0; i < count; ++i)
      static_cast<void>(compile("network n\ninput x : vector(3)\noutput x |> dense |> relu |> dense\n"));
  };
  rounds(60);
  const long before = resident_kilobytes();
  rounds(60);
  const long growth = resident_kilobytes() - before;
  MESSAGE("60 more rounds: " << growth << " kB");
  CHECK(growth < 2000);
}
#endif

}  // namespace ntkc
