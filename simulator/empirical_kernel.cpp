#include "simulator/empirical_kernel.hpp"

#include <cmath>
#include <utility>

#include "runtime/gram/parallel.hpp"
#include "runtime/regression/blas_threads.hpp"
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

/// Of a layer on P positions: the gradient by its weights is the sum over the positions, so that
///   Θ̂[(i,k), (j,l)] += Σ_pp' (weight A Aᵀ + bias)[(i,p), (j,p')] · (B Bᵀ)[(i,k,p), (j,l,p')].
/// One input i at a time, with j ≤ i: no array holds all pairs of positions of all pairs of inputs.
void accumulate_positions(const LayerParameters& layer, const Matrix& a, const Matrix& b, std::ptrdiff_t n,
                          NtkForm form, int threads, Matrix& result) {
  const std::ptrdiff_t positions = a.rows() / n;
  const std::ptrdiff_t functions = b.rows() / a.rows();
  const std::ptrdiff_t block = functions * positions;
  const double bias = layer.bias ? layer.bias->kernel_weight() : 0;
  runtime::parallel_for(n, runtime::blas_threads(threads), [&](std::ptrdiff_t i, int /*worker*/) {
    const Matrix read =
        product_of_rows(layer.weights.kernel_weight(), a, {i * positions, positions}, (i + 1) * positions);
    const Matrix sent = product_of_rows(1, b, {i * block, block}, (i + 1) * block);
    for (std::ptrdiff_t k = 0; k < functions; ++k) {
      for (std::ptrdiff_t column = 0; column < (i + 1) * functions; ++column) {
        const std::ptrdiff_t j = column / functions;
        if (form == NtkForm::trace && column % functions != k) continue;
        double sum = 0;
        for (std::ptrdiff_t p = 0; p < positions; ++p) {
          for (std::ptrdiff_t q = 0; q < positions; ++q)
            sum += (read(p, j * positions + q) + bias) * sent(k * positions + p, column * positions + q);
        }
        if (form == NtkForm::trace)
          result(i, j) += sum / static_cast<double>(functions);
        else
          result(i * functions + k, column) += sum;
      }
    }
  });
  for (std::ptrdiff_t row = 0; row < result.rows(); ++row) {
    for (std::ptrdiff_t column = 0; column < row; ++column) result(column, row) = result(row, column);
  }
}

/// The kernel of the functions whose gradients by the output are the rows of `signal`.
Matrix contract(const Plan& plan, const Weights& weights, const Values& values, Matrix signal, NtkForm form,
                int threads) {
  const std::ptrdiff_t samples = values[plan.output].rows();
  const std::ptrdiff_t size = form == NtkForm::full ? signal.rows() : samples;
  Matrix result(size, size);
  backward(plan, weights, values, std::move(signal), threads,
           [&](const LayerParameters& layer, const Matrix& input, const Matrix& gradient) {
             const double weight = layer.weights.kernel_weight();
             const double bias = layer.bias ? layer.bias->kernel_weight() : 0;
             if (weight == 0 && bias == 0) return;
             if (input.rows() != samples)
               accumulate_positions(layer, input, gradient, samples, form, threads, result);
             else
               accumulate(gram_product(weight, input, threads), bias, gram_product(1, gradient, threads),
                          form, result);
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
