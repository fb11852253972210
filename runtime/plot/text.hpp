// Text in SVG: what is legal, how wide it is, subscripts and superscripts.
#pragma once

#include <string>
#include <string_view>

namespace ntkc::plot {

inline constexpr double font_size = 12;

/// Text as XML character data, legal in attributes too. Bytes that are not UTF-8 and characters that XML
/// forbids become U+FFFD.
std::string escaped(std::string_view text);

/// Escaped, with `_{…}` and `^{…}` as <tspan>s. A brace that is never closed is literal.
std::string marked_up(std::string_view text);

/// Width in pixels at `size`, estimated from the advance widths of Helvetica: 10 % is what it is good for.
double text_width(std::string_view text, double size = font_size);

}  // namespace ntkc::plot
