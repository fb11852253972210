#include "ntkc/dataset.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <utility>

#include "ntkc/errors.hpp"
#include "runtime/data/byte_source.hpp"

namespace ntkc {

namespace {

/// Whether a regular file begins like .npy, IDX or gzip. Only for better messages: nothing is decided by it,
/// and streams, which can be read once only, are not touched.
bool looks_like_array(const std::string& path) {
  std::error_code error;
  if (path == "-" || !std::filesystem::is_regular_file(path, error)) return false;
  std::array<char, 4> head{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(head.data(), head.size())) return false;
  const bool npy = head == std::array<char, 4>{'\x93', 'N', 'U', 'M'};
  const bool idx = head[0] == 0 && head[1] == 0;
  const bool gzip = head[0] == '\x1f' && head[1] == '\x8b';
  return npy || idx || gzip;
}

std::string column_list(const Table& table) {
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, table.columns.size()); ++i)
    text += fmt::format("{}`{}`", i == 0 ? "" : ", ", table.columns[i].name);
  if (table.columns.size() > shown) text += fmt::format(" and {} more", table.columns.size() - shown);
  return text;
}

Table read_table(const std::string& path, const char* remedy) {
  if (looks_like_array(path))
    throw InputError(fmt::format("{}: not a CSV table but an array file; {}", path, remedy));
  Table table = read_csv(path);
  if (table.path.empty()) table.path = path;
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

RawTargets take_targets(const Table& table, Column& column) {
  RawTargets targets;
  targets.path = table.path;
  targets.source = fmt::format("{}: column `{}`", table.path, column.name);
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
  Table table = read_table(path, "give the targets of an array by --targets=FILE");
  const Column* const found = table.find(target);
  if (found == nullptr)
    throw InputError(fmt::format("{}: no column `{}` to take as the target; the columns are {}", table.path,
                                 target, column_list(table)));
  const std::size_t target_index = index_of(table, found);
  Dataset dataset;
  dataset.path = table.path;
  std::vector<std::size_t> columns(table.columns.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  std::erase(columns, target_index);
  if (columns.empty())
    throw InputError(
        fmt::format("{}: no columns besides the target `{}`; features are wanted", table.path, target));
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
  for (const std::string& feature : features) {
    const Column* const column = table.find(feature);
    if (column == nullptr)
      throw InputError(fmt::format("{}: no column `{}`, which the model was trained on; the columns are {}",
                                   table.path, feature, column_list(table)));
    columns.push_back(index_of(table, column));
    used[columns.back()] = true;
  }
  const Column* const found = table.find(target);
  if (found == nullptr && target_required)
    throw InputError(fmt::format("{}: no column `{}` to score against; the columns are {}", table.path,
                                 target, column_list(table)));
  if (found != nullptr && used[index_of(table, found)])
    throw InputError(fmt::format("{}: column `{}` is a feature of the model and cannot be its target",
                                 table.path, target));
  if (found != nullptr) used[index_of(table, found)] = true;
  for (std::size_t i = 0; i < used.size(); ++i)
    if (!used[i]) dataset.ignored_columns.push_back(table.columns[i].name);
  dataset.inputs = take_features(table, columns);
  if (found != nullptr) dataset.targets = take_targets(table, table.columns[index_of(table, found)]);
  return dataset;
}

Dataset read_array_dataset(const std::string& path, const std::optional<std::string>& targets_path) {
  Dataset dataset;
  dataset.path = path == "-" ? "standard input" : path;
  dataset.inputs = read_array(path);
  if (dataset.inputs.shape.size() < 2)
    throw InputError(fmt::format("{}: shape {} is no set of samples; wanted (n, features) or (n, h, w)",
                                 dataset.path, shape_text(dataset.inputs.shape)));
  if (dataset.inputs.rows() == 0 || dataset.inputs.columns() == 0)
    throw InputError(
        fmt::format("{}: shape {} holds no samples", dataset.path, shape_text(dataset.inputs.shape)));
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

void require_input_shape(const Dataset& dataset, const KernelFunctions& kernel) {
  const std::vector<std::int64_t>& shape = dataset.inputs.shape;
  const std::vector<std::int64_t> sample(shape.begin() + 1, shape.end());
  std::vector<std::int64_t> with_channel = sample;
  with_channel.push_back(1);
  const bool flattened = kernel.input_shape.size() == 1 && sample.size() > 1 &&
                         dataset.inputs.columns() == kernel.input_shape.front();
  if (sample == kernel.input_shape || flattened || with_channel == kernel.input_shape) return;
  const std::string wanted = input_type_text(kernel.input_shape);
  if (!dataset.feature_names.empty())
    throw InputError(fmt::format("{}: {} feature columns do not fit the input of network `{}`, {}",
                                 dataset.path, dataset.feature_names.size(), kernel.name, wanted));
  throw InputError(fmt::format(
      "{}: samples of shape {} (the array is {}) do not fit the input of network `{}`, {}; wanted (n, {})",
      dataset.path, shape_text(sample), shape_text(shape), kernel.name, wanted,
      fmt::join(kernel.input_shape, ", ")));
}

void require_memory(double bytes, const std::string& what) {
  const auto physical = static_cast<double>(data::physical_memory());
  if (bytes <= physical) return;
  throw InputError(fmt::format("{} takes {:.1f} GB of memory, the machine has {:.1f} GB; use fewer samples",
                               what, bytes / 1e9, physical / 1e9));
}

}  // namespace ntkc
