// The Markdown pages of the project, as far as tests read them: lines and fenced blocks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ntkc::docs {

/// A fenced block. "```console no-run" has the language `console` and the attribute `no-run`.
struct Block {
  std::string language;
  std::string attribute;
  std::vector<std::string> lines;
  std::size_t line = 0;  ///< of the opening fence, from 1
  std::string above;     ///< the line above the fence
};

struct Page {
  std::string name;                ///< relative to the repository
  std::vector<std::string> prose;  ///< all lines in order, those of fenced blocks empty
  std::vector<Block> blocks;
};

/// Throws std::runtime_error if a fence is never closed.
Page parse_page(const std::string& name, std::string_view text);

/// README.md, CHANGELOG.md, CONTRIBUTING.md, docs/*.md and examples/theory/*.md.
std::vector<Page> read_pages();

/// A file of the repository; throws std::runtime_error if it cannot be read.
std::string read_file(const std::string& path);
std::vector<std::string> split_lines(std::string_view text);

/// The text between the lines `<!-- NAME:begin -->` and `<!-- NAME:end -->` of a page; throws if they are not
/// there.
std::string marked_text(const std::string& path, const std::string& marker);

}  // namespace ntkc::docs
