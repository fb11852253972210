// Where statements end, and what is said when they end badly.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/grammar/parsing.hpp"

using namespace ntkc;
using namespace ntkc::grammar;
using namespace ntkc::grammar::testing;

namespace {

const std::string head = "network n\ninput x : vector(3)\n";

std::string parsed_text(const std::string& body) {
  Parsed parsed;
  parse_into(parsed, head + body);
  return parsed.text();
}

std::string parsed_kinds(const std::string& body) {
  Parsed parsed;
  parse_into(parsed, head + body);
  return parsed.kinds();
}

}  // namespace

TEST_CASE("a statement goes on where the next line starts with a pipe, a binary operator, then or else") {
  for (const std::string op : {"|>", "+", "-", "*", "/", "^", "==", "!=", "<", "<=", ">", ">="}) {
    CAPTURE(op);
    const std::string right = op == "|>" ? "f" : "1";
    const std::string one_line = parsed_text("h = x " + op + " " + right + "\noutput h\n");
    CHECK(one_line.find("error") == std::string::npos);
    CHECK(parsed_text("h = x\n" + op + " " + right + "\noutput h\n") == one_line);
    CHECK(parsed_text("h = x # why\n\n  # more\n \t" + op + right + "\noutput h\n") == one_line);
    CHECK(parsed_text("h = x\r\n" + op + " " + right + "\r\noutput h\r\n") == one_line);
  }
  const std::string conditional = parsed_text("h = if a then b else c\noutput h\n");
  CHECK(conditional.find("error") == std::string::npos);
  CHECK(parsed_text("h = if a\nthen b\n\nelse c\noutput h\n") == conditional);
}

TEST_CASE("lines inside parentheses and brackets do not end a statement") {
  const std::string one_line = parsed_text("h = f(x, a = [1, 2], b = (3))\noutput h\n");
  CHECK(one_line.find("error") == std::string::npos);
  CHECK(parsed_text("h = f(\n  x, # the input\n  a = [\n1,\n2\n]\n, b\n=\n(\n3\n)\n)\noutput h\n") ==
        one_line);
}

TEST_CASE("a closing brace ends a statement, and so does the end of the text") {
  const std::string lines = parsed_text("repeat 3 {\n  h = x\n  g = h\n}\noutput h\n");
  CHECK(lines.find("error") == std::string::npos);
  CHECK(parsed_text("repeat 3 { h = x\n g = h }\noutput h") == lines);
  CHECK(parsed_text("repeat 3 { h = x\n g = h } output h") == lines);
  CHECK(parsed_text("repeat 2 { repeat 3 { h = x } }\n").find("error") == std::string::npos);
  CHECK(parsed_text("repeat 2 { }\n").find("error") == std::string::npos);
  CHECK(parsed_text("repeat 2 {\n\n# nothing\n}\n").find("error") == std::string::npos);
}

TEST_CASE("two statements do not share a line") {
  CHECK(parsed_kinds("h = x g = x\n") == "syntax-error");
  CHECK(parsed_kinds("h = x output h\n") == "syntax-error");
  CHECK(parsed_text("h = x; g = x\n").find("statements end at a line end") != std::string::npos);
  CHECK(parsed_kinds("h = x;\ng = x;\n") == "syntax-error syntax-error");
}

TEST_CASE("a line may not end in an operator, and what follows it is not a second mistake") {
  for (const std::string op : {"|>", "+", "-", "*", "/", "^", "==", "<="}) {
    CAPTURE(op);
    const std::string text = parsed_text("h = x " + op + "\n  relu " + op + "\n relu\noutput h\n");
    const std::string what = op == "|>" ? "a layer" : "an expression";
    CHECK(text.find("expected " + what + " after `" + op + "`, saw end of line") != std::string::npos);
    CHECK(text.find("put the operator at the start of the next line") != std::string::npos);
    CHECK(parsed_kinds("h = x " + op + "\n  relu " + op + "\n relu\noutput h\n") == "syntax-error");
    CHECK(parsed_kinds("h = x " + op + "\n  relu\noutput )\n") == "syntax-error unbalanced-bracket");
  }
}

TEST_CASE("each mistake of a file is reported once, in the order of the text") {
  CHECK(parsed_kinds("a = = 1\nb = 2\nc = (1 2)\nd = 1e999\ne = ]\nrepeat 3 { f = 1 +\n g = * }\noutput\n") ==
        "syntax-error syntax-error invalid-number unbalanced-bracket syntax-error syntax-error syntax-error");
}

TEST_CASE("a mistake in the count of a repeat does not hide those in its block, nor the other way round") {
  CHECK(parsed_kinds("repeat 3 4 { a = }\nb = )\n") == "syntax-error syntax-error unbalanced-bracket");
  CHECK(parsed_kinds("repeat { a = }\n") == "syntax-error syntax-error");
  CHECK(parsed_kinds("repeat 3\n{ a = 1 }\nb = 2\n") == "syntax-error");
}

TEST_CASE("a bracket that is never closed is one mistake, named where it opens") {
  CHECK(parsed_kinds("a = f(x, b\nc = 1\noutput c\n") == "unbalanced-bracket");
  CHECK(parsed_kinds("a = f(x,\n  k = 2,\n  l = 3\nc = [1\noutput c\n") ==
        "unbalanced-bracket unbalanced-bracket");
  CHECK(parsed_kinds("repeat 3 { a = f(1 }\noutput a\n") == "unbalanced-bracket");
  CHECK(parsed_kinds("repeat 3 {\n a = 1\noutput a\n") == "unbalanced-bracket");
  CHECK(parsed_kinds("a = f([1, 2)\noutput a\n") == "unbalanced-bracket");
  CHECK(parsed_kinds("a = f(1]\noutput a\n") == "unbalanced-bracket");
  CHECK(parsed_kinds("a = f(1))\noutput a\n") == "unbalanced-bracket");
  CHECK(parsed_kinds("}\na = 1\n") == "unbalanced-bracket");
  const std::string text = parsed_text("repeat 3 {\n a = 1\n");
  CHECK(text.find("t.arch:3:10: error: `{` is never closed") == 0);
  CHECK(text.find("t.arch:5:1: note: the text ends here") != std::string::npos);
}

TEST_CASE("a closing bracket that is expected names the opening one") {
  const std::string text = parsed_text("a = f(g(1), (2 3))\n");
  CHECK(text.find("t.arch:3:16: error: expected `)` after `2`, saw `3`") == 0);
  CHECK(text.find("t.arch:3:13: note: `(` opened here") != std::string::npos);
}

TEST_CASE("the head of a file is language, network and parametrization, in this order") {
  for (const auto& [text, kinds] : std::vector<std::pair<std::string, std::string>>{
           {"language 1\nnetwork n\nparametrization = ntk\n", ""},
           {"# first\n\nnetwork n(a = 1,\n  b = 2)\nparametrization = standard\n", ""},
           {"network n()\nparametrization = cntk\n", ""},
           {"language 2\nnetwork n\n", "unsupported-language-version"},
           {"language 1.0\nnetwork n\n", "syntax-error"},
           {"language\nnetwork n\n", "syntax-error"},
           {"network n\nlanguage 1\n", "misplaced-statement"},
           {"input x : vector(2)\nnetwork n\n", "misplaced-statement"},
           {"network n\nnetwork m\n", "misplaced-statement"},
           {"network n\ninput x : vector(2)\nparametrization = ntk\n", "misplaced-statement"},
           {"network n\nrepeat 2 { parametrization = ntk }\n", "misplaced-statement"},
           {"network n\nparametrization = he\n", "syntax-error"},
           {"network n\nparametrization ntk\n", "syntax-error"},
           {"input x : vector(2)\n", "syntax-error"},
           {"Network n\ninput x : vector(2)\n", "syntax-error"},
           {"network\ninput x : vector(2)\n", "syntax-error"},
           {"network if\n", "reserved-name"},
           {"network n(true = 1)\n", "reserved-name"},
           {"network n(a)\n", "syntax-error"},
           {"network n(a = 1,,)\n", "syntax-error"},
           {"network n(a = 1 b = 2)\n", "syntax-error"},
           {"network n m\n", "syntax-error"}}) {
    CAPTURE(text);
    Parsed parsed;
    parse_into(parsed, text);
    CHECK(parsed.kinds() == kinds);
  }
}

TEST_CASE("inputs need a name, a type and sizes") {
  for (const std::string text :
       {"input\n", "input y\n", "input y : \n", "input y : vector\n", "input y : vector()\n", "input y : 3\n",
        "input y vector(3)\n", "input y : vector(,3)\n"}) {
    CAPTURE(text);
    CHECK(parsed_kinds(text) == "syntax-error");
  }
  CHECK(parsed_kinds("input y : image(2 * 16, d, 3)\n").empty());
}

TEST_CASE("a keyword on the left of an equals sign is a reserved name") {
  // A line that starts with `then` or `else` belongs to the statement before it.
  for (const std::string word : {"if", "true", "false", "repeat", "output", "input", "def", "language"}) {
    CAPTURE(word);
    CHECK(parsed_kinds(word + " = 3\noutput x\n") == "reserved-name");
  }
}

TEST_CASE("statements and the file carry their ranges and comments") {
  Parsed parsed;
  parse_into(parsed, "network n # a\r\n# b\r\nrepeat 3 { h = x }\noutput (h) # c");
  REQUIRE(parsed.file);
  const ast::File& file = *parsed.file;
  REQUIRE(file.comments.size() == 3);
  CHECK(file.comments[0].range == SourceRange{0, 10, 13});
  CHECK(file.comments[1].range == SourceRange{0, 15, 18});
  CHECK(file.comments[2].range == SourceRange{0, 50, 53});
  REQUIRE(file.statements.size() == 2);
  CHECK(file[file.statements[0]].range == SourceRange{0, 20, 38});
  CHECK(file[file.statements[1]].range == SourceRange{0, 39, 49});
  const auto& body = std::get<ast::Repeat>(file[file.statements[0]].node).body;
  REQUIRE(body.size() == 1);
  CHECK(file[body[0]].range == SourceRange{0, 31, 36});
  CHECK(file.network.range == SourceRange{0, 8, 9});
}
