// The data that a network is fitted to or trained on, as the command line names it.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "ntkc/model.hpp"

namespace ntkc::cli {

struct TrainingData {
  std::string train;
  std::string target;
  std::string targets;
  std::string preprocessing = "none";
  std::string task;

  void declare(Options& options);
  /// Throws UsageError unless exactly one of --target and --targets is given.
  void validate() const;
  /// A table, from which --target takes a column, and not arrays.
  [[nodiscard]] bool is_table() const { return !target.empty(); }
  /// `check` is asked about the shape of an array before its values are read.
  [[nodiscard]] Dataset read(const ShapeCheck& check) const;
  /// What to do with it.
  [[nodiscard]] FitOptions fit_options() const;
};

}  // namespace ntkc::cli
