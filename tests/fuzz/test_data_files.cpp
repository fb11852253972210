// The fuzzer of readers without libFuzzer: a fixed number of seeded executions. `./dev fuzz` runs the real one.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "tests/fuzz/data_files.hpp"
#include "tests/support/searches.hpp"

namespace ntkc::fuzz {
namespace {

TEST_CASE("good files of data are read") {
  for (const std::string& seed : data_file_seeds()) {
    CAPTURE(seed);
    CHECK(read_data_file(seed));
  }
}

TEST_CASE("changed files of data are read consistently or refused") {
  const int count = tests::count_of_search("NTKC_MUTATIONS", 2000);
  int read = 0;
  for (int i = 0; i < count; ++i) {
    std::mt19937 random(static_cast<unsigned>(i));
    std::string input = data_file_seeds()[random() % data_file_seeds().size()];
    for (std::size_t edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % input.size();
      switch (random() % 3) {
        case 0:
          input[at] = static_cast<char>(random());
          break;
        case 1:
          input.erase(at, random() % 4 + 1);
          break;
        default:
          input.insert(at, input.substr(random() % input.size(), random() % 8 + 1));
      }
      if (input.empty()) input = "  ";
    }
    CAPTURE(i);
    CAPTURE(input);
    REQUIRE_NOTHROW(read += read_data_file(input) ? 1 : 0);
  }
  MESSAGE(count << " files, " << read << " read");
  CHECK(read > count / 20);
  CHECK(read < count);
}

}  // namespace
}  // namespace ntkc::fuzz
