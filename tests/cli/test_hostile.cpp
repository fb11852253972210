// Networks that mean harm: exit code 1 and a message, little time, little memory. Limits and their option.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"
#include "tests/support/address_sanitizer.hpp"

namespace ntkc::tests {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string repeated(const std::string& piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

const std::string head = "network n\ninput x : vector(3)\n";
const std::string tail = "output x |> dense\n";

/// A long expression, or a long list, in a block that is applied 2^16 times.
std::string long_block(const std::string& constant) {
  std::string text = head + "def b0(h) {\n  s = " + constant + "\n  return h |> relu |> dense\n}\n";
  for (int i = 1; i <= 16; ++i) {
    const std::string before = " |> b" + std::to_string(i - 1);
    text += "def b" + std::to_string(i) + "(h) { return h" + before + before + " }\n";
  }
  return text + "output x |> dense |> b16\n";
}

/// sign(z - 1) + sign(z - 2) + …
std::string many_steps(int count) {
  std::string text = "z";
  for (int i = 1; i <= count; ++i) text += " + sign(z - " + std::to_string(i) + ")";
  return text + "\n";
}

/// That oscillate, each in its own way.
std::string many_activations(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i)
    text +=
        "activation f" + std::to_string(i) + "(z) = sin(" + std::to_string(100 + i) + " * z) + cos(z * z)\n";
  return text;
}

/// `base` applied 2^levels times, by blocks that apply the one before twice.
std::string doubled(const std::string& base, int levels) {
  std::string text = head + "def b0(h) { return h" + base + " }\n";
  for (int i = 1; i <= levels; ++i)
    text += "def b" + std::to_string(i) + "(h) { return b" + std::to_string(i - 1) + "(b" +
            std::to_string(i - 1) + "(h)) }\n";
  return text + "output b" + std::to_string(levels) + "(x |> dense)\n";
}

/// f1 + f2 + … of a piece with its number in place of `#`.
std::string pieces(const std::string& piece, int count, const std::string& sign) {
  std::string text = "activation f(z) = 0*z";
  for (int i = 1; i <= count; ++i) {
    std::string next = piece;
    for (std::size_t at = next.find('#'); at != std::string::npos; at = next.find('#'))
      next.replace(at, 1, std::to_string(i));
    text += (i == 1 ? " + " : sign) + next;
  }
  return head + text + "\noutput x |> dense |> f |> dense\n";
}

TEST_CASE("hostile networks are refused with a message, quickly and in little memory") {
  constexpr std::size_t megabyte = 1U << 20;
  for (const auto& [text, kind] : std::vector<std::pair<std::string, std::string>>{
           {head + "# \xc3(\n" + tail, "invalid-character"},
           {head + "# " + std::string(1, '\0') + "\n" + tail, "invalid-character"},
           {"\xef\xbb\xbf" + head + tail, "invalid-character"},
           {"\xff\xfe" + head + tail, "invalid-character"},
           {head + "# \u202e\n" + tail, "invalid-character"},
           {head + "# \u2066\r\n" + tail, "invalid-character"},
           {head + "a = 1e400\n" + tail, "invalid-number"},
           {head + "a = 99999999999999999999\n" + tail, "invalid-number"},
           {head + "a = nan\n" + tail, "unknown-name"},
           {head + "a = inf\n" + tail, "unknown-name"},
           {head + "a = 1e308 * 10\n" + tail, "arithmetic-error"},
           {head + "a = " + repeated("(", 100000) + "\n" + tail, "nesting-too-deep"},
           {head + "a = " + repeated("-", 100000) + "1\n" + tail, "nesting-too-deep"},
           {head + repeated("def f(h) { ", 1000) + "\n" + tail, "nesting-too-deep"},
           {long_block("1.5" + repeated(" + 1.5", 100000)), "expansion-too-large"},
           {long_block("[1.5" + repeated(", 1.5", 16000) + "]"), "expansion-too-large"},
           {head + "activation f(z) = " + many_steps(3000) + tail, "activation-too-large"},
           {head + many_activations(5000) + tail, "activation-too-large"},
           {head + "s = [1" + repeated(", 1", 300000) + "]\n" + tail, "list-too-long"},
           {head + "s = [1" + repeated(", 1", 9999) + "]\nt = [s" + repeated(", s", 9999) + "]\n" + tail,
            "list-too-long"},
           {"network n\ninput x : image(2147483647, 2147483647, 2147483647)\n" + tail, "limit-exceeded"},
           {repeated(")", megabyte - 100), "unbalanced-bracket"},
           {repeated("= ", megabyte / 2 - 100), "syntax-error"},
           {repeated("@\n", megabyte / 2 - 100), "syntax-error"},
           {repeated("a = =\n", megabyte / 6 - 100), "syntax-error"},
           {repeated("return\n", megabyte / 7 - 100), "syntax-error"},
           {head + repeated("def f(h) {\n", 200) + repeated("output x\n", 100000), "unbalanced-bracket"},
           {head + repeated("def f(h) { return\n}\n", 40000) + tail, "syntax-error"},
           // One line of mistakes, each with its own place.
           {head + "output concat(a" + repeated(", a", 100000) + ")\n", "unknown-name"},
           {doubled(repeated(" |> relu |> dense", 9), 14), "too-many-operations"},
           {pieces("#*relu(z - 0.1*#)", 60, " + "), "too-much-quadrature"},
           {head + "h = x |> dense\nrepeat 10000 { h = h |> tanh |> dense(W_std = 3) }\noutput h\n",
            "table-too-large"},
           {head + "h = x |> dense\nrepeat 400000 { h = h |> tanh |> dense }\noutput h\n", "table-too-large"},
           {repeated("\xff", megabyte), "invalid-character"},
           {repeated("#", megabyte + 1), "file-too-large"}}) {
    CAPTURE(kind);
    CAPTURE(text.substr(0, 60));
    const Result result = run_ntkc({"check", "-"}, text);
    CHECK(result.exit == 1);
    CHECK(contains(result.err, "[" + kind + "]"));
    CHECK(result.err.size() < 40000);
  }
  struct rusage usage = {};
  REQUIRE(getrusage(RUSAGE_CHILDREN, &usage) == 0);
  CHECK((has_address_sanitizer || usage.ru_maxrss < 512 * 1024));
}

TEST_CASE("a device is not read for ever") {
  const Result result = run_ntkc({"check", "/dev/zero"});
  CHECK(result.exit == 1);
  CHECK(contains(result.err, "/dev/zero"));
}

TEST_CASE("imports and blocks that go round in circles, or into a device, end in a message") {
  const TemporaryDirectory directory;
  directory.write("a.arch", "import \"b.arch\"\n");
  directory.write("b.arch", "import \"a.arch\"\n");
  directory.write("c0.arch", "def f(h) { return h }\n");
  for (int i = 1; i <= 17; ++i)
    directory.write("c" + std::to_string(i) + ".arch", "import \"c" + std::to_string(i - 1) + ".arch\"\n");
  for (const auto& [line, kind] : std::vector<std::pair<std::string, std::string>>{
           {"import \"a.arch\"\n", "import-cycle"},
           {"import \"/dev/zero\"\n", "import-not-regular"},
           {"import \"c17.arch\"\n", "import-too-deep"},
           {"def f(h) { return g(h) }\ndef g(h) { return f(h) }\n", "recursive-block"},
           {"repeat 1000000000 { repeat 1000000000 { repeat 1000000000 { repeat 1000000000 { repeat "
            "1000000000 { "
            "h = x |> dense } } } } }\n",
            "limit-exceeded"}}) {
    CAPTURE(kind);
    const Result result =
        run_ntkc({"check", directory.write("n.arch", "network n\ninput x : vector(3)\n" + line + tail)});
    CHECK(result.exit == 1);
    CHECK(contains(result.err, "[" + kind + "]"));
  }
  const std::string chain = directory.write("n.arch", "import \"c17.arch\"\n" + head + tail);
  CHECK(run_ntkc({"check", chain, "--limit=imports=18"}).exit == 0);
  CHECK(contains(run_ntkc({"check", chain, "--limit=imports=2"}).err, "[import-too-deep]"));
}

TEST_CASE("line ends may be those of other systems") {
  CHECK(run_ntkc({"check", "-"}, "network n\r\ninput x : vector(3)\r\noutput x\r\n  |> dense\r\n").exit == 0);
}

TEST_CASE("thousands of imports are read in little memory, and more are refused") {
  const TemporaryDirectory directory;
  std::string imports;
  for (int i = 0; i < 1001; ++i) {
    directory.write("i" + std::to_string(i) + ".arch", "def f" + std::to_string(i) + "(h) { return h }\n");
    imports += "import \"i" + std::to_string(i) + ".arch\"\n";
  }
  const std::string network = directory.write("n.arch", imports + head + tail);
  const Result refused = run_ntkc({"check", network});
  CHECK(refused.exit == 1);
  CHECK(contains(refused.err, "the network imports more than 1000 files [too-many-imports]"));
  CHECK(run_ntkc({"check", network, "--limit=files=1001"}).exit == 0);
}

TEST_CASE("as many warnings as errors are printed, and the rest is counted") {
  std::string network = "network n(";
  for (int i = 0; i < 500; ++i) network += (i == 0 ? "p" : ", p") + std::to_string(i) + " = 1";
  network += ")\ninput x : vector(3)\n" + tail;
  const auto count = [](const std::string& text) {
    std::size_t found = 0;
    for (std::size_t at = text.find("[unused-parameter]"); at != std::string::npos;
         at = text.find("[unused-parameter]", at + 1))
      ++found;
    return found;
  };
  CHECK(count(run_ntkc({"check", "-"}, network).err) == 20);
  CHECK(count(run_ntkc({"check", "-", "--max-errors=0"}, network).err) == 500);
  const Result shown = run_ntkc({"show", "-", "--emit=graph", "--max-errors=3"}, network);
  CHECK(shown.exit == 0);
  CHECK(count(shown.err) == 3);
  CHECK(contains(shown.err, "497 more warnings; --max-errors=0 prints all"));
}

TEST_CASE("--limit sets each limit") {
  const std::string network = head + "h = x |> dense(W_std = ((2)))\nrepeat 6 { h = h |> dense }\noutput h\n";
  CHECK(run_ntkc({"check", "-"}, network).exit == 0);
  for (const auto& [limit, kind] :
       std::vector<std::pair<std::string, std::string>>{{"bytes=60", "file-too-large"},
                                                        {"nesting=2", "nesting-too-deep"},
                                                        {"integer=5", "invalid-number"},
                                                        {"layers=6", "limit-exceeded"}}) {
    CAPTURE(limit);
    const Result result = run_ntkc({"check", "-", "--limit=" + limit}, network);
    CHECK(result.exit == 1);
    CHECK(contains(result.err, "[" + kind + "]"));
  }
  const std::string blocks =
      head +
      "def a(h) { return h |> dense }\ndef b(h) { return h |> a }\ndef c(h) { return h |> b }\n"
      "output (x |> c) + (x |> b) + (x |> a)\n";
  CHECK(run_ntkc({"check", "-", "--limit=blocks=3", "--limit=summands=3"}, blocks).exit == 0);
  const Result chain = run_ntkc({"check", "-", "--limit=blocks=2"}, blocks);
  CHECK(chain.exit == 1);
  CHECK(contains(chain.err, "blocks apply one another more than 2 deep [expansion-too-large]"));
  const Result sum = run_ntkc({"check", "-", "--limit=summands=2"}, blocks);
  CHECK(sum.exit == 1);
  CHECK(contains(sum.err, "[sum-too-long]"));
  const std::string bodies = head + "h = x\n" + repeated("repeat 2 { ", 10) + "h = h |> dense |> relu" +
                             repeated(" }", 10) + "\noutput h\n";
  CHECK(run_ntkc({"check", "-"}, bodies).exit == 0);
  const Result statements = run_ntkc({"check", "-", "--limit=statements=100"}, bodies);
  CHECK(statements.exit == 1);
  CHECK(contains(statements.err, "[expansion-too-large]"));
  const std::string steps = head + "activation f(z) = " + many_steps(10) + "output x |> dense |> f\n";
  CHECK(run_ntkc({"check", "-", "--limit=parts=60"}, steps).exit == 0);
  CHECK(contains(run_ntkc({"check", "-", "--limit=parts=20"}, steps).err, "[activation-too-large]"));
  const std::string list = head + "output x |> dense |> polynomial([1, 2, 3])\n";
  CHECK(run_ntkc({"check", "-", "--limit=numbers=3"}, list).exit == 0);
  CHECK(contains(run_ntkc({"check", "-", "--limit=numbers=2"}, list).err, "[list-too-long]"));
  CHECK(contains(run_ntkc({"check", "-", "--limit=operations=20"}, steps).err, "[too-many-operations]"));
  const std::string expanded = head + "h = x |> dense\nrepeat 50 { h = h |> tanh |> dense }\noutput h\n";
  CHECK(run_ntkc({"check", "-"}, expanded).exit == 0);
  CHECK(contains(run_ntkc({"check", "-", "--limit=table=100"}, expanded).err, "[table-too-large]"));
  const std::string kinked =
      head +
      "activation f(z, p) = abs(tanh(z) - p)\noutput x |> dense |> f(0.1) |> dense |> f(0.2) "
      "|> dense |> f(0.3) |> dense\n";
  CHECK(contains(run_ntkc({"check", "-", "--limit=quadrature=1"}, kinked).err, "[too-much-quadrature]"));
  const std::vector<std::string> enough = {
      "check", "-", "--limit=bytes=200", "--limit", "nesting=3", "--limit=layers=7", "--limit", "integer=6"};
  CHECK(run_ntkc(enough, network).exit == 0);
  CHECK(run_ntkc({"check", "-", "--limit=nesting=2", "--limit=nesting=3"}, network).exit == 0);
  const std::string deep = head + "a = " + repeated("(", 1000) + "1" + repeated(")", 1000) + "\n" + tail;
  CHECK(run_ntkc({"check", "-"}, deep).exit == 1);
  CHECK(run_ntkc({"check", "-", "--limit=nesting=1024"}, deep).exit == 0);
  const std::string large = head + "#" + repeated("x", 2U << 20) + "\n" + tail;
  CHECK(run_ntkc({"fmt", "--check", "-"}, large).exit == 1);
  CHECK(run_ntkc({"fmt", "-", "--limit=bytes=4000000"}, large).exit == 0);
}

}  // namespace
}  // namespace ntkc::tests
