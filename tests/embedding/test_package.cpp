// The installed package: what it holds, and programs that use it.
#include <doctest/doctest.h>

#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "ntkc/array_file.hpp"
#include "ntkc/matrix.hpp"
#include "ntkc/output_file.hpp"
#include "tests/docs/shell.hpp"

namespace ntkc::docs {
namespace {

const std::string source = NTKC_SOURCE_DIR;
const std::string install = "cmake --install '" NTKC_BINARY_DIR "' --prefix \"$PWD/installed\" >log 2>&1";

std::string text_of(const CommandResult& result) {
  std::string text;
  for (const std::string& line : result.lines) text += line + "\n";
  return text;
}

/// Runs a command that has to succeed.
std::string done(Shell& shell, const std::string& command) {
  const CommandResult result = shell.run(command);
  INFO(command << "\n" << text_of(result));
  REQUIRE(result.exit_code == 0);
  return text_of(result);
}

const char* const printed_by_cpp =
    "small: vector\\(2\\), f64, Sigma and Theta\n"
    "sigma 0.178[0-9]+ theta [0-9.]+\n"
    "pair and matrix: same bits\n"
    "predictions 0.99999[0-9] -0.99999[0-9], loaded: same bits\n"
    "error of kind 0\n"
    "y has 1 numbers, inputs of the kernel `small` have 2\n";
const char* const printed_by_c =
    "small takes 2 numbers, 2 in a dimension\n"
    "theta [0-9.]+\n"
    "matrices: same bits\n"
    "predictions 0.99999[0-9] -0.99999[0-9], loaded: same bits\n"
    "cancelled: 4 after being asked\n"
    "status 2, 1 diagnostics, the first at 3:13\n"
    "null: 5, the kernel is NULL\n";

std::string theta_in(const std::string& text) {
  std::smatch match;
  return std::regex_search(text, match, std::regex("theta ([0-9.]+)")) ? match[1].str() : "";
}

}  // namespace

TEST_CASE("programs in C++ and C use the installed package") {
  Shell shell;
  done(shell, install);
  done(shell,
       "cp -r '" + source +
           "/tests/consumer' consumer && cmake -S consumer -B built -G Ninja "
           "-DCMAKE_PREFIX_PATH=\"$PWD/installed\" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON && ninja -C built");
  // Nothing of ntkc's own folders and packages is needed.
  CHECK(shell.run("grep -e '" + source + "' -e llvm -e eigen -e Wshadow built/compile_commands.json")
            .lines.empty());
  const std::string of_cpp = done(shell, "built/consumer");
  const std::string of_c = done(shell, "built/consumer_c");
  CHECK_MESSAGE(std::regex_match(of_cpp, std::regex(printed_by_cpp)), of_cpp);
  CHECK_MESSAGE(std::regex_match(of_c, std::regex(printed_by_c)), of_c);
  CHECK(theta_in(of_cpp) == theta_in(of_c));
  // The command line reads the model, and predicts the same.
  const std::string folder = shell.run("pwd").lines.at(0);
  Matrix inputs(2, 2);
  inputs(0, 0) = 1;
  inputs(0, 1) = 0.5;
  inputs(1, 0) = -0.25;
  inputs(1, 1) = 2;
  OutputFile out(folder + "/x.npy");
  write_npy(out, std::as_const(inputs).view());
  out.commit();
  for (const std::string model : {"consumer.model", "consumer_c.model"}) {
    done(shell, "ntkc predict " + model + " x.npy -o p.csv");
    CHECK(text_of(shell.run("cat p.csv")).find("0.99999") != std::string::npos);
  }

  // By pkg-config, too.
  if (shell.run("command -v pkg-config").exit_code == 0) {
    const std::string found =
        "PKG_CONFIG_PATH=\"$(dirname \"$(find installed -name ntkc.pc)\")\"; export PKG_CONFIG_PATH; ";
    done(shell, found +
                    "cc consumer/main.c -o by_pkg_config $(pkg-config --cflags --libs ntkc) "
                    "-Wl,-rpath,\"$(pkg-config --variable=libdir ntkc)\" && ./by_pkg_config");
  }
}

TEST_CASE("each installed header compiles alone, and shared libraries export ntkc and nothing else") {
  Shell shell;
  done(shell, install);
  // The adapter of Eigen needs Eigen.
  done(shell,
       "cd installed/include && for header in $(ls ntkc/*.hpp | grep -v eigen.hpp); do echo \"#include "
       "<$header>\" >"
       "\"$(basename $header).cpp\"; done && ls *.cpp | xargs -P 2 -n 4 g++ -std=c++20 -Wall -Wextra "
       "-Wpedantic -Wshadow "
       "-Werror -fsyntax-only -I.");
  done(shell,
       "cd installed/include && cc -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I. -x c ntkc.h");
  for (const std::string name : {"runtime", "compiler", "simulator"}) {
    const std::string symbols = done(
        shell, "nm -D -C --defined-only \"$(find installed -name libntkc_" + name + ".so)\" | cut -c 20-");
    std::set<std::string> foreign;
    std::istringstream lines(symbols);
    for (std::string line; std::getline(lines, line);)
      if (line.find("ntkc::") == std::string::npos) foreign.insert(line);
    INFO(name);
    CHECK_MESSAGE(foreign.empty(), *foreign.begin());
  }
}

TEST_CASE("the C library exports what ntkc.symbols says, and declares all of it") {
  Shell shell;
  done(shell, install);
  const std::string exported = done(
      shell,
      "nm -D --defined-only \"$(find installed -name libntkc_c.so)\" | awk '{ print $3 }' | LC_ALL=C sort");
  const std::string listed = done(shell, "sed -n 's/^    \\(ntkc_[a-z_]*\\);$/\\1/p' '" + source +
                                             "/bindings/c/ntkc.symbols' | LC_ALL=C sort");
  const std::string declared = done(shell, "grep -o 'ntkc_[a-z_]*(' '" + source +
                                               "/bindings/c/include/ntkc.h' | tr -d '(' | LC_ALL=C sort -u");
  CHECK(exported == listed);
  std::istringstream lines(listed);
  for (std::string line; std::getline(lines, line);) CHECK(declared.find(line + "\n") != std::string::npos);
}

}  // namespace ntkc::docs
