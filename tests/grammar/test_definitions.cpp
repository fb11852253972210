// `def`, `activation`, `import` and the files that hold nothing else.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/grammar/parsing.hpp"

using namespace ntkc;
using namespace ntkc::grammar;
using namespace ntkc::grammar::testing;

namespace {

using Table = std::vector<std::pair<std::string, std::string>>;

std::string library_kinds(const std::string& text) {
  Parsed parsed;
  parse_into(parsed, text, "library_t.arch");
  return parsed.kinds();
}

/// Parsed in a network after its head, in one before it, and in a library.
void check_everywhere(const Table& table) {
  for (const auto& [text, kinds] : table) {
    CAPTURE(text);
    Parsed behind;
    parse_into(behind, "network n\n" + text);
    CHECK(behind.kinds() == kinds);
    Parsed before;
    parse_into(before, text + "\nnetwork n\n");
    CHECK(before.kinds() == kinds);
    CHECK(library_kinds(text) == kinds);
  }
}

}  // namespace

TEST_CASE("definitions are read before `network`, behind it and in an imported file") {
  check_everywhere({
      {"import \"a.arch\"", ""},
      {"activation half(z) = z / 2", ""},
      {"activation swish(z, beta = 1) = z / (1 + exp(-beta * z))", ""},
      {"activation f(z, a, b = 2) = if a == b\n  then z\n  else 0", ""},
      {"def f(h) { return h }", ""},
      {"def f(h, p, q = sqrt(2)) {\n  g = h\n  repeat p { g = g |> dense\n }\n  return g\n    |> relu\n}",
       ""},
      {"def f(\n  h,\n  p = (1)\n) { return h }", ""},
      {"def f(h) { return h }\ndef g(h) { return f(h) }\nimport \"b\"", ""},
      {"def f(h) { return h } def g(h) { return h }", ""},
  });
}

TEST_CASE("mistakes in definitions are reported once, and do not hide each other") {
  check_everywhere({
      {"import a", "syntax-error"},
      {"import", "syntax-error"},
      {"import \"a\" \"b\"", "syntax-error"},
      {"import if", "syntax-error"},
      {"activation", "syntax-error"},
      {"activation f = 2", "syntax-error"},
      {"activation f() = 2", "syntax-error"},
      {"activation f(z = 1) = 2", "syntax-error"},
      {"activation f(z,,) = 2", "syntax-error"},
      {"activation f(z) { return z }", "syntax-error"},
      {"activation f(z, if) = 2", "reserved-name"},
      {"activation def(z) = 2", "reserved-name"},
      {"activation f(z) = ", "syntax-error"},
      {"def", "syntax-error"},
      {"def f() { return 1 }", "syntax-error"},
      {"def f(h) = h", "syntax-error"},
      {"def f(h)\n{ return h }", "syntax-error"},
      {"def f { a = }", "syntax-error syntax-error"},
      {"def (h) { a = )\n return h }", "syntax-error unbalanced-bracket"},
      {"def f(h, h 2) { a = * \n b = ) \n return }",
       "syntax-error syntax-error unbalanced-bracket syntax-error"},
      {"def f(h) { g = h }", "syntax-error"},
      {"def f(h) { }", "syntax-error"},
      {"def f(h) { retrun h }", "syntax-error"},
      {"def f(h) { g = h |> \n }", "syntax-error"},
      {"def f(h) { return h\n return h }", "misplaced-statement"},
      {"def f(h) { return h\n g = h\n k = = 1 }", "misplaced-statement syntax-error"},
      {"def f(h) { repeat 2 { return h }\n return h }", "misplaced-statement"},
      {"def f(h) { return = 2\n return h }", "reserved-name"},
      {"def f(h) { input x : vector(2)\n output = 3\n output h\n return h }",
       "misplaced-statement reserved-name misplaced-statement"},
      {"def f(h) { def g(h) { k = = 1\n return h }\n return h }", "misplaced-statement syntax-error"},
      {"def f(h) { import \"a\"\n activation a(z) = z\n parametrization = ntk\n return h }",
       "misplaced-statement misplaced-statement misplaced-statement"},
      {"def f(h) { language 1\n return h }", "misplaced-statement"},
      {"def f(h) {\n  return h", "unbalanced-bracket"},
      {"def f(h { return h }", "unbalanced-bracket"},
  });
}

TEST_CASE("`return`, `input` and `output` stand where they belong") {
  for (const auto& [text, kinds] :
       Table{{"return 3\n", "misplaced-statement"},
             {"return\n", "misplaced-statement syntax-error"},
             {"repeat 2 { return 3 }\n", "misplaced-statement"},
             {"repeat 2 { output 3 }\n", "misplaced-statement"},
             {"repeat 2 { input x : vector(3) }\n", "misplaced-statement"},
             {"repeat 2 { repeat 2 { import \"a\" } }\n", "misplaced-statement"}}) {
    CAPTURE(text);
    Parsed parsed;
    parse_into(parsed, "network n\n" + text);
    CHECK(parsed.kinds() == kinds);
  }
}

TEST_CASE("an imported file holds definitions only") {
  CHECK(library_kinds("").empty());
  CHECK(library_kinds("# nothing\n").empty());
  CHECK(library_kinds("language 1\nimport \"a\"\n").empty());
  CHECK(library_kinds("language 2\n") == "unsupported-language-version");
  CHECK(library_kinds("a = 1\nimport \"b\"\nrepeat 2 { b = = 1 }\noutput x\nreturn 1\n") ==
        "syntax-error syntax-error syntax-error syntax-error");
  CHECK(library_kinds("import \"a\"\nlanguage 1\n") == "syntax-error");
  Parsed network;
  parse_into(network, "language 1\nnetwork n\ninput x : vector(2)\noutput x\n", "library_t.arch");
  CHECK(network.kinds() == "misplaced-statement");
  CHECK(network.text().starts_with("library_t.arch:2:1: error: `network` in an imported file"));
}

TEST_CASE("a file of definitions alone is no network") {
  Parsed parsed;
  parse_into(parsed, "def f(h) { return h }\n");
  CHECK(parsed.kinds() == "syntax-error");
  CHECK(parsed.text().find("expected `network NAME`, saw end of file") != std::string::npos);
}

TEST_CASE("definitions carry the ranges of the text") {
  Parsed parsed;
  const std::string text =
      "import \"a\\\"\"\nactivation f(z, a = 2) = (z + a)\ndef b(h, k) {\n  g = h\n  return (g)\n}\nnetwork "
      "n";
  parse_into(parsed, text);
  REQUIRE(parsed.file);
  const ast::File& file = *parsed.file;
  REQUIRE(file.statements.size() == 3);
  const auto spelling = [&](const SourceRange& range) {
    return text.substr(range.begin, range.end - range.begin);
  };
  CHECK(spelling(file[file.statements[0]].range) == "import \"a\\\"\"");
  const auto& import = std::get<ast::Import>(file[file.statements[0]].node);
  CHECK(import.path == "a\"");
  CHECK(spelling(import.path_range) == "\"a\\\"\"");
  CHECK(spelling(file[file.statements[1]].range) == "activation f(z, a = 2) = (z + a)");
  const auto& activation = std::get<ast::ActivationDefinition>(file[file.statements[1]].node);
  CHECK(spelling(activation.name.range) == "f");
  CHECK(spelling(activation.variable.range) == "z");
  REQUIRE(activation.parameters.size() == 1);
  CHECK(spelling(activation.parameters[0].name.range) == "a");
  CHECK(spelling(file[activation.parameters[0].default_value.value()].range) == "2");
  CHECK(spelling(file[activation.value].range) == "(z + a)");
  CHECK(spelling(file[file.statements[2]].range) ==
        text.substr(text.find("def"), text.find("}") + 1 - text.find("def")));
  const auto& block = std::get<ast::BlockDefinition>(file[file.statements[2]].node);
  CHECK(spelling(block.name.range) == "b");
  REQUIRE(block.parameters.size() == 2);
  CHECK_FALSE(block.parameters[1].default_value);
  REQUIRE(block.body.size() == 1);
  CHECK(spelling(file[block.body[0]].range) == "g = h");
  CHECK(spelling(file[block.result].range) == "(g)");
}

TEST_CASE("nesting in definitions counts") {
  const auto nested = [](std::size_t depth) {
    std::string text = "def f(h) { ";
    for (std::size_t i = 0; i < depth; ++i) text += "repeat 2 { ";
    text += "h = h";
    for (std::size_t i = 0; i < depth; ++i) text += " }";
    return text + "\n return h }\n";
  };
  CHECK(library_kinds(nested(255)).empty());
  CHECK(library_kinds(nested(256)) == "nesting-too-deep");
  CHECK(library_kinds("def f(h, p = " + std::string(1000, '-') + "1) { return h }\nactivation g(z) = " +
                      std::string(1000, '-') + "z\n") == "nesting-too-deep nesting-too-deep");
}
