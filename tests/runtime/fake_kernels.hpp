// Kernels as a compiler would deliver them, written by hand: what the runtime is tested on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"

namespace ntkc::test {

/// Slot 0: q, slot 1: √q.
template <typename T>
void sample_roots(const SampleArguments* a) {
  auto* slots = static_cast<T*>(a->table);
  for (std::int64_t j = 0; j < a->count; ++j) {
    slots[j] = static_cast<T>(a->self[j]);
    slots[a->table_stride + j] = static_cast<T>(std::sqrt(a->self[j]));
  }
}

/// result = f(signed m, √q_i √q_j), in plane p times p + 1
template <typename T, int planes = 1, typename Function>
void for_each_pair(const PairArguments* a, Function f) {
  const auto* m = static_cast<const T*>(a->half_complement);
  auto* to = static_cast<T*>(a->result);
  const T* row_roots = static_cast<const T*>(a->row_table) + a->row_table_stride;
  const T* column_roots = static_cast<const T*>(a->column_table) + a->column_table_stride;
  for (std::int64_t i = 0; i < a->rows; ++i) {
    for (std::int64_t j = 0; j < a->columns; ++j) {
      const T value = f(m[i * a->half_complement_stride + j], row_roots[i] * column_roots[j]);
      for (int p = 0; p < planes; ++p) to[p * a->plane_stride + i * a->result_stride + j] = (p + 1) * value;
    }
  }
}

/// Σ of a linear network: x·y/d.
template <typename T>
void linear_pair(const PairArguments* arguments) {
  for_each_pair<T>(arguments, [](T h, T g) { return g * std::copysign(1 - 2 * std::abs(h), h); });
}

/// √(qq') (u κ0 + κ1)/2, with the angle θ = 2 asin √m (or π less that for u < 0).
template <typename T>
T relu_value(T h, T g) {
  constexpr T pi = std::numbers::pi_v<T>;
  const T a = std::abs(h);
  const T acute = 2 * std::asin(std::sqrt(a));
  const T theta = std::signbit(h) ? pi - acute : acute;
  const T u = std::copysign(1 - 2 * a, h);
  const T kappa0 = 1 - theta / pi;
  const T kappa1 = (2 * std::sqrt(a * (1 - a)) + (pi - theta) * u) / pi;
  return g * (u * kappa0 + kappa1) / 2;
}

/// Θ of dense → relu → dense, in plane p times p + 1.
template <typename T, int planes = 1>
void relu_pair(const PairArguments* arguments) {
  for_each_pair<T, planes>(arguments, relu_value<T>);
}

/// The half complement itself, signed; uses no table.
template <typename T>
void probe_pair(const PairArguments* a) {
  for (std::int64_t i = 0; i < a->rows; ++i) {
    std::copy_n(static_cast<const T*>(a->half_complement) + i * a->half_complement_stride, a->columns,
                static_cast<T*>(a->result) + i * a->result_stride);
  }
}

inline void sample_nothing(const SampleArguments*) {}

/// Without Σ or Θ if that is null.
template <typename T>
KernelFunctions fake_kernel(std::int64_t size, PairFunction sigma = linear_pair<T>,
                            PairFunction theta = relu_pair<T>) {
  KernelFunctions kernel;
  kernel.name = "fake";
  kernel.input_shape = {size};
  kernel.precision = sizeof(T) == sizeof(double) ? Precision::f64 : Precision::f32;
  kernel.slots = 2;
  kernel.sample = sample_roots<T>;
  if (sigma != nullptr) kernel.kernels.push_back({"Sigma", {"1"}, sigma});
  if (theta != nullptr) kernel.kernels.push_back({"Theta", {"1"}, theta});
  return kernel;
}

template <typename T>
KernelFunctions probe_kernel(std::int64_t size) {
  KernelFunctions kernel = fake_kernel<T>(size, probe_pair<T>, nullptr);
  kernel.slots = 0;
  kernel.sample = sample_nothing;
  return kernel;
}

inline Matrix random_matrix(std::ptrdiff_t rows, std::ptrdiff_t columns, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  Matrix x(rows, columns);
  for (std::ptrdiff_t i = 0; i < rows * columns; ++i) x.data()[i] = normal(generator);
  return x;
}

/// What the runtime should know about a pair, in long double from the raw inputs.
struct PairReference {
  long double root_near;  ///< √((1 - |u|)/2)
  bool negative;          ///< u < 0
  long double u;
  long double scale;  ///< √(q q')
};

inline PairReference pair_reference(const double* x, const double* y, std::ptrdiff_t size) {
  long double xx = 0;
  long double yy = 0;
  long double xy = 0;
  for (std::ptrdiff_t k = 0; k < size; ++k) {
    xx += static_cast<long double>(x[k]) * x[k];
    yy += static_cast<long double>(y[k]) * y[k];
    xy += static_cast<long double>(x[k]) * y[k];
  }
  if (xx == 0 || yy == 0) return {std::sqrt(0.5L), false, 0, 0};
  const long double norm_x = std::sqrt(xx);
  const long double norm_y = std::sqrt(yy);
  long double minus = 0;
  long double plus = 0;
  for (std::ptrdiff_t k = 0; k < size; ++k) {
    const long double a = x[k] / norm_x;
    const long double b = y[k] / norm_y;
    minus += (a - b) * (a - b);
    plus += (a + b) * (a + b);
  }
  const bool negative = xy < 0;
  return {std::sqrt(negative ? plus : minus) / 2, negative, xy / (norm_x * norm_y),
          norm_x * norm_y / static_cast<long double>(size)};
}

/// relu_pair's formula in long double.
inline long double relu_reference(const PairReference& pair) {
  constexpr long double pi = std::numbers::pi_v<long double>;
  const long double acute = 2 * std::asin(pair.root_near);
  const long double theta = pair.negative ? pi - acute : acute;
  const long double u = std::cos(theta);
  return pair.scale * (u * (1 - theta / pi) + (std::sin(theta) + (pi - theta) * u) / pi) / 2;
}

}  // namespace ntkc::test
