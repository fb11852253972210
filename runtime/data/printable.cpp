#include "ntkc/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "runtime/data/utf8.hpp"

namespace ntkc {

namespace {

char32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first;
  char32_t value = first & (0xFFU >> (sequence.size() + 1));
  for (const char byte : sequence.substr(1)) value = value << 6U | (static_cast<unsigned char>(byte) & 0x3FU);
  return value;
}

/// A character that would do something else than show itself: C0 and C1 controls, separators of lines, controls of the
/// direction of writing, byte order marks.
bool is_control(char32_t value) {
  if (value < 0x20 || (value >= 0x7F && value <= 0x9F)) return true;
  const bool line_separator = value == 0x2028 || value == 0x2029;
  const bool direction = value == 0x061C || value == 0x200E || value == 0x200F ||
                         (value >= 0x202A && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
  return line_separator || direction || value == 0xFEFF;
}

/// At most so many characters, with `…` where that cuts something off; of the control characters those that are kept.
std::string clean(std::string_view text, std::size_t most, std::string_view kept) {
  std::string result;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters) {
    if (characters == most) return result + "…";
    if (text[at] >= ' ' && text[at] <= '~') {
      result += text[at++];
      continue;
    }
    const std::size_t length = data::utf8_sequence(text.substr(at, 4));
    const std::string_view sequence = text.substr(at, length == 0 ? 1 : length);
    const bool obeyed = length == 0 || (is_control(code_point(sequence)) && kept.find(sequence) == kept.npos);
    result += obeyed ? "?" : sequence;
    at += sequence.size();
  }
  return result;
}

}  // namespace

std::string printable(std::string_view text) { return clean(text, text.size(), ""); }

std::string printable_lines(std::string_view text) { return clean(text, text.size(), "\n\t"); }

std::string shown(std::string_view text, std::size_t most_characters) {
  return clean(text, most_characters, "");
}

std::string readable(std::string_view message) {
  constexpr std::size_t longest = 3000;
  constexpr std::size_t at_the_end = 1000;
  const std::string text = printable_lines(message);
  if (text.size() <= longest) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  std::size_t head = longest - at_the_end;
  while (continues(head)) --head;
  std::size_t tail = text.size() - at_the_end;
  while (continues(tail)) ++tail;
  return text.substr(0, head) + " … " + text.substr(tail);
}

std::string escaped_json(std::string_view json) {
  std::string result;
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t length = std::max<std::size_t>(data::utf8_sequence(json.substr(at, 4)), 1);
    const std::string_view sequence = json.substr(at, length);
    const char32_t value = code_point(sequence);
    // Line ends and tabs outside of strings are layout; in strings they are escaped already.
    if (is_control(value) && value >= 0x20)
      result += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(value));
    else
      result += sequence;
    at += length;
  }
  return result;
}

std::string counted(std::int64_t count, std::string_view one, std::string_view ending_of_several) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : ending_of_several);
}

}  // namespace ntkc
