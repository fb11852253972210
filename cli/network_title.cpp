#include "cli/network_title.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace ntkc::cli {

namespace {

struct Title {
  std::string name;
  std::vector<std::string> values;  ///< "w = 1.5"
};

/// From the first line of the graph: "network mlp(w = 1.5, depth = 20)".
Title title_of(const NetworkSource& network, CompileOptions options) {
  options.on_warning = {};
  const std::string graph = show(network.text, Stage::graph, options, network.file);
  std::string line = graph.substr(0, graph.find('\n'));
  constexpr std::string_view keyword = "network ";
  if (line.starts_with(keyword)) line.erase(0, keyword.size());
  const std::size_t open = line.find('(');
  Title title{line.substr(0, open), {}};
  if (open == std::string::npos || line.back() != ')') return title;
  for (std::size_t begin = open + 1; begin + 1 < line.size();) {
    const std::size_t end = std::min(line.find(", ", begin), line.size() - 1);
    title.values.push_back(line.substr(begin, end - begin));
    begin = end + 2;
  }
  return title;
}

std::string text_of(const Title& title) {
  std::string values;
  for (const std::string& value : title.values) values += (values.empty() ? "" : ", ") + value;
  return title.name + (values.empty() ? "" : "(" + values + ")");
}

}  // namespace

std::string network_title(const NetworkSource& network, CompileOptions options,
                          const std::vector<std::string>& varied) {
  Title title = title_of(network, std::move(options));
  std::erase_if(title.values, [&](const std::string& value) {
    return std::ranges::find(varied, value.substr(0, value.find(' '))) != varied.end();
  });
  return text_of(title);
}

std::string network_title_of_depths(const NetworkSource& network, CompileOptions options) {
  options.repeat_count = 2;
  Title title = title_of(network, options);
  options.repeat_count = 3;
  const Title other = title_of(network, std::move(options));
  std::erase_if(title.values, [&](const std::string& value) {
    return std::ranges::find(other.values, value) == other.values.end();
  });
  return text_of(title);
}

}  // namespace ntkc::cli
