// The fuzzers without libFuzzer: a fixed number of seeded executions. `./dev fuzz` runs the real ones.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/front_end.hpp"
#include "tests/fuzz/programs.hpp"
#include "tests/support/searches.hpp"

namespace ntkc::fuzz {
namespace {

const std::vector<std::string>& seeds() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> all;
    for (const char* folder : {"/tests/grammar/cases", "/examples"})
      for (const auto& entry : std::filesystem::directory_iterator(std::string(NTKC_SOURCE_DIR) + folder)) {
        if (entry.path().extension() != ".arch" || entry.file_size() > 4096) continue;
        std::ifstream stream(entry.path(), std::ios::binary);
        all.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
      }
    return all;
  }();
  return texts;
}

/// `./dev search files` asks for more.
const auto sources = static_cast<unsigned>(tests::count_of_search("NTKC_MUTATIONS", 600));

/// Runs `count` texts; the number that compile.
template <typename Make>
std::size_t run(unsigned count, Make make) {
  std::size_t compiled = 0;
  for (unsigned seed = 0; seed < count; ++seed) {
    std::mt19937 random(seed);
    const std::string text = make(random);
    CAPTURE(seed);
    CAPTURE(text);
    bool compiles = false;
    REQUIRE_NOTHROW(compiles = run_front_end(text));
    compiled += compiles ? 1 : 0;
  }
  return compiled;
}

TEST_CASE("changed sources are compiled or refused") {
  REQUIRE(seeds().size() > 10);
  run(sources, [](std::mt19937& random) {
    std::string text = seeds()[random() % seeds().size()];
    for (std::size_t edits = 1 + random() % 4; edits > 0; --edits) text = mutated(text, random);
    return text;
  });
}

TEST_CASE("random programs are compiled or refused, and many compile") {
  const std::size_t compiled = run(sources, [](std::mt19937& random) { return random_program(random); });
  MESSAGE(compiled << " of " << sources << " compile");
  CHECK(compiled > sources / 10);
}

TEST_CASE("changed random programs are compiled or refused") {
  run(sources, [](std::mt19937& random) {
    std::string text = random_program(random);
    for (std::size_t edits = 1 + random() % 4; edits > 0; --edits)
      text = random() % 5 == 0 ? crossed(text, random_program(random), random) : mutated(text, random);
    return text;
  });
}

}  // namespace
}  // namespace ntkc::fuzz
