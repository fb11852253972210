// The data that a command reads, as the command line names them: the same options everywhere.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "ntkc/checkpoint.hpp"
#include "ntkc/dataset.hpp"
#include "ntkc/model.hpp"

namespace ntkc::cli {

class Console;

/// How tables are written, and which rows and columns are taken.
struct DataArguments {
  std::string separator;
  std::string decimal = "auto";
  std::string header = "auto";
  std::vector<std::string> features;
  std::vector<std::string> drop;
  std::string encoding = "none";
  std::string missing = "error";
  std::string rows;
  std::string sample;
  std::uint64_t seed = 0;

  /// What is said of tables, and of rows. `own_seed`: the command has a --seed of its own, for other draws.
  void declare(Options& options, bool own_seed = false);
  /// Which columns are features, and how; not of a command that knows them from a model.
  void declare_features(Options& options);
  [[nodiscard]] DataOptions data_options(std::uint64_t sample_seed) const;
};

/// `--preprocess=none|standardize|unit-norm|zca`
struct PreprocessingArguments {
  std::string kind = "none";
  double regularization = default_zca_regularization;

  void declare(Options& options, const std::string& purpose);
  /// Of a network with this input.
  [[nodiscard]] PreprocessingOptions options(const std::vector<std::int64_t>& input_shape) const;
};

/// What is learnt from, with targets.
struct TrainingData : DataArguments {
  std::string train;
  std::vector<std::string> target;
  std::string targets;
  PreprocessingArguments preprocessing;
  std::string task;

  void declare(Options& options, bool own_seed = false);
  /// Throws UsageError unless exactly one of --target and --targets is given.
  void validate() const;
  /// `check` is asked about the shape of an array before its values are read.
  [[nodiscard]] Dataset read(const ShapeCheck& check, std::uint64_t sample_seed) const;
  /// What to do with it, for a network with this input.
  [[nodiscard]] FitOptions fit_options(const std::vector<std::int64_t>& input_shape) const;
};

/// `--checkpoint=DIR`
struct CheckpointArgument {
  std::string folder;

  void declare(Options& options);
  /// Null unless the option is given.
  [[nodiscard]] std::unique_ptr<Checkpoint> open(const Console& console) const;
  /// Says how an interrupted run goes on.
  void tell_interrupted(const Console& console) const;
};

/// Tells what was noted while data were read.
void tell_notes(const std::vector<std::string>& notes, const Console& console);

}  // namespace ntkc::cli
