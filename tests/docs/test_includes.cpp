// "What may depend on what" in docs/architecture.md is what the sources include. The linker does not see
// headers, and of a library nothing that is not called.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>

#include "tests/docs/page.hpp"

namespace ntkc::docs {
namespace {

namespace fs = std::filesystem;

const fs::path root = NTKC_SOURCE_DIR;
const std::string page = "docs/architecture.md";

/// For each folder, the folders whose headers its files include, with a file that does.
using Dependencies = std::map<std::string, std::map<std::string, std::string>>;

/// What a file belongs to, `compiler/passes/`: the nearest folder above it with a CMakeLists.txt, a library,
/// or with the name `include`, the public headers of one.
std::string folder_of(const fs::path& file) {
  fs::path folder = file.parent_path();
  while (folder.has_parent_path() && folder.filename() != "include" &&
         !fs::exists(root / folder / "CMakeLists.txt"))
    folder = folder.parent_path();
  return folder.string() + "/";
}

/// The file, relative to the repository, that `#include "NAME"` in `source` means; nothing if it is not ours.
std::optional<fs::path> included(const fs::path& source, const std::string& name) {
  for (const fs::path& from :
       {fs::path(), source.parent_path(), fs::path("compiler/include"), fs::path("runtime/include"),
        fs::path("simulator/include"), fs::path("bindings/c/include")})
    if (fs::is_regular_file(root / from / name)) return from / name;
  return std::nullopt;
}

/// All sources but those of the tests, which may include everything.
std::vector<fs::path> sources() {
  std::vector<fs::path> files;
  for (const char* top :
       {"bench", "bindings", "cli", "compiler", "examples", "grammar", "runtime", "simulator"})
    for (const auto& entry : fs::recursive_directory_iterator(root / top))
      if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp")
        files.push_back(fs::relative(entry.path(), root));
  return files;
}

Dependencies included_folders() {
  static const std::regex directive(R"re(^#include (["<])([^">]+))re");
  Dependencies result;
  for (const fs::path& source : sources()) {
    const std::string folder = folder_of(source);
    std::map<std::string, std::string>& others = result[folder];
    std::ifstream file(root / source);
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
      if (!std::regex_search(line, match, directive)) continue;
      const std::optional<fs::path> target = included(source, match[2]);
      CHECK_MESSAGE((target.has_value() || match[1] == "<"),
                    source.string() << " includes \"" << match[2] << "\", which is not there");
      if (target && folder_of(*target) != folder) others[folder_of(*target)] = source.string();
    }
  }
  return result;
}

/// A row of the table.
struct Row {
  std::set<std::string> others;
  std::string remark;
};

std::map<std::string, Row> read_table() {
  static const std::regex row(R"(\| `([^`]+/)` \| ([^|]*) \|(?: ([^|]+))? \|)");
  static const std::regex name("`([^`]+/)`");
  std::map<std::string, Row> table;
  std::smatch match;
  for (const std::string& line : split_lines(marked_text(page, "dependencies"))) {
    if (!std::regex_match(line, match, row)) continue;
    const std::string others = match[2];
    Row& result = table[match[1]];
    result.remark = match[3];
    for (std::sregex_iterator i(others.begin(), others.end(), name); i != std::sregex_iterator(); ++i)
      result.others.insert((*i)[1]);
  }
  return table;
}

std::string text(const std::string& folder, const Row& row) {
  const std::string others =
      row.others.empty() ? "nothing of ours" : fmt::format("`{}`", fmt::join(row.others, "`, `"));
  return fmt::format("| `{}` | {} |{} |", folder, others, row.remark.empty() ? "" : " " + row.remark);
}

TEST_CASE("each folder includes what its row in docs/architecture.md says, and no other") {
  const std::map<std::string, Row> table = read_table();
  const Dependencies found = included_folders();
  for (const auto& [folder, others] : found) {
    const auto stated = table.find(folder);
    Row row;
    std::string news;
    if (stated != table.end()) row.remark = stated->second.remark;
    for (const auto& [other, file] : others) {
      row.others.insert(other);
      if (stated == table.end() || !stated->second.others.contains(other))
        news += fmt::format("{} includes {}\n", file, other);
    }
    CHECK_MESSAGE((stated != table.end() && stated->second.others == row.others),
                  news << "If this is meant, write in " << page << ", \"What may depend on what\":\n"
                       << text(folder, row));
  }
  for (const auto& [folder, row] : table)
    CHECK_MESSAGE(found.contains(folder),
                  page << ": remove " << text(folder, row) << ", where there are no sources");
}

TEST_CASE("no folder depends on itself by way of others") {
  // Folders that include nothing of what is left, or that nothing of it includes, are in no circle.
  Dependencies left = included_folders();
  const auto is_included = [&](const std::string& folder) {
    return std::ranges::any_of(left, [&](const auto& other) { return other.second.contains(folder); });
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (auto i = left.begin(); i != left.end();) {
      std::erase_if(i->second, [&](const auto& other) { return !left.contains(other.first); });
      const bool is_free = i->second.empty() || !is_included(i->first);
      changed = changed || is_free;
      i = is_free ? left.erase(i) : std::next(i);
    }
  }
  std::string circle;
  for (const auto& [folder, others] : left)
    for (const auto& [other, file] : others) circle += fmt::format("{} includes {}\n", file, other);
  CHECK_MESSAGE(left.empty(), circle);
}

}  // namespace
}  // namespace ntkc::docs
