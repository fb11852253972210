// tests/grammar/cases: NAME.arch and, in NAME.expect, its tree or its diagnostics.
// NTKC_UPDATE_GOLDENS=1 in the environment rewrites the .expect files; review the difference.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "tests/grammar/parsing.hpp"

using namespace ntkc;
using namespace ntkc::grammar::testing;

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::filesystem::path> cases() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(NTKC_SOURCE_DIR "/tests/grammar/cases"))
    if (entry.path().extension() == ".arch") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

TEST_CASE("every case gives the tree or the diagnostics that stand beside it") {
  const bool update = std::getenv("NTKC_UPDATE_GOLDENS") != nullptr;
  REQUIRE(cases().size() >= 10);
  for (const std::filesystem::path& path : cases()) {
    CAPTURE(path.filename().string());
    Parsed parsed;
    parse_into(parsed, read(path), path.filename().string());
    std::filesystem::path expected = path;
    expected.replace_extension(".expect");
    if (update) std::ofstream(expected, std::ios::binary) << parsed.text();
    CHECK(parsed.text() == read(expected));
    CHECK(parsed.file.has_value() == !parsed.diagnostics.has_errors());
  }
}

TEST_CASE("the cases show every kind of diagnostic that parsing reports") {
  // file_too_large needs more than a megabyte and stands in test_hostile.cpp; unreadable_file is the
  // driver's.
  std::set<std::string> wanted = {"invalid-character", "nesting-too-deep",   "unbalanced-bracket",
                                  "syntax-error",      "invalid-number",     "unsupported-language-version",
                                  "reserved-name",     "misplaced-statement"};
  for (const std::filesystem::path& path : cases()) {
    Parsed parsed;
    parse_into(parsed, read(path));
    for (const Diagnostic& diagnostic : parsed.diagnostics.diagnostics())
      wanted.erase(std::string(info(diagnostic.kind).name));
  }
  for (const std::string& kind : wanted) FAIL_CHECK("no case for ", kind);
}
