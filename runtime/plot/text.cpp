#include "runtime/plot/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace ntkc::plot {

namespace {

constexpr double script_scale = 0.75;
constexpr char32_t replacement = 0xFFFD;

/// The code point at the front of `text`, which becomes shorter by it. A byte that begins none is one U+FFFD.
char32_t take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  char32_t point = length < 2 ? lead : lead & (0x7FU >> length);
  bool legal = length > 0 && length <= text.size();
  for (std::size_t i = 1; legal && i < length; ++i) {
    legal = (byte(i) & 0xC0U) == 0x80;
    point = (point << 6U) | (byte(i) & 0x3FU);
  }
  // Overlong forms, surrogates, beyond Unicode.
  if (legal && length == 3) legal = point >= 0x800 && (point < 0xD800 || point > 0xDFFF);
  if (legal && length == 4) legal = point >= 0x10000 && point <= 0x10FFFF;
  text.remove_prefix(legal ? length : 1);
  return legal ? point : replacement;
}

bool allowed_in_xml(char32_t point) {
  return (point >= 0x20 && point != 0xFFFE && point != 0xFFFF) || point == '\t' || point == '\n';
}

/// A piece of text on the line (0), below it (-1) or above it (1).
struct Piece {
  std::string_view text;
  int level = 0;
};

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t begin = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if ((text[i] != '_' && text[i] != '^') || text[i + 1] != '{') continue;
    const std::size_t end = text.find('}', i + 2);
    if (end == std::string_view::npos) break;
    if (i > begin) pieces.push_back({text.substr(begin, i - begin), 0});
    pieces.push_back({text.substr(i + 2, end - i - 2), text[i] == '^' ? 1 : -1});
    begin = end + 1;
    i = end;
  }
  if (begin < text.size()) pieces.push_back({text.substr(begin), 0});
  return pieces;
}

/// In ems.
double advance(char32_t point) {
  constexpr std::u32string_view narrow = U"iljtfrI.,:;'|!()[] /·";
  constexpr std::u32string_view wide = U"mwMWGOQ@%";
  if (narrow.find(point) != std::u32string_view::npos) return 0.3;
  if (wide.find(point) != std::u32string_view::npos) return 0.82;
  if (point >= 'A' && point <= 'Z') return 0.68;
  return point < 0x2E80 ? 0.556 : 1.0;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t point = take_code_point(text);
    if (point == '&')
      result += "&amp;";
    else if (point == '<')
      result += "&lt;";
    else if (point == '>')
      result += "&gt;";
    else if (point == '"')
      result += "&quot;";
    else if (point == replacement || !allowed_in_xml(point))
      result += "\uFFFD";
    else
      result += before.substr(0, before.size() - text.size());
  }
  return result;
}

std::string marked_up(std::string_view text) {
  std::string result;
  int level = 0;
  for (const Piece& piece : pieces_of(text)) {
    // `dy` moves what follows too: each piece says how far it is from the one before.
    const auto height = [](int at) { return at > 0 ? -0.36 : at < 0 ? 0.2 : 0.0; };
    const double shift = (height(piece.level) - height(level)) * font_size;
    if (shift == 0)
      result += escaped(piece.text);
    else if (piece.level == 0)
      result += fmt::format("<tspan dy=\"{:.2f}\">{}</tspan>", shift, escaped(piece.text));
    else
      result += fmt::format("<tspan dy=\"{:.2f}\" font-size=\"{:.0f}%\">{}</tspan>", shift,
                            100 * script_scale, escaped(piece.text));
    level = piece.level;
  }
  return result;
}

double text_width(std::string_view text, double size) {
  double width = 0;
  for (const Piece& piece : pieces_of(text)) {
    std::string_view rest = piece.text;
    while (!rest.empty()) width += advance(take_code_point(rest)) * (piece.level == 0 ? 1 : script_scale);
  }
  return width * size;
}

}  // namespace ntkc::plot
