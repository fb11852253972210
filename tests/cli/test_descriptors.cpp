// Standard descriptors that are closed, full or the result itself; results that would replace their inputs. Every
// command that writes a file meets each of them.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/program.hpp"
#include "tests/cli/writing_commands.hpp"

namespace ntkc::tests {
namespace {

using Words = std::vector<std::string>;

/// ntkc with these redirections of the shell.
Result run_redirected(const Words& arguments, const std::string& redirections) {
  Words command = {"sh", "-c", "exec \"$0\" \"$@\" " + redirections, NTKC_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command);
}

TEST_CASE("a result on standard output is the result alone, whatever the output is called") {
  const WritingCommands commands;
  const std::string link = commands.directory().path("link");
  std::filesystem::create_symlink("/dev/stdout", link);
  for (const WritingCommand& command : commands.all()) {
    CAPTURE(command.name());
    const std::string expected = commands.expected(command);
    for (const std::string& name : {std::string("-"), std::string("/dev/stdout"), std::string("/dev/fd/1"),
                                    std::string("/proc/self/fd/1"), link}) {
      CAPTURE(name);
      const Result result = run_ntkc(command.with_output(name));
      CHECK(result.out == expected);
      CHECK(!result.err.empty());  // the summary
      Words with_json = command.with_output(name);
      with_json.push_back("--json");
      CHECK(run_ntkc(with_json).exit == 2);
    }
    // The file that standard output was redirected to, by its own name.
    const std::string file = commands.result("redirected" + command.ending);
    run_redirected(command.with_output(file), ">'" + file + "'");
    CHECK(read_file(file) == expected);
    std::filesystem::remove(file);
  }
  CHECK(commands.results().empty());
}

TEST_CASE("standard descriptors that are closed or full change neither the result nor how the program ends") {
  const WritingCommands commands;
  for (const WritingCommand& command : commands.all()) {
    CAPTURE(command.name());
    const std::string expected = commands.expected(command);
    for (const char* const redirections :
         {"<&-", "2>&-", ">&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full 2>/dev/full"}) {
      CAPTURE(redirections);
      const std::string file = commands.result("result" + command.ending);
      const Result result = run_redirected(command.with_output(file), redirections);
      CHECK((result.exit == 0 || result.exit == 1 ||
             (command.name() == "verify" && (result.exit == 3 || result.exit == 4))));
      CHECK(read_file(file) == expected);
      std::filesystem::remove(file);
      // The message about what is wrong has nowhere to go.
      Words wrong = command.with_output(file);
      wrong.at(1) += ".none";
      CHECK(run_redirected(wrong, redirections).exit == 1);
    }
    CHECK(run_redirected(command.with_output("-"), ">&-").exit == 1);
  }
  CHECK(commands.results().empty());
}

TEST_CASE("commands that write no file end as they should where they cannot speak") {
  const TemporaryDirectory directory;
  const std::string none = directory.path("none.arch");
  for (const Words& arguments :
       {Words{"check", none}, Words{"fmt", none}, Words{"show", none, "--emit=ast"}}) {
    CAPTURE(arguments.front());
    for (const char* const redirections : {"2>&-", "2>/dev/full", "<&- >&- 2>&-"})
      CHECK(run_redirected(arguments, redirections).exit == 1);
  }
  CHECK(run_redirected({"layers"}, ">&-").exit == 1);
  CHECK(run_redirected({"layers", "--nonsense"}, "2>&-").exit == 2);
  const std::string err = directory.path("err");
  CHECK(run_program({"sh", "-c", "ulimit -f 0; exec \"$0\" check \"$1\" 2>\"$2\"", NTKC_PROGRAM, none, err})
            .exit == 1);
}

TEST_CASE("an output is never an input, by whatever name") {
  const WritingCommands commands;
  const TemporaryDirectory links;
  for (const WritingCommand& command : commands.all()) {
    CAPTURE(command.name());
    for (const std::string& input : command.inputs) {
      CAPTURE(input);
      const std::string bytes = read_file(input);
      const std::string hard = links.path("hard");
      const std::string symbolic = links.path("symbolic");
      std::filesystem::create_hard_link(input, hard);
      std::filesystem::create_symlink(input, symbolic);
      const auto check_refused = [&](const Result& result) {
        INFO(result.err);
        CHECK(result.exit == 1);
        CHECK(result.err.find(": is the same file as ") != std::string::npos);
        CHECK(read_file(input) == bytes);
      };
      check_refused(run_ntkc(command.with_output(hard)));
      check_refused(run_ntkc(command.with_output(symbolic)));
      check_refused(run_redirected(command.with_output("-"), ">>'" + input + "'"));
      std::filesystem::remove(hard);
      std::filesystem::remove(symbolic);
    }
    CHECK(std::filesystem::hard_link_count(command.inputs.front()) == 1);
  }
  // `plot` chooses a name by itself, from that of the network.
  const std::string network = links.write("v.svg", read_file(commands.directory().path("deep.arch")));
  const Result plot =
      run_program({"sh", "-c", "cd \"$1\" && exec \"$0\" plot v.svg", NTKC_PROGRAM, links.path()});
  CHECK(plot.exit == 1);
  CHECK(read_file(network) == read_file(commands.directory().path("deep.arch")));
}

TEST_CASE("the ending of an output that means another format is refused before anything is read") {
  const WritingCommands commands;
  for (const WritingCommand& command : commands.all()) {
    CAPTURE(command.name());
    const Result result = run_ntkc(command.with_output(commands.result("r" + command.wrong_ending)));
    CHECK(result.exit == 2);
    CHECK(result.err.find("does not write that format") != std::string::npos);
  }
  CHECK(commands.results().empty());
}

}  // namespace
}  // namespace ntkc::tests
