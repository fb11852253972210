// The public interface of finite networks.
#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "ntkc/compiler.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/finite_network.hpp"
#include "ntkc/gram.hpp"

using namespace ntkc;

namespace {

constexpr const char* text = R"(network test(w = 1.2)
input x : vector(4)
output x |> dense(W_std = w, b_std = 0.3) |> erf |> dense(W_std = w, b_std = 0.3)
)";

Matrix inputs() {
  Matrix x(3, 4);
  for (int i = 0; i < 12; ++i) x.data()[i] = std::sin(1.0 + i * i);
  return x;
}

/// Mean of a sample, and how far it is from the mean of the distribution.
class Deviation {
 public:
  void add(double value) {
    ++count_;
    sum_ += value;
    squares_ += value * value;
  }
  [[nodiscard]] double mean() const { return sum_ / count_; }
  [[nodiscard]] double standard_error() const {
    return std::sqrt((squares_ / count_ - mean() * mean()) / (count_ - 1));
  }

 private:
  int count_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

}  // namespace

TEST_CASE("the mean over draws of a wide network is the infinite kernel") {
  const Matrix x = inputs();
  const FiniteNetwork network(text, {.width = 1024, .outputs = 4});
  const FiniteNetwork wide(text, {.width = 1024});
  CHECK(network.input_size() == 4);
  CHECK(network.outputs() == 4);
  CHECK(wide.outputs() == 1024);
  CHECK(network.parameter_count() == 1024 * 5 + 4 * 1025);
  const KernelFunctions kernel = compile(text);
  const Matrix exact_theta = gram(kernel, KernelKind::theta, x);
  const Matrix exact_sigma = gram(kernel, KernelKind::sigma, x);
  constexpr int draws = 64;
  std::array<Deviation, 9> theta;
  std::array<Deviation, 9> sigma;
  for (std::uint32_t draw = 0; draw < draws; ++draw) {
    const Matrix ntk = network.empirical_ntk(x.view(), draw, NtkForm::trace);
    const Matrix nngp = wide.empirical_nngp(x.view(), draw);
    for (std::size_t i = 0; i < 9; ++i) {
      theta.at(i).add(ntk.data()[i] - exact_theta.data()[i]);
      sigma.at(i).add(nngp.data()[i] - exact_sigma.data()[i]);
    }
  }
  // With one hidden layer the means have no error but that of the draws: single draws are off by about
  // 1/√1024 = 0.03 of the kernels, which are about 1, their means by 0.004.
  for (const auto& kernels : {theta, sigma}) {
    for (const Deviation& deviation : kernels) {
      CHECK(std::abs(deviation.mean()) <= 4 * deviation.standard_error());
      CHECK(deviation.standard_error() < 0.008);
    }
  }
}

TEST_CASE("parameters of the network, outputs of a draw, what does not fit") {
  const Matrix x = inputs();
  const FiniteNetwork network(text, {.width = 64, .outputs = 2, .seed = 3});
  const Matrix f = network.evaluate(x.view(), 5);
  CHECK(f.rows() == 3);
  CHECK(f.columns() == 2);
  CHECK(f(0, 0) != network.evaluate(x.view(), 6)(0, 0));
  CHECK(f(0, 0) == FiniteNetwork(text, {.width = 64, .outputs = 2, .seed = 3}).evaluate(x.view(), 5)(0, 0));
  CHECK(f(0, 0) != FiniteNetwork(text, {.width = 64, .outputs = 2, .seed = 4}).evaluate(x.view(), 5)(0, 0));
  const FiniteNetwork scaled(text, {.width = 64, .outputs = 2, .seed = 3}, {.definitions = {{"w", "2"}}});
  CHECK(f(0, 0) != scaled.evaluate(x.view(), 5)(0, 0));
  const Matrix narrow(3, 3);
  CHECK_THROWS_WITH_AS(static_cast<void>(network.evaluate(narrow.view())),
                       "the data have 3 values per sample, the network takes 4", InputError);
  CHECK_THROWS_AS(FiniteNetwork(text, {.width = 0}), InputError);
  CHECK_THROWS_AS(FiniteNetwork("network n\noutput y\n"), CompileError);
  CHECK_THROWS_AS(static_cast<void>(network.empirical_ntk(x.view(), 0, NtkForm::full, 3)), InputError);
}
