#include "tests/plot/svg_document.hpp"

#include <expat.h>

#include <memory>
#include <stdexcept>

namespace ntkc::tests {

namespace {

struct Reading {
  std::vector<Element> elements;
  std::vector<std::size_t> open;
};

void XMLCALL begin_element(void* data, const XML_Char* name, const XML_Char** attributes) {
  auto* const reading = static_cast<Reading*>(data);
  Element element;
  element.name = name;
  for (; *attributes != nullptr; attributes += 2) element.attributes[attributes[0]] = attributes[1];
  reading->open.push_back(reading->elements.size());
  reading->elements.push_back(element);
}

void XMLCALL end_element(void* data, const XML_Char* /*name*/) {
  static_cast<Reading*>(data)->open.pop_back();
}

void XMLCALL character_data(void* data, const XML_Char* text, int length) {
  auto* const reading = static_cast<Reading*>(data);
  for (const std::size_t i : reading->open)
    reading->elements[i].text.append(text, static_cast<std::size_t>(length));
}

}  // namespace

std::vector<Element> read_svg(const std::string& svg) {
  Reading reading;
  const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(XML_ParserCreate(nullptr),
                                                                       XML_ParserFree);
  XML_SetUserData(parser.get(), &reading);
  XML_SetElementHandler(parser.get(), begin_element, end_element);
  XML_SetCharacterDataHandler(parser.get(), character_data);
  if (XML_Parse(parser.get(), svg.data(), static_cast<int>(svg.size()), 1) != XML_STATUS_OK)
    throw std::runtime_error(XML_ErrorString(XML_GetErrorCode(parser.get())));
  return reading.elements;
}

std::vector<std::string> texts_of(const std::string& svg) {
  std::vector<std::string> texts;
  for (const Element& element : read_svg(svg))
    if (element.name == "text") texts.push_back(element.text);
  return texts;
}

}  // namespace ntkc::tests
