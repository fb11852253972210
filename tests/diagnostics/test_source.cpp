// Positions, kinds and UTF-8.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/diagnostic_list.hpp"
#include "compiler/diagnostics/source.hpp"
#include "compiler/diagnostics/utf8.hpp"

using namespace ntkc;

TEST_CASE("kinds stand in the table at their own index, with unique hyphenated names") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < diagnostic_kinds().size(); ++i) {
    const DiagnosticKindInfo& kind = diagnostic_kinds()[i];
    CAPTURE(kind.name);
    CHECK(static_cast<std::size_t>(kind.kind) == i);
    CHECK(&info(kind.kind) == &kind);
    CHECK(names.insert(kind.name).second);
    CHECK(std::all_of(kind.name.begin(), kind.name.end(),
                      [](char c) { return c == '-' || std::islower(static_cast<unsigned char>(c)); }));
    CHECK_FALSE(kind.purpose.empty());
    CHECK(kind.purpose.back() != '.');
  }
  CHECK(info(DiagnosticKind::syntax_error).name == "syntax-error");
}

TEST_CASE("a list of diagnostics keeps the order and counts errors") {
  DiagnosticList list;
  CHECK_FALSE(list.has_errors());
  list.report({DiagnosticKind::syntax_error, {0, 3, 4}, "one"});
  list.report({DiagnosticKind::unknown_name, {0, 1, 2}, "two"});
  CHECK(list.has_errors());
  CHECK(list.error_count() == 2);
  REQUIRE(list.diagnostics().size() == 2);
  CHECK(list.diagnostics()[0].message == "one");
  CHECK(list.diagnostics()[1].message == "two");
}

namespace {

void check_position(const SourceText& source, std::uint32_t offset, std::uint32_t line,
                    std::uint32_t column) {
  CAPTURE(offset);
  CHECK(source.position(offset).line == line);
  CHECK(source.position(offset).column == column);
}

}  // namespace

TEST_CASE("lines and columns count from one") {
  const SourceText source("f", "ab\ncd\n");
  check_position(source, 0, 1, 1);
  check_position(source, 2, 1, 3);  // the line feed belongs to its line
  check_position(source, 3, 2, 1);
  check_position(source, 6, 3, 1);    // the end of the text
  check_position(source, 100, 3, 1);  // beyond it
}

TEST_CASE("columns count code points, a tab as one") {
  const SourceText source("f", "\t\u03c0\U0001F600x");  // 1, 2 and 4 bytes
  check_position(source, 1, 1, 2);
  check_position(source, 2, 1, 2);  // inside π
  check_position(source, 3, 1, 3);
  check_position(source, 7, 1, 4);
}

TEST_CASE("each byte that is not UTF-8 is a column of its own") {
  const SourceText source("f", "\xff\x80\xc3x");
  check_position(source, 3, 1, 4);
}

TEST_CASE("positions in long lines are those of a walk from the begin of the line, and back") {
  std::string text = "first\n";
  const char* const characters[] = {"a", "\u03c0", "\U0001F600", "\xff", "\t"};
  unsigned random = 1;
  for (int i = 0; i < 5000; ++i) {
    random = random * 1664525 + 1013904223;
    text += (random >> 16U) % 900 == 0 ? "\n" : characters[(random >> 16U) % 5];
  }
  const SourceText source("f", text);
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size();) {
    REQUIRE(source.position(static_cast<std::uint32_t>(i)).line == line);
    REQUIRE(source.position(static_cast<std::uint32_t>(i)).column == column);
    if (text[i] != '\n') REQUIRE(source.offset_in_line({line, column}) == i - line_start);
    const bool ends_line = text[i] == '\n';
    i = next_code_point(text, i);
    ++column;
    if (!ends_line) continue;
    ++line;
    column = 1;
    line_start = i;
  }
}

TEST_CASE("lines come without their ends, LF and CRLF alike") {
  const SourceText source("f", "ab\r\n\r\ncd");
  CHECK(source.line(1) == "ab");
  CHECK(source.line(2).empty());
  CHECK(source.line(3) == "cd");
  CHECK(source.line(0).empty());
  CHECK(source.line(4).empty());
  check_position(source, 6, 3, 1);
  CHECK(SourceText("f", "").line(1).empty());
}

TEST_CASE("a source manager numbers files in order and refuses unknown numbers") {
  SourceManager sources;
  CHECK(sources.add("a", "x") == 0);
  CHECK(sources.add("b", "y") == 1);
  CHECK(sources.file(1).name() == "b");
  CHECK_THROWS_AS(static_cast<void>(sources.file(2)), std::out_of_range);
}

TEST_CASE("UTF-8 decoding takes the shortest form only") {
  CHECK(decode_utf8("a", 0).value == U'a');
  CHECK(decode_utf8("\xc3\xa9", 0).value == 0xE9);
  CHECK(decode_utf8("\xe2\x88\x92", 0).value == 0x2212);
  CHECK(decode_utf8("\xf4\x8f\xbf\xbf", 0).value == 0x10FFFF);
  for (const std::string bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x88", "\xc3", "\xc3("}) {
    CAPTURE(bad);
    CHECK_FALSE(decode_utf8(bad, 0).valid);
    CHECK(decode_utf8(bad, 0).bytes == 1);
  }
}

TEST_CASE("control characters, bidirectional controls and byte order marks are told from text") {
  for (const char32_t c : {0x00, 0x0D, 0x1B, 0x7F, 0x85, 0x061C, 0x200F, 0x2028, 0x202E, 0x2066, 0xFEFF})
    CHECK(is_control(c));
  for (const char32_t c : {0x09, 0x20, 0x41, 0xA0, 0x3C0, 0x2212, 0x1F600}) CHECK_FALSE(is_control(c));
}
