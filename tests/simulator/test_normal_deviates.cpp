// The generator against its published test vectors, and the deviates against the definition of Box and
// Muller.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "simulator/normal_deviates.hpp"
#include "simulator/philox.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc::simulator;

TEST_CASE("Philox4x32-10 gives the known answers of Random123") {
  // Random123 1.14, tests/kat_vectors.
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

namespace {

/// The deviate of a place, from the words of its block, in extended precision.
long double reference(const NormalStream& stream, std::uint32_t row, std::uint32_t column) {
  const PhiloxCounter words =
      philox({column / 4, row, stream.stream, stream.draw},
             {static_cast<std::uint32_t>(stream.seed), static_cast<std::uint32_t>(stream.seed >> 32U)});
  const bool second = column % 4 >= 2;
  const long double u = (words[second ? 2 : 0] + 0.5L) / 4294967296.0L;
  const std::uint32_t angle_word = words[second ? 3 : 1];
  const long double f = ((angle_word & 0x3fffffffU) + 0.5L) / 1073741824.0L - 0.5L;
  const long double angle =
      (static_cast<long double>(angle_word >> 30U) + f) * std::numbers::pi_v<long double> / 2;
  const long double radius = std::sqrt(-2 * std::log(u));
  return radius * (column % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

}  // namespace

TEST_CASE("deviates are those of Box and Muller to 1e-15") {
  const NormalStream stream = {0x0123456789abcdef, 17, 5};
  std::vector<double> deviates(4001);
  long double worst = 0;
  for (std::uint32_t row = 0; row < 50; ++row) {
    fill_normal(stream, row, 0, 4001, 1, deviates.data());
    for (std::uint32_t column = 0; column < 4001; ++column) {
      const long double exact = reference(stream, row, column);
      worst = ntkc::test::larger_error(worst,
                                       std::abs(deviates[column] - exact) / std::max(1.0L, std::abs(exact)));
    }
  }
  MESSAGE("largest error " << static_cast<double>(worst));
  CHECK(worst < 1e-15L);
}

TEST_CASE("a deviate depends on its place alone") {
  const NormalStream stream = {7, 3, 2};
  std::vector<double> whole(1000);
  fill_normal(stream, 11, 0, 1000, 0.5, whole.data());
  for (const std::int64_t first : {4, 64, 256, 900}) {
    for (const std::int64_t count : {1, 2, 63, 64, 65, 100}) {
      std::vector<double> part(static_cast<std::size_t>(count));
      fill_normal(stream, 11, first, count, 0.5, part.data());
      CHECK(std::equal(part.begin(), part.end(), whole.begin() + first));
    }
  }
  for (const NormalStream other : {NormalStream{8, 3, 2}, NormalStream{7, 4, 2}, NormalStream{7, 3, 3},
                                   NormalStream{7 + (std::uint64_t{1} << 32U), 3, 2}}) {
    std::vector<double> values(1000);
    fill_normal(other, 11, 0, 1000, 0.5, values.data());
    CHECK(values != whole);
  }
}

TEST_CASE("deviates are standard normal and uncorrelated") {
  // A million of them: moments within five standard errors, and Pearson's statistic over 20 equal bins of
  // Φ(z), 19 degrees of freedom (mean 19, standard deviation 6.2).
  constexpr int rows = 1000;
  constexpr int columns = 1000;
  std::array<double, 5> moments = {};
  std::array<double, 4> lagged = {};
  std::array<double, 20> bins = {};
  std::vector<double> z(columns + 4);
  for (int row = 0; row < rows; ++row) {
    fill_normal({2024, 0, 0}, row, 0, columns + 4, 1, z.data());
    for (int j = 0; j < columns; ++j) {
      double power = 1;
      for (double& moment : moments) moment += (power *= z[static_cast<std::size_t>(j)]) / (rows * columns);
      for (std::size_t lag = 1; lag <= lagged.size(); ++lag)
        lagged[lag - 1] +=
            z[static_cast<std::size_t>(j)] * z[static_cast<std::size_t>(j) + lag] / (rows * columns);
      const double distribution = std::erfc(-z[static_cast<std::size_t>(j)] / std::numbers::sqrt2) / 2;
      ++bins[std::min<std::size_t>(19, static_cast<std::size_t>(distribution * 20))];
    }
  }
  // Variances of z, z², z³, z⁴, z⁵ are 1, 2, 15, 96, 945.
  const std::array<double, 5> expected = {0, 1, 0, 3, 0};
  const std::array<double, 5> variance = {1, 2, 15, 96, 945};
  for (std::size_t k = 0; k < 5; ++k)
    CHECK(std::abs(moments[k] - expected[k]) < 5 * std::sqrt(variance[k] / (rows * columns)));
  for (const double correlation : lagged) CHECK(std::abs(correlation) < 5e-3);
  double chi_square = 0;
  for (const double count : bins)
    chi_square += (count - rows * columns / 20.0) * (count - rows * columns / 20.0);
  chi_square /= rows * columns / 20.0;
  CHECK(chi_square < 19 + 5 * 6.2);
}
