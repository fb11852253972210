// --ridge and --ridge-absolute: a number, several, a range, or `auto`; and what is said of those that were judged.
#pragma once

#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/options.hpp"
#include "ntkc/model.hpp"

namespace ntkc::cli {

class RidgeOption {
 public:
  void declare(Options& options);
  /// Throws UsageError.
  void validate() const;
  /// Sets the ridge, or what it is chosen from.
  void apply(FitOptions& options) const;
  /// Whether several ridges are judged.
  [[nodiscard]] bool is_choice() const;
  [[nodiscard]] RidgeCriterion criterion() const;

 private:
  [[nodiscard]] std::vector<double> values() const;

  std::string relative_;
  std::string absolute_;
  std::string criterion_;
};

/// A line for each ridge, the chosen one marked, and what the eigenvalues say.
std::string path_text(const RidgePath& path, RidgeCriterion criterion);
Json path_json(const RidgePath& path, RidgeCriterion criterion);

}  // namespace ntkc::cli
