#include "simulator/empirical_kernel.hpp"

#include <cmath>
#include <utility>

#include "simulator/philox.hpp"
#include "simulator/products.hpp"

namespace ntkc::simulator {
namespace {

/// The gradients of some functions by the output. The functions are the outputs themselves, or their sum
/// divided by √outputs, whose kernel is the sum over all pairs of outputs divided by their number.
Matrix output_signal(std::int64_t samples, std::int64_t outputs, NtkForm form) {
  const std::int64_t functions = form == NtkForm::pseudo ? 1 : outputs;
  Matrix signal(samples * functions, outputs);
  for (std::int64_t row = 0; row < signal.rows(); ++row) {
    if (form == NtkForm::pseudo) {
      const double share = 1 / std::sqrt(static_cast<double>(outputs));
      for (std::int64_t k = 0; k < outputs; ++k) signal(row, k) = share;
    } else {
      signal(row, row % outputs) = 1;
    }
  }
  return signal;
}

/// The random stream of the signs. No layer has it, for layers count from 0.
constexpr std::uint32_t probe_stream = ~0U;

/// Computes result[(i,k), (j,l)] += (a[i, j] + bias) · b[(i,k), (j,l)]. Under `trace` it is the sum over k =
/// l, divided by the number of outputs.
void accumulate(const Matrix& a, double bias, const Matrix& b, NtkForm form, Matrix& result) {
  const std::ptrdiff_t n = a.rows();
  const std::ptrdiff_t functions = b.rows() / n;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t k = 0; k < functions; ++k) {
      for (std::ptrdiff_t j = 0; j < n; ++j) {
        const double factor = a(i, j) + bias;
        const std::ptrdiff_t row = i * functions + k;
        if (form == NtkForm::trace) {
          result(i, j) += factor * b(row, j * functions + k) / static_cast<double>(functions);
          continue;
        }
        for (std::ptrdiff_t l = 0; l < functions; ++l)
          result(row, j * functions + l) += factor * b(row, j * functions + l);
      }
    }
  }
}

/// The kernel of the functions whose gradients by the output are the rows of `signal`.
Matrix contract(const Plan& plan, const Weights& weights, const Values& values, Matrix signal, NtkForm form,
                int threads) {
  const std::ptrdiff_t size = form == NtkForm::full ? signal.rows() : values[plan.output].rows();
  Matrix result(size, size);
  backward(plan, weights, values, std::move(signal), threads,
           [&](const LayerParameters& layer, const Matrix& input, const Matrix& gradient) {
             const double weight = layer.weights.kernel_weight();
             const double bias = layer.bias ? layer.bias->kernel_weight() : 0;
             if (weight == 0 && bias == 0) return;
             accumulate(gram_product(weight, input, threads), bias, gram_product(1, gradient, threads), form,
                        result);
           });
  return result;
}

}  // namespace

Matrix empirical_ntk(const Plan& plan, const Weights& weights, const Values& values, std::int64_t outputs,
                     NtkForm form, int threads) {
  const std::int64_t samples = values[plan.output].rows();
  return contract(plan, weights, values, output_signal(samples, outputs, form), form, threads);
}

Matrix averaged_ntk(const Plan& plan, const Weights& weights, const Values& values, std::int64_t probes,
                    std::uint64_t seed, std::uint32_t draw, int threads) {
  const Matrix& output = values[plan.output];
  const double share = 1 / std::sqrt(static_cast<double>(output.columns()));
  Matrix signal(output.rows() * probes, output.columns(), Uninitialized{});
  for (std::int64_t row = 0; row < signal.rows(); ++row) {
    for (std::int64_t k = 0; k < signal.columns(); ++k) {
      const PhiloxCounter words = philox(
          {static_cast<std::uint32_t>(k), static_cast<std::uint32_t>(row % probes), probe_stream, draw},
          {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
      signal(row, k) = (words[0] & 1U) != 0 ? share : -share;
    }
  }
  return contract(plan, weights, values, std::move(signal), NtkForm::trace, threads);
}

Matrix empirical_nngp(const Plan& plan, const Values& values, int threads) {
  const Matrix& output = values[plan.output];
  return gram_product(1 / static_cast<double>(output.columns()), output, threads);
}

}  // namespace ntkc::simulator
