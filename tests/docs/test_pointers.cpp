// What the pages point at is there.
#include <doctest/doctest.h>

#include <filesystem>
#include <regex>
#include <string>

#include "tests/docs/page.hpp"

namespace ntkc::docs {
namespace {

/// All matches of `pattern` in the prose of a page, fenced blocks left out.
std::vector<std::smatch> find_all(const std::string& text, const std::regex& pattern) {
  return {std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()};
}

std::string prose_of(const Page& page) {
  std::string text;
  for (const std::string& line : page.prose) text += line + "\n";
  return text;
}

bool is_there(const std::filesystem::path& path) {
  return std::filesystem::exists(std::filesystem::path(NTKC_SOURCE_DIR) / path);
}

/// Paths below the folders of this repository; what is built and what is hidden is none of them.
std::string path_pattern() {
  std::string folders;
  for (const auto& entry : std::filesystem::directory_iterator(NTKC_SOURCE_DIR)) {
    const std::string name = entry.path().filename();
    if (!entry.is_directory() || name.starts_with('.') || name.starts_with("build")) continue;
    folders += (folders.empty() ? "" : "|") + name;
  }
  return "(?:" + folders + ")/[A-Za-z0-9_./-]*";
}

TEST_CASE("links between files lead somewhere") {
  const std::regex link(R"(\]\(([^)#]+)[^)]*\))");
  std::size_t links = 0;
  for (const Page& page : read_pages()) {
    const std::string text = prose_of(page);
    for (const std::smatch& match : find_all(text, link)) {
      const std::string target = match[1];
      if (target.find("://") != std::string::npos) continue;
      ++links;
      CHECK_MESSAGE(is_there(std::filesystem::path(page.name).parent_path() / target),
                    page.name << " links to " << target);
    }
  }
  CHECK(links > 0);
}

TEST_CASE("files and folders that pages name exist") {
  const std::regex named("`(" + path_pattern() + ")`");
  std::size_t paths = 0;
  for (const Page& page : read_pages()) {
    const std::string text = prose_of(page);
    for (const std::smatch& match : find_all(text, named)) {
      ++paths;
      CHECK_MESSAGE(is_there(match[1].str()), page.name << " names " << match[1]);
    }
  }
  CHECK(paths > 0);
}

TEST_CASE("what pages say to be in a file, `FILE` (`NAME`), is in it") {
  const std::regex pointed("`(" + path_pattern() + R"()` \(`([^`]+)`\))");
  std::size_t names = 0;
  for (const Page& page : read_pages()) {
    const std::string text = prose_of(page);
    for (const std::smatch& match : find_all(text, pointed)) {
      if (!is_there(match[1].str())) continue;  // said above
      ++names;
      const bool found = read_file(match[1]).find(match[2].str()) != std::string::npos;
      CHECK_MESSAGE(found, page.name << ": no `" << match[2] << "` in " << match[1]);
    }
  }
  CHECK(names > 0);
}

}  // namespace
}  // namespace ntkc::docs
