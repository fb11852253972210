// Searches for networks that take long to compile under the default limits, and tells the worst (`./dev search compile`):
//   slow_networks COUNT [FIRST_SEED]
// Each is compiled in a process of its own, whose time and memory are measured.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <string>
#include <vector>

#include "ntkc/compiler.hpp"
#include "tests/fuzz/slow_networks.hpp"

namespace {

struct Result {
  unsigned seed = 0;
  double seconds = 0;
  double megabytes = 0;
  std::string outcome;
};

/// Both kernels as machine code. Exit code: 0 compiled, 1 refused, 2 another exception.
int compile(const std::string& text) {
  try {
    static_cast<void>(ntkc::compile(text));
  } catch (const ntkc::CompileError&) {
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}

Result measure(unsigned seed) {
  constexpr unsigned most_seconds = 60;
  std::mt19937 random(seed);
  const std::string text = ntkc::fuzz::slow_network(random);
  const pid_t child = fork();
  if (child == 0) {
    alarm(most_seconds);
    _exit(compile(text));
  }
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  Result result = {seed, seconds(usage.ru_utime) + seconds(usage.ru_stime),
                   static_cast<double>(usage.ru_maxrss) / 1024, ""};
  if (WIFSIGNALED(status))
    result.outcome = fmt::format("ended by signal {}", WTERMSIG(status));
  else
    result.outcome = std::vector<std::string>{"compiled", "refused", "FAILED"}.at(
        static_cast<std::size_t>(std::min(WEXITSTATUS(status), 2)));
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned count = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 100;
  const unsigned first = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 0;
  if (count == 1) {
    std::mt19937 random(first);
    fmt::print("{}", ntkc::fuzz::slow_network(random));
    return 0;
  }
  std::vector<Result> results;
  for (unsigned seed = first; seed < first + count; ++seed) {
    results.push_back(measure(seed));
    const Result& last = results.back();
    fmt::print("{:6} {:7.2f} s {:7.0f} MB {}\n", last.seed, last.seconds, last.megabytes, last.outcome);
    std::fflush(stdout);
  }
  const auto worst = [&](double Result::* figure) { return *std::ranges::max_element(results, {}, figure); };
  const Result slowest = worst(&Result::seconds);
  const Result largest = worst(&Result::megabytes);
  fmt::print("{} networks; slowest: seed {}, {:.2f} s, {}; largest: seed {}, {:.0f} MB, {}\n", count,
             slowest.seed, slowest.seconds, slowest.outcome, largest.seed, largest.megabytes,
             largest.outcome);
  return slowest.seconds <= 10 && largest.megabytes <= 1024 ? 0 : 1;
}
