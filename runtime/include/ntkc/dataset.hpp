// Samples and their targets as they come from files: CSV tables, .npy arrays, IDX images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ntkc/array_file.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/table_file.hpp"

namespace ntkc {

/// Targets as a file states them, before they are encoded: numbers (rows × columns) or one text per row.
struct RawTargets {
  std::string source;  ///< as messages name it: "Y.npy" or "iris.csv: column `species`"
  std::string path;
  std::string name;       ///< of the column; empty for arrays
  bool text = false;      ///< `texts` holds the values, else `numbers`
  bool discrete = false;  ///< text, integers of an array, IDX labels: classification unless told otherwise
  std::vector<std::int64_t> shape;  ///< {rows} or {rows, columns}
  std::vector<double> numbers;
  std::vector<std::string> texts;
  std::vector<std::int64_t> lines;   ///< of the table, one per row; empty for arrays
  std::int64_t numeric_fields = 0;   ///< of a text column: how many of its fields are numbers all the same
  std::int64_t first_text_line = 0;  ///< of a text column: where the first that is not stands
  std::string first_text;

  [[nodiscard]] std::int64_t rows() const { return shape.front(); }
  [[nodiscard]] std::int64_t columns() const { return shape.size() < 2 ? 1 : shape[1]; }
  /// "iris.csv:17" or "Y.npy[16]".
  [[nodiscard]] std::string place(std::int64_t row) const;
};

struct Dataset {
  std::string path;
  NumericArray inputs;                     ///< (n, …), finite
  std::vector<std::string> feature_names;  ///< one per column of a table; empty for arrays
  std::optional<RawTargets> targets;
  std::vector<std::string> ignored_columns;  ///< of a test table: neither feature nor target

  [[nodiscard]] std::int64_t rows() const { return inputs.rows(); }
};

/// Reads a CSV table to train on: every column but `target` is a feature and must be numeric.
/// Throws InputError: no such column, a feature that holds text (names line and column), no rows.
Dataset read_training_table(const std::string& path, const std::string& target);

/// Reads a CSV table to predict on. Features are found by name and put in the order of `features`; other
/// columns are ignored. The target column serves for scoring and may be missing unless `target_required`.
Dataset read_test_table(const std::string& path, const std::vector<std::string>& features,
                        const std::string& target, bool target_required);

/// Reads samples from .npy or IDX, and their targets from another such file if there is one. `check` is asked about
/// the shape of the samples.
Dataset read_array_dataset(const std::string& path, const std::optional<std::string>& targets_path,
                           const ShapeCheck& check = {});

/// Samples and targets that do not come from files.
Dataset dataset_of(MatrixView<const double> inputs, MatrixView<const double> targets);

/// Throws InputError unless an array of this shape, in the file that messages name, fits the network's input: equal
/// shapes, any shape of d values for vector(d), or h × w for image(h, w, 1).
void require_input_shape(const std::string& path, const std::vector<std::int64_t>& shape,
                         const std::string& network, const std::vector<std::int64_t>& input_shape);
/// The same of samples and a compiled network.
void require_input_shape(const Dataset& dataset, const KernelFunctions& kernel);

/// "vector(64)", "sequence(100, 4)", "image(28, 28, 1)".
std::string input_type_text(const std::vector<std::int64_t>& input_shape);

/// Throws InputError if `bytes` is more than the memory that there is for this process; `what` begins the message.
void require_memory(double bytes, const std::string& what);

}  // namespace ntkc
