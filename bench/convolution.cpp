// ntkc_bench_convolution [LAYERS SIDE SAMPLES THREADS]: Θ of convolutional ReLU networks (3 × 3, stride 1, zero padding,
// 3 channels) with pooling over all positions and with `flatten`, in f32 and f64, beside OpenBLAS sgemm and a
// straightforward evaluation that keeps the tensor over all pairs of positions. One JSON object.
//
// "work" is seconds a Gram entry times the rate of sgemm on as many threads, measured in the same run: how many
// floating point operations sgemm does meanwhile. Processor time, best of three, so that what else runs on the machine
// counts little.
#include <cblas.h>
#include <fmt/format.h>
#include <openblas_config.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <numbers>
#include <random>
#include <vector>

#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "ntkc/gram.hpp"
#include "tests/support/spatial_networks.hpp"

namespace {

using namespace ntkc;

/// Of all threads.
double processor_seconds() {
  timespec now = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Processor time, by the number of threads that the work is done by.
double seconds(int threads, const std::function<void()>& work, int repetitions = 3) {
  double best = 1e300;
  for (int i = 0; i < repetitions; ++i) {
    const double start = processor_seconds();
    work();
    best = std::min(best, processor_seconds() - start);
  }
  return best / threads;
}

/// `layers` convolutions with a ReLU behind each but the last, W_std² = 2.
kernel_ir::Program network(int layers, std::int64_t side, bool pools) {
  kernel_ir::Program p;
  p.name = "convolution";
  p.input_size = 3;
  p.input_positions = {side, side};
  const kernel_ir::Coupled conv = {{test::same_window(3, side), test::same_window(3, side)}, false};
  test::Value h = {p.input_cross(kernel_ir::Space::full), kernel_ir::no_node};
  h = test::convolution(p, h, conv, std::numbers::sqrt2, 0);
  for (int i = 1; i < layers; ++i)
    h = test::convolution(p, test::activated(p, h, test::relu), conv, std::numbers::sqrt2, 0);
  h = test::activated(p, h, test::relu);
  h = pools ? test::mapped(p, h, kernel_ir::Operation::congruent, test::global_pool({side, side}))
            : test::mapped(p, h, kernel_ir::Operation::coupled, test::flatten({side, side}));
  h = test::dense(p, h, 1, 0);
  p.roots = {{"Theta", h.theta}};
  return p;
}

/// Θ of the network with pooling at one pair, the tensor Σ(x, x')[p, p'] and that of Θ in memory, in f64.
double straightforward(int layers, std::int64_t side, const double* x, const double* y) {
  const std::int64_t count = side * side;
  const auto size = static_cast<std::size_t>(count * count);
  const auto convolved = [&](const std::vector<double>& a) {
    std::vector<double> result(size);
    for (std::int64_t p = 0; p < count; ++p) {
      for (std::int64_t q = 0; q < count; ++q) {
        double sum = 0;
        for (std::int64_t dy = -1; dy <= 1; ++dy) {
          for (std::int64_t dx = -1; dx <= 1; ++dx) {
            const std::int64_t py = p / side + dy;
            const std::int64_t px = p % side + dx;
            const std::int64_t qy = q / side + dy;
            const std::int64_t qx = q % side + dx;
            const auto inside = [&](std::int64_t v) { return v >= 0 && v < side; };
            if (inside(py) && inside(px) && inside(qy) && inside(qx))
              sum += a[static_cast<std::size_t>((py * side + px) * count + qy * side + qx)];
          }
        }
        result[static_cast<std::size_t>(p * count + q)] = 2 * sum / 9;
      }
    }
    return result;
  };
  const auto product = [&](const double* a, const double* b) {
    std::vector<double> result(size);
    for (std::int64_t p = 0; p < count; ++p) {
      for (std::int64_t q = 0; q < count; ++q) {
        for (int k = 0; k < 3; ++k)
          result[static_cast<std::size_t>(p * count + q)] += a[3 * p + k] * b[3 * q + k] / 3;
      }
    }
    return result;
  };
  // The variances at each position, of x and of y, layer by layer.
  const auto variances = [&](const double* a) {
    std::vector<double> q(static_cast<std::size_t>(count));
    for (std::int64_t p = 0; p < count; ++p)
      for (int k = 0; k < 3; ++k) q[static_cast<std::size_t>(p)] += a[3 * p + k] * a[3 * p + k] / 3;
    return q;
  };
  const auto next = [&](const std::vector<double>& q, double factor) {
    std::vector<double> result(q.size());
    for (std::int64_t y0 = 0; y0 < side; ++y0) {
      for (std::int64_t x0 = 0; x0 < side; ++x0) {
        double sum = 0;
        for (std::int64_t v = std::max<std::int64_t>(y0 - 1, 0); v <= std::min(y0 + 1, side - 1); ++v)
          for (std::int64_t u = std::max<std::int64_t>(x0 - 1, 0); u <= std::min(x0 + 1, side - 1); ++u)
            sum += q[static_cast<std::size_t>(v * side + u)];
        result[static_cast<std::size_t>(y0 * side + x0)] = factor * 2 * sum / 9;
      }
    }
    return result;
  };
  std::vector<double> sigma = convolved(product(x, y));
  std::vector<double> theta = sigma;
  std::vector<double> qx = next(variances(x), 1);
  std::vector<double> qy = next(variances(y), 1);
  for (int layer = 0; layer < layers; ++layer) {
    for (std::int64_t p = 0; p < count; ++p) {
      for (std::int64_t q = 0; q < count; ++q) {
        const auto at = static_cast<std::size_t>(p * count + q);
        const double g = std::sqrt(qx[static_cast<std::size_t>(p)] * qy[static_cast<std::size_t>(q)]);
        const double u = g > 0 ? std::clamp(sigma[at] / g, -1.0, 1.0) : 0;
        const double angle = std::acos(u);
        sigma[at] = g * (std::sqrt(1 - u * u) + (std::numbers::pi - angle) * u) / (2 * std::numbers::pi);
        theta[at] *= (std::numbers::pi - angle) / (2 * std::numbers::pi);
      }
    }
    if (layer + 1 == layers) break;
    sigma = convolved(sigma);
    theta = convolved(theta);
    for (std::size_t i = 0; i < size; ++i) theta[i] += sigma[i];
    qx = next(qx, 0.5);
    qy = next(qy, 0.5);
  }
  double total = 0;
  for (std::size_t i = 0; i < size; ++i) total += theta[i] + sigma[i];
  return total / static_cast<double>(count * count);
}

struct Measured {
  double entry = 0;  ///< seconds
  double compile = 0;
  double value = 0;  ///< of the first pair
  std::int64_t scratch = 0;
};

template <typename T>
Measured measure(int layers, std::int64_t side, bool pools, const Matrix& x, int threads) {
  Measured result;
  const kernel_ir::Program program = network(layers, side, pools);
  KernelFunctions kernel;
  result.compile =
      seconds(1, [&] { kernel = jit::compile(passes::run(program), {.f32 = std::is_same_v<T, float>}); });
  kernel.name = "convolution";
  kernel.input_shape = {side, side, 3};
  const std::ptrdiff_t rows = x.rows() / 2;
  BasicMatrix<T> k(rows, rows);
  const MatrixView<const double> first(x.data(), rows, x.columns());
  const MatrixView<const double> second(&x(rows, 0), rows, x.columns());
  result.entry =
      seconds(threads,
              [&] { cross_gram<T>(kernel, KernelKind::theta, first, second, k.view(), {threads, {}}); }) /
      static_cast<double>(rows * rows);
  result.value = static_cast<double>(k(0, 0));
  result.scratch = kernel.positions.scratch_bytes;
  return result;
}

/// Floating point operations a second.
double sgemm_rate(int threads) {
  openblas_set_num_threads(threads);
  constexpr int n = 2048;
  std::vector<float> a(std::size_t{n} * n, 0.5F);
  std::vector<float> b(std::size_t{n} * n, 0.25F);
  std::vector<float> c(std::size_t{n} * n);
  const double time = seconds(
      threads,
      [&] {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, b.data(), n, 0,
                    c.data(), n);
      },
      5);
  return 2.0 * n * n * n / time;
}

}  // namespace

int main(int argc, char** argv) {
  const int layers = argc > 1 ? std::atoi(argv[1]) : 21;
  const int side = argc > 2 ? std::atoi(argv[2]) : 32;
  const int samples = argc > 3 ? std::atoi(argv[3]) : 16;
  const int threads = argc > 4 ? std::atoi(argv[4]) : 2;
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  Matrix x(2 * samples, std::ptrdiff_t{3} * side * side);
  for (std::ptrdiff_t i = 0; i < x.rows() * x.columns(); ++i) x.data()[i] = normal(random);
  fmt::print("{{\"layers\": {}, \"side\": {}, \"threads\": {}", layers, side, threads);
  const double rate = sgemm_rate(threads);
  fmt::print(", \"sgemm\": {:.4g}", rate);
  const auto report = [&](const char* name, const Measured& m) {
    fmt::print(
        ", \"{}\": {{\"entry\": {:.4g}, \"work\": {:.4g}, \"compile\": {:.3g}, \"scratch\": {}, \"value\": "
        "{:.17g}}}",
        name, m.entry, m.entry * rate, m.compile, m.scratch, m.value);
    std::fflush(stdout);
  };
  report("flatten_f32", measure<float>(layers, side, false, x, threads));
  report("flatten_f64", measure<double>(layers, side, false, x, threads));
  report("pooling_f32", measure<float>(layers, side, true, x, threads));
  report("pooling_f64", measure<double>(layers, side, true, x, threads));
  double value = 0;
  const double plain =
      seconds(threads, [&] { value = straightforward(layers, side, &x(0, 0), &x(samples, 0)); }, 1);
  fmt::print(", \"straightforward\": {{\"entry\": {:.4g}, \"value\": {:.17g}}}", plain, value);
  fmt::print(", \"sgemm_again\": {:.4g}}}\n", sgemm_rate(threads));
  return 0;
}
