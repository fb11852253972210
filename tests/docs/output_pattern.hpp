// What a page says that a command prints, with `…` for what differs from run to run.
#pragma once

#include <string>
#include <vector>

namespace ntkc::docs {

/// Whether `lines` are what `pattern` shows. A pattern line `…` stands for any number of lines, a `…` within
/// a line for any text within it; everything else is literal.
bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& lines);

/// Whether every line of the pattern is `…`: it would match anything.
bool says_nothing(const std::vector<std::string>& pattern);

}  // namespace ntkc::docs
