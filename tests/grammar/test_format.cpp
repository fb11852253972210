// The canonical layout.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "grammar/format.hpp"
#include "grammar/lexer.hpp"
#include "tests/grammar/ebnf.hpp"
#include "tests/grammar/parsing.hpp"

using namespace ntkc;
using namespace ntkc::grammar;
using namespace ntkc::grammar::testing;

namespace {

/// The text laid out anew. `name` decides whether it is a network or a library.
std::string formatted(const std::string& text, const std::string& name = "t.arch") {
  Parsed parsed;
  parse_into(parsed, text, name);
  REQUIRE_MESSAGE(parsed.file, parsed.text());
  return format(*parsed.file, text);
}

/// A network with this body, laid out, without its first two lines.
std::string body(const std::string& text) {
  const std::string head = "language 1\nnetwork n\n";
  const std::string whole = formatted(head + text);
  REQUIRE(whole.starts_with(head));
  return whole.substr(head.size());
}

/// The comments of a text, without the blanks at their ends, one a line.
std::string comments_of(const std::string& text) {
  Reporter reporter(0);
  std::string all;
  for (const ast::Comment& comment : split_into_tokens(text, reporter).comments) {
    std::string words = text.substr(comment.range.begin, comment.range.end - comment.range.begin);
    words.erase(words.find_last_not_of(" \t") + 1);
    all += words + "\n";
  }
  return all;
}

std::string words_of(const std::string& text) {
  Reporter reporter(0);
  std::string all;
  for (const Token& token : split_into_tokens(text, reporter).tokens)
    if (token.kind != TokenKind::newline) all += text.substr(token.begin, token.end - token.begin) + " ";
  return all;
}

/// What holds of every text.
void check_properties(const std::string& text, const std::string& name) {
  CAPTURE(text);
  Parsed before;
  parse_into(before, text, name);
  REQUIRE_MESSAGE(before.file, before.text());
  const std::string result = format(*before.file, text);
  CAPTURE(result);
  Parsed after;
  parse_into(after, result, name);
  REQUIRE_MESSAGE(after.file, after.text());
  const bool had_version = before.file->language_version.has_value();
  CHECK(print(*after.file) == (had_version ? "" : "language 1\n") + print(*before.file));
  CHECK(words_of(result) == (had_version ? "" : "language 1 ") + words_of(text));
  CHECK(comments_of(result) == comments_of(text));
  CHECK(format(*after.file, result) == result);
  CHECK(result.ends_with('\n'));
  CHECK(result.find("\n\n\n") == std::string::npos);
  CHECK(result.find(" \n") == std::string::npos);
  CHECK(result.find('\r') == std::string::npos);
}

}  // namespace

TEST_CASE("formatting keeps the tree, the words and the comments, and a second time changes nothing") {
  SUBCASE("of the cases and the examples") {
    std::size_t files = 0;
    for (const char* folder : {"/tests/grammar/cases", "/examples"}) {
      for (const auto& entry : std::filesystem::directory_iterator(std::string(NTKC_SOURCE_DIR) + folder)) {
        if (entry.path().extension() != ".arch") continue;
        std::ifstream stream(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(stream), {}};
        Parsed parsed;
        parse_into(parsed, text, entry.path().filename().string());
        if (!parsed.file) continue;
        check_properties(text, entry.path().filename().string());
        ++files;
      }
    }
    CHECK(files >= 10);
  }
  SUBCASE("of random programs, wildly laid out") {
    for (unsigned seed = 0; seed < 1500; ++seed) {
      std::mt19937 random(seed);
      const std::string rule = seed % 3 == 0 ? "library" : "network";
      const Words sentence = Ebnf::of_language().sentence(rule, 3 + seed % 20, random);
      check_properties(laid_out(sentence, random, true), rule + "_t.arch");
    }
  }
}

TEST_CASE("blanks stand between words, around operators and after commas") {
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"a=1+2*-3^-z/4", "a = 1 + 2 * -3^-z / 4"},
           {"a = ( 1+2 )*3", "a = (1 + 2) * 3"},
           {"a = ((x))", "a = ((x))"},
           {"a=f( x,k=[ 1,2 ],l=[ ] )|>g( )", "a = f(x, k = [1, 2], l = []) |> g()"},
           {"a=if x==1 then y else z", "a = if x == 1 then y else z"},
           {"input   x:image( 3,4 , 5 )", "input x : image(3, 4, 5)"},
           {"import   \"a b\"", "import \"a b\""},
           {"activation f( z,a=2,b )=z+a", "activation f(z, a = 2, b) = z + a"},
           {"def f( h,a=2,b ){return h}", "def f(h, a = 2, b) { return h }"},
           {"repeat 3{h=x}", "repeat 3 { h = x }"},
           {"repeat 3{}", "repeat 3 { }"},
           {"repeat 3{repeat 2{h=x}}", "repeat 3 { repeat 2 { h = x } }"},
           {"repeat 3 {\n}", "repeat 3 {\n}"},
           {"repeat 3 {\nh = x }", "repeat 3 {\n  h = x\n}"},
           {"def f(h) { g = h\n return g }", "def f(h) {\n  g = h\n  return g\n}"},
           {"repeat 2 { h = x } output h", "repeat 2 { h = x }\noutput h"},
           {"a = 007 + 1.50 + 2E+3", "a = 007 + 1.50 + 2E+3"}}) {
    CAPTURE(text);
    CHECK(body(text) == expected + "\n");
  }
}

TEST_CASE("a statement that does not fit is broken, the loosest chain first, one step a line") {
  CHECK(
      body("h = x |> dense(W_std = 1.5, b_std = 0.25) |> relu |> dense(W_std = 1.5, b_std = 0.25) |> relu |> "
           "dense(W_std = 1)\n") ==
      "h = x\n"
      "  |> dense(W_std = 1.5, b_std = 0.25)\n"
      "  |> relu\n"
      "  |> dense(W_std = 1.5, b_std = 0.25)\n"
      "  |> relu\n"
      "  |> dense(W_std = 1)\n");
  const std::string name(40, 'n');
  CHECK(body("h = " + name + " * " + name + " + " + name + " - " + name + "\n") ==
        "h = " + name + " * " + name + "\n  + " + name + "\n  - " + name + "\n");
  CHECK(body("h = " + name + " * " + name + " * " + name + " + " + name + " |> f\n") ==
        "h = " + name + "\n      * " + name + "\n      * " + name + "\n    + " + name + "\n  |> f\n");
  CHECK(body("h = if " + name + " then " + name + " else " + name + "\n") ==
        "h = if " + name + "\n  then " + name + "\n  else " + name + "\n");
  CHECK(body("h = f(a = " + name + ", b = " + name + ", c = " + name + ")\n") ==
        "h = f(\n  a = " + name + ",\n  b = " + name + ",\n  c = " + name + "\n)\n");
  CHECK(body("h = [" + name + ", " + name + ", " + name + "]\n") ==
        "h = [\n  " + name + ", " + name + ",\n  " + name + "\n]\n");
  CHECK(body("def f(h) { return " + name + " + " + name + " + " + name + " }\n") ==
        "def f(h) {\n  return " + name + "\n    + " + name + "\n    + " + name + "\n}\n");
}

TEST_CASE("a line holds 100 characters") {
  const std::string start = "h = x |> ";
  const std::string fits = start + std::string(100 - start.size(), 'f') + "\n";
  CHECK(body(fits) == fits);
  CHECK(body(start + std::string(101 - start.size(), 'f') + "\n") ==
        "h = x\n  |> " + std::string(101 - start.size(), 'f') + "\n");
  // An `é` is one character.
  const std::string call = "h = f(\"";
  std::string text = call;
  for (std::size_t i = call.size(); i < 98; ++i) text += "\u00e9";
  CHECK(body(text + "\")\n") == text + "\")\n");
}

TEST_CASE("comments stay where they are, and blank lines between statements") {
  CHECK(
      formatted("# first\n\n\n\nnetwork n # name\n\n  # own\nh = x   # why\n\n\n  # before the pipe\n |> f\n"
                "repeat 2 { # block\n\n h = x\n\n\n # inside\n\n}\n# last\n\n") ==
      "language 1\n# first\n\nnetwork n  # name\n\n# own\nh = x  # why\n  # before the pipe\n  |> f\n"
      "repeat 2 {  # block\n  h = x\n\n  # inside\n}\n# last\n");
  CHECK(body("h = f( # a\n x, # b\n k # c\n = 2 # d\n)\n") ==
        "h = f(  # a\n  x,  # b\n  k  # c\n  = 2  # d\n)\n");
  CHECK(body("h = (# a\n x)\n") == "h = (  # a\n  x\n)\n");
  CHECK(body("repeat 3 { h = x } # a\n# b\n") == "repeat 3 { h = x }  # a\n# b\n");
}

TEST_CASE("an imported file is formatted too, and an empty one says its version") {
  CHECK(formatted("import \"a\"\ndef f(h){return h}", "library_t.arch") ==
        "language 1\nimport \"a\"\ndef f(h) { return h }\n");
  CHECK(formatted("", "library_t.arch") == "language 1\n");
  CHECK(formatted("# c", "library_t.arch") == "language 1\n# c\n");
}

TEST_CASE("formatting is linear in what it formats") {
  std::string text = "network n\n";
  for (int i = 0; i < 20000; ++i) text += "# comment\n";
  text += "h = x";
  for (int i = 0; i < 20000; ++i) text += " |> f(1) # c\n";
  text += "\nl = [";
  for (int i = 0; i < 20000; ++i) text += "1, ";
  text += "1]\n";
  for (int i = 0; i < 250; ++i) text += "repeat 2 { ";
  text += "a = x";
  for (int i = 0; i < 100; ++i) text += " + 2";
  for (int i = 0; i < 250; ++i) text += " }";
  check_properties(text + "\n", "t.arch");
}

TEST_CASE("what kind of file a text is, its words tell") {
  for (const auto& [text, kinds] :
       std::vector<std::pair<std::string, std::string>>{{"network n\n", ""},
                                                        {"def f(h) { return h }\n", ""},
                                                        {"", ""},
                                                        {"input x : vector(2)\n", "syntax-error"},
                                                        {"output x\n", "syntax-error"},
                                                        {"# network\nh = 1\n", "syntax-error"},
                                                        {"\xff", "invalid-character"}}) {
    CAPTURE(text);
    Parsed parsed;
    const std::uint32_t source = parsed.sources.add("t.arch", text);
    parsed.file = parse_either(parsed.sources, source, parsed.diagnostics);
    CHECK(parsed.kinds() == kinds);
  }
}
