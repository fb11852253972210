// Identities of kernels over positions.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <random>

#include "compiler/passes/pipeline.hpp"
#include "tests/support/derived.hpp"
#include "tests/support/networks.hpp"
#include "tests/support/position_evaluator.hpp"

using namespace ntkc;
using kernel_ir::InputCovariances;
using kernel_ir::Program;
using kernel_ir::Quad;

namespace {

Program derive(const std::string& input, const std::string& body) {
  return test::derived("network test\ninput x : " + input + "\n" + body + "\n");
}

/// Σ and Θ.
std::array<Quad, 2> kernels(const Program& program, const std::vector<double>& x,
                            const std::vector<double>& y) {
  const auto positions = static_cast<std::size_t>(kernel_ir::position_count(program.input_positions));
  const auto values = kernel_ir::interpret(program, kernel_ir::input_covariances(x, y, positions));
  return {values.at(0).at(0), values.at(1).at(0)};
}

void check_equal(const std::array<Quad, 2>& a, const std::array<Quad, 2>& b) {
  for (std::size_t i = 0; i < 2; ++i) CHECK(fabsq(a.at(i) - b.at(i)) <= Quad(1e-26) * fabsq(b.at(i)));
}

}  // namespace

TEST_CASE("a circular convolution of shifted images has the kernel of the images") {
  const Program p =
      derive("image(3, 4, 2)",
             "h = x |> conv(3, padding = circular, b_std = 0.2) |> relu |> conv([2, 3], padding = circular)\n"
             "output h |> erf |> global_avg_pool |> dense");
  std::mt19937_64 random(1);
  const std::vector<double> x = test::random_vector(random, 24);
  const std::vector<double> y = test::random_vector(random, 24);
  for (const std::size_t rows : {0, 1, 2}) {
    for (const std::size_t columns : {1, 3}) {
      std::vector<double> shifted(24);
      for (std::size_t i = 0; i < 24; ++i) {
        const std::size_t row = (i / 8 + rows) % 3;
        const std::size_t column = (i / 2 + columns) % 4;
        shifted[(row * 4 + column) * 2 + i % 2] = y[i];
      }
      check_equal(kernels(p, x, shifted), kernels(p, x, y));
    }
  }
}

TEST_CASE("a convolution of one tap is a dense layer at each position") {
  const std::string head = "h = x |> conv(3, b_std = 0.2) |> relu\n";
  const std::string tail = " |> abs |> conv(2, stride = 2, padding = valid) |> global_sum_pool |> dense";
  std::mt19937_64 random(2);
  const std::vector<double> x = test::random_vector(random, 12);
  const std::vector<double> y = test::random_vector(random, 12);
  const Program conv =
      derive("sequence(6, 2)", head + "output h |> conv(1, W_std = 1.3, b_std = 0.4, lr = 0.5)" + tail);
  const Program dense =
      derive("sequence(6, 2)", head + "output h |> dense(W_std = 1.3, b_std = 0.4, lr = 0.5)" + tail);
  check_equal(kernels(conv, x, y), kernels(dense, x, y));
}

TEST_CASE("a network on one pixel is the network on a vector") {
  const auto body = [](const std::string& layer, const std::string& readout) {
    return "h = x |> " + layer + "(W_std = 1.5, b_std = 0.3) |> relu\nrepeat 3 { h = h |> " + layer +
           "(W_std = 1.4, b_std = 0.1) |> gelu }\noutput h" + readout + " |> dense";
  };
  const auto conv = [&](const std::string& readout) {
    std::string text = body("conv", readout);
    for (std::size_t at = 0; (at = text.find("conv(", at)) != std::string::npos; at += 5)
      text.insert(at + 5, "1, ");
    return text;
  };
  std::mt19937_64 random(3);
  const std::vector<double> x = test::random_vector(random, 5);
  const std::vector<double> y = test::random_vector(random, 5);
  const Program vector = derive("vector(5)", body("dense", ""));
  for (const std::string readout : {" |> flatten", " |> global_avg_pool", " |> global_sum_pool"})
    check_equal(kernels(derive("image(1, 1, 5)", conv(readout)), x, y), kernels(vector, x, y));
}

TEST_CASE("zero and constant patches, zero images and equal ones give finite values, right to 1e-13 in f64") {
  std::mt19937_64 random(4);
  for (const std::string readout :
       {"flatten", "global_avg_pool", "avg_pool(2) |> dense |> relu |> flatten"}) {
    const Program derived = derive("image(4, 5, 1)",
                                   "h = x |> conv(3, W_std = 1.4) |> relu\n"
                                   "repeat 2 { h = h |> conv(3, W_std = 1.4, b_std = 0.1) |> relu }\n"
                                   "output h |> " +
                                       readout + " |> dense");
    const Program optimized = passes::run(derived);
    const std::vector<double> constant(20, 0.7);
    std::vector<double> half = test::random_vector(random, 20);
    std::fill(half.begin(), half.begin() + 12, 0.0);
    std::vector<double> background(20, 0.3);
    background[7] = -1.2;
    const std::vector<std::vector<double>> images = {constant, half, background,
                                                     std::vector<double>(20, 0.0)};
    for (const auto& x : images) {
      for (const auto& y : images) {
        const std::array<Quad, 2> exact = kernels(derived, x, y);
        const std::array<Quad, 2> at_x = kernels(derived, x, x);
        const std::array<Quad, 2> at_y = kernels(derived, y, y);
        const test::PositionEvaluator evaluated(optimized, kernel_ir::input_covariances(x, y, 20));
        for (std::size_t i = 0; i < 2; ++i) {
          const double scale = std::sqrt(static_cast<double>(at_x.at(i)) * static_cast<double>(at_y.at(i)));
          const double value = evaluated.root(i == 0 ? "Sigma" : "Theta");
          CHECK(std::fabs(value - static_cast<double>(exact.at(i))) <= 1e-13 * scale);
        }
      }
    }
  }
}
