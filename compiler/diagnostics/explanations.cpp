#include "compiler/diagnostics/explanations.hpp"

#include <algorithm>
#include <stdexcept>

#include "compiler/diagnostics/embedded_explanations.hpp"

namespace ntkc {
namespace {

constexpr std::string_view fence = "```";

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// The lines up to the closing fence.
std::string take_block(std::string_view& text) {
  std::string block;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line == fence) return block;
    block.append(line) += '\n';
  }
  throw std::logic_error("an explanation with a block that is never closed");
}

void put_block(Explanation& result, std::string_view heading, std::string block) {
  constexpr std::string_view example = "arch example";
  constexpr std::string_view file = "arch file ";
  if (heading.starts_with(file)) {
    result.files.emplace_back(heading.substr(file.size()), std::move(block));
  } else if (heading == "arch corrected") {
    result.fix = std::move(block);
  } else if (heading.starts_with(example)) {
    result.example = std::move(block);
    heading.remove_prefix(std::min(example.size() + 1, heading.size()));
    result.condition = heading;
  } else {
    throw std::logic_error("an explanation with a block `" + std::string(heading) + "`");
  }
}

Explanation parse(std::string_view page) {
  Explanation result;
  result.page = page;
  while (!page.empty()) {
    std::string_view line = take_line(page);
    if (line.starts_with(fence)) {
      line.remove_prefix(fence.size());
      put_block(result, line, take_block(page));
    } else if (!line.empty()) {
      result.text.append(line) += '\n';
    }
  }
  return result;
}

}  // namespace

std::optional<Explanation> explanation(DiagnosticKind kind) {
  for (const EmbeddedExplanation& embedded : embedded_explanations())
    if (embedded.name == info(kind).name) return parse(embedded.page);
  return std::nullopt;
}

std::vector<std::string_view> explanation_names() {
  std::vector<std::string_view> names;
  for (const EmbeddedExplanation& embedded : embedded_explanations()) names.push_back(embedded.name);
  return names;
}

}  // namespace ntkc
