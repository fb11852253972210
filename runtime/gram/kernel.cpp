#include "ntkc/kernel.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ostream>

#include "ntkc/errors.hpp"
#include "ntkc/gram.hpp"

namespace ntkc {
namespace {

/// One pair is done before a thread is started.
const Execution here = {.threads = 1};

MatrixView<const double> as_row(const KernelFunctions& kernel, std::span<const double> x, const char* name) {
  if (std::ssize(x) != kernel.input_size())
    throw InputError(fmt::format("{} has {} numbers, inputs of the kernel `{}` have {}", name, x.size(),
                                 kernel.name, kernel.input_size()));
  return {x.data(), 1, std::ssize(x)};
}

/// fill(result), in the precision of the kernel.
template <typename Fill>
void in_precision(const KernelFunctions& kernel, MatrixView<double> result, const Fill& fill) {
  if (kernel.precision == Precision::f64) {
    fill(result);
    return;
  }
  BasicMatrix<float> narrow(result.rows, result.columns, Uninitialized{});
  fill(narrow.view());
  for (std::ptrdiff_t i = 0; i < result.rows; ++i) std::copy_n(&narrow(i, 0), result.columns, &result(i, 0));
}

}  // namespace

double Kernel::of(KernelKind kind, Input x, Input y) const {
  const auto row = as_row(functions_, x, "x");
  const auto column = as_row(functions_, y, "y");
  double value = 0;
  in_precision(functions_, {&value, 1, 1}, [&]<typename T>(MatrixView<T> result) {
    cross_gram<T>(functions_, kind, row, column, result, here);
  });
  return value;
}

double Kernel::of(KernelKind kind, Input x) const {
  double value = 0;
  gram_diagonal(functions_, kind, as_row(functions_, x, "x"), &value);
  return value;
}

Matrix Kernel::gram(KernelKind kind, Inputs x, const Execution& execution) const {
  Matrix values(x.rows, x.rows, Uninitialized{});
  in_precision(functions_, values.view(), [&]<typename T>(MatrixView<T> result) {
    ntkc::gram<T>(functions_, kind, x, result, execution);
  });
  return values;
}

Matrix Kernel::gram(KernelKind kind, Inputs x, Inputs y, const Execution& execution) const {
  Matrix values(x.rows, y.rows, Uninitialized{});
  in_precision(functions_, values.view(), [&]<typename T>(MatrixView<T> result) {
    cross_gram<T>(functions_, kind, x, y, result, execution);
  });
  return values;
}

std::vector<double> Kernel::diagonal(KernelKind kind, Inputs x) const {
  std::vector<double> values(static_cast<std::size_t>(x.rows));
  gram_diagonal(functions_, kind, x, values.data());
  return values;
}

std::vector<Matrix> Kernel::planes(std::string_view stack, Inputs x, const Execution& execution) const {
  const KernelStack* const found = functions_.find(stack);
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const KernelStack& each : functions_.kernels) names.push_back(each.name);
    throw InputError(fmt::format("the kernel `{}` has no stack `{}`; it was compiled with {}", name(), stack,
                                 fmt::join(names, ", ")));
  }
  const auto count = std::ssize(found->planes);
  Matrix values(count * x.rows, x.rows, Uninitialized{});
  in_precision(functions_, values.view(), [&]<typename T>(MatrixView<T> result) {
    std::vector<MatrixView<T>> views;
    for (std::ptrdiff_t p = 0; p < count; ++p)
      views.emplace_back(result.data + p * x.rows * x.rows, x.rows, x.rows);
    ntkc::gram<T>(functions_, *found, x, std::span<const MatrixView<T>>(views), execution);
  });
  std::vector<Matrix> planes;
  for (std::ptrdiff_t p = 0; p < count; ++p) {
    Matrix& plane = planes.emplace_back(x.rows, x.rows, Uninitialized{});
    std::copy_n(values.data() + p * x.rows * x.rows, x.rows * x.rows, plane.data());
  }
  return planes;
}

std::ostream& operator<<(std::ostream& out, const Kernel& kernel) {
  constexpr const char* kinds[] = {"vector", "sequence", "image"};
  const std::vector<std::int64_t>& shape = kernel.input_shape();
  std::vector<std::string> names;
  for (const KernelStack& stack : kernel.functions().kernels) names.push_back(stack.name);
  return out << fmt::format("{}: {}({}), {}, {}", kernel.name(),
                            shape.empty() || shape.size() > 3 ? "input" : kinds[shape.size() - 1],
                            fmt::join(shape, ", "), kernel.precision() == Precision::f64 ? "f64" : "f32",
                            fmt::join(names, " and "));
}

}  // namespace ntkc
