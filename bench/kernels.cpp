// ntkc_bench_kernels: nanoseconds per entry of the compiled pair function alone (no product X Xᵀ, one
// thread), and how long passes and LLVM take. Prints a Markdown table. The tile of 256 x 256 entries stays in
// the L2 cache.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/networks.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int tile = 256;
constexpr int repetitions = 9;

struct Network {
  std::string activation;
  ntkc::test::RandomLayer layer;
  int depth = 1;
};

struct Measurement {
  double nanoseconds = 0;   ///< per entry, the best of the repetitions
  double milliseconds = 0;  ///< to compile
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The best time of the pair function on a tile with (1 - |u|)/2 spread over [0, 1/2).
template <typename T>
double best_seconds(const ntkc::KernelFunctions& kernel) {
  constexpr std::size_t entries = std::size_t{tile} * tile;
  std::vector<double> self(tile);
  for (int i = 0; i < tile; ++i) self[static_cast<std::size_t>(i)] = 0.5 + i / static_cast<double>(tile);
  std::vector<T> table(static_cast<std::size_t>(kernel.slots) * tile);
  std::vector<T> half_complement(entries);
  std::vector<T> result(entries);
  const ntkc::SampleArguments sample{
      .count = tile, .self = self.data(), .table = table.data(), .table_stride = tile};
  kernel.sample(&sample);
  for (std::size_t i = 0; i < entries; ++i)
    half_complement[i] = static_cast<T>(static_cast<double>(i * 7919 % 65536) / 131072);
  const ntkc::PairArguments arguments{.rows = tile,
                                      .columns = tile,
                                      .half_complement = half_complement.data(),
                                      .half_complement_stride = tile,
                                      .row_table = table.data(),
                                      .row_table_stride = tile,
                                      .column_table = table.data(),
                                      .column_table_stride = tile,
                                      .result = result.data(),
                                      .result_stride = tile};
  const ntkc::PairFunction theta = kernel.find(ntkc::KernelKind::theta)->pair;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < repetitions; ++i) {
    const Clock::time_point start = Clock::now();
    theta(&arguments);
    best = std::min(best, seconds_since(start));
  }
  return best;
}

Measurement measure(const Network& network, bool f32, int lanes) {
  const auto program = ntkc::test::build({{network.layer, network.depth}}, 64);
  const Clock::time_point start = Clock::now();
  const ntkc::KernelFunctions kernel =
      ntkc::jit::compile(ntkc::passes::run(program), {.f32 = f32, .lanes = lanes});
  const double compile_seconds = seconds_since(start);
  const double best = f32 ? best_seconds<float>(kernel) : best_seconds<double>(kernel);
  return {1e9 * best / (double{tile} * tile), 1e3 * compile_seconds};
}

/// With 1, 2 and 4 registers in flight; 4 is what ntkc uses.
void print_row(const Network& network, bool f32) {
  const int lanes = ntkc::jit::default_lanes(f32, ntkc::jit::host());
  const Measurement one = measure(network, f32, lanes / 4);
  const Measurement two = measure(network, f32, lanes / 2);
  const Measurement four = measure(network, f32, lanes);
  fmt::print("| {} | {} | {} | {:.2f} | {:.2f} | **{:.2f}** ({} lanes) | {:.0f} ms |\n", network.activation,
             network.depth, f32 ? "f32" : "f64", one.nanoseconds, two.nanoseconds, four.nanoseconds, lanes,
             four.milliseconds);
}

}  // namespace

int main() {
  const double weight = std::sqrt(2.0);
  const std::vector<Network> activations = {{"relu", {weight, 0.1, ntkc::test::relu}},
                                            {"erf", {weight, 0.1, "erf(z)"}},
                                            {"gelu", {weight, 0.1, ntkc::test::gelu}},
                                            {"sin", {weight, 0.1, "sin(z)"}}};
  fmt::print(
      "| activation | depth | precision | 1 register | 2 registers | 4 registers, as used | compile |\n");
  fmt::print("|---|---|---|---|---|---|---|\n");
  for (Network network : activations) {
    for (const int depth : {1, 5, 20}) {
      network.depth = depth;
      for (const bool f32 : {false, true}) print_row(network, f32);
    }
  }
  return 0;
}
