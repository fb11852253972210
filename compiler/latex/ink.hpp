// Pieces of LaTeX with the room that they take. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

namespace ntkc::latex {

/// Written, with its size: the width in digits; the height 0 for a line of text, 1 with brackets in it, 2
/// with fractions, 3 with fractions in fractions.
struct Ink {
  std::string text;
  double width = 0;
  int height = 0;
};

/// Of text without fractions and roots.
double width_of(std::string_view text);
Ink plain(std::string text);
/// "", "\\bigl" and so on, for brackets around what has this height.
std::string_view bracket_size(int height);
/// `left` and `right` around it.
Ink bracketed(const Ink& inner, std::string_view left = "(", std::string_view right = ")");

}  // namespace ntkc::latex
