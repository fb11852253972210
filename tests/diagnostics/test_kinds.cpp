// A kind of diagnostic that no test names fails the suite.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "compiler/diagnostics/diagnostic.hpp"

namespace {

/// The text of all tests but this one.
std::string all_tests() {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(NTKC_SOURCE_DIR "/tests")) {
    const auto& path = entry.path();
    if (!entry.is_regular_file() || path.filename() == "test_kinds.cpp") continue;
    if (path.extension() != ".cpp" && path.extension() != ".expect") continue;
    std::ifstream file(path);
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  return text;
}

}  // namespace

TEST_CASE("every kind of diagnostic is named by a test") {
  const std::string text = all_tests();
  for (const auto& kind : ntkc::diagnostic_kinds()) {
    CHECK_MESSAGE(text.find(kind.name) != std::string::npos, "no test names `" << kind.name << "`");
  }
}

TEST_CASE("kinds have different names, and a purpose each") {
  for (const auto& kind : ntkc::diagnostic_kinds()) {
    CHECK_FALSE(kind.purpose.empty());
    for (const auto& other : ntkc::diagnostic_kinds())
      CHECK((kind.kind == other.kind) == (kind.name == other.name));
  }
}
