#include "runtime/data/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "ntkc/errors.hpp"
#include "runtime/data/memory_limit.hpp"
#include "runtime/data/utf8.hpp"

namespace ntkc::data {

namespace {

std::int64_t line_of(std::string_view text, std::size_t offset) {
  return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
}

/// Looks at a text while it arrives: what is no UTF-8 text is read no further than to the first byte that says so.
class TextChecker {
 public:
  explicit TextChecker(const std::string& name) : name_(name) {}

  /// `text` is all that there is so far, `complete` whether nothing follows.
  void check(std::string_view text, bool complete) {
    while (checked_ < text.size()) {
      const std::string_view rest = text.substr(checked_, longest_sequence);
      const std::size_t length = utf8_sequence(rest);
      if (length == 0 && rest.size() < longest_sequence && !complete) return;  // more of it may come
      if (length == 0) {
        throw InputError(fmt::format(
            "{}:{}: byte {:#04x} is not UTF-8; convert the file, for example with `iconv -f latin1 -t utf-8`",
            name_, line_of(text, checked_), static_cast<unsigned>(static_cast<unsigned char>(rest[0]))));
      }
      if (rest[0] == '\0') {
        throw InputError(
            fmt::format("{}:{}: a NUL byte; the file is not CSV text (or is UTF-16: convert it to UTF-8)",
                        name_, line_of(text, checked_)));
      }
      checked_ += length;
    }
  }

 private:
  static constexpr std::size_t longest_sequence = 4;
  const std::string& name_;
  std::size_t checked_ = 0;
};

}  // namespace

std::string read_text(ByteSource& source) {
  constexpr std::size_t step = std::size_t{1} << 16;
  // The text and the numbers in it are in memory together.
  const std::uint64_t most = memory_limit() / 2;
  const bool known = source.exact_size();
  std::string text;
  TextChecker checker(source.name());
  if (known && source.largest_size() <= most) text.reserve(source.largest_size() + step);
  while (true) {
    const std::size_t held = text.size();
    if (held > most || (known && source.largest_size() > most)) {
      source.fail(fmt::format("is larger than half of the memory that there is ({}); use fewer rows",
                              byte_text(2 * most)));
    }
    text.resize(held + step);
    const std::size_t received = source.read(text.data() + held, step);
    text.resize(held + received);
    checker.check(text, received < step);
    if (received < step) return text;
  }
}

}  // namespace ntkc::data
