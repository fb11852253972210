// Reading UTF-8 one code point at a time. Whatever the bytes are, the walk ends and stays inside the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ntkc {

struct CodePoint {
  char32_t value = 0;
  std::uint32_t bytes = 1;
  bool valid =
      true;  ///< false: the byte starts no well-formed sequence and counts as one character of its own
};

/// The code point at `offset` < text.size(). Overlong forms, surrogates and values beyond U+10FFFF are
/// invalid.
CodePoint decode_utf8(std::string_view text, std::size_t offset);

/// The offset of the code point after the one at `offset` < text.size().
inline std::size_t next_code_point(std::string_view text, std::size_t offset) {
  const bool ascii = static_cast<unsigned char>(text[offset]) < 0x80;
  return offset + (ascii ? 1 : decode_utf8(text, offset).bytes);
}

/// A character that would change how the rest of a line is shown, or shows as nothing where text is expected:
/// control characters (tab excepted), line separators, bidirectional controls, byte order marks.
bool is_control(char32_t value);

}  // namespace ntkc
