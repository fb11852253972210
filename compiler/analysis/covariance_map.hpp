// A compiled kernel as a function of (q, u): pairs of inputs of one norm.
#pragma once

#include <vector>

#include "ntkc/kernel_functions.hpp"

namespace ntkc::analysis {

/// A correlation together with its distance from 1, which is exact where u alone is not.
struct Correlation {
  static Correlation of(double u) { return {u, 1 - u}; }
  static Correlation below_one(double distance) { return {1 - distance, distance}; }

  double u = 1;
  double distance = 0;  ///< 1 - u
};

class CovarianceMap {
 public:
  explicit CovarianceMap(const KernelFunctions& kernel);

  /// Σ(x, x') at |x|²/d = |x'|²/d = q; only if Σ was compiled.
  [[nodiscard]] double sigma(double q, Correlation u = {}) { return evaluate(kernel_.sigma, q, u); }
  /// The same of Θ.
  [[nodiscard]] double theta(double q, Correlation u = {}) { return evaluate(kernel_.theta, q, u); }

 private:
  double evaluate(PairFunction pair, double q, Correlation u);

  KernelFunctions kernel_;
  double q_;  // that the table is for
  std::vector<double> table_;
  std::vector<double> row_;
};

}  // namespace ntkc::analysis
