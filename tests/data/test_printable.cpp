#include <doctest/doctest.h>

#include <string>

#include "ntkc/printable.hpp"

namespace ntkc {
namespace {

TEST_CASE("what a terminal would obey is shown as a question mark, all else as it is") {
  CHECK(printable("größe = 3 µm, “x” 日本") == "größe = 3 µm, “x” 日本");
  CHECK(printable("a\tb\nc\rd\x1b[31me\x7f") == "a?b?c?d?[31me?");
  CHECK(printable("\u0080\u009f\u200e\u200f\u061c\u202a\u202e\u2066\u2069\u2028\u2029\ufeff") ==
        "????????????");
  CHECK(printable("\u00a0\u2027\u202f\u2065\u206a") == "\u00a0\u2027\u202f\u2065\u206a");
  CHECK(printable("\xff\xc3(\xe2\x82") ==
        "??"
        "(??");
  CHECK(printable(std::string(1, '\0')) == "?");
  CHECK(printable_lines("a\tb\nc\r") == "a\tb\nc?");
}

TEST_CASE("texts in messages are cut between characters, and messages in their middle") {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "é";
  CHECK(shown(text) == text);
  CHECK(shown(text + "x") == text + "…");
  CHECK(shown("abcdef", 3) == "abc…");
  const std::string end = " and the help";
  const std::string message = readable("error: " + std::string(100'000, 'x') + end);
  CHECK(message.size() < 3100);
  CHECK(message.starts_with("error: xx"));
  CHECK(message.ends_with(end));
  std::string wide = "e";
  for (int i = 0; i < 4000; ++i) wide += "é";
  CHECK(printable(readable(wide)) == readable(wide));  // still UTF-8
}

TEST_CASE("JSON texts are escaped where they could be obeyed") {
  CHECK(escaped_json("{\"a\": \"\u009b\u202eé\x7f\"}\n") == "{\"a\": \"\\u009b\\u202eé\\u007f\"}\n");
}

TEST_CASE("words agree with their numbers") {
  CHECK(counted(1, "sample") == "1 sample");
  CHECK(counted(0, "sample") == "0 samples");
  CHECK(counted(2, "class", "es") == "2 classes");
}

}  // namespace
}  // namespace ntkc
