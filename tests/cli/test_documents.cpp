// What goes into a paper: LaTeX without a preamble, and figures that say which network they are of.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

const std::string deep =
    "network deep(w = 1.25, depth = 4)\ninput x : vector(3)\nh = x |> dense(W_std = w)\n"
    "repeat depth { h = h |> relu |> dense(W_std = w) }\noutput h\n";

std::string text_of(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a fragment of LaTeX compiles inside a document, twice in one") {
  const TemporaryDirectory directory;
  const Result document = run_ntkc({"show", "-", "--emit=latex"}, deep);
  const Result fragment = run_ntkc({"show", "-", "--emit=latex", "--fragment"}, deep);
  REQUIRE(fragment.exit == 0);
  CHECK_FALSE(contains(fragment.out, "documentclass"));
  CHECK_FALSE(contains(fragment.out, "\\begin{document}"));
  CHECK(fragment.out.starts_with("% Needs \\usepackage{amsmath,amssymb}.\n"));
  // Nothing of the document is lost but its preamble and its end.
  const std::string body = fragment.out.substr(fragment.out.find('\n') + 1);
  CHECK(contains(document.out, body.substr(0, body.size() - 1)));
  static_cast<void>(directory.write("network.tex", fragment.out));
  static_cast<void>(
      directory.write("paper.tex",
                      "\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n\\begin{document}\n"
                      "Before. \\input{network} After.\n\\end{document}\n"));
  const Result result = run_program({"sh", "-c",
                                     "cd '" + directory.path() +
                                         "' && for i in 1 2; do pdflatex -interaction=nonstopmode "
                                         "-halt-on-error -no-shell-escape paper.tex "
                                         ">/dev/null || exit 1; done"});
  CHECK(result.exit == 0);
  CHECK_FALSE(contains(text_of(directory.path("paper.log")), "undefined"));
  CHECK(text_of(directory.path("paper.pdf")).size() > 10'000);
  CHECK(run_ntkc({"show", "-", "--emit=kernel", "--fragment"}, deep).exit == 2);
}

TEST_CASE("a document takes the fonts of lmodern where they are, and does without") {
  const Result document = run_ntkc({"show", "-", "--emit=latex"}, deep);
  CHECK(contains(document.out, "\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}\n"));
}

TEST_CASE("a figure carries the values of the parameters, but for those that it varies") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", deep);
  const std::string data = directory.write("t.csv", "a,b,c,y\n1,0,0,0.5\n0,1,0,-0.3\n0,0,1,0.2\n");
  struct Figure {
    std::vector<std::string> command;
    std::string title;
  };
  const std::vector<Figure> figures = {
      {{"plot", network, "--depths=1,2", "-D", "w=1.5"}, ">deep(w = 1.5)<"},
      {{"analyze", network, "-D", "depth=7"}, ">deep(w = 1.25, depth = 7)<"},
      {{"analyze", network, "--sweep", "w=1:1.5:0.25"}, ">deep(depth = 4)<"},
      {{"verify", network, "--width=16,32", "--samples=3", "-D", "depth=1"}, ">deep(w = 1.25, depth = 1)"},
      {{"train", network, data, "--target=y", "--width=16", "--steps=2"}, ">deep(w = 1.25, depth = 4)"}};
  for (const Figure& figure : figures) {
    const std::string path = directory.path(figure.command.front() + ".svg");
    std::vector<std::string> command = figure.command;
    command.insert(command.end(), {"-o", path});
    const Result result = run_ntkc(command);
    INFO(result.err);
    CAPTURE(figure.title);
    const std::string svg = text_of(path);
    CHECK(contains(svg, figure.title));
    CHECK(svg.starts_with("<?xml"));
  }
}

}  // namespace
}  // namespace ntkc::tests
