#include "cli/data_arguments.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "cli/command.hpp"
#include "cli/console.hpp"

namespace ntkc::cli {

namespace {

constexpr auto separators = std::to_array<std::pair<std::string_view, char>>({{"comma", ','},
                                                                              {",", ','},
                                                                              {"semicolon", ';'},
                                                                              {";", ';'},
                                                                              {"tab", '\t'},
                                                                              {"\t", '\t'},
                                                                              {"\\t", '\t'},
                                                                              {"blank", ' '},
                                                                              {" ", ' '}});

std::optional<char> separator_of(const std::string& text) {
  for (const auto& [name, separator] : separators)
    if (text == name) return separator;
  return std::nullopt;
}

std::string separator_error(const std::string& text) {
  if (separator_of(text)) return "";
  return fmt::format("`{}` is not a separator; there are comma, semicolon, tab, blank", text);
}

/// The ends of "100:200", counted from 0, the second left out.
struct RowRange {
  std::int64_t first = 0;
  std::optional<std::int64_t> end;
};

std::optional<std::int64_t> row_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<RowRange> row_range(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::string_view from = std::string_view(text).substr(0, colon);
  const std::string_view to = std::string_view(text).substr(colon + 1);
  RowRange range;
  if (!from.empty()) {
    const auto first = row_number(from);
    if (!first) return std::nullopt;
    range.first = *first;
  }
  if (!to.empty()) {
    range.end = row_number(to);
    if (!range.end || *range.end <= range.first) return std::nullopt;
  }
  return range;
}

std::string rows_error(const std::string& text) {
  if (row_range(text)) return "";
  return fmt::format("`{}` is not a range of rows; write first:end, counted from 0, the end left out: 0:1000",
                     text);
}

std::string sample_error(const std::string& text) {
  const auto count = row_number(text);
  return count && *count > 0 ? "" : fmt::format("`{}` is not a number of rows", text);
}

std::string regularization_error(const std::string& text) {
  const auto value = finite_number(text);
  return value && *value > 0 ? "" : fmt::format("`{}` is not a positive number", text);
}

}  // namespace

void DataArguments::declare(Options& all, bool own_seed) {
  Options options = all.in_group("Data");
  options
      .option("--separator", separator,
              "what separates the columns of a table: comma, semicolon, tab or blank (default: found out)")
      .value_name("S")
      .check(separator_error);
  options.choice("--decimal", decimal, "the decimal sign of a table (default auto: found out)",
                 {"auto", "point", "comma"});
  options.choice(
      "--header", header,
      "whether the first line of a table names its columns (default auto: found out); without names they "
      "are called 1, 2, …",
      {"auto", "yes", "no"});
  options.option("--rows", rows, "the rows A, A+1, … B-1 only, counted from 0; either may be left out")
      .value_name("A:B")
      .check(rows_error);
  options
      .option("--sample", sample,
              own_seed ? "so many rows, drawn at random (--seed)" : "so many rows, drawn at random")
      .value_name("N")
      .check(sample_error);
  if (!own_seed) options.option("--seed", seed, "of --sample (default: 0)").value_name("N");
}

void DataArguments::declare_features(Options& all) {
  Options options = all.in_group("Data");
  options
      .option("--features", features,
              "the columns of a table that are features: names, ranges a:c, patterns pixel* (default: all "
              "but the "
              "target)")
      .comma_separated()
      .value_name("COLUMN,…");
  options.option("--drop", drop, "columns of a table that are not features, named likewise")
      .comma_separated()
      .value_name("COLUMN,…");
  options.choice("--encode", encoding,
                 "onehot: a column of texts becomes one feature for each text (default none: an error)",
                 {"none", "onehot"});
  options.choice(
      "--missing", missing,
      "missing values of a table (empty, ?, NA): an error (default), leave such rows out, or the mean",
      {"error", "drop", "mean"});
}

DataOptions DataArguments::data_options(std::uint64_t sample_seed) const {
  DataOptions options;
  if (!separator.empty()) options.table.separator = separator_of(separator);
  options.table.header = header == "yes"  ? TableHeader::yes
                         : header == "no" ? TableHeader::no
                                          : TableHeader::automatic;
  options.table.decimal = decimal == "comma"   ? DecimalSign::comma
                          : decimal == "point" ? DecimalSign::point
                                               : DecimalSign::automatic;
  options.features = features;
  options.drop = drop;
  options.encoding = {.onehot = encoding == "onehot",
                      .missing = missing_rule(missing).value_or(MissingRule::error)};
  if (const auto range = row_range(rows)) {
    options.first_row = range->first;
    options.end_row = range->end;
  }
  if (!sample.empty()) options.sample = row_number(sample);
  options.seed = sample_seed;
  return options;
}

void PreprocessingArguments::declare(Options& options, const std::string& purpose) {
  options.choice("--preprocess", kind, purpose, {"none", "standardize", "unit-norm", "zca"});
  options
      .option("--zca-regularization", regularization,
              "with --preprocess=zca: what is added to the covariance, in units of its mean variance "
              "(default: 0.1)")
      .value_name("E")
      .check(regularization_error);
}

PreprocessingOptions PreprocessingArguments::options(const std::vector<std::int64_t>& input_shape) const {
  return {.kind = preprocessing_kind(kind).value_or(PreprocessingKind::none),
          .channels = channels_of(input_shape),
          .zca_regularization = regularization};
}

void TrainingData::declare(Options& options, bool own_seed) {
  options
      .option("TRAIN", train,
              "a table (CSV and the like), .npy, FILE.npz:NAME or IDX images; `-` is standard input")
      .required();
  options.option("--target", target, "the column of a table to predict, or several; all others are features")
      .comma_separated()
      .value_name("COLUMN,…");
  options.option("--targets", targets, "a file with the targets: .npy, FILE.npz:NAME, IDX labels, or a table")
      .value_name("FILE");
  preprocessing.declare(options, "what is done to the inputs (default: none); a model stores it");
  options.choice("--task", task,
                 "default: classification for text columns, integer .npy targets and IDX labels",
                 {"regression", "classification"});
  DataArguments::declare(options, own_seed);
  declare_features(options);
}

void TrainingData::validate() const {
  if (target.empty() != targets.empty()) return;
  throw UsageError(target.empty()
                       ? "no targets: give --target=COLUMN of a table, or --targets=FILE with the targets"
                       : "--target names a column of a table, --targets a file: give one of them");
}

Dataset TrainingData::read(const ShapeCheck& check, std::uint64_t sample_seed) const {
  DataOptions options = data_options(sample_seed);
  options.target = target;
  options.targets = targets;
  return read_dataset(train, options, check);
}

FitOptions TrainingData::fit_options(const std::vector<std::int64_t>& input_shape) const {
  FitOptions options;
  options.preprocessing = preprocessing.options(input_shape);
  options.task = task_from_name(task);
  return options;
}

void CheckpointArgument::declare(Options& options) {
  options
      .option("--checkpoint", folder,
              "a folder in which finished parts of the Gram matrix are kept: the same command goes on where "
              "it was "
              "interrupted or killed, to the same bits")
      .value_name("DIR");
}

std::unique_ptr<Checkpoint> CheckpointArgument::open(const Console& console) const {
  if (folder.empty()) return nullptr;
  return std::make_unique<Checkpoint>(folder, [&console, name = folder](double share) {
    console.note(
        fmt::format("{}: {:.0f} % of the Gram matrix is there from an earlier run", name, 100 * share));
  });
}

void CheckpointArgument::tell_interrupted(const Console& console) const {
  if (!folder.empty())
    console.note(
        fmt::format("{}: finished parts are kept there: the same command goes on where it was", folder));
}

void tell_notes(const std::vector<std::string>& notes, const Console& console) {
  for (const std::string& note : notes) console.note(note);
}

}  // namespace ntkc::cli
