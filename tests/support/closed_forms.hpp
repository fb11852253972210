// The activations with a closed form, and how exact their machine code is: the one place where it is written
// down. tests/codegen/test_activations.cpp enforces it and docs/numerics.md shows it.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace ntkc::test {

struct ClosedForm {
  std::string name;      ///< as in a network
  std::string function;  ///< the same for the kernel IR
  double highest = 1e3;  ///< variances go from 1e-3 to this
  /// The largest error of K and of K̇ that the test may find, in units of √(K(x,x) K(x',x')).
  std::array<double, 2> bounds = {0, 0};
};

inline const std::vector<ClosedForm>& closed_forms() {
  static const std::vector<ClosedForm> table = {
      {"relu", "max(z, 0)", 1e3, {5e-16, 2e-16}},
      {"leaky_relu(alpha = 0.2)", "max(z, 0) + 0.2*min(z, 0)", 1e3, {1e-15, 2e-16}},
      {"ab_relu(a = -0.3, b = 0.8)", "-0.3*min(z, 0) + 0.8*max(z, 0)", 1e3, {1e-15, 5e-16}},
      {"abs", "abs(z)", 1e3, {5e-16, 5e-16}},
      {"sign", "sign(z)", 1e3, {5e-16, 0}},
      {"step", "select_less(z, 0, 0, 1)", 1e3, {2e-16, 0}},
      {"monomial(n = 3)", "z^3", 1e3, {1e-15, 1e-15}},
      {"rectified_monomial(n = 2)", "select_less(z, 0, 0, z^2)", 1e3, {5e-16, 5e-16}},
      {"polynomial(0.3, -0.2, 0.5)", "0.3 - 0.2*z + 0.5*z^2", 1e3, {5e-16, 5e-16}},
      {"hermite(n = 3)", "(z^3 - 3*z)/sqrt(6)", 1e3, {5e-16, 5e-16}},
      {"erf", "erf(z)", 1e3, {1e-15, 5e-16}},
      {"gelu", "z*(1 + erf(z/sqrt(2)))/2", 1e3, {1e-15, 5e-16}},
      {"sigmoid_like", "(1 + erf(z/2.4020563531719796))/2", 1e3, {2e-16, 5e-16}},
      {"exp(a = 0.5)", "exp(0.5*z)", 1e3, {1e-15, 1e-15}},
      {"gaussian", "exp(-1*z^2)", 1e3, {5e-16, 1e-15}},
      {"gabor", "exp(-1*z^2)*sin(z)", 1e3, {2e-13, 1e-15}},
      {"sin", "sin(z)", 1e3, {2e-15, 2e-15}},
      {"cos", "cos(z)", 1e3, {2e-15, 2e-15}},
      {"sinusoid(a = 0.5, b = 1.5, c = 0.2)", "0.5*sin(1.5*z + 0.2)", 1e3, {1e-15, 1e-15}},
      {"rbf(gamma = 0.7)", "sqrt(2)*sin(sqrt(1.4)*z + pi/4)", 1e3, {1e-15, 1e-15}},
      {"elu", "select_less(z, 0, exp(z) - 1, z)", 1e3, {5e-13, 5e-15}},
      {"elu(alpha = 0.3)", "select_less(z, 0, 0.3*(exp(z) - 1), z)", 1e3, {5e-14, 2e-15}},
      {"selu",
       "1.0507009873554805*select_less(z, 0, 1.6732632423543772*(exp(z) - 1), z)",
       1e3,
       {5e-13, 2e-14}},
      {"hard_tanh", "max(min(z, 1), -1)", 1e3, {5e-13, 2e-14}},
      {"f(z) = min(max(z, 0), 6)", "min(max(z, 0), 6)", 1e3, {2e-14, 2e-15}},
      {"f(z) = where(z > 1, 2*z - 1, z)", "select_less(1, z, 2*z - 1, z)", 1e3, {1e-15, 5e-16}},
      {"f(z) = where(z > 1, 1, 0.25)", "select_less(1, z, 1, 0.25)", 1e3, {5e-16, 0}},
      {"f(z) = max(2*z + 1, 0)", "max(2*z + 1, 0)", 1e3, {1e-15, 1e-15}},
      {"f(z) = abs(z^2 - 1)", "abs(z^2 - 1)", 1e3, {5e-15, 2e-15}},
      {"f(z) = exp(-abs(z))", "exp(-1*abs(z))", 1e3, {5e-13, 1e-12}},
      {"f(z) = relu(z) + 0.1*sin(3*z)", "max(z, 0) + 0.1*sin(3*z)", 1e3, {1e-15, 1e-13}},
      {"f(z) = relu(z) + exp(0.25*z)", "max(z, 0) + exp(0.25*z)", 1e3, {2e-14, 2e-14}},
      {"f(z) = exp(0.5*z)*erf(z)", "exp(0.5*z)*erf(z)", 1e3, {1e-12, 5e-14}},
      {"f(z) = relu(z)^2 + sin(3*z)", "max(z, 0)^2 + sin(3*z)", 1e3, {1e-14, 5e-15}},
      {"f(z) = abs(z) + cos(2*z)", "abs(z) + cos(2*z)", 1e3, {1e-15, 5e-13}},
      {"f(z) = z*erf(z) + erf(z) + sin(z + 1)", "z*erf(z) + erf(z) + sin(z + 1)", 1e3, {5e-16, 1e-13}},
      {"f(z) = abs(z)*exp(-0.5*z^2)", "abs(z)*exp(-0.5*z^2)", 1e3, {1e-15, 5e-16}},
  };
  return table;
}

}  // namespace ntkc::test
