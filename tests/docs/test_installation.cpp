// `cmake --install` leaves the program, a manual page for each command, and completions.
#include <doctest/doctest.h>

#include <string>

#include "tests/docs/page.hpp"
#include "tests/docs/shell.hpp"

namespace ntkc::docs {
namespace {

std::string text_of(const CommandResult& result) {
  std::string text;
  for (const std::string& line : result.lines) text += line + "\n";
  return text;
}

TEST_CASE("the program is installed with a manual page for each command, and completions") {
  Shell shell;
  const CommandResult installed =
      shell.run("cmake --install '" NTKC_BINARY_DIR "' --prefix \"$PWD/p\" --component program");
  INFO(text_of(installed));
  REQUIRE(installed.exit_code == 0);
  CHECK(text_of(shell.run("p/bin/ntkc --version")) == text_of(shell.run("ntkc --version")));
  const CommandResult commands =
      shell.run("ntkc help | sed -n '/^Subcommands:/,/^$/s/^  \\([a-z][a-z]*\\) .*/\\1/p'");
  REQUIRE(commands.lines.size() > 10);
  for (const std::string& command : commands.lines) {
    CAPTURE(command);
    const std::string page = text_of(shell.run("cat p/share/man/man1/ntkc-" + command + ".1"));
    CHECK(page == text_of(shell.run("ntkc help " + command + " --man")));
    CHECK(page.starts_with(".TH NTKC"));
  }
  const std::string page = text_of(shell.run("cat p/share/man/man1/ntkc.1"));
  CHECK(page.find("\\fBntkc\\-fit\\fR(1)") != std::string::npos);
  CHECK(shell.run("ls p/share/man/man1 | wc -l").lines ==
        std::vector<std::string>{std::to_string(commands.lines.size() + 1)});
  for (const std::string file : {"bash-completion/completions/ntkc", "zsh/site-functions/_ntkc",
                                 "fish/vendor_completions.d/ntkc.fish"})
    CHECK(shell.run("grep -c ntkc 'p/share/" + file + "'").exit_code == 0);
}

}  // namespace
}  // namespace ntkc::docs
