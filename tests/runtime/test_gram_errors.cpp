#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "ntkc/gram.hpp"
#include "tests/runtime/fake_kernels.hpp"

using namespace ntkc;
using namespace ntkc::test;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

void diverging_pair(const PairArguments* arguments) {
  for_each_pair<double>(arguments, [](double h, double g) { return g > 1e10 ? infinity : h; });
}

}  // namespace

TEST_CASE("NaN and infinity in the data are refused by row and column") {
  const KernelFunctions kernel = fake_kernel<double>(4);
  Matrix x = random_matrix(300, 4, 1);
  const Matrix good = random_matrix(5, 4, 2);
  x(217, 3) = not_a_number;
  x(218, 1) = infinity;
  const std::string message =
      "x contains NaN at row 217, column 3 (counting from 0); replace it or leave the row out";
  Matrix k(300, 300);
  for (const int threads : {1, 3}) {
    CHECK_THROWS_WITH_AS(gram<double>(kernel, KernelKind::sigma, x.view(), k.view(), {threads, {}}),
                         message.c_str(), InputError);
  }
  CHECK_THROWS_WITH_AS(gram_diagonal(kernel, KernelKind::sigma, x.view(), k.data()), message.c_str(),
                       InputError);
  x(217, 3) = 0;
  Matrix cross(5, 300);
  CHECK_THROWS_WITH_AS(
      cross_gram<double>(kernel, KernelKind::sigma, good.view(), x.view(), cross.view()),
      "y contains infinity at row 218, column 1 (counting from 0); replace it or leave the row out",
      InputError);
}

TEST_CASE("shapes that do not fit are refused with both shapes") {
  KernelFunctions kernel = fake_kernel<double>(4);
  kernel.input_shape = {2, 2};
  const Matrix x = random_matrix(3, 5, 1);
  const Matrix y = random_matrix(3, 4, 1);
  Matrix k(3, 3);
  const char* wrong_inputs =
      "x has shape (3, 5), but the kernel `fake` takes inputs of shape (2, 2), 4 numbers each";
  CHECK_THROWS_WITH_AS(gram<double>(kernel, KernelKind::sigma, x.view(), k.view()), wrong_inputs, InputError);
  CHECK_THROWS_WITH_AS(gram_diagonal(kernel, KernelKind::sigma, x.view(), k.data()), wrong_inputs,
                       InputError);
  CHECK_THROWS_WITH_AS(
      cross_gram<double>(kernel, KernelKind::sigma, y.view(), x.view(), k.view()),
      "y has shape (3, 5), but the kernel `fake` takes inputs of shape (2, 2), 4 numbers each", InputError);
  Matrix wide(3, 4);
  CHECK_THROWS_WITH_AS(gram<double>(kernel, KernelKind::sigma, y.view(), wide.view()),
                       "the result has shape (3, 4), but the Gram matrix has shape (3, 3)", InputError);
}

TEST_CASE("a kernel of the other precision, or that was not compiled, is refused") {
  const Matrix x = random_matrix(3, 4, 1);
  Matrix k(3, 3);
  CHECK_THROWS_WITH_AS(gram<double>(fake_kernel<float>(4), KernelKind::sigma, x.view(), k.view()),
                       "the kernel `fake` is compiled for f32, but the result is f64; they must agree",
                       InputError);
  CHECK_THROWS_WITH_AS(gram<double>(fake_kernel<double>(4, linear_pair<double>, nullptr), KernelKind::theta,
                                    x.view(), k.view()),
                       "the kernel `fake` was compiled without Θ (theta); compile it with that kernel, too",
                       InputError);
  CHECK_THROWS_AS(gram<double>(fake_kernel<double>(4, nullptr), KernelKind::sigma, x.view(), k.view()),
                  InputError);
}

TEST_CASE("inputs whose mean square leaves the range of the kernel are refused by row") {
  Matrix x = random_matrix(3, 4, 1);
  const Matrix original = x;
  Matrix k(3, 3);
  BasicMatrix<float> single(3, 3);
  const auto scale_row = [&](double factor) {
    for (std::ptrdiff_t c = 0; c < 4; ++c) x(2, c) = factor * original(2, c);
  };
  scale_row(1e200);
  CHECK_THROWS_WITH_AS(
      gram<double>(fake_kernel<double>(4), KernelKind::sigma, x.view(), k.view()),
      "row 2 of x (counting from 0) is too large: its mean square |x|²/d is above the range of f64; "
      "rescale the inputs",
      InputError);
  scale_row(1e-200);
  CHECK_THROWS_WITH_AS(
      gram<double>(fake_kernel<double>(4), KernelKind::sigma, x.view(), k.view()),
      "row 2 of x (counting from 0) is too small: its mean square |x|²/d is below the range of f64; "
      "rescale the inputs",
      InputError);
  scale_row(1e-30);
  gram<double>(fake_kernel<double>(4), KernelKind::sigma, x.view(), k.view());
  CHECK_THROWS_AS(gram<float>(fake_kernel<float>(4), KernelKind::sigma, x.view(), single.view()), InputError);
}

TEST_CASE("a result that is not finite is a numerical error that names the first pair") {
  const KernelFunctions kernel = fake_kernel<double>(4, diverging_pair, diverging_pair);
  Matrix x = random_matrix(600, 4, 1);
  for (const std::ptrdiff_t row : {430, 520}) {
    for (std::ptrdiff_t c = 0; c < 4; ++c) x(row, c) = 1e6;
  }
  const char* message =
      "the kernel `fake` is inf for the pair of rows (430, 430) (counting from 0); its variance overflows: "
      "use a "
      "smaller W_std or depth, or rescale the inputs";
  Matrix k(600, 600);
  for (const int threads : {1, 2, 5}) {
    CHECK_THROWS_WITH_AS(gram<double>(kernel, KernelKind::theta, x.view(), k.view(), {threads, {}}), message,
                         NumericalError);
  }
  CHECK_THROWS_WITH_AS(gram_diagonal(kernel, KernelKind::theta, x.view(), k.data()), message, NumericalError);
  Matrix y(2, 4);
  std::fill_n(y.data(), 8, 1e6);
  Matrix cross(2, 600);
  CHECK_THROWS_WITH_AS(
      cross_gram<double>(kernel, KernelKind::theta, y.view(), x.view(), cross.view()),
      "the kernel `fake` is inf for the pair of rows (0, 430) (counting from 0); its variance "
      "overflows: use a smaller W_std or depth, or rescale the inputs",
      NumericalError);
}

namespace {

/// Σ of the linear network, or what `change` makes of it.
KernelFunctions changed_kernel(PairFunction pair) {
  KernelFunctions kernel = fake_kernel<double>(4, pair, nullptr);
  kernel.kernels[0].is_kernel = true;
  return kernel;
}

/// x·y/d but for an input of size 2e6: `change` of it and of whether it is a variance.
template <typename Change>
void changed_pair(const PairArguments* arguments, Change change) {
  for_each_pair<double>(arguments, [&](double h, double g) {
    const double value = g * std::copysign(1 - 2 * std::abs(h), h);
    return g > 1e5 ? change(value, g > 1e11) : value;
  });
}

/// The number that the table's third row holds is lost where |x|²/d is above 1e10.
void lossy_samples(const SampleArguments* a) {
  sample_roots<double>(a);
  for (std::int64_t j = 0; j < a->count; ++j)
    static_cast<double*>(a->table)[2 * a->table_stride + j] = a->self[j] > 1e10 ? 0.25 : 1e-6;
}

}  // namespace

TEST_CASE("what no kernel is is refused: NaN, negative variances, entries larger than the diagonal allows") {
  Matrix x = random_matrix(600, 4, 1);
  std::fill_n(&x(430, 0), 4, 2e6);
  std::fill_n(&x(20, 0), 4, 1);
  Matrix k(600, 600);
  const auto refuse = [&](PairFunction pair, const std::string& message) {
    const KernelFunctions kernel = changed_kernel(pair);
    for (const int threads : {1, 3}) {
      CHECK_THROWS_WITH_AS(gram<double>(kernel, KernelKind::sigma, x.view(), k.view(), {threads, {}}),
                           message.c_str(), NumericalError);
    }
  };
  refuse([](const PairArguments* a) { changed_pair(a, [](double, bool) { return not_a_number; }); },
         "the kernel `fake` is not a number for the pair of rows (430, 384) (counting from 0); a step of its "
         "formula "
         "leaves the range of f64, where |x|²/d is 4.0e+12 and 1.4e+00: rescale the inputs");
  refuse([](const PairArguments* a) { changed_pair(a, [](double v, bool own) { return own ? -1e-3 : v; }); },
         "the kernel `fake` has the negative variance -0.001 at row 430 of x (counting from 0): its closed "
         "form has lost its digits, where |x|²/d is 4.0e+12; rescale the inputs");
  const auto doubled = [](const PairArguments* a) {
    changed_pair(a, [](double v, bool own) { return own ? v : std::abs(v - 2e6) < 1 ? 2 * v : 0; });
  };
  refuse(
      doubled,
      "the kernel `fake` is 4000000 for the pair of rows (430, 20) (counting from 0), which is more than "
      "√(K(x,x) K(y,y)): its closed form has lost its digits, where |x|²/d is 4.0e+12 and 1.0e+00; rescale "
      "the inputs");
  KernelFunctions kernel = changed_kernel(doubled);
  // Without a remainder nothing can be lost, and the diagonals of a rectangle are not looked at.
  CHECK_NOTHROW(cross_gram<double>(kernel, KernelKind::sigma, x.view(), x.view(), k.view()));
  kernel.slots = 3;
  kernel.remainder_slot = 2;
  kernel.sample = [](const SampleArguments* a) {
    sample_roots<double>(a);
    std::fill_n(static_cast<double*>(a->table) + 2 * a->table_stride, a->count, 0.0);
  };
  CHECK_THROWS_AS(cross_gram<double>(kernel, KernelKind::sigma, x.view(), x.view(), k.view()),
                  NumericalError);
}

TEST_CASE("a loss of more than is accepted is refused, wherever the kernel is asked for") {
  KernelFunctions kernel = changed_kernel(linear_pair<double>);
  kernel.slots = 3;
  kernel.remainder_slot = 2;
  kernel.sample = lossy_samples;
  kernel.tolerance = 1e-12;
  Matrix x = random_matrix(600, 4, 1);
  const Matrix good = random_matrix(70, 4, 2);
  std::fill_n(&x(430, 0), 4, 2e6);
  Matrix k(600, 600);
  const std::string message =
      "the kernel `fake` at row 430 of x (counting from 0) may be off by up to 2.5e-01 of an entry, and at "
      "most 1e-03 is accepted: |x|²/d is 4.0e+12 there, where expansions have too few terms or closed forms "
      "lose their digits (`ntkc show --emit=kernel` says up to which q each activation is good); scale the "
      "inputs "
      "(--preprocess=standardize or unit-norm), use a smaller W_std, or accept it with --tolerance=T up to "
      "0.1";
  CHECK_THROWS_WITH_AS(gram<double>(kernel, KernelKind::sigma, x.view(), k.view()), message.c_str(),
                       NumericalError);
  CHECK_THROWS_WITH_AS(gram_diagonal(kernel, KernelKind::sigma, x.view(), k.data()), message.c_str(),
                       NumericalError);
  CHECK_THROWS_AS(cross_gram<double>(kernel, KernelKind::sigma, good.view(), x.view(), {k.data(), 70, 600}),
                  NumericalError);
  CHECK_NOTHROW(gram<double>(kernel, KernelKind::sigma, good.view(), {k.data(), 70, 70}));
  kernel.tolerance = 0.3;
  CHECK_NOTHROW(gram<double>(kernel, KernelKind::sigma, x.view(), k.view()));
}

TEST_CASE("progress ends at 1 and a Gram matrix can be cancelled") {
  const KernelFunctions kernel = fake_kernel<double>(4);
  const Matrix x = random_matrix(700, 4, 1);
  Matrix k(700, 700);
  for (const int threads : {1, 3}) {
    double last = 0;
    bool grows = true;
    const auto watch = [&](double fraction) {
      grows &= fraction > last;
      last = fraction;
      return true;
    };
    gram<double>(kernel, KernelKind::theta, x.view(), k.view(), {threads, watch});
    CHECK(grows);
    CHECK(last == 1);
    int calls = 0;
    const auto cancel = [&](double) { return ++calls < 4; };
    CHECK_THROWS_AS(gram<double>(kernel, KernelKind::theta, x.view(), k.view(), {threads, cancel}),
                    Cancelled);
    CHECK(calls == 4);
    calls = 0;
    CHECK_THROWS_AS(
        cross_gram<double>(kernel, KernelKind::theta, x.view(), x.view(), k.view(), {threads, cancel}),
        Cancelled);
    CHECK(calls == 4);
  }
}
