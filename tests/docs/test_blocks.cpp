// Every command, network and program that the pages show is run.
#include <doctest/doctest.h>

#include "tests/docs/check_blocks.hpp"
#include "tests/docs/output_pattern.hpp"
#include "tests/docs/page.hpp"

namespace ntkc::docs {
namespace {

/// The problems of a page that holds one block.
std::string problems(const std::string& text) {
  std::string all;
  for (const std::string& problem : problems_of_blocks(parse_page("page", text))) all += problem + "\n";
  return all;
}

TEST_CASE("every block of every page does what it shows") {
  std::size_t blocks = 0;
  for (const Page& page : read_pages()) {
    blocks += page.blocks.size();
    for (const std::string& problem : problems_of_blocks(page)) FAIL_CHECK(problem);
  }
  CHECK(blocks >= 15);
}

TEST_CASE("commands are not hidden from the tests in indented blocks") {
  for (const Page& page : read_pages()) {
    for (const std::string& line : page.prose) {
      CHECK_MESSAGE(!(line.starts_with("    $ ") || line.starts_with("    ntkc ")),
                    page.name << ": " << line);
    }
  }
}

TEST_CASE("a block without a runnable form is a problem") {
  CHECK(problems("```\nntkc show\n```\n") == "page:1: a block `` that nothing can run\n");
  CHECK(problems("text\n```text\nx\n```\n") == "page:2: a block `text` that nothing can run\n");
  CHECK(problems("```console maybe\n$ true\n```\n") ==
        "page:1: a block `console maybe` that nothing can run\n");
  CHECK(problems("```console\nx\n```\n") == "page:1: a console block that does not begin with `$ `\n");
  CHECK(problems("```cpp\nx\n```\n") == "page:1: a block of a file without `<!-- file: PATH -->` above it\n");
  CHECK_THROWS_WITH(parse_page("page", "```console\n$ true\n"), "page: a block that is never closed");
}

TEST_CASE("a command that prints or ends otherwise than shown is a problem") {
  CHECK(problems("```console\n$ echo a; echo b >&2\na\nb\n```\n").empty());
  CHECK(problems("```console\n$ echo a\nb\n```\n") ==
        "page:1: `echo a` is shown to print\nb\nbut prints\na\n\n");
  CHECK(problems("```console\n$ exit 3\n```\n") == "page:1: `exit 3` ends with exit code 3\n");
  CHECK(problems("```console fails\n$ exit 3\n```\n").empty());
  CHECK(problems("```console fails\n$ true\n```\n") == "page:1: `true` ends with exit code 0\n");
  CHECK(problems("```console\n$ echo a\n…\n```\n") == "page:1: `echo a` is shown with no output but `…`\n");
  CHECK(problems("```console\n$ cat <<END\n> a\n> END\na\n```\n").empty());
  CHECK(problems("```console\n$ echo a >f\n```\n```console\n$ cat f\na\n```\n").empty());
}

TEST_CASE("only commands that ./dev has may go without being run") {
  CHECK(problems("```console no-run\n$ ./dev demo\n```\n").empty());
  CHECK(problems("```console no-run\n$ ntkc show\n```\n") ==
        "page:1: `$ ntkc show` is no command of ./dev\n");
  CHECK(problems("```console no-run\n$ ./dev fly\n```\n") == "page:1: `./dev help` does not know `fly`\n");
  CHECK(problems("```console\n$ ./dev help >/dev/null || true\n```\n").find("console no-run") !=
        std::string::npos);
}

TEST_CASE("a network that does not compile, or fails otherwise than shown, is a problem") {
  const std::string good = "network n\ninput x : vector(3)\noutput x |> dense\n";
  CHECK(problems("```arch\n" + good + "```\n").empty());
  CHECK(problems("```arch\nnetwork n\n```\n").find("[missing-output]") != std::string::npos);
  CHECK(problems("```arch error\n" + good + "# error: x\n```\n") == "page:1: the messages are\nnot\nx\n\n");
  CHECK(problems("```arch error\n" + good + "```\n") ==
        "page:1: an `arch error` without a comment `# error: …`\n");
  CHECK(problems("```arch error\nnetwork n\ninput x : vector(3)\noutput x |> foo  # error: unknown layer "
                 "`foo`\n```\n")
            .empty());
}

TEST_CASE("a C++ block that differs from its file is a problem") {
  CHECK(problems("<!-- file: examples/regression.cpp -->\n```cpp\nint main() {}\n```\n") ==
        "page:2: the block differs from examples/regression.cpp\n");
}

TEST_CASE("an ellipsis stands for any text, all else for itself") {
  CHECK(matches({"a", "…", "c"}, {"a", "b", "b", "c"}));
  CHECK(matches({"a", "…", "c"}, {"a", "c"}));
  CHECK(matches({"…"}, {}));
  CHECK(matches({"time … s"}, {"time 0.1 s"}));
  CHECK(matches({"… of … s"}, {"1 of 2 of 3 s"}));
  CHECK(!matches({"a", "…", "c"}, {"a", "b"}));
  CHECK(!matches({"a", "…"}, {"b"}));
  CHECK(!matches({"time … s"}, {"time 0.1 ms"}));
  CHECK(!matches({"a"}, {"a", "b"}));
  CHECK(!matches({"a", "b"}, {"a"}));
  CHECK(says_nothing({"…", "…"}));
  CHECK(!says_nothing({"…", "a"}));
}

}  // namespace
}  // namespace ntkc::docs
