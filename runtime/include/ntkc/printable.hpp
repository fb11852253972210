// Text of a file, a command line or anybody else, inside a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ntkc {

/// One line that a terminal does nothing but show: control characters, those that end lines or change the direction of
/// writing, and bytes that are not UTF-8 become `?`.
std::string printable(std::string_view text);

/// The same of several lines: line ends and tabs stay.
std::string printable_lines(std::string_view text);

/// A name, label or field inside a sentence: printable, and of bounded length; what is cut off is shown as `…`.
std::string shown(std::string_view text, std::size_t most_characters = 60);

/// A JSON text in which such characters, which can stand in its strings only, are escaped.
std::string escaped_json(std::string_view json);

}  // namespace ntkc
