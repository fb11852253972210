// search_kernels [NETWORKS [SEED [COMPARED [WORK]]]]: random networks with inputs of all sizes, in both precisions, and what is
// wrong with their kernels. `./dev search kernels` builds and runs it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/fuzz/random_kernels.hpp"

namespace {

struct Tally {
  int networks = 0;
  int sets = 0;
  int refused = 0;
  int compared = 0;
  int wrong = 0;
  int inexact = 0;  ///< off by more than 1e-9 beyond what is stated (f32: 1e-5)
};

void print(std::FILE* file, const Tally& tally) {
  fmt::print(file,
             "{} networks, {} sets of 5 inputs, {} refused, {} entries compared; {} wrong, {} inexact\n",
             tally.networks, tally.sets, tally.refused, tally.compared, tally.wrong, tally.inexact);
}

}  // namespace

int main(int count, char** arguments) {
  using namespace ntkc;
  const int networks = count > 1 ? std::atoi(arguments[1]) : 1000;
  const auto first = static_cast<unsigned>(count > 2 ? std::atoi(arguments[2]) : 1);
  fuzz::Oracle oracle;
  oracle.entries = count > 3 ? std::atoi(arguments[3]) : 2;
  oracle.most_work =
      count > 4 ? std::atof(arguments[4]) : 1e5;  // expansions of thousands of terms take minutes
  constexpr int sets = 10;
  Tally tally;
  for (unsigned seed = first; seed < first + static_cast<unsigned>(networks); ++seed) {
    std::mt19937_64 random(seed);
    if (seed > first && (seed - first) % 20 == 0) print(stderr, tally);
    const std::string network = fuzz::random_kernel(random);
    const Precision precision = seed % 3 == 0 ? Precision::f32 : Precision::f64;
    const std::optional<fuzz::Subject> subject = fuzz::subject(network, precision, oracle);
    if (!subject) continue;
    tally.networks += 1;
    for (int set = 0; set < sets; ++set) {
      const Matrix x = fuzz::random_inputs(random, 5, 3);
      const fuzz::Finding finding = fuzz::examine(*subject, x, random);
      tally.sets += 1;
      tally.refused += finding.is_refused ? 1 : 0;
      tally.compared += finding.compared;
      const double limit = precision == Precision::f32 ? 1e-5 : 1e-9;
      const bool is_inexact = finding.largest_error > limit;
      tally.inexact += is_inexact ? 1 : 0;
      if (finding.violation.empty() && !is_inexact) continue;
      tally.wrong += finding.violation.empty() ? 0 : 1;
      fmt::print("seed {}, set {}, {}: {}\n{}", seed, set, precision == Precision::f32 ? "f32" : "f64",
                 finding.violation.empty() ? fmt::format("off by {:.1e} beyond {:.1e}", finding.largest_error,
                                                         finding.largest_stated)
                                           : finding.violation,
                 network);
      for (std::ptrdiff_t i = 0; i < x.rows(); ++i) fmt::print("  {} {} {}\n", x(i, 0), x(i, 1), x(i, 2));
    }
  }
  print(stdout, tally);
  return tally.wrong == 0 ? 0 : 1;
}
