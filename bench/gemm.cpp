// ntkc_bench_gemm N D THREADS: the product X Xᵀ of OpenBLAS in f64, which a Gram matrix cannot do without.
// Prints one JSON object: medians of 3 calls after a warm-up. dsyrk fills one triangle only, dgemm the whole
// matrix.
#include <cblas.h>
#include <fmt/format.h>
#include <openblas_config.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <random>
#include <vector>

namespace {

double seconds(const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  work();
  std::array<double, 3> samples{};
  for (double& sample : samples) {
    const Clock::time_point start = Clock::now();
    work();
    sample = std::chrono::duration<double>(Clock::now() - start).count();
  }
  std::sort(samples.begin(), samples.end());
  return samples[samples.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int n = argc == 4 ? std::atoi(argv[1]) : 0;
  const int d = argc == 4 ? std::atoi(argv[2]) : 0;
  const int threads = argc == 4 ? std::atoi(argv[3]) : 0;
  if (n < 1 || d < 1 || threads < 1) {
    fmt::print(stderr, "usage: ntkc_bench_gemm N D THREADS\n");
    return 2;
  }
  openblas_set_num_threads(threads);
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> x(static_cast<std::size_t>(n) * static_cast<std::size_t>(d));
  for (double& value : x) value = normal(random);
  std::vector<double> k(static_cast<std::size_t>(n) * static_cast<std::size_t>(n));

  const double dsyrk = seconds([&] {
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, n, d, 1.0, x.data(), d, 0.0, k.data(), n);
  });
  const double dgemm = seconds([&] {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, d, 1.0, x.data(), d, x.data(), d, 0.0,
                k.data(), n);
  });
  fmt::print("{{\"dsyrk\": {:.6g}, \"dgemm\": {:.6g}, \"core\": \"{}\", \"version\": \"{}\"}}\n", dsyrk,
             dgemm, openblas_get_corename(), openblas_get_config());
  return 0;
}
