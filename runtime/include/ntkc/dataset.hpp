// Samples and their targets as they come from files: tables as text, .npy arrays, IDX images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ntkc/array_file.hpp"
#include "ntkc/features.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/table_file.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// Targets as a file states them, before they are encoded: numbers (rows × columns) or one text per row.
struct RawTargets {
  std::string source;  ///< as messages name it: "Y.npy" or "iris.csv: column `species`"
  std::string path;
  std::string name;                ///< of the column; empty for arrays
  std::vector<std::string> names;  ///< of several columns of a table; else empty
  bool text = false;               ///< `texts` holds the values, else `numbers`
  bool discrete = false;  ///< text, integers of an array, IDX labels: classification unless told otherwise
  std::vector<std::int64_t> shape;  ///< {rows} or {rows, columns}
  std::vector<double> numbers;
  std::vector<std::string> texts;
  std::vector<std::int64_t> lines;   ///< of the table, one per row; empty for arrays
  std::int64_t numeric_fields = 0;   ///< of a text column: how many of its fields are numbers all the same
  std::int64_t first_text_line = 0;  ///< of a text column: where the first that is not stands
  std::string first_text;
  bool decimal_comma = false;  ///< of the table

  [[nodiscard]] std::int64_t rows() const { return shape.front(); }
  [[nodiscard]] std::int64_t columns() const { return shape.size() < 2 ? 1 : shape[1]; }
  /// "iris.csv:17" or "Y.npy[16]".
  [[nodiscard]] std::string place(std::int64_t row) const;
};

/// Which samples of a file, with which targets, and how a table is written.
struct DataOptions {
  TableOptions table = {};
  std::vector<std::string> target = {};  ///< the columns of a table to predict
  std::string targets = {};  ///< or a file of them: an array, or a table of which all columns are taken
  std::vector<std::string> features = {};  ///< select_columns; none: all that are no targets
  std::vector<std::string> drop = {};      ///< columns that are no features
  FeatureOptions encoding = {};
  std::int64_t first_row = 0;                ///< the rows from here on, counted from 0,
  std::optional<std::int64_t> end_row = {};  ///< up to here, this one left out
  std::optional<std::int64_t> sample = {};   ///< so many of them, drawn without replacement, in their order
  std::uint64_t seed = 0;                    ///< of that draw
};

struct Dataset {
  std::string path;
  NumericArray inputs;                     ///< (n, …), finite
  std::vector<std::string> feature_names;  ///< one per number of an input from a table; empty for arrays
  FeatureEncoding features;                ///< of a table
  std::optional<RawTargets> targets;
  std::vector<std::string> ignored_columns;  ///< of a test table: neither feature nor target
  std::vector<std::string> notes;            ///< how the file was read, where that is not plain: to be told

  [[nodiscard]] std::int64_t rows() const { return inputs.rows(); }
};

/// Reads samples to train on or to evaluate, and their targets if the options name any. A table or an array, as the
/// first bytes of the file say. Of an array, `check` is asked about the shape of what is chosen before it is read.
/// Throws InputError: no such column, a feature that holds text (names line and column), no rows, …
Dataset read_dataset(const std::string& path, const DataOptions& options = {}, const ShapeCheck& check = {});

/// Reads samples as those that the encoding was learnt of. Features of a table are found by name and put in the order
/// of the encoding; a table without a header has to have as many columns as that of training, or the features alone.
/// Other columns are ignored. The target columns, those of the options or else `target`, serve for scoring; only the
/// former have to be there.
Dataset read_dataset_as(const FeatureEncoding& encoding, const std::string& path,
                        const std::vector<std::string>& target, const DataOptions& options = {},
                        const ShapeCheck& check = {});

/// Samples and targets that do not come from files.
Dataset dataset_of(MatrixView<const double> inputs, MatrixView<const double> targets);

/// Throws InputError unless an array of this shape, in the file that messages name, fits the network's input: equal
/// shapes, one of a single channel left out, or as many numbers in a row as the input has in all, position by position,
/// the channels of each together; and any shape of d values for vector(d).
void require_input_shape(const std::string& path, const std::vector<std::int64_t>& shape,
                         const std::string& network, const std::vector<std::int64_t>& input_shape);
/// The same of samples and a compiled network.
void require_input_shape(const Dataset& dataset, const KernelFunctions& kernel);

/// Numbers at each position of an input; 0 of one without positions.
std::int64_t channels_of(const std::vector<std::int64_t>& input_shape);

/// "vector(64)", "sequence(100, 4)", "image(28, 28, 1)".
std::string input_type_text(const std::vector<std::int64_t>& input_shape);

/// Throws InputError if `bytes` is more than the memory that there is for this process; `what` begins the message.
void require_memory(double bytes, const std::string& what);

}  // namespace ntkc
#pragma GCC visibility pop
