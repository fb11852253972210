#include "ntkc/features.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"

namespace ntkc {

namespace {

constexpr std::array<std::pair<MissingRule, std::string_view>, 3> rules = {
    {{MissingRule::error, "error"}, {MissingRule::drop, "drop"}, {MissingRule::mean, "mean"}}};

/// More categories than this of one column are taken for a mistake: names or identifiers.
constexpr std::size_t max_categories = 1000;

std::optional<double> boolean_of(std::string_view text) {
  for (const std::string_view word : {"True", "TRUE", "true"})
    if (text == word) return 1;
  for (const std::string_view word : {"False", "FALSE", "false"})
    if (text == word) return 0;
  return std::nullopt;
}

/// The text of a field, whether its column holds numbers or texts.
std::string text_at(const Column& column, std::int64_t row) {
  const auto i = static_cast<std::size_t>(row);
  return column.numeric ? csv_number(column.numbers[i]) : column.texts[i];
}

bool is_missing_at(const Column& column, std::int64_t row) {
  return !column.numeric && is_missing(column.texts[static_cast<std::size_t>(row)]);
}

bool is_boolean(const Column& column) {
  return !column.numeric && std::ranges::all_of(column.texts, [](const std::string& text) {
    return is_missing(text) || boolean_of(text);
  }) && std::ranges::any_of(column.texts, [](const std::string& text) {
    return boolean_of(text).has_value();
  });
}

/// The number of a field, NaN if it is missing, nothing if it is something else.
std::optional<double> number_at(const Table& table, const Column& column, bool boolean, std::int64_t row) {
  const auto i = static_cast<std::size_t>(row);
  if (column.numeric) return column.numbers[i];
  const std::string& text = column.texts[i];
  if (is_missing(text)) return std::numeric_limits<double>::quiet_NaN();
  return boolean ? boolean_of(text) : number_of(text, table.decimal_comma);
}

void learn_categories(const Table& table, const Column& column, const std::vector<std::int64_t>& rows,
                      FeatureColumn& feature) {
  std::set<std::string> categories;
  for (const std::int64_t row : rows)
    if (!is_missing_at(column, row) && categories.size() <= max_categories)
      categories.insert(text_at(column, row));
  constexpr std::size_t fewest_rows = 10;
  if (categories.size() > max_categories ||
      (rows.size() >= fewest_rows && 2 * categories.size() > rows.size()))
    throw InputError(
        fmt::format("{}: column `{}` holds {} different texts in {} rows, hardly categories; leave it "
                    "out (--drop)",
                    table.path, shown(column.name),
                    categories.size() > max_categories ? fmt::format("more than {}", max_categories)
                                                       : fmt::format("{}", categories.size()),
                    rows.size()));
  feature.categories.assign(categories.begin(), categories.end());
}

void learn_mean(const Table& table, const Column& column, const std::vector<std::int64_t>& rows,
                FeatureColumn& feature) {
  double sum = 0;
  std::int64_t count = 0;
  for (const std::int64_t row : rows) {
    const double number = number_at(table, column, feature.boolean, row).value_or(0);
    if (std::isnan(number)) continue;
    ++count;
    sum += (number - sum) / static_cast<double>(count);  // a running mean does not overflow
  }
  if (count == 0)
    throw InputError(
        fmt::format("{}: column `{}` has no values in the rows that are used; leave it out (--drop)",
                    table.path, shown(column.name)));
  feature.mean = sum;
}

FeatureColumn learn_column(const Table& table, const Column& column, const std::vector<std::int64_t>& rows,
                           const FeatureOptions& options) {
  FeatureColumn feature;
  feature.name = column.name;
  feature.boolean = is_boolean(column);
  const bool numbers =
      column.numeric || feature.boolean ||
      (column.numeric_fields > 0 && column.numeric_fields + column.missing_fields == table.rows);
  // Among numbers a text is a mistake, not a category.
  const bool texts = !numbers && 2 * column.numeric_fields <= table.rows - column.missing_fields;
  if (!numbers && !(options.onehot && texts)) require_numeric(table, column);
  const bool has_gap =
      std::ranges::any_of(rows, [&](std::int64_t row) { return is_missing_at(column, row); });
  if (has_gap && options.missing == MissingRule::error) require_numeric(table, column);
  if (numbers)
    learn_mean(table, column, rows, feature);
  else
    learn_categories(table, column, rows, feature);
  return feature;
}

[[noreturn]] void refuse_field(const Table& table, const Column& column, std::int64_t row, MissingRule rule) {
  const std::string place = fmt::format("{}:{}: column `{}`", table.path,
                                        table.lines[static_cast<std::size_t>(row)], shown(column.name));
  if (!is_missing_at(column, row))
    throw InputError(fmt::format("{} holds `{}` where a finite number is needed; correct it", place,
                                 shown(text_at(column, row))));
  throw InputError(fmt::format("{} is missing{}", place,
                               rule == MissingRule::mean ? ""
                                                         : "; fill it in or leave the row out (a model that "
                                                           "was fitted with --missing=mean takes the mean)"));
}

}  // namespace

std::string_view name(MissingRule rule) {
  for (const auto& [value, text] : rules)
    if (value == rule) return text;
  return "";
}

std::optional<MissingRule> missing_rule(std::string_view name) {
  for (const auto& [value, text] : rules)
    if (text == name) return value;
  return std::nullopt;
}

std::vector<std::string> FeatureEncoding::input_names() const {
  std::vector<std::string> names;
  for (const FeatureColumn& column : columns) {
    if (column.categories.empty()) names.push_back(column.name);
    for (const std::string& category : column.categories) names.push_back(column.name + "=" + category);
  }
  return names;
}

std::size_t FeatureEncoding::width() const {
  std::size_t width = 0;
  for (const FeatureColumn& column : columns) width += column.width();
  return width;
}

FeatureEncoding learn_features(const Table& table, const std::vector<std::size_t>& columns,
                               const std::vector<std::int64_t>& rows, const FeatureOptions& options) {
  FeatureEncoding encoding;
  encoding.header = table.header;
  encoding.libsvm = table.libsvm;
  encoding.table_columns = static_cast<std::int64_t>(table.columns.size());
  encoding.missing = options.missing;
  for (const std::size_t column : columns)
    encoding.columns.push_back(learn_column(table, table.columns[column], rows, options));
  return encoding;
}

bool lacks_value(const Table& table, const std::vector<std::size_t>& columns, std::int64_t row) {
  return std::ranges::any_of(columns,
                             [&](std::size_t column) { return is_missing_at(table.columns[column], row); });
}

EncodedRows encode_rows(const FeatureEncoding& encoding, const Table& table,
                        const std::vector<std::ptrdiff_t>& columns, const std::vector<std::int64_t>& rows) {
  EncodedRows result;
  const std::size_t width = encoding.width();
  result.inputs.shape = {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(width)};
  result.inputs.values.assign(rows.size() * width, 0.0);
  std::size_t place = 0;
  for (std::size_t j = 0; j < encoding.columns.size(); ++j) {
    const FeatureColumn& feature = encoding.columns[j];
    const std::size_t first = place;
    place += feature.width();
    if (columns[j] < 0) continue;
    const Column& column = table.columns[static_cast<std::size_t>(columns[j])];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double* const out = &result.inputs.values[i * width + first];
      if (feature.categories.empty()) {
        const std::optional<double> number = number_at(table, column, feature.boolean, rows[i]);
        if (!number || (std::isnan(*number) && encoding.missing != MissingRule::mean))
          refuse_field(table, column, rows[i], encoding.missing);
        result.filled += std::isnan(*number) ? 1 : 0;
        *out = std::isnan(*number) ? feature.mean : *number;
        continue;
      }
      if (is_missing_at(column, rows[i])) {
        if (encoding.missing != MissingRule::mean) refuse_field(table, column, rows[i], encoding.missing);
        ++result.filled;
        continue;
      }
      const std::string text = text_at(column, rows[i]);
      const auto found = std::ranges::lower_bound(feature.categories, text);
      if (found != feature.categories.end() && *found == text) {
        out[found - feature.categories.begin()] = 1;
      } else if (result.unseen++ == 0) {
        result.first_unseen =
            fmt::format("{}:{}: `{}` is `{}`", table.path, table.lines[static_cast<std::size_t>(rows[i])],
                        shown(column.name), shown(text));
      }
    }
  }
  return result;
}

}  // namespace ntkc
