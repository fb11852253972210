// A statement of the theory as a runnable experiment, and what came out of it.
#pragma once

#include <cstdint>
#include <ntkc/plot.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace theory {

/// `quick` takes seconds and is what the tests run; `full` is what the pages show.
enum class Size : std::uint8_t { quick, full };

/// A part of the statement that numbers can contradict.
struct Check {
  std::string claim;
  std::string measured;
  bool holds = false;
};

struct Findings {
  ntkc::plot::Figure figure;
  std::vector<std::vector<std::string>> table;  ///< the first row is the heading
  std::vector<Check> checks;
  std::string result;  ///< in one sentence, for the index
};

struct Experiment {
  std::string_view name;  ///< of the page NAME.md and the figure NAME.svg
  Findings (*run)(Size);
};
const std::vector<Experiment>& experiments();

Findings arc_cosine_formula(Size size);
Findings concentration(Size size);
Findings smallest_eigenvalue(Size size);
Findings loss_bound(Size size);
Findings kernel_in_training(Size size);
Findings linearisation(Size size);
Findings random_features(Size size);
Findings lazy_and_mean_field(Size size);
Findings kernel_regression_limit(Size size);

}  // namespace theory
