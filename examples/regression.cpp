// Compiles a network, evaluates its kernels and fits a regressor, in ten lines.
#include <iostream>
#include <ntkc/compiler.hpp>
#include <ntkc/eigen.hpp>

int main() {
  const auto kernel = ntkc::compile_file("examples/two_layer_erf.arch");
  const ntkc::RowMatrix x = ntkc::RowMatrix::Random(200, 2);
  const ntkc::RowMatrix y = (3 * x.col(0)).array().sin() * x.col(1).array();
  std::cout << "Sigma\n" << ntkc::gram(kernel, ntkc::KernelKind::sigma, x.topRows(3)) << "\n";
  std::cout << "Theta\n" << ntkc::gram(kernel, ntkc::KernelKind::theta, x.topRows(3)) << "\n";
  ntkc::KernelRegressor regressor(kernel, {.ridge = {.value = 1e-8}});
  regressor.fit(x.topRows(150), y.topRows(150));
  const double error =
      (regressor.predict(x.bottomRows(50)) - y.bottomRows(50)).norm() / y.bottomRows(50).norm();
  std::cout << "relative error on new points " << error << "\n";
}
