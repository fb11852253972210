// The search over random kernels, a few of them; `./dev search kernels` looks at as many as one likes.
#include <doctest/doctest.h>

#include "tests/fuzz/random_kernels.hpp"

namespace ntkc::fuzz {

TEST_CASE("kernels of random networks are what the interpreter finds, symmetric, or refused") {
  int compared = 0;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    std::mt19937_64 random(seed);
    const std::string network = random_kernel(random);
    const Precision precision = seed % 3 == 0 ? Precision::f32 : Precision::f64;
    CAPTURE(seed);
    CAPTURE(network);
    const std::optional<Subject> compiled = subject(network, precision, {2});
    if (!compiled) continue;
    const Finding finding = examine(*compiled, random_inputs(random, 5, 3), random);
    CHECK(finding.violation == "");
    compared += finding.compared;
  }
  CHECK(compared > 5);
}

}  // namespace ntkc::fuzz
