#include "ntkc/dataset.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "runtime/data/byte_source.hpp"
#include "runtime/data/memory_limit.hpp"

namespace ntkc {

namespace {

std::string column_list(const Table& table) {
  constexpr std::size_t listed = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(listed, table.columns.size()); ++i)
    text += fmt::format("{}`{}`", i == 0 ? "" : ", ", shown(table.columns[i].name));
  if (table.columns.size() > listed) text += fmt::format(" and {} more", table.columns.size() - listed);
  return text;
}

Table read_table(const std::string& path, const char* remedy) {
  Table table = read_csv(path, remedy);
  if (table.rows == 0) throw InputError(fmt::format("{}: no samples below the header", table.path));
  return table;
}

/// Interleaves columns into rows, giving each column's memory back once it is copied.
NumericArray take_features(Table& table, const std::vector<std::size_t>& columns) {
  NumericArray inputs;
  const auto count = static_cast<std::int64_t>(columns.size());
  inputs.shape = {table.rows, count};
  inputs.values.resize(static_cast<std::size_t>(table.rows * count));
  for (std::size_t j = 0; j < columns.size(); ++j) {
    Column& column = table.columns[columns[j]];
    const std::vector<double>& numbers = require_numeric(table, column);
    for (std::size_t i = 0; i < numbers.size(); ++i) inputs.values[i * columns.size() + j] = numbers[i];
    column.numbers = {};
  }
  return inputs;
}

/// Finds many columns by name, each in constant time.
class ColumnIndex {
 public:
  explicit ColumnIndex(const Table& table) {
    for (const Column& column : table.columns) by_name_.emplace(column.name, &column);
  }
  /// Null if there is no such column.
  [[nodiscard]] const Column* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string_view, const Column*> by_name_;
};

RawTargets take_targets(const Table& table, Column& column) {
  RawTargets targets;
  targets.path = table.path;
  targets.source = fmt::format("{}: column `{}`", table.path, shown(column.name));
  targets.name = column.name;
  targets.text = targets.discrete = !column.numeric;
  targets.shape = {table.rows};
  targets.numbers = std::move(column.numbers);
  targets.texts = std::move(column.texts);
  targets.lines = table.lines;
  targets.numeric_fields = column.numeric_fields;
  targets.first_text_line = column.first_text_line;
  targets.first_text = column.first_text;
  return targets;
}

std::size_t index_of(const Table& table, const Column* column) {
  return static_cast<std::size_t>(column - table.columns.data());
}

RawTargets read_array_targets(const std::string& path) {
  NumericArray array = read_array(path);
  require_finite(array, path);
  if (array.shape.empty() || array.shape.size() > 2 || array.rows() == 0 || array.columns() == 0)
    throw InputError(fmt::format("{}: shape {} is no set of targets; wanted (n,) or (n, outputs)", path,
                                 shape_text(array.shape)));
  RawTargets targets;
  targets.source = targets.path = path;
  targets.discrete = array.element_type == ElementType::integer || array.element_type == ElementType::boolean;
  targets.shape = std::move(array.shape);
  targets.numbers = std::move(array.values);
  return targets;
}

NumericArray array_of(MatrixView<const double> matrix) {
  NumericArray array;
  array.shape = {matrix.rows, matrix.columns};
  array.values.reserve(static_cast<std::size_t>(matrix.rows * matrix.columns));
  for (std::ptrdiff_t i = 0; i < matrix.rows; ++i)
    array.values.insert(array.values.end(), &matrix(i, 0), &matrix(i, 0) + matrix.columns);
  return array;
}

}  // namespace

std::string RawTargets::place(std::int64_t row) const {
  if (lines.empty()) return fmt::format("{}[{}]", path, row);
  return fmt::format("{}:{}", path, lines[static_cast<std::size_t>(row)]);
}

Dataset read_training_table(const std::string& path, const std::string& target) {
  Table table = read_table(path, "give the targets of an array by --targets=FILE, not --target");
  const Column* const found = table.find(target);
  if (found == nullptr)
    throw InputError(fmt::format("{}: no column `{}` to take as the target; the columns are {}", table.path,
                                 shown(target), column_list(table)));
  const std::size_t target_index = index_of(table, found);
  Dataset dataset;
  dataset.path = table.path;
  std::vector<std::size_t> columns(table.columns.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  std::erase(columns, target_index);
  if (columns.empty())
    throw InputError(fmt::format("{}: no columns besides the target `{}`; features are wanted", table.path,
                                 shown(target)));
  for (const std::size_t column : columns) dataset.feature_names.push_back(table.columns[column].name);
  dataset.inputs = take_features(table, columns);
  dataset.targets = take_targets(table, table.columns[target_index]);
  return dataset;
}

Dataset read_test_table(const std::string& path, const std::vector<std::string>& features,
                        const std::string& target, bool target_required) {
  Table table = read_table(path, "the model was trained on a table and finds its features by column name");
  Dataset dataset;
  dataset.path = table.path;
  dataset.feature_names = features;
  std::vector<std::size_t> columns;
  std::vector<bool> used(table.columns.size(), false);
  const ColumnIndex index(table);
  for (const std::string& feature : features) {
    const Column* const column = index.find(feature);
    if (column == nullptr)
      throw InputError(fmt::format("{}: no column `{}`, which the model was trained on; the columns are {}",
                                   table.path, shown(feature), column_list(table)));
    columns.push_back(index_of(table, column));
    used[columns.back()] = true;
  }
  const Column* const found = table.find(target);
  if (found == nullptr && target_required)
    throw InputError(fmt::format("{}: no column `{}` to score against; the columns are {}", table.path,
                                 shown(target), column_list(table)));
  if (found != nullptr && used[index_of(table, found)])
    throw InputError(fmt::format("{}: column `{}` is a feature of the model and cannot be its target",
                                 table.path, shown(target)));
  if (found != nullptr) used[index_of(table, found)] = true;
  for (std::size_t i = 0; i < used.size(); ++i)
    if (!used[i]) dataset.ignored_columns.push_back(table.columns[i].name);
  dataset.inputs = take_features(table, columns);
  if (found != nullptr) dataset.targets = take_targets(table, table.columns[index_of(table, found)]);
  return dataset;
}

Dataset read_array_dataset(const std::string& path, const std::optional<std::string>& targets_path,
                           const ShapeCheck& check) {
  Dataset dataset;
  dataset.path = path == "-" ? "standard input" : path;
  dataset.inputs = read_array(path, [&](const std::vector<std::int64_t>& shape) {
    if (shape.size() < 2)
      throw InputError(fmt::format("{}: shape {} is no set of samples; wanted (n, features) or (n, h, w)",
                                   dataset.path, shape_text(shape)));
    if (std::ranges::find(shape, 0) != shape.end())
      throw InputError(fmt::format("{}: shape {} holds no samples", dataset.path, shape_text(shape)));
    if (check) check(shape);
  });
  require_finite(dataset.inputs, path);
  if (targets_path) {
    dataset.targets = read_array_targets(*targets_path);
    if (dataset.targets->rows() != dataset.rows())
      throw InputError(fmt::format("{} has {} samples but {} has {} targets; they must be as many",
                                   dataset.path, dataset.rows(), dataset.targets->path,
                                   dataset.targets->rows()));
  }
  return dataset;
}

std::string input_type_text(const std::vector<std::int64_t>& input_shape) {
  static constexpr std::array<const char*, 4> names = {"scalar", "vector", "sequence", "image"};
  const char* const name = input_shape.size() < names.size() ? names[input_shape.size()] : "array";
  return fmt::format("{}({})", name, fmt::join(input_shape, ", "));
}

Dataset dataset_of(MatrixView<const double> inputs, MatrixView<const double> targets) {
  if (inputs.rows != targets.rows)
    throw InputError(
        fmt::format("there are {} inputs and {} targets; they must be as many", inputs.rows, targets.rows));
  Dataset dataset;
  dataset.path = "the inputs";
  dataset.inputs = array_of(inputs);
  NumericArray numbers = array_of(targets);
  dataset.targets.emplace();
  dataset.targets->source = dataset.targets->path = "the targets";
  dataset.targets->shape = std::move(numbers.shape);
  dataset.targets->numbers = std::move(numbers.values);
  return dataset;
}

namespace {

/// Whether samples, arrays of this shape without its first axis, fit an input.
bool fits(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& input_shape) {
  const std::vector<std::int64_t> sample(shape.begin() + 1, shape.end());
  if (sample == input_shape) return true;
  std::vector<std::int64_t> with_channel = sample;
  with_channel.push_back(1);
  if (with_channel == input_shape) return true;
  // Flattened. The product of an untrusted shape may overflow; that of a file that has the values does not.
  double values = 1;
  for (const std::int64_t length : sample) values *= static_cast<double>(length);
  return input_shape.size() == 1 && sample.size() > 1 && values == static_cast<double>(input_shape.front());
}

}  // namespace

void require_input_shape(const std::string& path, const std::vector<std::int64_t>& shape,
                         const std::string& network, const std::vector<std::int64_t>& input_shape) {
  if (fits(shape, input_shape)) return;
  throw InputError(fmt::format(
      "{}: samples of shape {} (the array is {}) do not fit the input of network `{}`, {}; wanted (n, {})",
      path, shape_text({shape.begin() + 1, shape.end()}), shape_text(shape), network,
      input_type_text(input_shape), fmt::join(input_shape, ", ")));
}

void require_input_shape(const Dataset& dataset, const KernelFunctions& kernel) {
  if (dataset.feature_names.empty())
    return require_input_shape(dataset.path, dataset.inputs.shape, kernel.name, kernel.input_shape);
  if (fits(dataset.inputs.shape, kernel.input_shape)) return;
  const std::size_t features = dataset.feature_names.size();
  throw InputError(fmt::format("{}: {} feature column{} not fit the input of network `{}`, {}", dataset.path,
                               features, features == 1 ? " does" : "s do", kernel.name,
                               input_type_text(kernel.input_shape)));
}

void require_memory(double bytes, const std::string& what) {
  const auto limit = static_cast<double>(data::memory_limit());
  if (bytes <= limit) return;
  throw InputError(fmt::format("{} takes {:.1f} GB of memory, there are {:.1f} GB; use fewer samples", what,
                               bytes / 1e9, limit / 1e9));
}

}  // namespace ntkc
