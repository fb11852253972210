// From the columns of a table to the numbers of an input: which columns, texts as categories, missing values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/array_file.hpp"
#include "ntkc/table_file.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// What a missing value (is_missing) of a feature is: an error; a reason to leave the row out; the mean of the column
/// over the training rows, and of a column of categories none of them.
enum class MissingRule : std::uint8_t { error, drop, mean };

std::string_view name(MissingRule rule);  ///< "error", "drop", "mean"
std::optional<MissingRule> missing_rule(std::string_view name);

/// A column of a table that inputs are made of.
struct FeatureColumn {
  std::string name;
  /// Of a column of texts, in alphabetical order: category c is the number 1 in place c and 0 in the others, a text
  /// that training did not have is 0 everywhere. Empty: the column is a number.
  std::vector<std::string> categories;
  bool boolean = false;  ///< the texts True and False are the numbers 1 and 0
  double mean = 0;       ///< of the training rows, in place of a missing number

  [[nodiscard]] std::size_t width() const { return categories.empty() ? 1 : categories.size(); }
};

/// How inputs are made of a table; a model stores it. No columns: the inputs were an array.
struct FeatureEncoding {
  std::vector<FeatureColumn> columns;
  bool header = true;              ///< the columns have names; else they are called by their position
  std::int64_t table_columns = 0;  ///< of the training table
  bool libsvm = false;             ///< what a line does not state is 0
  MissingRule missing = MissingRule::error;

  /// Of the numbers of an input: "age", "colour=red".
  [[nodiscard]] std::vector<std::string> input_names() const;
  [[nodiscard]] std::size_t width() const;
};

/// The columns that lists of names, ranges (`a:c`, in the order of the table) and patterns (`pixel*`, `?`) choose.
/// An item that chooses nothing is an InputError with the nearest name.
std::vector<std::size_t> select_columns(const Table& table, const std::vector<std::string>& items);

/// "; did you mean `Species`? The columns are `a`, `b`, …", to be put behind "no column `species`".
std::string near_columns(const Table& table, std::string_view name);

struct FeatureOptions {
  bool onehot = false;  ///< columns of texts become categories; else they are an error
  MissingRule missing = MissingRule::error;
};

/// Learns from these columns what the rows say. Throws InputError naming line and column.
FeatureEncoding learn_features(const Table& table, const std::vector<std::size_t>& columns,
                               const std::vector<std::int64_t>& rows, const FeatureOptions& options);

/// Whether a row lacks the value of one of these columns.
bool lacks_value(const Table& table, const std::vector<std::size_t>& columns, std::int64_t row);

/// What encoding the rows of a table met.
struct EncodedRows {
  NumericArray inputs;       ///< rows × width
  std::int64_t filled = 0;   ///< missing numbers that became the mean
  std::int64_t unseen = 0;   ///< texts that training did not have
  std::string first_unseen;  ///< "t.csv:7: `colour` is `green`"
};

/// `columns[j]` is the column of the table for the encoding's column j; −1: every row has 0 there (LIBSVM). Throws
/// InputError naming line and column of what is no value, and of a missing one unless the rule is `mean`.
EncodedRows encode_rows(const FeatureEncoding& encoding, const Table& table,
                        const std::vector<std::ptrdiff_t>& columns, const std::vector<std::int64_t>& rows);

}  // namespace ntkc
#pragma GCC visibility pop
