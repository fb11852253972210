// Literals, precedence and trees of single expressions.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "grammar/number.hpp"
#include "tests/grammar/parsing.hpp"

using namespace ntkc;
using namespace ntkc::grammar;
using namespace ntkc::grammar::testing;

namespace {

/// Each line of `table` is two expressions that mean the same; parentheses leave no trace in the tree.
void check_same(const std::vector<std::pair<std::string, std::string>>& table) {
  for (const auto& [plain, grouped] : table) {
    CAPTURE(plain);
    const std::string tree = constant(plain);
    CHECK(tree.find("error") == std::string::npos);
    CHECK(tree == constant(grouped));
  }
}

}  // namespace

TEST_CASE("precedence is that of the language definition, loosest first") {
  check_same({
      {"if a then b else c |> f", "if a then b else (c |> f)"},
      {"if a then b |> f else c", "if a then (b |> f) else c"},
      {"if a == 1 then b else c + 1", "if (a == 1) then b else (c + 1)"},
      {"if a then b else if c then d else e", "if a then b else (if c then d else e)"},
      {"if a then if b then c else d else e", "if a then (if b then c else d) else e"},
      {"a == b |> f", "(a == b) |> f"},
      {"a + b |> f", "(a + b) |> f"},
      {"a |> f |> g(1)", "(a |> f) |> g(1)"},
      {"a + 1 < b * 2", "(a + 1) < (b * 2)"},
      {"a + b * c", "a + (b * c)"},
      {"a * b + c", "(a * b) + c"},
      {"a - b - c", "(a - b) - c"},
      {"a - b + c", "(a - b) + c"},
      {"a / b / c", "(a / b) / c"},
      {"a / b * c", "(a / b) * c"},
      {"-a * b", "(-a) * b"},
      {"a * -b", "a * (-b)"},
      {"-a + b", "(-a) + b"},
      {"a - -b", "a - (-b)"},
      {"--a", "-(-a)"},
      {"-z^2", "-(z^2)"},
      {"-z^-2", "-(z^(-2))"},
      {"2^-1", "2^(-1)"},
      {"a^b^c", "a^(b^c)"},
      {"2^-3^2", "2^(-(3^2))"},
      {"a^2 * b", "(a^2) * b"},
      {"-f(z)^2", "-((f(z))^2)"},
  });
}

TEST_CASE("groupings that the precedence does not give are other trees") {
  for (const auto& [left, right] : std::vector<std::pair<std::string, std::string>>{
           {"a - b - c", "a - (b - c)"},
           {"-z^2", "(-z)^2"},
           {"a^b^c", "(a^b)^c"},
           {"a + b * c", "(a + b) * c"},
           {"a / b * c", "a / (b * c)"},
           {"if a then b else c + 1", "(if a then b else c) + 1"},
           {"2", "2.0"}}) {
    CAPTURE(left);
    CHECK(constant(left) != constant(right));
  }
}

TEST_CASE("comparisons do not chain") {
  for (const std::string first : {"==", "!=", "<", "<=", ">", ">="}) {
    CHECK(constant("a " + first + " b").starts_with("comparison\n  name a\n  " + first + " name b\n"));
    const std::string chained = constant("a " + first + " b < c");
    CHECK(chained.find("comparisons do not chain") != std::string::npos);
    CHECK(constant("(a " + first + " b) < c").find("error") == std::string::npos);
  }
}

TEST_CASE("the right side of a pipe is a name or a call") {
  for (const std::string text : {"a |> 3", "a |> (f)", "a |> -f", "a |> [f]", "a |> \"f\"", "a |> true"}) {
    CAPTURE(text);
    CHECK(constant(text).find("expected a layer after `|>`") != std::string::npos);
  }
  CHECK(constant("a |> f + b").find("put the pipe in parentheses") != std::string::npos);
}

TEST_CASE("integers and reals are distinct, and reals are rounded correctly") {
  CHECK(constant("2") == "integer 2\n");
  CHECK(constant("2.0") == "real 2.0\n");
  CHECK(constant("2e0") == "real 2.0\n");
  CHECK(constant("2147483647") == "integer 2147483647\n");
  CHECK(constant("007") == "integer 7\n");
  CHECK(constant("1E+2") == "real 100.0\n");
  CHECK(read_number("0.1").real == 0.1);
  CHECK(read_number("1.4142135623730951").real == 1.4142135623730951);
  CHECK(read_number("9007199254740993.0").real == 9007199254740992.0);  // half way, to even
  CHECK(read_number("2.2250738585072011e-308").real == 2.2250738585072011e-308);
  CHECK(read_number("4.9e-324").real == std::numeric_limits<double>::denorm_min());
  CHECK(read_number("1.7976931348623157e308").real == std::numeric_limits<double>::max());
  CHECK(read_number("0e999999999999999999999").real == 0);
}

TEST_CASE("numbers that do not fit are invalid numbers, not something near") {
  const std::string many(400, '0');
  for (const std::string& text :
       {std::string("2147483648"), std::string("99999999999999999999999"), std::string("1e400"),
        std::string("1e-400"), std::string("1e99999999999999999999"), std::string("1e-99999999999999999999"),
        "1" + many + ".0", "0." + many + "1"}) {
    CAPTURE(text);
    CHECK(constant(text).find("[invalid-number]") != std::string::npos);
  }
  CHECK(constant("1e400").find("too large") != std::string::npos);
  CHECK(constant("1" + many + ".0").find("too large") != std::string::npos);
  CHECK(constant("1e-400").find("too small") != std::string::npos);
  CHECK(constant("0." + many + "1").find("too small") != std::string::npos);
  CHECK(constant("1" + many + "e-400") == "real 1.0\n");
  CHECK(constant("0." + many + "1e401") == "real 1.0\n");
}

TEST_CASE("a point has digits on both sides, and nothing sticks to a number") {
  for (const std::string text :
       {"1.", ".5", "1.e5", "1..2", "1.2.3", "2x", "1e", "1e+", "0x10", "1_000", "1.5f"}) {
    CAPTURE(text);
    CHECK(constant(text).find("[syntax-error]") != std::string::npos);
  }
  CHECK(constant("1.e5").find("write `1.0e5`") != std::string::npos);
  CHECK(constant("2x").find("`2 * x`") != std::string::npos);
}

TEST_CASE("nan and inf are names like any other") {
  CHECK(constant("nan") == "name nan\n");
  CHECK(constant("-inf") == "negate\n  name inf\n");
}

TEST_CASE("texts keep their characters, with two escapes") {
  CHECK(constant(R"("a#b")") == "text \"a#b\"\n");
  CHECK(constant(R"("\"\\")") == "text \"\\\"\\\\\"\n");
  CHECK(constant("\"\u03c0\"") == "text \"\u03c0\"\n");
  CHECK(constant(R"("")") == "text \"\"\n");
  CHECK(constant(R"("\n")").find("a lone `\\` in a text") != std::string::npos);
  CHECK(constant("\"a").find("not closed on its line") != std::string::npos);
  CHECK(constant("\"a\\").find("[syntax-error]") != std::string::npos);
}

TEST_CASE("calls take arguments by place and by keyword, lists nest") {
  CHECK(constant("f()") == "call f\n");
  CHECK(constant("[]") == "list\n");
  CHECK(constant("f(a, k = b, [1, [2]])") ==
        "call f\n  name a\n  k = name b\n  list\n    integer 1\n    list\n      integer 2\n");
  CHECK(constant("f(a, [1,],)") == "call f\n  name a\n  list\n    integer 1\n");
  CHECK(constant("f(k == b)") == "call f\n  comparison\n    name k\n    == name b\n");
  for (const std::string text : {"f(a,,)", "f(,a)", "f(,)", "f(a b)", "[1,,]", "[,]", "[,1]", "f(k =)",
                                 "f(1)(2)", "()", "(a, b)", "f(a"}) {
    CAPTURE(text);
    CHECK(constant(text).find(": error: ") != std::string::npos);
  }
}

TEST_CASE("a constant is one expression and nothing else") {
  CHECK(constant(" sqrt(2)\n") == "call sqrt\n  integer 2\n");
  CHECK(constant("").find("<-D a>:1:1: error: expected an expression, saw end of value") == 0);
  CHECK(constant("1 2").find("error") != std::string::npos);
  CHECK(constant("1\n2").find("error") != std::string::npos);
  CHECK(constant("output 1").find("error") != std::string::npos);
  CHECK(constant("a = 1").find("error") != std::string::npos);
  CHECK(constant("}").find("[unbalanced-bracket]") != std::string::npos);
  CHECK(constant("{}").find("error") != std::string::npos);
}

TEST_CASE("the expression of a constant is the last of its arena") {
  SourceManager sources;
  DiagnosticList diagnostics;
  const auto file = parse_constant(sources, sources.add("<-D a>", "(1 + f(2)) * 3"), diagnostics);
  REQUIRE(file);
  const auto* product = std::get_if<ast::Binary>(&file->expression_arena.back().node);
  REQUIRE(product != nullptr);
  CHECK(product->op == ast::BinaryOperator::multiply);
}

TEST_CASE("ranges cover an expression with its parentheses, and the operator alone") {
  SourceManager sources;
  DiagnosticList diagnostics;
  //                                                        0123456789012345678901
  const auto file = parse_constant(sources, sources.add("", " (a + bc) * -f(2, k=3)"), diagnostics);
  REQUIRE(file);
  const ast::Expression& root = file->expression_arena.back();
  CHECK(root.range == SourceRange{0, 1, 22});
  const auto& product = std::get<ast::Binary>(root.node);
  CHECK(product.op_range == SourceRange{0, 10, 11});
  CHECK((*file)[product.left].range == SourceRange{0, 1, 9});
  CHECK((*file)[product.right].range == SourceRange{0, 12, 22});
  const auto& call =
      std::get<ast::Call>((*file)[std::get<ast::Unary>((*file)[product.right].node).operand].node);
  CHECK(call.callee.range == SourceRange{0, 13, 14});
  REQUIRE(call.arguments.size() == 2);
  REQUIRE(call.arguments[1].keyword);
  CHECK(call.arguments[1].keyword->range == SourceRange{0, 18, 19});
}

TEST_CASE("keywords are sorted and cannot be names") {
  const auto& words = keywords();
  CHECK(std::is_sorted(words.begin(), words.end()));
  CHECK(words.size() == 15);
  for (const std::string_view word : words) {
    CAPTURE(word);
    const std::string name(word);
    Parsed parsed;
    parse_into(parsed, "network n\ninput " + name + " : vector(2)\n");
    CHECK(parsed.kinds() == "reserved-name");
    Parsed longer;
    parse_into(longer, "network n\n" + name + "s = 1\n_" + name + " = 1\n");
    CHECK(longer.file.has_value());
  }
}
