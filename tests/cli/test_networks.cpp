// check, show, layers.
#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string misspelt = "network n\ninput x : vector(3)\noutput x |> dense |> reluu |> dense\n";

TEST_CASE("check is silent about a network that compiles") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("n.arch", network_text(3));
  const Result result = run_ntkc({"check", path});
  CHECK(result.exit == 0);
  CHECK(result.out.empty());
  CHECK(result.err.empty());
  const nlohmann::json report = json_of(run_ntkc({"check", path, "--json"}));
  CHECK(report.at("diagnostics").empty());
  CHECK_FALSE(report.contains("error"));
}

TEST_CASE("check reports place and cause on standard error, and as JSON on standard output") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("n.arch", misspelt);
  const Result result = run_ntkc({"check", path});
  CHECK(result.exit == 1);
  CHECK(result.out.empty());
  CHECK(contains(result.err, path + ":3:22: error: "));
  CHECK(contains(result.err, "reluu"));
  const Result as_json = run_ntkc({"check", path, "--json"});
  CHECK(as_json.exit == 1);
  const nlohmann::json report = json_of(as_json);
  REQUIRE(report.at("diagnostics").size() == 1);
  const nlohmann::json& diagnostic = report.at("diagnostics").at(0);
  CHECK(diagnostic.at("kind") == "unknown-layer");
  CHECK(diagnostic.at("severity") == "error");
  CHECK(diagnostic.at("line") == 3);
  CHECK(diagnostic.at("column") == 22);
  CHECK(diagnostic.at("end") == nlohmann::json({{"line", 3}, {"column", 27}}));
  CHECK(diagnostic.at("file") == path);
  CHECK(contains(diagnostic.at("message"), "did you mean `relu`?"));
  CHECK(diagnostic.at("notes").empty());
  CHECK(diagnostic.at("help").is_null());
  CHECK(diagnostic.at("text") == result.err);
  CHECK(report.at("error").at("exit") == 1);
}

TEST_CASE("check --json has the notes with their places, and the help") {
  const nlohmann::json report =
      json_of(run_ntkc({"check", "-", "--json"}, "network n\ninput x : vector(3)\noutput x |> relu\n"));
  const nlohmann::json& diagnostic = report.at("diagnostics").at(0);
  CHECK(diagnostic.at("help") == "put a `dense` between");
  CHECK(diagnostic.at("notes") == nlohmann::json::array({{{"file", "<stdin>"},
                                                          {"line", 2},
                                                          {"column", 1},
                                                          {"end", {{"line", 2}, {"column", 20}}},
                                                          {"message", "the input `x` comes from here"}}}));
}

TEST_CASE("--max-errors prints so many, --json has all of them") {
  std::string text = "network n\ninput x : vector(3)\n";
  for (int i = 0; i < 25; ++i) text += "a = b" + std::to_string(i) + "\n";
  text += "output x |> dense\n";
  const Result result = run_ntkc({"check", "-"}, text);
  CHECK(contains(result.err, "`b19`"));
  CHECK_FALSE(contains(result.err, "`b20`"));
  CHECK(contains(result.err, "… and 5 more\n"));
  CHECK(contains(run_ntkc({"show", "-", "--emit=graph", "--max-errors=1"}, text).err, "… and 24 more\n"));
  CHECK(contains(run_ntkc({"check", "-", "--max-errors=0"}, text).err, "`b24`"));
  const nlohmann::json report = json_of(run_ntkc({"check", "-", "--json"}, text));
  CHECK(report.at("diagnostics").size() == 25);
  CHECK(report.at("error").at("message") == "25 errors in <stdin>");
}

TEST_CASE("colour comes when asked for, and never into a file by itself") {
  const std::string escape = "\x1b[";
  CHECK_FALSE(contains(run_ntkc({"check", "-"}, misspelt).err, escape));
  CHECK_FALSE(contains(run_ntkc({"check", "-", "--color=never"}, misspelt).err, escape));
  CHECK(contains(run_ntkc({"check", "-", "--color=always"}, misspelt).err, escape + "1;31merror:"));
  CHECK(contains(run_ntkc({"show", "-", "--emit=ast", "--color=always"}, "network 3\n").err, escape));
  const nlohmann::json report = json_of(run_ntkc({"check", "-", "--json", "--color=always"}, misspelt));
  CHECK_FALSE(contains(report.at("diagnostics").at(0).at("text"), escape));
}

TEST_CASE("colour on a terminal, unless NO_COLOR is set or the terminal is dumb") {
  const std::string command = std::string("script -qec \"" NTKC_PROGRAM " check n.arch\" /dev/null");
  const TemporaryDirectory directory;
  directory.write("n.arch", misspelt);
  const auto output = [&](const std::string& environment) {
    return run_program({"sh", "-c", "cd '" + directory.path() + "' && env " + environment + " " + command})
        .out;
  };
  CHECK(contains(output("-u NO_COLOR TERM=xterm"), "\x1b[1;31merror:"));
  CHECK(contains(output("NO_COLOR= TERM=xterm"), "\x1b[1;31merror:"));
  CHECK_FALSE(contains(output("NO_COLOR=1 TERM=xterm"), "\x1b["));
  CHECK_FALSE(contains(output("-u NO_COLOR TERM=dumb"), "\x1b["));
}

TEST_CASE("a network that does not compile is told in the same way by every command") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("n.arch", misspelt);
  const std::string x = directory.write("X.npy", random_npy(5, 3, 1));
  const std::string train = directory.write("train.csv", table_text(5, 1));
  const std::string text = run_ntkc({"check", path}).err;
  for (const std::vector<std::string>& command : {std::vector<std::string>{"show", path, "--emit=kernel"},
                                                  {"gram", path, x, "-o", "k.npy"},
                                                  {"fit", path, train, "--target=kind", "-o", "m"}}) {
    CAPTURE(command.front());
    const Result result = run_ntkc(command);
    CHECK(result.exit == 1);
    CHECK(result.err == text);
    std::vector<std::string> as_json = command;
    as_json.push_back("--json");
    const nlohmann::json report = json_of(run_ntkc(as_json));
    CHECK(report.at("error").at("kind") == "compile");
    CHECK(report.at("error").at("message") == text);
    CHECK(report.at("diagnostics").at(0).at("kind") == "unknown-layer");
  }
}

TEST_CASE("-D sets parameters; unknown ones and bad values are wrong input") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("n.arch", network_text(3));
  CHECK(run_ntkc({"check", path, "-D", "w=1"}).exit == 0);
  CHECK(run_ntkc({"check", "-D", "w=2", "-D", "w=sqrt(2)", path}).exit == 0);
  const Result unknown = run_ntkc({"check", path, "-D", "v=1"});
  CHECK(unknown.exit == 1);
  CHECK(contains(unknown.err, "`v`"));
  CHECK(run_ntkc({"check", path, "-D", "w=)"}).exit == 1);
}

TEST_CASE("`-` reads a network from standard input") {
  CHECK(run_ntkc({"check", "-"}, network_text(3)).exit == 0);
  const Result result = run_ntkc({"check", "-"}, misspelt);
  CHECK(result.exit == 1);
  CHECK(contains(result.err, "<stdin>:3:22: error: "));
}

TEST_CASE("a network that cannot be read is wrong input, with the system's reason") {
  const TemporaryDirectory directory;
  const Result missing = run_ntkc({"check", directory.path("none.arch")});
  CHECK(missing.exit == 1);
  CHECK(contains(missing.err, directory.path("none.arch") + ": cannot be opened: No such file or directory"));
  const Result folder = run_ntkc({"check", directory.path()});
  CHECK(folder.exit == 1);
  CHECK(contains(folder.err, "cannot be read: Is a directory"));
}

TEST_CASE("show prints every stage of this version") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("n.arch", network_text(3));
  for (const char* const stage : {"ast", "graph", "kernel", "kernel-opt", "llvm", "asm"}) {
    CAPTURE(stage);
    const Result result = run_ntkc({"show", path, std::string("--emit=") + stage});
    CHECK(result.exit == 0);
    CHECK_FALSE(result.out.empty());
    CHECK(result.err.empty());
    const nlohmann::json report = json_of(run_ntkc({"show", path, "--json", "--emit", stage}));
    CHECK(report.at("stage") == stage);
    CHECK(report.at("text") == result.out);
  }
  const Result wrong = run_ntkc({"show", directory.write("w.arch", misspelt), "--emit=kernel"});
  CHECK(wrong.exit == 1);
  CHECK(contains(wrong.err, ":3:22: error: "));
  CHECK(wrong.out.empty());
}

TEST_CASE("imports are looked for beside the file and in the directories of -I") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path("lib"));
  directory.write("lib/blocks.arch", "def block(h) { return h |> dense |> relu }\n");
  const std::string path = directory.write(
      "n.arch", "import \"blocks.arch\"\nnetwork n\ninput x : vector(3)\noutput x |> block |> dense\n");
  const Result missing = run_ntkc({"check", path});
  CHECK(missing.exit == 1);
  CHECK(contains(missing.err, path + ":1:8: error: there is no file `blocks.arch` [import-not-found]"));
  const Result found = run_ntkc({"check", path, "-I", directory.path("lib")});
  CHECK(found.exit == 0);
  CHECK(found.err.empty());
  CHECK(contains(run_ntkc({"show", path, "--emit=graph", "-I", directory.path("lib")}).out, "%2 = relu(%1)"));
}

TEST_CASE("limits on blocks, imports and sums are options") {
  const TemporaryDirectory directory;
  directory.write("b.arch", "def twice(h) { return h |> dense |> dense }\n");
  directory.write("a.arch", "import \"b.arch\"\n");
  std::string text = "import \"a.arch\"\nnetwork n\ninput x : vector(3)\ny = x\nz = x\nh = x |> dense\n";
  for (int i = 0; i < 400; ++i) text += "h = h |> twice\n";
  const std::string path = directory.write("n.arch", text + "output h + (y |> dense) + (z |> dense)\n");
  CHECK(run_ntkc({"check", path}).exit == 0);
  CHECK(contains(run_ntkc({"check", path, "--limit=imports=1"}).err, "[import-too-deep]"));
  CHECK(run_ntkc({"check", path, "--limit=imports=2"}).exit == 0);
  CHECK(contains(run_ntkc({"check", path, "--limit=summands=2"}).err, "[sum-too-long]"));
  CHECK(run_ntkc({"check", path, "--limit=summands=3"}).exit == 0);
  std::string blocks = "network n\ninput x : vector(3)\ndef b0(h) { return h |> dense }\n";
  for (int i = 1; i <= 9; ++i) {
    const std::string before = std::to_string(i - 1);
    blocks += "def b" + std::to_string(i) + "(h) { return h |> b" + before + " |> b" + before + " }\n";
  }
  const std::string nested = directory.write("blocks.arch", blocks + "output x |> b9\n");
  CHECK(run_ntkc({"check", nested}).exit == 0);
  CHECK(contains(run_ntkc({"check", nested, "--limit=statements=5"}).err, "[expansion-too-large]"));
}

TEST_CASE("layers lists the built-ins") {
  const Result result = run_ntkc({"layers"});
  CHECK(result.exit == 0);
  CHECK(contains(result.out, "dense("));
  CHECK(contains(result.out, "W_std = 1"));
  const nlohmann::json report = json_of(run_ntkc({"layers", "--json"}));
  CHECK(report.at("layers").at(0).at("name") == "dense");
}

TEST_CASE("layers NAME shows one of them, and helps with a misspelt one") {
  const Result result = run_ntkc({"layers", "leaky_relu"});
  CHECK(result.exit == 0);
  CHECK(result.out == "leaky_relu(alpha)\n    max(z, 0) + alpha*min(z, 0)\n    alpha     slope below zero\n");
  const nlohmann::json report = json_of(run_ntkc({"layers", "leaky_relu", "--json"}));
  REQUIRE(report.at("layers").size() == 1);
  CHECK(report.at("layers").at(0).at("parameters").at(0).at("required") == true);
  const Result wrong = run_ntkc({"layers", "leaky_rleu"});
  CHECK(wrong.exit == 2);
  CHECK(contains(wrong.err, "no layer or activation `leaky_rleu`, did you mean `leaky_relu`?"));
}

TEST_CASE("explain lists the kinds and explains each") {
  const Result list = run_ntkc({"explain"});
  CHECK(list.exit == 0);
  CHECK(contains(list.out, "dependent-branches"));
  const nlohmann::json kinds = json_of(run_ntkc({"explain", "--json"}));
  for (const nlohmann::json& kind : kinds.at("kinds")) {
    const std::string name = kind.at("kind");
    CAPTURE(name);
    const Result result = run_ntkc({"explain", name});
    CHECK(result.exit == 0);
    CHECK(result.out.starts_with(name + " ("));
    CHECK(contains(result.out, "```arch corrected\n"));
    const nlohmann::json explanation = json_of(run_ntkc({"explain", name, "--json"})).at("explanation");
    CHECK(explanation.at("kind") == name);
    CHECK(contains(result.out, explanation.at("example")));
    CHECK(contains(result.out, explanation.at("fix")));
  }
  const Result wrong = run_ntkc({"explain", "dependent-branch"});
  CHECK(wrong.exit == 2);
  CHECK(contains(wrong.err, "no diagnostic `dependent-branch`, did you mean `dependent-branches`?"));
}

TEST_CASE("an output with positions is shown as a graph, and refused by whatever needs its kernel") {
  const TemporaryDirectory directory;
  const std::string network =
      directory.write("n.arch", "network n\ninput x : sequence(8, 3)\noutput x |> dense |> relu\n");
  CHECK(contains(run_ntkc({"show", network, "--emit=graph"}).out, "%2 = relu(%1) : sequence(8, inf)\n"));
  CHECK(contains(run_ntkc({"show", network, "--emit=graph", "--format=dot"}).out, "x : sequence(8, 3)"));
  const std::string message =
      "n.arch:3:22: error: the output is `sequence(8, inf)`: a kernel is that of a value without positions "
      "[shape-mismatch]";
  const std::string data = directory.write("x.npy", npy_of(std::vector<double>(48, 0.5), 2, 24));
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"check", network},
                                             {"show", network, "--emit=kernel"},
                                             {"show", network, "--emit=latex"},
                                             {"gram", network, data, "-o", directory.path("k.npy")},
                                             {"analyze", network},
                                             {"verify", network},
                                             {"plot", network, "-o", directory.path("n.svg")}}) {
    CAPTURE(command[0]);
    const Result result = run_ntkc(command);
    CHECK(result.exit == 1);
    CHECK(contains(result.err, message));
  }
}

TEST_CASE("an applied block is a cluster of the drawing, in and around the clusters of repeats") {
  const std::string network =
      "network n\ninput x : vector(3)\ndef inner(h) { return h |> relu |> dense }\n"
      "def outer(h, n = 2) {\n  g = h |> inner\n  repeat n { g = g + (g |> inner) }\n  return h + g\n}\n"
      "def nothing(h) { return h }\n"
      "h = x |> dense |> nothing\nrepeat 3 { h = h |> outer |> relu |> dense }\noutput h\n";
  const std::string drawing = run_ntkc({"show", "-", "--emit=graph", "--format=dot"}, network).out;
  // The lines that begin and end clusters, and their labels.
  std::string clusters;
  std::istringstream lines(drawing.substr(drawing.find('\n')));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t label = line.find("label=\"");
    if (contains(line, "}") && line.find_first_not_of(' ') + 1 == line.size() && line.size() > 1)
      clusters += ") ";
    if (contains(line, "labelloc=b"))
      clusters += line.substr(label + 7, line.find('"', label + 7) - label - 7) + "( ";
  }
  CHECK(clusters == "repeat 3( outer( inner( ) repeat 2( inner( ) ) ) ) ");
}

TEST_CASE("the graph as Graphviz has a box for each layer and a cluster for each repeat") {
  const std::string network =
      "network n(w = 2)\ninput x : vector(3)\nh = x |> dense\n"
      "repeat 3 { h = h + w * (h |> leaky_relu(0.1) |> dense(W_std = w)) }\noutput h\n";
  const Result result = run_ntkc({"show", "-", "--emit=graph", "--format=dot"}, network);
  CHECK(result.exit == 0);
  CHECK(result.out.starts_with("digraph \"n\" {\n"));
  CHECK(contains(result.out, "label=\"n(w = 2)\""));
  CHECK(contains(result.out, "label=\"repeat 3\""));
  CHECK(contains(result.out, "label=\"leaky_relu\\nalpha = 0.1\""));
  CHECK(contains(result.out, "label=\"dense\\nW_std = w\""));
  CHECK(contains(result.out, "[label=\"w\"]"));
  CHECK(contains(result.out, "[style=dashed"));
  CHECK(run_ntkc({"show", "-", "--emit=graph", "--format=text"}, network).out ==
        run_ntkc({"show", "-", "--emit=graph"}, network).out);
  CHECK(run_ntkc({"show", "-", "--emit=kernel", "--format=dot"}, network).exit == 2);
  CHECK(run_ntkc({"show", "-", "--emit=graph", "--format=png"}, network).exit == 2);
}

}  // namespace
}  // namespace ntkc::tests
