// From targets as a file states them to the rows a regression takes, and back.
//
// Regression takes numbers as they are, or less their mean (--center). Classification turns the label of
// class c into a one-hot row minus 1/classes: entry c is 1 − 1/C, the others are −1/C.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/dataset.hpp"
#include "ntkc/matrix.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

enum class Task : std::uint8_t { regression, classification };

std::string_view name(Task task);
std::optional<Task> task_from_name(std::string_view name);

/// More classes than this are taken for a mistake: real numbers or identifiers in place of labels.
inline constexpr std::size_t max_classes = 10'000;

struct TargetEncoding {
  Task task = Task::regression;
  std::string name;                  ///< of the target column; empty for arrays
  std::vector<std::string> outputs;  ///< names of the outputs: the classes in order, or the target column(s)
  bool numeric_labels = false;  ///< classification: labels are numbers, in numeric order; else texts, sorted
  std::vector<double> label_values;  ///< of numeric labels, one per class
  std::vector<double> offsets;       ///< regression: added to what the kernel predicts; one per output
};

struct TaskChoice {
  Task task = Task::regression;
  /// What was decided and how to decide otherwise, if the targets leave room for doubt and nobody was asked.
  std::string note;
};

/// What --task says, or classification for texts and integers of arrays and regression for other numbers. Targets that
/// are hardly labels are an error unless --task calls them so: texts that are numbers in another notation ("1,234",
/// "$12.5", "12 %"), texts among numbers, and more than two labels of which there are as many as half the samples
/// (of texts from ten samples on).
TaskChoice choose_task(std::optional<Task> asked, const RawTargets& targets);

/// Classes or means from training targets. Throws InputError (texts for a regression, one class only, …).
TargetEncoding learn_encoding(Task task, bool center, const RawTargets& targets);

/// The rows that the regression fits, n × outputs.
Matrix encode(const TargetEncoding& encoding, const RawTargets& targets);

/// The class of every row. Throws InputError naming place and label of the first that training did not have.
std::vector<std::int32_t> class_indices(const TargetEncoding& encoding, const RawTargets& targets);

/// The numbers of a regression's targets, n × outputs. Throws InputError unless they are as many as the
/// outputs.
MatrixView<const double> regression_targets(const TargetEncoding& encoding, const RawTargets& targets);

/// Whether every row of several columns is a single 1 among zeros: classes written out.
bool is_one_hot(const RawTargets& targets);

/// What test targets say. A target that is missing, or a class that training did not have, is not known: the row is
/// predicted and not scored.
struct KnownTargets {
  std::vector<std::int64_t> rows;     ///< those that are known, in order
  std::vector<std::int32_t> classes;  ///< of these rows, for a classification
  Matrix numbers;                     ///< of these rows, for a regression: rows × outputs
  std::string note;                   ///< how many are not known, and the first of them; empty if all are
};

/// Throws InputError where the targets are of another kind: another number of outputs.
KnownTargets known_targets(const TargetEncoding& encoding, const RawTargets& targets);

}  // namespace ntkc
#pragma GCC visibility pop
