// The CMake project that README.md prints: it configures, gets C++20 and no tests, warnings or folders of ours, and
// its program compiles. (That the targets link, example_regression shows, which is the same program.)
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/docs/page.hpp"
#include "tests/docs/shell.hpp"

namespace ntkc::docs {
namespace {

TEST_CASE("a project that adds this repository compiles as the README prints it") {
  Shell shell;
  const std::string source = NTKC_SOURCE_DIR;
  const CommandResult configured = shell.run(
      "ln -s '" + source + "' ntkc && cp '" + source + "/tests/docs/consumer/CMakeLists.txt' . && cp '" +
      source +
      "/examples/regression.cpp' main.cpp && cmake -S . -B b -G Ninja -DCMAKE_EXPORT_COMPILE_COMMANDS=ON");
  std::string log;
  for (const std::string& line : configured.lines) log += line + "\n";
  INFO(log);
  REQUIRE(configured.exit_code == 0);
  const CommandResult compiled = shell.run("ninja -C b CMakeFiles/consumer.dir/main.cpp.o");
  for (const std::string& line : compiled.lines) log += line + "\n";
  INFO(log);
  CHECK(compiled.exit_code == 0);
  const CommandResult command =
      shell.run("grep -e '-o CMakeFiles/consumer.dir/main.cpp.o' b/compile_commands.json");
  REQUIRE(command.lines.size() == 1);
  const std::string& line = command.lines.front();
  INFO(line);
  CHECK(line.find("-std=gnu++20") != std::string::npos);
  CHECK(line.find("-Wall") == std::string::npos);
  CHECK(line.find("-I" + source + " ") == std::string::npos);
  CHECK(line.find("/ntkc ") == std::string::npos);
  CHECK(shell.run("grep -c tests/ b/compile_commands.json").lines == std::vector<std::string>{"0"});
}

}  // namespace
}  // namespace ntkc::docs
