// Which brackets belong together, and which line ends end a statement.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "grammar/reporter.hpp"
#include "grammar/token.hpp"

namespace ntkc::grammar {

/// Matches brackets and removes the newlines that do not end a statement: those inside `()` or `[]`, before a
/// line that starts with a binary operator, `then` or `else`, and those that follow no statement. Reports
/// brackets that are not balanced; returns nothing (an empty list) if they are nested deeper than `nesting`.
std::vector<Token> lay_out(std::vector<Token> tokens, std::string_view text, std::uint32_t nesting,
                           Reporter& reporter);

}  // namespace ntkc::grammar
