// The canonical layout of a file: `ntkc fmt`.
#pragma once

#include <string>
#include <string_view>

#include "grammar/ast.hpp"

namespace ntkc::grammar {

/// The text of `file`, laid out anew; `text` is what `file` was parsed from. The words are the same in the
/// same order, after the line `language 1`, which is added where it is missing. Comments stay where they are,
/// blank lines between statements too, one in a row. A statement stands on one line if it fits (100
/// characters). If not, chains of `|>`, of `+` and of `*` go one step a line, arguments one a line. A block
/// stays on one line if it stood on one, holds one statement and fits.
///
/// format(format(t)) == format(t).
std::string format(const ast::File& file, std::string_view text);

}  // namespace ntkc::grammar
