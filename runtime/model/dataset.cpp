#include "ntkc/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "runtime/data/array_source.hpp"
#include "runtime/data/byte_source.hpp"
#include "runtime/data/npy_header.hpp"
#include "runtime/data/table_source.hpp"
#include "runtime/data/zip_archive.hpp"
#include "runtime/model/row_selection.hpp"
#include "runtime/model/table_targets.hpp"

namespace ntkc {

namespace {

NumericArray array_of(MatrixView<const double> matrix) {
  NumericArray array;
  array.shape = {matrix.rows, matrix.columns};
  array.values.reserve(static_cast<std::size_t>(matrix.rows * matrix.columns));
  for (std::ptrdiff_t i = 0; i < matrix.rows; ++i)
    array.values.insert(array.values.end(), &matrix(i, 0), &matrix(i, 0) + matrix.columns);
  return array;
}

using Columns = std::vector<std::size_t>;

/// A file that is either a table or an array; which one is known once its first bytes are there.
class DataFile {
 public:
  explicit DataFile(const std::string& path)
      : path_(data::split_archive_path(path)), source_(path_.file), name_(source_.name()) {}

  [[nodiscard]] bool is_array() { return !path_.member.empty() || data::looks_like_array(source_.peek()); }
  [[nodiscard]] const std::string& name() const { return name_; }
  NumericArray array(const ShapeCheck& check) { return read_array(source_, path_, check); }
  Table table(const TableOptions& options) {
    Table table = read_table(source_, options);
    if (table.rows == 0) throw InputError(fmt::format("{}: no samples below the header", table.path));
    return table;
  }

 private:
  data::ArchivePath path_;
  data::ByteSource source_;
  std::string name_;
};

void require_samples(const std::string& path, const std::vector<std::int64_t>& shape) {
  if (shape.size() < 2)
    throw InputError(fmt::format("{}: shape {} is not a set of samples; wanted (n, features) or (n, h, w)",
                                 path, shape_text(shape)));
  if (std::ranges::find(shape, 0) != shape.end())
    throw InputError(fmt::format("{}: shape {} holds no samples", path, shape_text(shape)));
}

RawTargets read_targets_file(const DataOptions& options) {
  DataFile file(options.targets);
  if (!file.is_array()) {
    Table table = file.table(options.table);
    if (table.columns.empty())
      throw InputError(
          fmt::format("{}: no columns but the index of the rows; targets are wanted", table.path));
    Columns all(table.columns.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return take_targets(table, all);
  }
  NumericArray array = file.array({});
  require_finite(array, options.targets);
  if (array.shape.empty() || array.shape.size() > 2 || array.rows() == 0 || array.columns() == 0)
    throw InputError(fmt::format("{}: shape {} is not a set of targets; wanted (n,) or (n, outputs)",
                                 options.targets, shape_text(array.shape)));
  RawTargets targets;
  targets.source = targets.path = options.targets;
  targets.discrete = array.element_type == ElementType::integer || array.element_type == ElementType::boolean;
  targets.shape = std::move(array.shape);
  targets.numbers = std::move(array.values);
  return targets;
}

/// The targets of a file of their own, of the same samples.
void add_targets(Dataset& dataset, std::int64_t samples, const std::vector<std::int64_t>& rows,
                 const DataOptions& options) {
  RawTargets targets = read_targets_file(options);
  if (targets.rows() != samples)
    throw InputError(fmt::format("{} has {} samples but {} has {} targets; they must be as many",
                                 dataset.path, samples, targets.path, targets.rows()));
  keep_rows(targets, rows);
  dataset.targets = std::move(targets);
}

Dataset read_array_samples(DataFile& file, const std::string& path, const DataOptions& options,
                           const ShapeCheck& check) {
  Dataset dataset;
  dataset.path = path == "-" ? file.name() : path;
  dataset.inputs = file.array([&](const std::vector<std::int64_t>& shape) {
    require_samples(dataset.path, shape);
    std::vector<std::int64_t> chosen = shape;
    chosen.front() = selected_count(shape.front(), options);
    if (check && chosen.front() > 0) check(chosen);
  });
  const std::int64_t samples = dataset.rows();
  const std::vector<std::int64_t> rows = select_rows(dataset.path, samples, options);
  if (static_cast<std::int64_t>(rows.size()) == samples) {
    require_finite(dataset.inputs, path);
  } else {
    keep_rows(dataset.inputs, rows);
    require_finite(dataset.inputs, dataset.path + " (of the rows chosen)");
  }
  if (!options.targets.empty()) add_targets(dataset, samples, rows, options);
  return dataset;
}

void refuse_table_options(const std::string& path, const DataOptions& options) {
  const char* given = !options.target.empty()     ? "--target"
                      : !options.features.empty() ? "--features"
                      : !options.drop.empty()     ? "--drop"
                                                  : nullptr;
  if (given == nullptr) return;
  throw InputError(fmt::format("{}: is an array, which has no columns with names for {}{}", path, given,
                               options.target.empty() ? "" : "; give its targets by --targets=FILE"));
}

/// The positions of the target columns, in the order in which they were asked for.
Columns target_columns(const Table& table, const std::vector<std::string>& names, const char* purpose) {
  Columns columns;
  for (const std::string& name : names) {
    const Column* const column = table.find(name);
    if (column == nullptr)
      throw InputError(fmt::format("{}: no column `{}` {}{}", table.path, shown(name), purpose,
                                   near_columns(table, name)));
    columns.push_back(static_cast<std::size_t>(column - table.columns.data()));
    if (std::ranges::count(columns, columns.back()) > 1)
      throw InputError(fmt::format("the target `{}` is given twice", shown(name)));
  }
  return columns;
}

/// A name may hold a comma itself: what is a column as it stands is not divided.
std::vector<std::string> divided(const Table& table, const std::vector<std::string>& names) {
  std::string whole;
  for (const std::string& name : names) whole += (whole.empty() ? "" : ",") + name;
  return table.find(whole) != nullptr ? std::vector<std::string>{whole} : names;
}

Columns feature_columns(const Table& table, const Columns& targets, const DataOptions& options) {
  Columns columns(table.columns.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  const std::set<std::size_t> target_set(targets.begin(), targets.end());
  if (!options.features.empty()) columns = select_columns(table, options.features);
  Columns dropped = options.drop.empty() ? Columns{} : select_columns(table, options.drop);
  std::erase_if(columns, [&](std::size_t column) {
    return target_set.contains(column) || std::ranges::binary_search(dropped, column);
  });
  if (columns.empty())
    throw InputError(fmt::format("{}: no columns besides the target{} `{}`; features are wanted", table.path,
                                 targets.size() == 1 ? "" : "s",
                                 targets.empty() ? "" : shown(table.columns[targets.front()].name)));
  return columns;
}

void tell(Dataset& dataset, const std::vector<std::string>& notes) {
  for (const std::string& note : notes) dataset.notes.push_back(fmt::format("{}: {}", dataset.path, note));
}

void tell_booleans(Dataset& dataset) {
  std::vector<std::string> names;
  for (const FeatureColumn& column : dataset.features.columns)
    if (column.boolean) names.push_back(shown(column.name));
  if (names.empty()) return;
  tell(dataset, {fmt::format("column `{}`{}: True is 1, False is 0", names.front(),
                             names.size() == 1 ? "" : fmt::format(" and {} more", names.size() - 1))});
}

void take_encoded(Dataset& dataset, EncodedRows rows) {
  dataset.inputs = std::move(rows.inputs);
  dataset.feature_names = dataset.features.input_names();
  if (rows.filled > 0)
    tell(dataset, {fmt::format("{} filled in by the mean of their columns in training",
                               rows.filled == 1 ? "1 missing value was"
                                                : fmt::format("{} missing values were", rows.filled))});
  if (rows.unseen > 0)
    dataset.notes.push_back(
        fmt::format("{}, which training did not have: taken as none of the categories{}", rows.first_unseen,
                    rows.unseen == 1 ? "" : fmt::format(" ({} such values in all)", rows.unseen)));
}

void require_table_memory(const Dataset& dataset, std::size_t rows, std::size_t width) {
  require_memory(static_cast<double>(sizeof(double)) * static_cast<double>(rows) * static_cast<double>(width),
                 fmt::format("{}: {} rows of {} numbers", dataset.path, rows, width));
}

/// These rows of the columns of a table, as `dataset.features` encodes them, and the targets.
void take_rows(Dataset& dataset, Table& table, const std::vector<std::ptrdiff_t>& features,
               const Columns& targets, const std::vector<std::int64_t>& rows, const DataOptions& options) {
  require_table_memory(dataset, rows.size(), dataset.features.width());
  take_encoded(dataset, encode_rows(dataset.features, table, features, rows));
  if (!options.targets.empty()) {
    add_targets(dataset, table.rows, rows, options);
  } else if (!targets.empty()) {
    dataset.targets = take_targets(table, targets);
    keep_rows(*dataset.targets, rows);
  }
}

Dataset read_table_samples(Table table, const DataOptions& options) {
  Dataset dataset;
  dataset.path = table.path;
  tell(dataset, table.notes);
  const Columns targets = target_columns(table, divided(table, options.target), "to take as the target");
  const Columns features = feature_columns(table, targets, options);
  Columns needed = features;
  needed.insert(needed.end(), targets.begin(), targets.end());
  const std::int64_t samples = table.rows;
  const bool leave_out = options.encoding.missing == MissingRule::drop;
  const std::vector<std::int64_t> rows = select_rows(table.path, samples, options, [&](std::int64_t row) {
    return !leave_out || !lacks_value(table, needed, row);
  });
  const std::int64_t range = options.end_row.value_or(samples) - options.first_row;
  if (leave_out && !options.sample && static_cast<std::int64_t>(rows.size()) < range)
    tell(dataset,
         {fmt::format("{} of {} rows left out: a value is missing", range - std::ssize(rows), range)});
  dataset.features = learn_features(table, features, rows, options.encoding);
  tell_booleans(dataset);
  take_rows(dataset, table, {features.begin(), features.end()}, targets, rows, options);
  return dataset;
}

/// A table without a header that holds the features alone, in their order, gets their names.
void name_features(const FeatureEncoding& encoding, Table& table, Dataset& dataset) {
  if (encoding.header || table.header || table.libsvm) return;
  const auto columns = static_cast<std::int64_t>(table.columns.size());
  if (columns == encoding.table_columns) return;
  if (table.columns.size() != encoding.columns.size())
    throw InputError(
        fmt::format("{}: has {} and no header; the training table had {}, of which {} {} features: give "
                    "a table with all of them or with the features alone",
                    table.path, counted(columns, "column"), encoding.table_columns, encoding.columns.size(),
                    encoding.columns.size() == 1 ? "is a" : "are"));
  for (std::size_t j = 0; j < table.columns.size(); ++j) table.columns[j].name = encoding.columns[j].name;
  tell(dataset, {"its columns are taken as the features, in their order"});
}

/// Finds many columns by name, each in constant time.
std::vector<std::ptrdiff_t> columns_of(const FeatureEncoding& encoding, const Table& table) {
  std::unordered_map<std::string_view, std::ptrdiff_t> by_name;
  for (const Column& column : table.columns) by_name.emplace(column.name, &column - table.columns.data());
  std::vector<std::ptrdiff_t> columns;
  for (const FeatureColumn& feature : encoding.columns) {
    const auto found = by_name.find(feature.name);
    if (found == by_name.end() && !(encoding.libsvm && table.libsvm))
      throw InputError(fmt::format("{}: no column `{}`, which the model was trained on{}", table.path,
                                   shown(feature.name), near_columns(table, feature.name)));
    columns.push_back(found == by_name.end() ? -1 : found->second);
  }
  return columns;
}

}  // namespace

std::string RawTargets::place(std::int64_t row) const {
  if (lines.empty()) return fmt::format("{}[{}]", path, row);
  return fmt::format("{}:{}", path, lines[static_cast<std::size_t>(row)]);
}

Dataset read_dataset(const std::string& path, const DataOptions& options, const ShapeCheck& check) {
  DataFile file(path);
  if (file.is_array()) {
    refuse_table_options(path, options);
    return read_array_samples(file, path, options, check);
  }
  return read_table_samples(file.table(options.table), options);
}

Dataset read_dataset_as(const FeatureEncoding& encoding, const std::string& path,
                        const std::vector<std::string>& target, const DataOptions& options,
                        const ShapeCheck& check) {
  DataFile file(path);
  if (encoding.columns.empty()) {
    if (!file.is_array())
      throw InputError(
          fmt::format("{}: is a table, and the model was trained on an array; give an array", file.name()));
    refuse_table_options(path, options);
    return read_array_samples(file, path, options, check);
  }
  if (file.is_array())
    throw InputError(
        fmt::format("{}: is an array, and the model was trained on a table and finds its features by "
                    "column; give a table",
                    file.name()));
  TableOptions table_options = options.table;
  if (table_options.header == TableHeader::automatic && !encoding.libsvm)
    table_options.header = encoding.header ? TableHeader::yes : TableHeader::no;
  Table table = file.table(table_options);
  Dataset dataset;
  dataset.path = table.path;
  dataset.features = encoding;
  tell(dataset, table.notes);
  name_features(encoding, table, dataset);
  const std::vector<std::ptrdiff_t> features = columns_of(encoding, table);
  std::vector<bool> used(table.columns.size(), false);
  for (const std::ptrdiff_t column : features)
    if (column >= 0) used[static_cast<std::size_t>(column)] = true;
  const auto may_be_target = [&](const std::string& name) {
    const Column* const column = table.find(name);
    return column != nullptr && !used[static_cast<std::size_t>(column - table.columns.data())];
  };
  Columns targets;
  if (!options.target.empty())
    targets = target_columns(table, divided(table, options.target), "to score against");
  else if (options.targets.empty() && std::ranges::all_of(target, may_be_target))
    targets = target_columns(table, target, "to score against");
  for (const std::size_t column : targets) {
    if (used[column])
      throw InputError(fmt::format("{}: column `{}` is a feature of the model and cannot be its target",
                                   table.path, shown(table.columns[column].name)));
    used[column] = true;
  }
  for (std::size_t i = 0; i < used.size(); ++i)
    if (!used[i]) dataset.ignored_columns.push_back(table.columns[i].name);
  const std::int64_t samples = table.rows;
  const std::vector<std::int64_t> rows = select_rows(table.path, samples, options);
  take_rows(dataset, table, features, targets, rows, options);
  return dataset;
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

}  // namespace ntkc
