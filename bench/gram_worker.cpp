// Θ of a network on inputs in memory, again and again in one process, as neural-tangents is timed: for every
// line on standard input the best of three evaluations into the same matrix, one JSON object on standard
// output.
//   ntkc_bench_gram F.arch X.npy DEPTH THREADS
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>

#include "ntkc/array_file.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"

int main(int count, char** arguments) {
  if (count != 5) {
    fmt::print(stderr, "usage: ntkc_bench_gram F.arch X.npy DEPTH THREADS\n");
    return 2;
  }
  const ntkc::KernelFunctions kernel =
      ntkc::compile_file(arguments[1], {.definitions = {{"depth", arguments[3]}}, .sigma = false});
  const ntkc::NumericArray x = ntkc::read_npy(arguments[2]);
  const ntkc::Execution execution = {.threads = std::stoi(arguments[4])};
  ntkc::Matrix k(x.rows(), x.rows());
  for (std::string line; std::getline(std::cin, line);) {
    double best = 0;
    for (int repetition = 0; repetition < 3; ++repetition) {
      const auto start = std::chrono::steady_clock::now();
      ntkc::gram<double>(kernel, ntkc::KernelKind::theta, x.matrix(), k.view(), execution);
      const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
      if (repetition == 0 || elapsed.count() < best) best = elapsed.count();
    }
    fmt::print("{{\"seconds\": {}}}\n", best);
    std::fflush(stdout);
  }
}
