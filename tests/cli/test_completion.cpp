// ntkc completion: what the shells make of the scripts.
#include <doctest/doctest.h>

#include <string>

#include "tests/cli/program.hpp"
#include "tests/data/support.hpp"

namespace ntkc::tests {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What bash offers for the last of the words, one a line. `=` is a word of its own, as readline has it.
std::string completions(const TemporaryDirectory& directory, const std::string& words) {
  const std::string program =
      "cd '" + directory.path() + "'; . ./script; COMP_WORDS=(" + words +
      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _ntkc; printf '%s\\n' \"${COMPREPLY[@]}\"";
  const Result result = run_program({"bash", "-c", program});
  CHECK(result.err.empty());
  return result.out;
}

bool has_program(const std::string& name) {
  return run_program({"sh", "-c", "command -v " + name}).exit == 0;
}

TEST_CASE("bash completes commands, options, their values, and files") {
  const TemporaryDirectory directory;
  directory.write("script", run_ntkc({"completion", "bash"}).out);
  directory.write("mlp.arch", "");
  const auto offered = [&](const std::string& words) { return completions(directory, words); };
  CHECK(offered("ntkc gr") == "gram\n");
  CHECK(contains(offered("ntkc ''"), "explain\n"));
  CHECK(offered("ntkc gram --ker") == "--kernel\n");
  CHECK(offered("ntkc gram --kernel = ''") == "theta\nsigma\nnngp\nntk\n");
  CHECK(offered("ntkc gram --kernel = si") == "sigma\n");
  CHECK(offered("ntkc gram --kernel =") == "theta\nsigma\nnngp\nntk\n");
  CHECK(offered("ntkc fit --preprocess unit") == "unit-norm\n");
  CHECK(offered("ntkc check m") == "mlp.arch\n");
  CHECK(offered("ntkc gram mlp.arch -o m") == "mlp.arch\n");
  CHECK(offered("ntkc check -Wno-jum") == "-Wno-jump\n");
  CHECK(offered("ntkc check -Werror=jum") == "-Werror=jump\n");
  CHECK(offered("ntkc explain dependent") == "dependent-branches\n");
  CHECK(offered("ntkc layers leaky") == "leaky_relu\n");
  CHECK(offered("ntkc completion z") == "zsh\n");
  CHECK(offered("ntkc show --emit = kernel-") == "kernel-opt\n");
  CHECK(offered("ntkc plot --kernel = ''") == "theta\nsigma\nboth\n");
  CHECK(offered("ntkc layers --ker") == "\n");
}

TEST_CASE("bash splits words at `=`, and -Werror= too") {
  const TemporaryDirectory directory;
  directory.write("script", run_ntkc({"completion", "bash"}).out);
  CHECK(completions(directory, "ntkc check -Werror = jum") == "jump\n");
}

TEST_CASE("every option of every command's help is completed in every shell") {
  const std::string bash = run_ntkc({"completion", "bash"}).out;
  const std::string zsh = run_ntkc({"completion", "zsh"}).out;
  const std::string fish = run_ntkc({"completion", "fish"}).out;
  for (const char* const command :
       {"check", "show", "gram", "fit", "predict", "train", "layers", "explain"}) {
    CAPTURE(command);
    const std::string help = run_ntkc({command, "--help"}).out;
    std::size_t options = 0;
    for (std::size_t at = help.find("\n  --"); at != std::string::npos; at = help.find("\n  --", at + 1)) {
      const std::string name = help.substr(at + 5, help.find_first_of(" ,\n", at + 5) - at - 5);
      CAPTURE(name);
      ++options;
      CHECK(contains(bash, "--" + name));
      CHECK(contains(zsh, "*--" + name));
      CHECK(contains(fish, "'__fish_seen_subcommand_from " + std::string(command) + "' -l " + name + " "));
    }
    CHECK(options >= 2);
  }
}

TEST_CASE("the shells can read the scripts") {
  const TemporaryDirectory directory;
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    CAPTURE(shell);
    const Result script = run_ntkc({"completion", shell});
    CHECK(script.exit == 0);
    CHECK(json_of(run_ntkc({"completion", shell, "--json"})).at("script") == script.out);
    if (!has_program(shell)) continue;  // bash there is always
    const Result result = run_program({shell, "-n", directory.write("script." + shell, script.out)});
    CHECK(result.exit == 0);
    CHECK(result.err.empty());
  }
  CHECK(run_ntkc({"completion", "tcsh"}).exit == 2);
}

}  // namespace
}  // namespace ntkc::tests
