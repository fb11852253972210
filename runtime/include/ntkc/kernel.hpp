// A compiled kernel as a value, for programs: Σ and Θ of two inputs, of one, and of all pairs of many.
//
//     const ntkc::Kernel k = ntkc::compile_file("network.arch");
//     double a = k.theta(x, y);           // of two inputs
//     ntkc::Matrix g = k.theta(X);        // of all pairs of the rows of X, n × n
//
// Copies share the machine code. All members may be called from any thread, on one kernel at a time or on several.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ntkc/execution.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

class Kernel {
 public:
  /// What `compile` and `compile_file` return.
  Kernel(KernelFunctions functions)
      : functions_(std::move(functions)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] const std::string& name() const { return functions_.name; }
  /// Positions, then channels: {d}, {length, channels} or {height, width, channels}.
  [[nodiscard]] const std::vector<std::int64_t>& input_shape() const { return functions_.input_shape; }
  /// The length of an input: the product of its shape. Inputs with positions are flattened, channels last.
  [[nodiscard]] std::int64_t input_size() const { return functions_.input_size(); }
  /// Of the arithmetic; results are doubles whatever it is.
  [[nodiscard]] Precision precision() const { return functions_.precision; }
  [[nodiscard]] bool has(KernelKind kind) const { return functions_.find(kind) != nullptr; }
  /// What gram(), fit() and predict() take.
  [[nodiscard]] const KernelFunctions& functions() const { return functions_; }
  operator const KernelFunctions&() const { return functions_; }  // NOLINT(google-explicit-constructor)

  // Of two inputs, and of an input with itself: bit-equal to the entries of the matrices below. With dropout an input
  // with itself is more than two inputs that are equal. All throw InputError (another length than input_size(), NaN,
  // infinity, a kernel that was not compiled) and NumericalError.
  using Input = std::span<const double>;
  [[nodiscard]] double of(KernelKind kind, Input x, Input y) const;
  [[nodiscard]] double of(KernelKind kind, Input x) const;
  [[nodiscard]] double sigma(Input x, Input y) const { return of(KernelKind::sigma, x, y); }
  [[nodiscard]] double sigma(Input x) const { return of(KernelKind::sigma, x); }
  [[nodiscard]] double theta(Input x, Input y) const { return of(KernelKind::theta, x, y); }
  [[nodiscard]] double theta(Input x) const { return of(KernelKind::theta, x); }

  // Of all pairs of rows: n × n, symmetric to the last bit, and n × m. Rows are inputs. Also throw Cancelled.
  using Inputs = MatrixView<const double>;
  [[nodiscard]] Matrix gram(KernelKind kind, Inputs x, const Execution& execution = {}) const;
  [[nodiscard]] Matrix gram(KernelKind kind, Inputs x, Inputs y, const Execution& execution = {}) const;
  [[nodiscard]] Matrix sigma(Inputs x, const Execution& execution = {}) const {
    return gram(KernelKind::sigma, x, execution);
  }
  [[nodiscard]] Matrix sigma(Inputs x, Inputs y, const Execution& execution = {}) const {
    return gram(KernelKind::sigma, x, y, execution);
  }
  [[nodiscard]] Matrix theta(Inputs x, const Execution& execution = {}) const {
    return gram(KernelKind::theta, x, execution);
  }
  [[nodiscard]] Matrix theta(Inputs x, Inputs y, const Execution& execution = {}) const {
    return gram(KernelKind::theta, x, y, execution);
  }
  /// K(x_i, x_i), n values.
  [[nodiscard]] std::vector<double> diagonal(KernelKind kind, Inputs x) const;
  /// The planes of a stack, "Theta_by_layer" or "dTheta_dw", each n × n. InputError names the stacks there are.
  [[nodiscard]] std::vector<Matrix> planes(std::string_view stack, Inputs x,
                                           const Execution& execution = {}) const;

 private:
  KernelFunctions functions_;
};

/// `fashion_cnn: image(28, 28, 1), f64, Sigma and Theta`
std::ostream& operator<<(std::ostream& out, const Kernel& kernel);

}  // namespace ntkc
#pragma GCC visibility pop
