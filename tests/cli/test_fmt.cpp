// ntkc fmt
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

const std::string untidy = "network n # why\ninput x:vector(3)\noutput x|>dense";
const std::string tidy = "language 1\nnetwork n  # why\ninput x : vector(3)\noutput x |> dense\n";

TEST_CASE("fmt rewrites files in place, and leaves those alone that are in order") {
  const TemporaryDirectory directory;
  const std::string first = directory.write("first.arch", untidy);
  const std::string second = directory.write("second.arch", tidy);
  struct stat before = {};
  REQUIRE(stat(second.c_str(), &before) == 0);
  const Result result = run_ntkc({"fmt", first, second});
  CHECK(result.exit == 0);
  CHECK(result.out.empty());
  CHECK(result.err.empty());
  CHECK(read_file(first) == tidy);
  CHECK(read_file(second) == tidy);
  struct stat after = {};
  REQUIRE(stat(second.c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
  CHECK(directory.names().size() == 2);
}

TEST_CASE("fmt formats files to be imported, and standard input") {
  const TemporaryDirectory directory;
  const std::string library = directory.write("library.arch", "def f(h){return h|>dense}");
  CHECK(run_ntkc({"fmt", library}).exit == 0);
  CHECK(read_file(library) == "language 1\ndef f(h) { return h |> dense }\n");
  const Result result = run_ntkc({"fmt", "-"}, untidy);
  CHECK(result.exit == 0);
  CHECK(result.out == tidy);
}

TEST_CASE("fmt --check names what is not in order, with exit code 1, and writes nothing") {
  const TemporaryDirectory directory;
  const std::string first = directory.write("first.arch", untidy);
  const std::string second = directory.write("second.arch", tidy);
  const Result result = run_ntkc({"fmt", "--check", second, first});
  CHECK(result.exit == 1);
  CHECK(result.out == first + "\n");
  CHECK(read_file(first) == untidy);
  CHECK(run_ntkc({"fmt", "--check", second}).exit == 0);
  const Result json = run_ntkc({"fmt", "--check", "--json", first});
  CHECK(json.exit == 1);
  CHECK(json_of(json).at("files").at(0).at("changed") == true);
}

TEST_CASE("fmt leaves a file with mistakes as it is") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("wrong.arch", "network n\nh = = 2\n");
  const Result result = run_ntkc({"fmt", file});
  CHECK(result.exit == 1);
  CHECK(result.err.find("wrong.arch:2:5: error: expected an expression") != std::string::npos);
  CHECK(read_file(file) == "network n\nh = = 2\n");
  CHECK(directory.names().size() == 1);
  // Indentation makes much of little.
  std::string deep = "network n\n";
  for (int i = 0; i < 200; ++i) deep += "repeat 2 {\n";
  for (int i = 0; i < 10000; ++i) deep += "a = 1\n";
  for (int i = 0; i < 200; ++i) deep += "}\n";
  const Result large = run_ntkc({"fmt", "-"}, deep);
  CHECK(large.exit == 1);
  CHECK(large.err.find("[file-too-large]") != std::string::npos);
}

TEST_CASE("fmt wants files, and standard input once at most") {
  CHECK(run_ntkc({"fmt"}).exit == 2);
  CHECK(run_ntkc({"fmt", "-", "-"}).exit == 2);
}

TEST_CASE("what was said before a failure is not lost") {
  const TemporaryDirectory directory;
  const std::string network =
      directory.write("a.arch", "network   n\ninput x : vector(3)\noutput x |> dense\n");
  const Result result = run_ntkc({"fmt", "--check", network, directory.path("none.arch")});
  CHECK(result.exit == 1);
  CHECK(result.out == network + "\n");
}

}  // namespace
}  // namespace ntkc::tests
