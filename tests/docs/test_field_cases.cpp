// tests/field_cases: what people tried, a page for each kind, with the right answer. The pages are run as those of the
// documentation are.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/docs/check_blocks.hpp"
#include "tests/docs/page.hpp"

namespace ntkc::docs {
namespace {

TEST_CASE("every field case has its right value or message") {
  const std::filesystem::path folder = std::filesystem::path(NTKC_SOURCE_DIR) / "tests/field_cases";
  std::size_t blocks = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = "tests/field_cases/" + entry.path().filename().string();
    const Page page = parse_page(name, read_file(name));
    blocks += page.blocks.size();
    for (const std::string& problem : problems_of_blocks(page)) FAIL_CHECK(problem);
  }
  CHECK(blocks >= 10);
}

}  // namespace
}  // namespace ntkc::docs
