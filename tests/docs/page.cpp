#include "tests/docs/page.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace ntkc::docs {

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string read_file(const std::string& path) {
  std::ifstream file(std::string(NTKC_SOURCE_DIR "/") + path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be read");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Page parse_page(const std::string& name, std::string_view text) {
  constexpr std::string_view fence = "```";
  Page page{name, split_lines(text), {}};
  bool open = false;
  std::string above;
  for (std::size_t i = 0; i < page.prose.size(); ++i) {
    const std::string line = page.prose[i];
    const bool is_fence = line.starts_with(fence);
    if (is_fence && !open) {
      const std::string information = line.substr(fence.size());
      const std::size_t space = std::min(information.find(' '), information.size());
      const std::string attribute = information.substr(std::min(space + 1, information.size()));
      page.blocks.push_back({information.substr(0, space), attribute, {}, i + 1, above});
    } else if (open && !is_fence) {
      page.blocks.back().lines.push_back(line);
    }
    if (is_fence || open) page.prose[i].clear();
    if (is_fence) open = !open;
    above = line;
  }
  if (open) throw std::runtime_error(name + ": a block that is never closed");
  return page;
}

std::vector<Page> read_pages() {
  std::vector<std::string> names = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md"};
  for (const std::string folder : {"docs/", "examples/theory/"}) {
    for (const auto& entry : std::filesystem::directory_iterator(NTKC_SOURCE_DIR "/" + folder)) {
      if (entry.path().extension() == ".md") names.push_back(folder + entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  std::vector<Page> pages;
  for (const std::string& name : names) pages.push_back(parse_page(name, read_file(name)));
  return pages;
}

std::string marked_text(const std::string& path, const std::string& marker) {
  const std::string text = read_file(path);
  const std::string begin = "<!-- " + marker + ":begin -->\n";
  const std::size_t from = text.find(begin);
  const std::size_t to = text.find("<!-- " + marker + ":end -->");
  if (from == std::string::npos || to == std::string::npos || to < from) {
    throw std::runtime_error(path + " has no markers `" + marker + "`");
  }
  return text.substr(from + begin.size(), to - from - begin.size());
}

}  // namespace ntkc::docs
