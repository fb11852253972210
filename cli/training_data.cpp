#include "cli/training_data.hpp"

#include "cli/command.hpp"

namespace ntkc::cli {

void TrainingData::declare(Options& options) {
  options.option("TRAIN", train, "CSV with a header, .npy or IDX images; `-` is standard input").required();
  options.option("--target", target, "the column of a CSV table to predict; all others are features")
      .value_name("COLUMN");
  options.option("--targets", targets, "the targets of an array, .npy or IDX labels").value_name("FILE");
  options.choice("--preprocess", preprocessing,
                 "what is done to the inputs (default: none); a model stores it",
                 {"none", "standardize", "unit-norm"});
  options.choice("--task", task,
                 "default: classification for text columns, integer .npy targets and IDX labels",
                 {"regression", "classification"});
}

void TrainingData::validate() const {
  if (target.empty() != targets.empty()) return;
  throw UsageError(target.empty()
                       ? "no targets: give --target=COLUMN of a CSV table, or --targets=FILE "
                         "with the targets of an array"
                       : "--target names a column of a CSV table, --targets a file: give one of them");
}

Dataset TrainingData::read(const ShapeCheck& check) const {
  return is_table() ? read_training_table(train, target) : read_array_dataset(train, targets, check);
}

FitOptions TrainingData::fit_options() const {
  FitOptions options;
  options.preprocessing = preprocessing_kind(preprocessing).value_or(PreprocessingKind::none);
  options.task = task_from_name(task);
  return options;
}

}  // namespace ntkc::cli
