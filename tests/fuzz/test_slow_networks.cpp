// Networks that are meant to be slow are compiled or refused; what is compiled is within the limits. Counts, not
// times: `./dev search compile` measures.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "compiler/driver/stages.hpp"
#include "compiler/kernel_ir/live.hpp"
#include "compiler/kernel_ir/sample_table.hpp"
#include "ntkc/compiler.hpp"
#include "tests/fuzz/slow_networks.hpp"

namespace ntkc::fuzz {
namespace {

/// A hundredth of the defaults, for networks of a hundredth of the size.
SourceLimits small_limits() {
  SourceLimits limits;
  limits.operations = 400;
  limits.table = 5000;
  limits.quadrature = 1;
  return limits;
}

TEST_CASE("slow networks of all kinds are refused by a limit, or are within it") {
  CompileOptions options;
  options.limits = small_limits();
  std::set<std::string> kinds;
  int compiled = 0;
  for (unsigned seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::string text = slow_network(random, 0.01);
    driver::Compilation compilation(text, options, "slow.arch");
    const auto optimized = driver::optimized_of(compilation);
    for (const RenderedDiagnostic& diagnostic : compilation.rendered())
      if (diagnostic.error) kinds.insert(diagnostic.kind);
    CHECK(optimized.has_value() != compilation.diagnostics.has_errors());
    if (!optimized) continue;
    ++compiled;
    const auto live = kernel_ir::find_live(optimized->program, optimized->program.roots);
    CHECK(std::ranges::count(live, true) <= 400);
    CHECK(kernel_ir::assign_slots(optimized->program, live).total <= 5000);
  }
  CHECK(compiled > 8);
  for (const char* const kind : {"too-many-operations", "table-too-large", "too-much-quadrature"})
    CHECK(kinds.contains(kind));
}

}  // namespace
}  // namespace ntkc::fuzz
