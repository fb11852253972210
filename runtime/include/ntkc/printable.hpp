// Text of a file, a command line or anybody else, inside a message; and words that agree with numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace ntkc {

/// One line that a terminal does nothing but show: control characters, those that end lines or change the direction of
/// writing, and bytes that are not UTF-8 become `?`.
std::string printable(std::string_view text);

/// The same of several lines: line ends and tabs stay.
std::string printable_lines(std::string_view text);

/// A name, label or field inside a sentence: printable, and of bounded length; what is cut off is shown as `…`.
std::string shown(std::string_view text, std::size_t most_characters = 60);

/// A whole message: printable lines, of which the middle is left out if they are longer than anybody reads.
std::string readable(std::string_view message);

/// A JSON text in which such characters, which can stand in its strings only, are escaped.
std::string escaped_json(std::string_view json);

/// "1 sample", "3 samples", "2 classes".
std::string counted(std::int64_t count, std::string_view one, std::string_view ending_of_several = "s");

}  // namespace ntkc
#pragma GCC visibility pop
