// An SVG text, read by expat: what it holds.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ntkc::tests {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  ///< with that of the elements in it
};

/// All elements in the order in which they begin. Throws std::runtime_error if the text is no well-formed
/// XML.
std::vector<Element> read_svg(const std::string& svg);

/// The texts of all <text> elements.
std::vector<std::string> texts_of(const std::string& svg);

}  // namespace ntkc::tests
