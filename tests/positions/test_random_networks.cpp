// Random networks on positions, compiled and interpreted, against the definitions in full covariances.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <map>
#include <random>

#include "compiler/kernel_ir/interpreter.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/expansion_remainder.hpp"
#include "ntkc/gram.hpp"
#include "tests/positions/random_network.hpp"
#include "tests/support/derived.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/searches.hpp"

using namespace ntkc;
using test::Covariances;
using test::RandomNetwork;

namespace {

using Vector = std::vector<double>;

/// Pairs of inputs of one kind.
struct Pair {
  const char* kind;
  Vector x;
  Vector y;
};

std::vector<Pair> pairs_of(const RandomNetwork& network, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  const auto size = static_cast<std::size_t>(network.input_size());
  const auto channels = static_cast<std::size_t>(network.channels());
  const auto made = [&](auto entry) {
    Vector result;
    for (std::size_t i = 0; i < size; ++i) result.push_back(entry(i));
    return result;
  };
  const Vector x = made([&](std::size_t) { return normal(random); });
  const Vector patch = made([&](std::size_t) { return normal(random); });
  const auto first_half = [&](std::size_t i) { return i < size / 2; };
  return {
      {"random", x, made([&](std::size_t) { return normal(random); })},
      {"near", x, made([&](std::size_t i) { return x[i] + 1e-6 * normal(random); })},
      {"equal", x, x},
      {"scaled", x, made([&](std::size_t i) { return 2.5 * x[i]; })},
      {"opposite", x, made([&](std::size_t i) { return -x[i]; })},
      {"zero patch", x,
       made([&](std::size_t i) { return first_half(i / channels * channels) ? 0.0 : x[i]; })},
      {"zero", x, Vector(size, 0.0)},
      {"constant", made([&](std::size_t i) { return patch[i % channels]; }),
       made([&](std::size_t i) { return 0.5 * patch[i % channels]; })},
      {"equal patches", made([&](std::size_t i) { return patch[i % (2 * channels)]; }),
       made([&](std::size_t i) { return patch[i % (2 * channels)] + (first_half(i) ? 0.0 : 1e-6); })},
  };
}

/// Σ or Θ of (x, x), (y, y), (x, y).
using Three = std::array<double, 3>;

/// The largest error in units of √(K(x,x) K(y,y)); of a kernel that is 0 the absolute one.
double error_of(const Three& values, const std::array<test::Square, 3>& exact) {
  double worst = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto at = [&](std::size_t j) { return static_cast<long double>(exact.at(j).at(0)); };
    const long double unit = i < 2 ? at(i) : std::sqrt(at(0) * at(1));
    const long double difference = std::fabs(values.at(i) - at(i));
    worst = test::larger_error(worst, static_cast<double>(unit > 0 ? difference / unit : difference));
  }
  return worst;
}

Matrix rows_of(const Pair& pair) {
  Matrix result(2, std::ssize(pair.x));
  for (std::ptrdiff_t k = 0; k < result.columns(); ++k) {
    result(0, k) = pair.x[static_cast<std::size_t>(k)];
    result(1, k) = pair.y[static_cast<std::size_t>(k)];
  }
  return result;
}

template <typename T>
Three compiled(const KernelFunctions& kernel, KernelKind kind, const Matrix& x) {
  BasicMatrix<T> k(2, 2);
  gram<T>(kernel, kind, x.view(), k.view(), {.threads = 1});
  CHECK(k(0, 1) == k(1, 0));
  // Alone and exchanged to the same bits.
  BasicMatrix<T> forth(1, 1);
  BasicMatrix<T> back(1, 1);
  const MatrixView<const double> first(x.data(), 1, x.columns());
  const MatrixView<const double> second(x.data() + x.columns(), 1, x.columns());
  cross_gram<T>(kernel, kind, first, second, forth.view(), {.threads = 1});
  cross_gram<T>(kernel, kind, second, first, back.view(), {.threads = 1});
  CHECK(forth(0, 0) == k(0, 1));
  CHECK(back(0, 0) == k(0, 1));
  return {static_cast<double>(k(0, 0)), static_cast<double>(k(1, 1)), static_cast<double>(k(0, 1))};
}

Three interpreted(const kernel_ir::Program& program, std::size_t root, const Pair& pair,
                  std::size_t positions) {
  Three result{};
  const std::array<std::pair<const Vector*, const Vector*>, 3> inputs = {
      {{&pair.x, &pair.x}, {&pair.y, &pair.y}, {&pair.x, &pair.y}}};
  for (std::size_t i = 0; i < 3; ++i) {
    kernel_ir::InputCovariances covariances =
        kernel_ir::input_covariances(*inputs.at(i).first, *inputs.at(i).second, positions);
    covariances.is_same = i < 2;
    result.at(i) = static_cast<double>(kernel_ir::interpret(program, covariances).at(root).at(0));
  }
  return result;
}

/// What machine code may be off by: docs/positions.md.
double bound_of(Precision precision, const RandomNetwork& network, const std::string& kind) {
  // z is 0 or small at pairs of positions, and behind pooling it is so up to rounding. Values of one channel have u = 1
  // or -1 at all pairs.
  const bool is_near = (kind != "random" && kind != "zero" && kind != "equal") || network.channels() == 1;
  const bool is_lossy = network.mixes_before_kink() && is_near;
  // What is equal at several positions may cancel where a matrix has entries of both signs.
  const bool may_cancel = kind == "equal patches";
  if (precision == Precision::f64) return is_lossy ? 2e-8 : may_cancel ? 1e-12 : 1e-13;
  return is_lossy ? 2e-3 : 5e-5;
}

}  // namespace

TEST_CASE("random networks on positions are what the definitions say") {
  const int networks = tests::count_of_search("NTKC_POSITION_NETWORKS", 24);
  const auto first = static_cast<std::uint64_t>(tests::count_of_search("NTKC_POSITION_SEED", 1));
  std::map<std::string, double> worst;
  for (int i = 0; i < networks; ++i) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
    const RandomNetwork network(seed);
    INFO("network " << seed << "\n" << network.text());
    std::mt19937_64 random(seed);
    const kernel_ir::Program program = test::derived(network.text());
    const auto positions = static_cast<std::size_t>(network.input_size() / network.channels());
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      if (precision == Precision::f32 && seed % 3 != 0) continue;
      CompileOptions options;
      options.precision = precision;
      const std::vector<Pair> pairs = pairs_of(network, random);
      options.largest_input_at = [&](std::int64_t count) {
        double largest = 0;
        for (const Pair& pair : pairs)
          largest = std::max(largest, largest_input(rows_of(pair).view(), "x", count));
        return largest;
      };
      const KernelFunctions kernel = compile(network.text(), options);
      for (const Pair& pair : pairs) {
        const Covariances exact = network.evaluate(pair.x, pair.y);
        const std::string kind = pair.kind;
        for (const std::size_t root : {0U, 1U}) {
          const auto& expected = root == 0 ? exact.sigma : exact.theta;
          const KernelKind of = root == 0 ? KernelKind::sigma : KernelKind::theta;
          const bool f64 = precision == Precision::f64;
          const Matrix x = rows_of(pair);
          // What expansions leave out is stated, for each layer; layers behind may enlarge it.
          const double stated =
              network.is_expanded() ? std::max(kernel.tolerance, expansion_remainder(kernel, x.view())) : 0;
          const double bound = bound_of(precision, network, kind) + 10 * stated;
          const double error =
              error_of(f64 ? compiled<double>(kernel, of, x) : compiled<float>(kernel, of, x), expected);
          CHECK_MESSAGE(error <= bound, (f64 ? "f64 " : "f32 ") << (root == 0 ? "Sigma" : "Theta")
                                                                << " off by " << error << ", " << kind);
          double& group = worst[(f64 ? "f64 " : "f32 ") + kind +
                                (network.mixes_before_kink() ? ", mixed before a kink" : "")];
          group = test::larger_error(group, error);
          // The interpreter integrates what has no closed form over the plane, at each pair of positions: for long.
          const bool is_interpreted =
              f64 && !network.is_expanded() && (kind == "random" || kind == "zero patch");
          if (!is_interpreted) continue;
          CHECK(error_of(interpreted(program, root, pair, positions), expected) <= 1e-15);
        }
      }
    }
  }
  for (const auto& [name, error] : worst) MESSAGE(name << ": " << error);
}
