// The empirical tangent kernel of a finite network beside its matrix products alone: medians of `REPETITIONS`
// rounds in which each takes its turn, one JSON object on standard output.
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

#include "compiler/driver/elaborate_text.hpp"
#include "ntkc/verification.hpp"
#include "simulator/empirical_kernel.hpp"

using namespace ntkc;
using namespace ntkc::simulator;

namespace {

template <typename Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

/// The products that the kernel cannot do without, each one call to BLAS on matrices in memory: activations
/// and signals through every layer but the signals of the first, and A Aᵀ and B Bᵀ of every layer.
class Products {
 public:
  Products(const Plan& plan, int samples, int outputs)
      : plan_(plan), samples_(samples), signals_(samples * outputs) {
    std::size_t largest = 0;
    for (const auto& step : plan.steps) largest = std::max(largest, static_cast<std::size_t>(step->channels));
    weights_.resize(largest * largest, 0.5);
    left_.resize(static_cast<std::size_t>(signals_) * largest, 0.5);
    right_.resize(left_.size());
    gram_.resize(static_cast<std::size_t>(signals_) * static_cast<std::size_t>(signals_));
  }

  void run() {
    bool first = true;
    for (const auto& step : plan_.steps) {
      const LayerParameters* const layer = step->parameters();
      if (layer == nullptr) continue;
      const int in = static_cast<int>(layer->inputs);
      const int out = static_cast<int>(layer->outputs);
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
  const Plan plan = make_plan(driver::elaborate_text(text, {}, arguments[1]),
                              {.width = std::stoi(arguments[2]), .outputs = outputs});
  const Matrix x = verification_inputs(samples, plan.input_channels(), 0);

  const auto kernel = [&](const Weights& weights) {
    openblas_set_num_threads(1);  // the simulator's threads are its own
    const Values values = forward(plan, weights, x.view(), threads);
    return empirical_ntk(plan, weights, values, outputs, NtkForm::full, threads);
  };
  const DrawnWeights drawn(0, 0);
  const StoredWeights stored(plan, drawn);
  Products products(plan, samples, outputs);
  const auto alone = [&] {
    openblas_set_num_threads(threads);
    products.run();
  };
  std::vector<double> of_drawn;
  std::vector<double> of_stored;
  std::vector<double> of_products;
  for (int i = -1; i < repetitions; ++i) {  // the first round warms up
    const double round[] = {seconds([&] { static_cast<void>(kernel(drawn)); }),
                            seconds([&] { static_cast<void>(kernel(stored)); }), seconds(alone)};
    if (i < 0) continue;
    of_drawn.push_back(round[0]);
    of_stored.push_back(round[1]);
    of_products.push_back(round[2]);
  }
  fmt::print("{{\"drawn\": {:.6f}, \"stored\": {:.6f}, \"products\": {:.6f}}}\n", median(of_drawn),
             median(of_stored), median(of_products));
}
