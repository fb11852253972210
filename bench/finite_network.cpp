// The empirical tangent kernel of a finite network beside its matrix products alone: best of `REPETITIONS`,
// one JSON object on standard output.
//   ntkc_bench_finite_network F.arch WIDTH SAMPLES OUTPUTS THREADS REPETITIONS
#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "compiler/elaborate_text.hpp"
#include "ntkc/verification.hpp"
#include "simulator/empirical_kernel.hpp"

using namespace ntkc;
using namespace ntkc::simulator;

namespace {

template <typename Work>
double best_seconds(int repetitions, Work work) {
  double best = 1e300;
  for (int i = 0; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

/// The products that the kernel cannot do without, each one call to BLAS on matrices in memory: activations
/// and signals through every layer but the signals of the first, and A Aᵀ and B Bᵀ of every layer.
class Products {
 public:
  Products(const Plan& plan, int samples, int outputs)
      : plan_(plan), samples_(samples), signals_(samples * outputs) {
    std::size_t largest = 0;
    for (const Step& step : plan.steps) largest = std::max(largest, static_cast<std::size_t>(step.channels));
    weights_.resize(largest * largest, 0.5);
    left_.resize(static_cast<std::size_t>(signals_) * largest, 0.5);
    right_.resize(left_.size());
    gram_.resize(static_cast<std::size_t>(signals_) * static_cast<std::size_t>(signals_));
  }

  void run() {
    bool first = true;
    for (const Step& step : plan_.steps) {
      const auto* const dense = std::get_if<DenseStep>(&step.operation);
      if (dense == nullptr) continue;
      const int in = static_cast<int>(dense->inputs);
      const int out = static_cast<int>(dense->outputs);
      multiply(samples_, out, in, CblasTrans, in);
      if (!first) multiply(signals_, in, out, CblasNoTrans, in);
      gram(samples_, in);
      gram(signals_, out);
      first = false;
    }
  }

 private:
  void multiply(int rows, int columns, int inner, CBLAS_TRANSPOSE op, int stride) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, op, rows, columns, inner, 1, left_.data(), inner,
                weights_.data(), stride, 0, right_.data(), columns);
  }
  void gram(int rows, int columns) {
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, rows, columns, 1, left_.data(), columns, 0,
                gram_.data(), rows);
  }

  const Plan& plan_;
  int samples_;
  int signals_;
  std::vector<double> weights_;
  std::vector<double> left_;
  std::vector<double> right_;
  std::vector<double> gram_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 7) {
    fmt::print(stderr, "usage: ntkc_bench_finite_network F.arch WIDTH SAMPLES OUTPUTS THREADS REPETITIONS\n");
    return 2;
  }
  std::ifstream file(arguments[1]);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const int samples = std::stoi(arguments[3]);
  const int outputs = std::stoi(arguments[4]);
  const int threads = std::stoi(arguments[5]);
  const int repetitions = std::stoi(arguments[6]);
  const Plan plan = make_plan(elaborate_text(text, {}, arguments[1]),
                              {.width = std::stoi(arguments[2]), .outputs = outputs});
  const Matrix x = verification_inputs(samples, plan.input_channels(), 0);

  const auto kernel = [&](const Weights& weights) {
    const Values values = forward(plan, weights, x.view(), threads);
    return empirical_ntk(plan, weights, values, outputs, NtkForm::full, threads);
  };
  const DrawnWeights drawn(0, 0);
  const StoredWeights stored(plan, drawn);
  const double of_drawn = best_seconds(repetitions, [&] { static_cast<void>(kernel(drawn)); });
  const double of_stored = best_seconds(repetitions, [&] { static_cast<void>(kernel(stored)); });
  openblas_set_num_threads(threads);
  Products products(plan, samples, outputs);
  const double of_products = best_seconds(repetitions, [&] { products.run(); });
  fmt::print("{{\"drawn\": {:.6f}, \"stored\": {:.6f}, \"products\": {:.6f}}}\n", of_drawn, of_stored,
             of_products);
}
