#include "compiler/diagnostics/utf8.hpp"

#include <array>

namespace ntkc {

CodePoint decode_utf8(std::string_view text, std::size_t offset) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const char32_t lead = byte(offset);
  if (lead < 0x80) return {lead, 1, true};
  const CodePoint invalid{lead, 1, false};
  const std::uint32_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - offset < length) return invalid;
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::uint32_t i = 1; i < length; ++i) {
    if ((byte(offset + i) & 0xC0U) != 0x80U) return invalid;
    value = (value << 6U) | (byte(offset + i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest[length] || value > 0x10FFFF || surrogate) return invalid;
  return {value, length, true};
}

bool is_control(char32_t value) {
  if (value < 0x20) return value != '\t';
  if (value >= 0x7F && value <= 0x9F) return true;
  const bool line_separator = value == 0x2028 || value == 0x2029;
  const bool bidirectional = value == 0x061C || value == 0x200E || value == 0x200F ||
                             (value >= 0x202A && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
  return line_separator || bidirectional || value == 0xFEFF;
}

}  // namespace ntkc
