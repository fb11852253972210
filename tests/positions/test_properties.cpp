// What holds of kernels on positions whatever their formulas: symmetries, and networks that are the same in two ways.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"

using namespace ntkc;

namespace {

constexpr KernelKind kinds[] = {KernelKind::sigma, KernelKind::theta};

Matrix normal_inputs(std::ptrdiff_t rows, std::ptrdiff_t columns, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Matrix result(rows, columns);
  for (std::ptrdiff_t i = 0; i < rows * columns; ++i) result.data()[i] = normal(random);
  return result;
}

double largest_difference(const Matrix& a, const Matrix& b) {
  REQUIRE(a.rows() == b.rows());
  double largest = 0;
  for (std::ptrdiff_t i = 0; i < a.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < a.columns(); ++j)
      largest = std::max(largest, std::fabs(a(i, j) - b(i, j)) / std::sqrt(b(i, i) * b(j, j)));
  }
  return largest;
}

void check_same(const std::string& text, const Matrix& x, const std::string& other, const Matrix& y) {
  INFO(text);
  const KernelFunctions kernel = compile("network a\n" + text);
  const KernelFunctions same = compile("network b\n" + other);
  for (const KernelKind kind : kinds)
    CHECK(largest_difference(gram(kernel, kind, x), gram(same, kind, y)) <= 1e-14);
}

/// K(x, y), K(y, x) and the whole matrix to the same bits.
template <typename T>
void check_exchange(const KernelFunctions& kernel, const Matrix& x) {
  const std::ptrdiff_t n = x.rows();
  const std::ptrdiff_t first = n / 3;
  const MatrixView<const double> a(x.data(), first, x.columns());
  const MatrixView<const double> b(x.data() + first * x.columns(), n - first, x.columns());
  for (const KernelKind kind : kinds) {
    BasicMatrix<T> all(n, n);
    BasicMatrix<T> forth(first, n - first);
    BasicMatrix<T> back(n - first, first);
    gram<T>(kernel, kind, x.view(), all.view());
    cross_gram<T>(kernel, kind, a, b, forth.view());
    cross_gram<T>(kernel, kind, b, a, back.view());
    for (std::ptrdiff_t i = 0; i < first; ++i) {
      for (std::ptrdiff_t j = 0; j < n - first; ++j) {
        REQUIRE(forth(i, j) == back(j, i));
        REQUIRE(forth(i, j) == all(i, first + j));
      }
    }
  }
}

}  // namespace

TEST_CASE("Inputs may be exchanged where activations are not symmetric as they are written") {
  const Matrix x = normal_inputs(40, 4 * 4 * 2, 11);
  for (const char* activation : {"elu", "hard_tanh"}) {
    for (const char* end : {"flatten |> dense", "global_avg_pool |> dense",
                            "avg_pool(2) |> conv(2, W_std = 1.3) |> relu |> global_avg_pool |> dense"}) {
      const std::string text = std::string("network n\ninput x : image(4, 4, 2)\n") +
                               "output x |> conv(3, b_std = 0.3) |> " + activation +
                               " |> conv(3, padding = circular) |> " + activation + " |> " + end + "\n";
      INFO(text);
      const KernelFunctions kernel = compile(text);
      CHECK(kernel.positions.rows_by_lane);
      check_exchange<double>(kernel, x);
      CompileOptions options;
      options.precision = Precision::f32;
      check_exchange<float>(compile(text, options), x);
    }
  }
}

TEST_CASE("Circular convolutions of images that are shifted alike have the same kernel") {
  constexpr std::ptrdiff_t h = 4;
  constexpr std::ptrdiff_t w = 6;
  constexpr std::ptrdiff_t channels = 2;
  const Matrix x = normal_inputs(5, h * w * channels, 1);
  Matrix shifted(5, h * w * channels);
  for (std::ptrdiff_t i = 0; i < 5; ++i) {
    for (std::ptrdiff_t p = 0; p < h * w; ++p) {
      const std::ptrdiff_t to = (p / w + 2) % h * w + (p % w + 4) % w;
      for (std::ptrdiff_t k = 0; k < channels; ++k) shifted(i, to * channels + k) = x(i, p * channels + k);
    }
  }
  // A shift by a multiple of all strides.
  for (const char* body :
       {"conv(3, padding = circular) |> relu |> flatten |> dense",
        "conv([2, 3], padding = circular, b_std = 0.3) |> relu |> conv(3, padding = circular, dilation = "
        "[1, 2]) |> erf |> global_avg_pool |> dense",
        "conv(3, stride = 2, padding = circular, b_std = 0.3) |> relu |> conv(2, padding = circular) |> relu "
        "|> global_avg_pool |> dense",
        "conv(3, padding = circular) |> avg_pool(2, padding = circular) |> relu |> flatten |> dense"}) {
    const std::string text = std::string("input x : image(4, 6, 2)\noutput x |> ") + body + "\n";
    check_same(text, x, text, shifted);
  }
}

TEST_CASE("A convolution of one tap is dense at each position") {
  const Matrix x = normal_inputs(6, 4 * 4 * 3, 2);
  for (const char* end : {"flatten |> dense", "global_avg_pool |> dense", "avg_pool(2) |> erf |> flatten"}) {
    const auto text = [&](const std::string& layer) {
      return "input x : image(4, 4, 3)\noutput x |> conv(3) |> relu |> " + layer +
             "W_std = 1.5, b_std = 0.25) |> relu |> " + layer + "lr = 0.5) |> " + end + "\n";
    };
    check_same(text("conv(1, "), x, text("dense("), x);
  }
}

TEST_CASE("An image of one pixel is a vector") {
  const Matrix x = normal_inputs(6, 5, 3);
  const std::string hidden = "relu |> dense(W_std = 1.4, b_std = 0.2) |> erf |> dropout(0.8)";
  for (const char* end : {"flatten", "global_avg_pool", "global_sum_pool", "avg_pool(1) |> flatten"}) {
    const auto text = [&](const std::string& input, const std::string& layer, const std::string& last) {
      return "input x : " + input + "\noutput x |> " + layer + " |> " + hidden + last + " |> dense\n";
    };
    check_same(text("image(1, 1, 5)", "conv(1, b_std = 0.5)", std::string(" |> ") + end), x,
               text("vector(5)", "dense(b_std = 0.5)", ""), x);
  }
}

TEST_CASE("Strides of which nothing is left behind give what convolving everywhere and slicing gives") {
  const Matrix x = normal_inputs(4, 8 * 9 * 2, 4);
  const std::string head = "input x : image(8, 9, 2)\nh = x |> conv(3, b_std = 0.25)\n";
  const std::string end = " |> relu |> conv(3) |> relu |> global_avg_pool |> dense\n";
  check_same(head +
                 "output h |> relu |> conv([1, 3], stride = [2, 1], padding = valid) |> relu |> conv(3, "
                 "padding = valid, stride = [1, 2])" +
                 end,
             x,
             head +
                 "output h |> relu |> conv([1, 3], padding = valid) |> slice(step = [2, 1]) |> relu |> "
                 "conv(3, padding = valid) |> slice(step = [1, 2])" +
                 end,
             x);
}

TEST_CASE("Kernels that leave the range of their precision are refused with the reason") {
  const KernelFunctions kernel = compile(
      "network n\ninput x : image(3, 3, 1)\nh = x\nrepeat 40 { h = h |> conv(3, W_std = 1e8) |> relu }\n"
      "output h |> avg_pool(2) |> dense |> relu |> global_avg_pool |> dense\n");
  const Matrix x = normal_inputs(3, 9, 4);
  for (const KernelKind kind : kinds)
    CHECK_THROWS_WITH_AS(gram(kernel, kind, x), doctest::Contains("its variance overflows"), NumericalError);
}

TEST_CASE("Where a matrix cancels what is equal at all positions, the kernel is zero or refused") {
  for (const char* matrix : {"[[0.5, -0.25, -0.25], [0.25, -1, 0.75], [1, 0, -1]]",
                             "[[0.5, -0.3, -0.2], [0.1, -0.7, 0.6], [1, 0.1, -1.1]]"}) {
    const KernelFunctions kernel = compile(
        std::string("network n\ninput x : sequence(3, 2)\noutput x |> dense(b_std = 0.5) |> aggregate(") +
        matrix + ") |> dense |> relu |> global_avg_pool |> dense\n");
    Matrix x = normal_inputs(40, 6, 7);
    for (std::ptrdiff_t i = 0; i < 40; ++i)
      for (std::ptrdiff_t k = 0; k < 2; ++k) x(i, k + 2) = x(i, k + 4) = x(i, k);
    for (const KernelKind kind : kinds) {
      try {
        const Matrix k = gram(kernel, kind, x);
        for (std::ptrdiff_t i = 0; i < 40 * 40; ++i) CHECK(std::fabs(k.data()[i]) <= 1e-14);
      } catch (const NumericalError& error) {
        CHECK_MESSAGE(std::string(error.what()).find("lost its digits") != std::string::npos, error.what());
      }
    }
  }
}
