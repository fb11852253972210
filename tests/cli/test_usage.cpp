// Exit code 2 and what is said with it; help and version.
#include <doctest/doctest.h>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Arguments are refused with exit code 2, a message that holds `part`, and nothing on standard output.
void check_usage_error(const std::vector<std::string>& arguments, const std::string& part) {
  const Result result = run_ntkc(arguments);
  INFO(result.err);
  CHECK(result.exit == 2);
  CHECK(result.out.empty());
  CHECK(contains(result.err, "ntkc: error: "));
  CHECK(contains(result.err, part));
}

TEST_CASE("--help and --version answer on standard output") {
  const Result help = run_ntkc({"--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out, "predict"));
  CHECK(help.err.empty());
  const Result fit = run_ntkc({"fit", "--help"});
  CHECK(fit.exit == 0);
  CHECK(contains(fit.out, "Usage: ntkc fit"));
  CHECK(contains(fit.out, "--ridge-absolute"));
  const Result version = run_ntkc({"--version"});
  CHECK(version.exit == 0);
  CHECK(contains(version.out, "ntkc "));
  CHECK(contains(version.out, "LLVM"));
}

TEST_CASE("a wrong command line is refused before any file is opened") {
  check_usage_error({}, "no command");
  check_usage_error({"fitt"}, "unknown command `fitt`, did you mean `fit`?");
  check_usage_error({"compile", "no.arch"}, "`ntkc compile` is not in this version");
  check_usage_error({"check"}, "F.arch is required");
  check_usage_error({"check", "no.arch", "no.arch"}, "expected at most 1 operand, found 2: `no.arch`");
  check_usage_error({"check", "no.arch", "--quite"}, "unknown option `--quite`, did you mean `--quiet`?");
  check_usage_error({"fit", "no.arch", "--krnel=theta"},
                    "unknown option `--krnel`, did you mean `--kernel`?");
  check_usage_error({"check", "no.arch", "--limit", "nesting"}, "`nesting` is not a limit");
  check_usage_error({"check", "no.arch", "--limit=nesting=1025"}, "nesting (1 to 1024)");
  check_usage_error({"check", "no.arch", "--limit=nesting=0"}, "`nesting=0` is not a limit");
  check_usage_error({"check", "no.arch", "--limit=layers=9x"}, "`layers=9x` is not a limit");
  check_usage_error({"show", "no.arch"}, "--emit is required");
  check_usage_error({"show", "no.arch", "--emit=llvn"}, "no stage `llvn`");
  check_usage_error({"show", "no.arch", "--emit=obj"}, "`obj` is not in this version");
  check_usage_error({"gram", "no.arch", "no.npy"}, "-o is required");
  check_usage_error({"gram", "no.arch", "no.npy", "-o", "k.npy", "--kernel=gamma"}, "gamma");
  check_usage_error({"gram", "no.arch", "no.npy", "-o", "k.npy", "--threads=many"}, "many");
  check_usage_error({"gram", "no.arch", "no.npy", "-o", "k.npy", "--threads=0"}, "0");
  check_usage_error({"gram", "-", "-", "-o", "k.npy"}, "standard input");
  check_usage_error({"gram", "no.arch", "no.npy", "-o", "k.npy", "-D", "depth"},
                    "`depth` is not a definition");
  check_usage_error({"predict", "no.model", "no.csv", "-o", "p.csv", "-D", "w=1"}, "give -D to `ntkc fit`");
  check_usage_error({"predict", "no.model", "no.csv", "-o", "p.csv", "-Werror"}, "give -W there");
  check_usage_error({"check", "no.arch", "-Wjmp"}, "unknown warning `-Wjmp`, did you mean `jump`?");
  check_usage_error({"check", "no.arch", "-Werror=unused"}, "there are unused-value, unused-parameter");
  check_usage_error({"check", "no.arch", "--max-errors=-1"}, "-1");
  check_usage_error({"check", "no.arch", "--color=green"}, "green");
  check_usage_error({"layers", "-Wjump"}, "unknown option `-Wjump`");
}

TEST_CASE("fit wants exactly one kind of target and one ridge, finite and not negative") {
  const std::vector<std::string> fit = {"fit", "no.arch", "no.csv", "-o", "m"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), fit.begin(), fit.end());
    return more;
  };
  check_usage_error(fit, "--target=COLUMN");
  check_usage_error(with({"--target=a", "--targets=b.npy"}), "give one of them");
  check_usage_error(with({"--target=a", "--ridge=1", "--ridge-absolute=1"}), "exclude each other");
  check_usage_error(with({"--target=a", "--ridge=-1"}), "`-1` is not a finite number");
  check_usage_error(with({"--target=a", "--ridge=nan"}), "`nan` is not a finite number");
  check_usage_error(with({"--target=a", "--ridge=1x"}), "`1x` is not a finite number");
  check_usage_error(with({"--target=a", "--task=clustering"}), "clustering");
  check_usage_error(with({"--target=a", "--preprocess=whiten"}), "whiten");
  check_usage_error(with({"--target=a", "--task=classification", "--center"}), "--center is for regression");
}

TEST_CASE("a usage error under --json is a JSON object too") {
  const Result result = run_ntkc({"gram", "no.arch", "no.npy", "-o", "-", "--json"});
  CHECK(result.exit == 2);
  const nlohmann::json error = json_of(result).at("error");
  CHECK(error.at("kind") == "usage");
  CHECK(error.at("exit") == 2);
  CHECK(contains(error.at("message"), "standard output"));
}

}  // namespace
}  // namespace ntkc::tests
