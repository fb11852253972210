#include "runtime/data/table_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <utility>

#include "ntkc/errors.hpp"
#include "runtime/data/csv_reader.hpp"
#include "runtime/data/table_fields.hpp"

namespace ntkc::data {

namespace {

constexpr std::size_t sampled_records = 500;

constexpr std::array<std::pair<char, std::string_view>, 4> separators = {
    {{'\t', "tabs"}, {';', "semicolons"}, {',', "commas"}, {blanks, "blanks"}}};

using Record = std::vector<std::string>;

/// The first records as one separator divides them.
struct Sample {
  char separator = ',';
  std::vector<Record> records;
  bool broken = false;  ///< a quote that does not close, or the like
  bool commas = false;  ///< numbers may have a decimal comma

  [[nodiscard]] bool is_number(std::string_view field) const {
    return parse_number(field) || (commas && parse_comma_number(field));
  }

  [[nodiscard]] std::size_t width() const { return records.size() > 1 ? records[1].size() : 0; }
};

Sample sample_of(std::string_view text, const std::string& name, char separator, DecimalSign decimal) {
  Sample sample;
  sample.commas = decimal == DecimalSign::comma || (decimal == DecimalSign::automatic && separator != ',');
  sample.separator = separator;
  CsvReader reader(text, name, separator);
  CsvRecord record;
  try {
    while (sample.records.size() < sampled_records && reader.next(record))
      sample.records.emplace_back(record.fields.begin(), record.fields.end());
  } catch (const InputError&) {
    sample.broken = true;
  }
  return sample;
}

/// "150,4,setosa,versicolor,virginica" or "506,13,,,": samples, features, then classes or nothing.
/// Of one or two samples the numbers of the first may say as much by chance.
bool may_state_counts(const Sample& sample) {
  constexpr int fewest_samples = 3;
  const Record& first = sample.records.front();
  if (first.size() < 2 || sample.width() < 2) return false;
  const std::optional<int> samples = parse_count(first[0]);
  const std::optional<int> features = parse_count(first[1]);
  const auto named = [&](const std::string& field) { return !field.empty() && !sample.is_number(field); };
  const auto rest = std::ranges::subrange(first.begin() + 2, first.end());
  return samples && *samples >= fewest_samples && features &&
         static_cast<std::size_t>(*features) + 1 == sample.width() &&
         (std::ranges::all_of(rest, named) || std::ranges::all_of(rest, &std::string::empty));
}

/// Whether the first fields, of which the first record has none, can be names of rows: with commas, that are decimal
/// ones somewhere, only texts and 1, 2, 3, … can.
bool may_name_rows(const Sample& sample) {
  if (sample.separator != ',') return true;
  bool texts = true;
  bool counts = true;
  for (std::size_t i = 1; i < sample.records.size(); ++i) {
    const std::string& field = sample.records[i].front();
    texts = texts && !parse_number(field);
    counts = counts && parse_count(field) == static_cast<int>(i);
  }
  return texts || counts;
}

/// Whether all records have one width of two or more; the first may be one that states counts, or lack a name for the
/// names of the rows.
bool is_even(const Sample& sample) {
  if (sample.broken || sample.records.empty()) return false;
  const std::size_t first = sample.records.front().size();
  if (sample.records.size() == 1) return first > 1;
  const std::size_t width = sample.width();
  for (std::size_t i = 2; i < sample.records.size(); ++i)
    if (sample.records[i].size() != width) return false;
  return width > 1 &&
         (first == width || (first + 1 == width && may_name_rows(sample)) || may_state_counts(sample));
}

/// Whether the first record lacks a name: a weaker sign than equal widths.
bool lacks_a_name(const Sample& sample) {
  return sample.records.size() > 1 && sample.records.front().size() + 1 == sample.width() &&
         !may_state_counts(sample);
}

/// The part of the fields below the first record that are numbers.
double numeric_part(const Sample& sample) {
  std::size_t fields = 0;
  std::size_t numbers = 0;
  for (std::size_t i = sample.records.size() > 1 ? 1 : 0; i < sample.records.size(); ++i)
    for (const std::string& field : sample.records[i]) {
      ++fields;
      numbers += sample.is_number(field) ? 1 : 0;
    }
  return fields == 0 ? 0 : static_cast<double>(numbers) / static_cast<double>(fields);
}

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw InputError(fmt::format("{}: {}", name, what));
}

/// Whether each comma stands between digits, as decimal ones do: what anything else divides, too, is then hardly divided by
/// commas.
bool has_commas_of_decimals(std::string_view text) {
  const auto is_digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  for (std::size_t i = text.find(','); i != std::string_view::npos; i = text.find(',', i + 1))
    if (i == 0 || !is_digit(i - 1) || !is_digit(i + 1)) return false;
  return true;
}

/// The separator that divides all records alike; of several the one that makes more numbers, and rather one
/// by which the first record lacks no name. None: the comma, or
/// what the first line has most of, so that the message about an uneven row is about that.
Sample choose_separator(std::string_view text, const std::string& name, DecimalSign decimal) {
  const bool commas_may_be_decimal = decimal != DecimalSign::point && has_commas_of_decimals(text);
  std::optional<Sample> best;
  double best_part = 0;
  std::optional<Sample> fallback;
  for (const auto& [separator, _] : separators) {
    Sample sample = sample_of(text, name, separator, decimal);
    const double part = numeric_part(sample) - (lacks_a_name(sample) ? 1 : 0);
    const auto refuse_two = [&] {
      refuse(name, fmt::format("{} as well as {} divide it into columns; say which by --separator",
                               separator_name(best->separator), separator_name(separator)));
    };
    if (separator == blanks && commas_may_be_decimal && best && best->separator == ',' && is_even(sample))
      refuse_two();
    // Words have blanks between them, too: it takes numbers to call them columns.
    constexpr double fewest_numbers = 0.5;
    if (separator == blanks && numeric_part(sample) < fewest_numbers) continue;
    if (is_even(sample)) {
      if (best && separator == ',' && part < 1 && commas_may_be_decimal) continue;
      // What blanks divide as well, anything else divides better.
      if (best && part == best_part && separator != blanks) refuse_two();
      if (!best || part > best_part) {
        best = std::move(sample);
        best_part = part;
      }
    } else if (!sample.records.empty() &&
               (!fallback || sample.records.front().size() > fallback->records.front().size() ||
                (separator == ',' && sample.records.front().size() == fallback->records.front().size()))) {
      fallback = std::move(sample);
    }
  }
  // One that divides evenly by chance, where another makes numbers of nearly all: the uneven row is the mistake.
  constexpr double far_better = 0.5;
  if (best && fallback && fallback->records.front().size() > 1 &&
      numeric_part(*fallback) > numeric_part(*best) + far_better)
    return *std::move(fallback);
  if (best) return *std::move(best);
  return fallback ? *std::move(fallback) : sample_of(text, name, ',', decimal);
}

/// What one column says of the first record: whether it names the column or is of the same kind as what is below.
enum class Evidence { none, name, value };

Evidence evidence_of(const Sample& sample, std::size_t column) {
  const std::string& first = sample.records.front()[column];
  if (is_missing(first)) return Evidence::none;
  bool all_numbers = true;
  bool occurs = false;
  bool any = false;
  for (std::size_t i = 1; i < sample.records.size(); ++i) {
    const std::string& field = sample.records[i][column];
    if (is_missing(field)) continue;
    any = true;
    all_numbers = all_numbers && sample.is_number(field);
    occurs = occurs || field == first;
  }
  if (sample.is_number(first)) return any && all_numbers ? Evidence::value : Evidence::none;
  if (any && all_numbers) return Evidence::name;
  return occurs ? Evidence::value : Evidence::none;
}

/// 0, 1, 2, … or 1, 2, 3, …, as programs name columns that have no name.
bool are_positions(const Sample& sample, const std::vector<std::size_t>& columns) {
  std::optional<int> last;
  for (const std::size_t column : columns) {
    const std::optional<int> number = parse_count(sample.records.front()[column]);
    if (!number || (last ? *number != *last + 1 : *number > 1)) return false;
    last = number;
  }
  return columns.size() > 1;
}

bool detect_header(const Sample& sample, const std::string& name) {
  if (sample.records.size() < 2) return true;
  const Record& first = sample.records.front();
  // An uneven table is refused by its rows.
  for (const Record& record : sample.records)
    if (record.size() != first.size()) return true;
  std::size_t names = 0;
  std::size_t marks = 0;  // of missing values: no name is `?`
  std::vector<std::size_t> values;
  for (std::size_t column = 0; column < first.size(); ++column) {
    const Evidence evidence = evidence_of(sample, column);
    names += evidence == Evidence::name ? 1 : 0;
    if (evidence == Evidence::value) values.push_back(column);
    marks += is_missing(first[column]) && !first[column].empty() ? 1 : 0;
  }
  if (values.empty() && (names > 0 || marks == 0)) return true;
  if (names > 0) {
    // Years and positions name columns, other numbers do not.
    if (are_positions(sample, values) || std::ranges::all_of(values, [&](std::size_t column) {
          const int year = parse_count(first[column]).value_or(0);
          return year >= 1000 && year < 3000;
        }))
      return true;
    refuse(
        name,
        "the first line has a text above numbers and numbers above others: say --header=yes or --header=no");
  }
  // pandas names columns 0, 1, 2 …: beside a column without a name, the index, or one with a name, that is a header.
  if (are_positions(sample, values)) {
    if (first.front().empty()) return true;
    refuse(name, "the first line may name the columns, or be the first row; say --header=yes or --header=no");
  }
  return false;
}

/// How many records follow the first, counted up to `most`.
int records_after_first(std::string_view text, const std::string& name, char separator, int most) {
  CsvReader reader(text, name, separator);
  CsvRecord record;
  int records = -1;
  while (records < most && reader.next(record)) ++records;
  return records;
}

/// Whether as many samples follow as the first line states, and if so whether behind a header.
std::optional<TableLayout> layout_of_counts(std::string_view text, const std::string& name, Sample sample) {
  const int stated = *parse_count(sample.records.front().front());
  const int records = records_after_first(text, name, sample.separator, stated + 2);
  TableLayout layout;
  layout.separator = sample.separator;
  layout.counts = true;
  std::erase(sample.records.front(), "");
  layout.class_names.assign(sample.records.front().begin() + 2, sample.records.front().end());
  layout.header = layout.class_names.empty() && records == stated + 1;
  if (layout.header) {
    sample.records.erase(sample.records.begin());
    if (!detect_header(sample, name)) return std::nullopt;
  }
  return records == stated + (layout.header ? 1 : 0) ? std::optional(layout) : std::nullopt;
}

}  // namespace

TableLayout detect_layout(std::string_view text, const std::string& name, const TableOptions& options) {
  const Sample sample = options.separator ? sample_of(text, name, *options.separator, options.decimal)
                                          : choose_separator(text, name, options.decimal);
  TableLayout layout;
  layout.separator = sample.separator;
  if (sample.records.empty() || sample.broken) return layout;  // reading it says what is wrong
  const bool even = is_even(sample);
  if (even && may_state_counts(sample)) {
    const auto counts = layout_of_counts(text, name, sample);
    if (counts && (options.header != TableHeader::yes || counts->header)) return *counts;
  }
  layout.header = options.header == TableHeader::automatic ? detect_header(sample, name)
                                                           : options.header == TableHeader::yes;
  layout.row_names = layout.header && even && sample.width() == sample.records.front().size() + 1;
  return layout;
}

bool looks_like_libsvm(std::string_view text) {
  std::size_t lines = 0;
  bool any_pair = false;
  while (!text.empty() && lines < sampled_records) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    CsvReader reader(line, "", blanks);
    CsvRecord record;
    bool read = false;
    try {
      read = reader.next(record);
    } catch (const InputError&) {
      return false;
    }
    if (!read || record.fields.front().empty() || record.fields.front().starts_with('#')) continue;
    ++lines;
    if (!parse_number(record.fields.front())) return false;
    for (std::size_t i = 1; i < record.fields.size() && !record.fields[i].starts_with('#'); ++i) {
      const std::string_view field = record.fields[i];
      const std::size_t colon = std::min(field.find(':'), field.size());
      if (field.substr(0, colon) != "qid" && !parse_count(field.substr(0, colon))) return false;
      if (colon == field.size() || !parse_number(field.substr(colon + 1))) return false;
      any_pair = true;
    }
  }
  return any_pair;
}

std::string_view separator_name(char separator) {
  const auto* const found =
      std::ranges::find(separators, separator, &std::pair<char, std::string_view>::first);
  return found == separators.end() ? "its separator" : found->second;
}

}  // namespace ntkc::data
