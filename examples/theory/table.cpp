#include "experiment.hpp"

namespace theory {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> table = {
      {"arc_cosine_formula", arc_cosine_formula},
      {"concentration", concentration},
      {"smallest_eigenvalue", smallest_eigenvalue},
      {"loss_bound", loss_bound},
      {"kernel_in_training", kernel_in_training},
      {"linearisation", linearisation},
      {"random_features", random_features},
      {"lazy_and_mean_field", lazy_and_mean_field},
      {"kernel_regression_limit", kernel_regression_limit},
  };
  return table;
}

}  // namespace theory
