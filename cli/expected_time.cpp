#include "cli/expected_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ntkc/compiler.hpp"
#include "ntkc/cost.hpp"
#include "ntkc/gram.hpp"

namespace ntkc::cli {

double measured_rate(Precision precision, bool has_positions) {
  const std::string text =
      !has_positions
          ? "network rate\ninput x : vector(64)\nh = x |> dense\n"
            "repeat 20 { h = h |> relu |> dense(b_std = 0.1) }\noutput h\n"
          : "network rate\ninput x : image(8, 8, 3)\nh = x |> conv(3)\n"
            "repeat 8 { h = h |> relu |> conv(3) }\noutput h |> relu |> global_avg_pool |> dense\n";
  CompileOptions options;
  options.precision = precision;
  options.sigma = false;
  const KernelFunctions kernel = compile(text, options);
  const std::ptrdiff_t rows = has_positions ? 16 : 512;
  Matrix x(rows, kernel.input_size());
  for (std::ptrdiff_t i = 0; i < rows * x.columns(); ++i)
    x.data()[i] = std::sin(0.7 * static_cast<double>(i));
  const auto measure = [&]<typename T>(BasicMatrix<T> k) {
    double best = 1e300;
    for (int i = 0; i < 3; ++i) {
      const Stopwatch stopwatch;
      cross_gram<T>(kernel, KernelKind::theta, x.view(), x.view(), k.view(), {.threads = 1});
      best = std::min(best, stopwatch.seconds());
    }
    return best;
  };
  const double seconds = precision == Precision::f32 ? measure(BasicMatrix<float>(rows, rows))
                                                     : measure(BasicMatrix<double>(rows, rows));
  return kernel_cost(text, options).operations * static_cast<double>(rows * rows) / seconds;
}

std::string expected_text(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.2g} µs", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.2g} ms", seconds * 1e3);
  if (seconds < 120) return fmt::format("{:.2g} s", seconds);
  if (seconds < 7200) return fmt::format("{:.2g} minutes", seconds / 60);
  if (seconds < 2 * 86'400) return fmt::format("{:.2g} hours", seconds / 3600);
  if (seconds < 2 * 365.0 * 86'400) return fmt::format("{:.2g} days", seconds / 86'400);
  return fmt::format("{:.2g} years", seconds / (365.25 * 86'400));
}

void tell_expected_time(const KernelFunctions& kernel, double pairs, int threads, bool has_checkpoint,
                        Console& console) {
  constexpr double worth_telling = 600;
  constexpr double least_rate = 1e9;  // of any machine: what takes no time at that is not measured
  const double operations = kernel.operations * pairs;
  if (operations < worth_telling * least_rate * threads) return;
  const double seconds = operations / (measured_rate(kernel.precision, kernel.positions.count > 0) * threads);
  console.report["expected_seconds"] = seconds;
  if (seconds < worth_telling) return;
  console.note(
      fmt::format("{:.2g} pairs of {:.2g} operations each: that will take about {} on {} thread{} (`ntkc "
                  "show --cost`); fewer "
                  "samples, a smaller image (avg_pool) or strides take less{}",
                  pairs, kernel.operations, expected_text(seconds), threads, threads == 1 ? "" : "s",
                  has_checkpoint ? "" : "; --checkpoint=DIR keeps what is done"));
}

}  // namespace ntkc::cli
