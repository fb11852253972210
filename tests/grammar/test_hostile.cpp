// Input that means harm, or means nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/grammar/parsing.hpp"

using namespace ntkc;
using namespace ntkc::grammar;
using namespace ntkc::grammar::testing;

namespace {

std::string repeated(const std::string& piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

/// Parses `network n` and then `body`; the kinds reported.
std::string kinds_of(const std::string& body, const Limits& limits = {}) {
  Parsed parsed;
  parse_into(parsed, "network n\n" + body, "t.arch", limits);
  return parsed.kinds();
}

}  // namespace

TEST_CASE("an empty file and one of comments lack a network") {
  for (const std::string text : {"", "\n", " \t", "# nothing", "# a\n\n# b\n", "\r\n"}) {
    CAPTURE(text);
    Parsed parsed;
    parse_into(parsed, text);
    CHECK_FALSE(parsed.file);
    CHECK(parsed.text().find("expected `network NAME`, saw end of file [syntax-error]") != std::string::npos);
  }
}

TEST_CASE("bytes that are no text are refused wherever they stand") {
  const std::string nul(1, '\0');
  for (const auto& [bad, message] :
       std::vector<std::pair<std::string, std::string>>{{nul, "control character U+0000"},
                                                        {"\x1b[31m", "control character U+001B"},
                                                        {"\x7f", "control character U+007F"},
                                                        {"\u0085", "control character U+0085"},
                                                        {"\u202e", "control character U+202E"},
                                                        {"\u2066", "control character U+2066"},
                                                        {"\u2028", "control character U+2028"},
                                                        {"\ufeff", "byte order mark (U+FEFF)"},
                                                        {"\xff", "byte 0xFF is not UTF-8"},
                                                        {"\xc3(", "byte 0xC3 is not UTF-8"},
                                                        {"\xed\xa0\x80", "byte 0xED is not UTF-8"},
                                                        {"\r", "carriage return without a line feed"}}) {
    CAPTURE(message);
    for (const std::string& text :
         {bad + "network n\n", "network n\n# " + bad + " comment\n", "network n\na = \"" + bad + "\"\n",
          "network n\na = 1" + bad + " + 2\n", "network n" + bad}) {
      Parsed parsed;
      parse_into(parsed, text);
      CHECK(parsed.kinds() == "invalid-character");
      CHECK(parsed.text().find(message) != std::string::npos);
    }
  }
}

TEST_CASE("a run of bad bytes is one mistake, UTF-16 is named, and the number of mistakes is bounded") {
  CHECK(kinds_of(std::string(5000, '\xff')) == "invalid-character");
  Parsed utf16;
  parse_into(utf16, std::string("\xff\xfen\0e\0", 6));
  CHECK(utf16.text().find("UTF-16") != std::string::npos);
  CHECK(utf16.diagnostics.error_count() == 1);
  for (const std::string piece : {"\x01\n", "@ ", "=\n", ") ", "a = = 1\n", "repeat { = }\n"}) {
    CAPTURE(piece);
    Parsed many;
    parse_into(many, "network n\n" + repeated(piece, 50000));
    CHECK_FALSE(many.file);
    CHECK(many.diagnostics.error_count() == 1000);
  }
}

TEST_CASE("characters beyond ASCII are welcome in comments and texts only") {
  CHECK(kinds_of("# \u03c0 \U0001F600\na = \"\u00e9\"\n").empty());
  CHECK(kinds_of("\u03c3 = 1\n") == "invalid-character");
  Parsed parsed;
  parse_into(parsed, "network n\na = 3 \u2212 1\n");
  CHECK(parsed.kinds() == "invalid-character");
  CHECK(parsed.text().find("write `-`") != std::string::npos);
}

TEST_CASE("a file beyond the limit is refused unread") {
  Parsed parsed;
  parse_into(parsed, "network n\n#" + std::string(1U << 20, 'a'));
  CHECK(parsed.kinds() == "file-too-large");
  CHECK(kinds_of("#" + std::string(1000, 'a')).empty());
  Limits small;
  small.file_bytes = 100;
  CHECK(kinds_of("#" + std::string(1000, 'a'), small) == "file-too-large");
}

TEST_CASE("nesting beyond the limit is reported, whatever it is made of") {
  constexpr std::size_t deep = 100000;
  constexpr std::size_t half = deep / 2;  // what fits into the largest file
  for (const std::string& body :
       {"a = " + repeated("(", deep), "a = " + repeated("(", deep) + "1" + repeated(")", deep),
        "a = " + repeated("[", deep) + repeated("]", deep),
        "a = " + repeated("f(", deep) + "1" + repeated(")", deep), "a = " + repeated("-", deep) + "x",
        "a = " + repeated("x^", deep) + "x", "a = " + repeated("x^-", deep) + "x",
        "a = " + repeated("if a then ", deep) + "1", "a = " + repeated("if a then 1 else ", half) + "1",
        "a = " + repeated("if ", deep) + "a", repeated("repeat 2 { ", half) + repeated("}", half),
        "a = f(" + repeated("k = -(", 40000) + "1" + repeated(")", 40000) + ")"}) {
    CAPTURE(body.substr(0, 20));
    CHECK(kinds_of(body + "\n") == "nesting-too-deep");
  }
}

TEST_CASE("nesting up to the limit is accepted") {
  for (const auto& [open, close] :
       std::vector<std::pair<std::string, std::string>>{{"(", ")"},
                                                        {"[", "]"},
                                                        {"f(", ")"},
                                                        {"f(k = ", ")"},
                                                        {"-", ""},
                                                        {"x^", ""},
                                                        {"if x then 1 else ", ""}}) {
    CAPTURE(open);
    CHECK(kinds_of("a = " + repeated(open, 256) + "1" + repeated(close, 256) + "\n").empty());
    CHECK(kinds_of("a = " + repeated(open, 257) + "1" + repeated(close, 257) + "\n") == "nesting-too-deep");
  }
  CHECK(kinds_of(repeated("repeat 2 { ", 256) + "a = 1" + repeated("}", 256) + "\n").empty());
  CHECK(kinds_of(repeated("repeat 2 { ", 257) + "a = 1" + repeated("}", 257) + "\n") == "nesting-too-deep");
}

TEST_CASE("a statement nested too deep does not hide the mistakes of the next") {
  CHECK(kinds_of("a = " + repeated("-", 1000) + "x\nb = = 2\n") == "nesting-too-deep syntax-error");
}

TEST_CASE("chains and lists may have any length") {
  constexpr std::size_t length = 10000;
  for (const std::string piece : {" |> f", "\n  |> f(1)", " + x", " - 2 * x", " / x", " * -x"}) {
    CAPTURE(piece);
    Parsed parsed;
    parse_into(parsed, "network n\na = x" + repeated(piece, length) + "\n");
    REQUIRE(parsed.file);
    const std::string tree = print(*parsed.file);
    CHECK(static_cast<std::size_t>(std::count(tree.begin(), tree.end(), '\n')) >= length);
    CHECK(tree.size() < 100 * length);
  }
  CHECK(kinds_of("a = [" + repeated("1, ", length) + "1]\n").empty());
  CHECK(kinds_of("a = f(" + repeated("k = 1, ", length) + "1)\n").empty());
  CHECK(kinds_of(repeated("a = 1\n", length)).empty());
  CHECK(kinds_of(repeated("\n", length) + repeated("# c\n", length)).empty());
}

TEST_CASE("limits may be set") {
  const Limits small = {.file_bytes = 40, .nesting = 2, .integer = 9};
  CHECK(kinds_of("a = ((9))\n", small).empty());
  CHECK(kinds_of("a = (((9)))\n", small) == "nesting-too-deep");
  CHECK(kinds_of("a = f(10, 9, 11, 12.5)\n", small) == "invalid-number invalid-number");
  CHECK(kinds_of(std::string(40, '#') + "\n", small) == "file-too-large");
  const Limits deep = {.nesting = most_nesting};
  for (const auto& [open, close] : std::vector<std::pair<std::string, std::string>>{
           {"(", ")"}, {"f(k = ", ")"}, {"-", ""}, {"if x then 1 else ", ""}}) {
    CAPTURE(open);
    CHECK(kinds_of("a = " + repeated(open, 1024) + "1" + repeated(close, 1024) + "\n", deep).empty());
  }
}

TEST_CASE("long words are cut in messages") {
  const std::string word(100000, 'b');
  for (const std::string& text :
       {"network n\na = 1 " + word, "network n " + word, "network n(" + word + ")",
        "network n\n" + word + " += 1", "network n\nimport " + word, "network n\n" + word + " n"}) {
    Parsed parsed;
    parse_into(parsed, text + "\n");
    CHECK(parsed.kinds() == "syntax-error");
    CHECK(parsed.text().size() < 700);
  }
}

namespace {

const std::vector<std::string>& fuzz_seeds() {
  static const std::vector<std::string> seeds = {
      "language 1\nnetwork w(depth = 4, w = sqrt(2))\nparametrization = ntk\ninput x : image(32, 32, 3)\n"
      "h = x |> conv([3, 2], W_std = w)\n  |> relu # c\nrepeat depth { h = -h^-2 * (2.5e-1 + a) }\n"
      "g = if s == 1 then h else h |> f(\"t\\\"\", k = [1, 2])\noutput g\n",
      "network n\ninput x : vector(3)\nrepeat 2 {\n  repeat 3 { x = (x + 1) }\n  y = true != false\n}\n"
      "def f(h) {\n  return h\n}\nimport \"a\"\noutput x |> dense(\n  W_std = 1.5,\n  b_std = 0.1)\n",
  };
  return seeds;
}

/// A few bytes overwritten, inserted, removed or copied from elsewhere.
std::string mutated(std::string text, std::mt19937& random) {
  static const std::string alphabet = "()[]{}|><=!+-*/^,:.\"\\#;\n\r\t 019eEifx_\xc3\xff";
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  const std::size_t edits = 1 + below(6);
  for (std::size_t i = 0; i < edits && !text.empty(); ++i) {
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text[at] = alphabet[below(alphabet.size())];
        break;
      case 1:
        text.insert(at, 1, alphabet[below(alphabet.size())]);
        break;
      case 2:
        text.erase(at, 1 + below(8));
        break;
      case 3:
        text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      default:
        text.insert(at, text.substr(below(text.size()), below(30)));
    }
  }
  return text;
}

}  // namespace

TEST_CASE("mutated sources give a tree or diagnostics inside the text, never neither") {
  std::size_t refused = 0;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    std::mt19937 random(seed);
    const std::string text = mutated(fuzz_seeds()[seed % fuzz_seeds().size()], random);
    CAPTURE(seed);
    CAPTURE(text);
    Parsed parsed;
    parse_into(parsed, text);
    REQUIRE(parsed.file.has_value() == parsed.diagnostics.diagnostics().empty());
    REQUIRE_FALSE(parsed.text().empty());
    refused += parsed.file ? 0 : 1;
    for (const Diagnostic& diagnostic : parsed.diagnostics.diagnostics()) {
      REQUIRE(diagnostic.range.begin <= diagnostic.range.end);
      REQUIRE(diagnostic.range.end <= text.size());
      REQUIRE_FALSE(diagnostic.message.empty());
      for (const Note& note : diagnostic.notes) REQUIRE(note.range.end <= text.size());
    }
  }
  CHECK(refused > 500);
  CHECK(refused < 1000);
}
