#include "ntkc/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"

namespace ntkc {

namespace {

/// Signs that numbers are written with, besides digits, in this or that place of the world.
constexpr auto number_signs =
    std::to_array<std::string_view>({",", ".", "'", "’", "_", " ", "\u00a0", "\u202f", "%", "‰", "$", "€",
                                     "£", "¥", "₹", "EUR", "USD", "GBP", "CHF"});

constexpr const char* too_many_classes =
    "{}: more than {} different labels; for numbers say --task=regression";

void require_one_label_per_row(const RawTargets& targets) {
  if (targets.columns() != 1)
    throw InputError(fmt::format(
        "{}: classification takes one label per row, or a 1 among zeros, not {} values; for several outputs "
        "say --task=regression",
        targets.source, targets.columns()));
}

/// Classes that are written out as columns of 0 and 1 become labels: the names of the columns, or 0, 1, 2, ….
RawTargets with_labels(const RawTargets& targets) {
  if (targets.columns() == 1 || !is_one_hot(targets)) return targets;
  RawTargets labels = targets;
  labels.shape = {targets.rows()};
  labels.numbers.clear();
  labels.names.clear();
  labels.text = !targets.names.empty();
  const auto columns = static_cast<std::size_t>(targets.columns());
  for (std::size_t i = 0; i < static_cast<std::size_t>(targets.rows()); ++i) {
    std::size_t label = 0;
    while (targets.numbers[i * columns + label] != 1) ++label;
    if (labels.text)
      labels.texts.push_back(targets.names[label]);
    else
      labels.numbers.push_back(static_cast<double>(label));
  }
  return labels;
}

/// Of training targets: every row has one.
void require_all_there(const RawTargets& targets) {
  const std::string name = targets.names.empty() ? targets.name : targets.names.front();
  const auto refuse = [&](std::int64_t row) {
    throw InputError(
        fmt::format("{}: the target `{}` is missing here; fill it in, or leave such rows out "
                    "(--missing=drop)",
                    targets.place(row), shown(name)));
  };
  for (std::size_t i = 0; i < targets.texts.size(); ++i)
    if (is_missing(targets.texts[i])) refuse(static_cast<std::int64_t>(i));
  const auto columns = static_cast<std::size_t>(targets.columns());
  for (std::size_t i = 0; i < targets.numbers.size(); ++i)
    if (std::isnan(targets.numbers[i])) refuse(static_cast<std::int64_t>(i / columns));
}

void learn_classes(const RawTargets& targets, TargetEncoding& encoding) {
  require_one_label_per_row(targets);
  encoding.numeric_labels = !targets.text;
  if (targets.text) {
    std::set<std::string> labels;
    for (const std::string& text : targets.texts) {
      labels.insert(text);
      if (labels.size() > max_classes)
        throw InputError(fmt::format(too_many_classes, targets.source, max_classes));
    }
    encoding.outputs.assign(labels.begin(), labels.end());
  } else {
    std::set<double> labels;
    for (const double number : targets.numbers) {
      labels.insert(number == 0 ? 0.0 : number);  // −0 is 0
      if (labels.size() > max_classes)
        throw InputError(fmt::format(too_many_classes, targets.source, max_classes));
    }
    for (const double label : labels) {
      encoding.label_values.push_back(label);
      encoding.outputs.push_back(csv_number(label));
    }
  }
  if (encoding.outputs.size() < 2)
    throw InputError(fmt::format("{}: every row has the label `{}`; classification takes two classes or more",
                                 targets.source, shown(encoding.outputs.front())));
}

void require_numbers(const RawTargets& targets) {
  if (!targets.text) return;
  throw InputError(fmt::format("{}:{}: column `{}` holds the text `{}`; regression takes numbers only",
                               targets.path, targets.first_text_line, shown(targets.name),
                               shown(targets.first_text)));
}

void learn_outputs(const RawTargets& targets, bool center, TargetEncoding& encoding) {
  require_numbers(targets);
  const std::int64_t columns = targets.columns();
  const std::string stem = targets.name.empty() ? "output" : targets.name;
  encoding.outputs = targets.names;
  for (std::int64_t j = std::ssize(encoding.outputs); j < columns; ++j)
    encoding.outputs.push_back(columns == 1 ? stem : fmt::format("{}_{}", stem, j));
  encoding.offsets.assign(static_cast<std::size_t>(columns), 0.0);
  if (!center) return;
  const std::size_t width = encoding.offsets.size();
  for (std::size_t i = 0; i < targets.numbers.size(); ++i) encoding.offsets[i % width] += targets.numbers[i];
  for (double& offset : encoding.offsets) {
    offset /= static_cast<double>(targets.rows());
    if (!std::isfinite(offset))
      throw InputError(fmt::format("{}: the mean of the targets overflows; rescale them", targets.source));
  }
}

/// The class of each label, whichever way a file happens to write it: a table column of "01", "02" reads as
/// numbers although training had "01", "02", "1a".
class LabelIndex {
 public:
  explicit LabelIndex(const TargetEncoding& encoding) {
    for (std::size_t c = 0; c < encoding.outputs.size(); ++c) {
      const auto index = static_cast<std::int32_t>(c);
      const std::string& text = encoding.outputs[c];
      by_text_.emplace(text, index);
      double value = 0;
      if (encoding.numeric_labels) {
        by_number_.emplace(encoding.label_values[c], index);
      } else if (const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
                 error == std::errc() && end == text.data() + text.size()) {
        // Two texts of one value ("1", "1.0") cannot be told apart by it.
        const auto [position, fresh] = by_number_.emplace(value, index);
        if (!fresh) position->second = ambiguous;
      }
    }
  }

  /// −1 if training did not have it.
  [[nodiscard]] std::int32_t find(const std::string& text) const {
    const auto found = by_text_.find(text);
    return found == by_text_.end() ? -1 : found->second;
  }
  [[nodiscard]] std::int32_t find(double number) const {
    const auto found = by_number_.find(number);
    return found == by_number_.end() || found->second == ambiguous ? find(csv_number(number)) : found->second;
  }
  [[nodiscard]] std::int32_t of(const RawTargets& targets, std::size_t row) const {
    return targets.text ? find(targets.texts[row]) : find(targets.numbers[row]);
  }

 private:
  static constexpr std::int32_t ambiguous = -2;
  std::unordered_map<std::string, std::int32_t> by_text_;
  std::map<double, std::int32_t> by_number_;
};

std::string label_text(const RawTargets& targets, std::size_t row) {
  return targets.text ? targets.texts[row] : csv_number(targets.numbers[row]);
}

std::string class_list(const TargetEncoding& encoding) {
  constexpr std::size_t listed = 10;
  std::string text;
  for (std::size_t c = 0; c < std::min(listed, encoding.outputs.size()); ++c)
    text += fmt::format("{}`{}`", c == 0 ? "" : ", ", shown(encoding.outputs[c]));
  if (encoding.outputs.size() > listed) text += fmt::format(" and {} more", encoding.outputs.size() - listed);
  return text;
}

/// Whether a text is a number for people: with separators of thousands, a decimal comma, a currency, a percent sign.
bool is_number_in_writing(std::string_view text) {
  std::string digits;
  bool has_digit = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at);
    const auto* const sign = std::ranges::find_if(
        number_signs, [&](std::string_view candidate) { return rest.starts_with(candidate); });
    if (sign != number_signs.end()) {
      at += sign->size();
      continue;
    }
    const char c = text[at++];
    if (c >= '0' && c <= '9')
      has_digit = true;
    else if (c != '-' && c != '+')
      return false;
    if (c < '0' && at > 1 && has_digit) return false;  // a sign inside: a date or a range
  }
  return has_digit;
}

void refuse_numbers_in_writing(const RawTargets& targets) {
  const auto number = std::ranges::find_if(targets.texts, is_number_in_writing);
  const auto others = std::ranges::count_if(targets.texts, is_number_in_writing);
  // Among plain numbers the first text is the one to correct.
  const bool among_numbers = 2 * targets.numeric_fields > targets.rows();
  if (!among_numbers && 2 * others <= targets.rows()) return;
  const std::int64_t row = number - targets.texts.begin();
  const std::string place =
      among_numbers ? fmt::format("{}:{}", targets.path, targets.first_text_line) : targets.place(row);
  const std::string text = among_numbers ? targets.first_text : *number;
  throw InputError(
      fmt::format("{}: column `{}` holds `{}` {}; correct it, or say --task=classification if these are "
                  "labels",
                  place, shown(targets.name), shown(text),
                  among_numbers           ? "among numbers"
                  : targets.decimal_comma ? "where a number as 1234,5 is wanted"
                                          : "where a number as 1234.5 is wanted"));
}

/// Different values, up to one more than are allowed.
std::size_t count_labels(const RawTargets& targets) {
  std::set<std::string_view> texts;
  std::set<double> numbers;
  for (const std::string& text : targets.texts)
    if (texts.size() <= max_classes) texts.insert(text);
  for (const double number : targets.numbers)
    if (numbers.size() <= max_classes) numbers.insert(number);
  return texts.size() + numbers.size();
}

/// Of so many different labels there are too few samples each for classes. Of texts, a few rows say nothing.
bool are_identifiers(const RawTargets& targets, std::size_t labels) {
  constexpr std::int64_t fewest_rows = 10;
  if (targets.text && targets.rows() < fewest_rows) return false;
  return labels > 2 && 2 * labels >= static_cast<std::size_t>(targets.rows());
}

void refuse_identifiers(const RawTargets& targets, std::size_t labels) {
  if (!are_identifiers(targets, labels)) return;
  throw InputError(fmt::format(
      "{}: {} different {} in {} rows are hardly classes; say --task=regression if they are numbers, "
      "--task=classification if they are labels all the same",
      targets.source,
      labels > max_classes ? fmt::format("more than {}", max_classes) : fmt::format("{}", labels),
      targets.text ? "texts" : "integers", targets.rows()));
}

bool all_whole(const std::vector<double>& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return number == std::floor(number); });
}

}  // namespace

std::string_view name(Task task) { return task == Task::regression ? "regression" : "classification"; }

std::optional<Task> task_from_name(std::string_view name) {
  if (name == "regression") return Task::regression;
  if (name == "classification") return Task::classification;
  return std::nullopt;
}

TaskChoice choose_task(std::optional<Task> asked, const RawTargets& targets) {
  if (asked) return {*asked, ""};
  if (targets.discrete && targets.columns() == 1) {
    if (targets.text) refuse_numbers_in_writing(targets);
    const std::size_t labels = count_labels(targets);
    refuse_identifiers(targets, labels);
    if (targets.text) return {Task::classification, ""};
    return {Task::classification,
            fmt::format("{}: {} classes, one for each value; --task=regression takes them as numbers",
                        targets.source, labels)};
  }
  if (is_one_hot(targets))
    return {Task::regression,
            fmt::format("{}: regression on columns of which one is 1 and the others are 0 in every row; "
                        "--task=classification takes them as classes",
                        targets.source)};
  if (targets.columns() > 1 || !all_whole(targets.numbers) || are_identifiers(targets, count_labels(targets)))
    return {Task::regression, ""};
  return {Task::regression,
          fmt::format("{}: regression on whole numbers; --task=classification makes each a class",
                      targets.source)};
}

TargetEncoding learn_encoding(Task task, bool center, const RawTargets& targets) {
  TargetEncoding encoding;
  encoding.task = task;
  encoding.name = targets.name;
  require_all_there(targets);
  if (task == Task::regression) {
    learn_outputs(targets, center, encoding);
    return encoding;
  }
  if (center)
    throw InputError(fmt::format(
        "{}: --center is for regression; class labels are centred as they are encoded", targets.source));
  learn_classes(with_labels(targets), encoding);
  return encoding;
}

Matrix encode(const TargetEncoding& encoding, const RawTargets& targets) {
  const auto outputs = static_cast<std::ptrdiff_t>(encoding.outputs.size());
  Matrix rows(targets.rows(), outputs);
  if (encoding.task == Task::regression) {
    const MatrixView<const double> numbers = regression_targets(encoding, targets);
    for (std::ptrdiff_t i = 0; i < rows.rows(); ++i)
      for (std::ptrdiff_t j = 0; j < outputs; ++j)
        rows(i, j) = numbers(i, j) - encoding.offsets[static_cast<std::size_t>(j)];
    return rows;
  }
  const std::vector<std::int32_t> classes = class_indices(encoding, targets);
  const double rest = 1.0 / static_cast<double>(outputs);
  for (std::ptrdiff_t i = 0; i < rows.rows(); ++i)
    for (std::ptrdiff_t c = 0; c < outputs; ++c)
      rows(i, c) = (classes[static_cast<std::size_t>(i)] == c ? 1.0 : 0.0) - rest;
  return rows;
}

std::vector<std::int32_t> class_indices(const TargetEncoding& encoding, const RawTargets& given) {
  const RawTargets targets = with_labels(given);
  require_one_label_per_row(targets);
  const LabelIndex labels(encoding);
  std::vector<std::int32_t> classes(static_cast<std::size_t>(targets.rows()));
  for (std::size_t i = 0; i < classes.size(); ++i) {
    classes[i] = labels.of(targets, i);
    if (classes[i] >= 0) continue;
    throw InputError(fmt::format("{}: label `{}` was not seen in training; the classes are {}",
                                 targets.place(static_cast<std::int64_t>(i)), shown(label_text(targets, i)),
                                 class_list(encoding)));
  }
  return classes;
}

MatrixView<const double> regression_targets(const TargetEncoding& encoding, const RawTargets& targets) {
  require_numbers(targets);
  if (targets.columns() != static_cast<std::int64_t>(encoding.outputs.size()))
    throw InputError(fmt::format("{}: {} values per row, the model has {} outputs", targets.source,
                                 targets.columns(), encoding.outputs.size()));
  return {targets.numbers.data(), targets.rows(), targets.columns()};
}

bool is_one_hot(const RawTargets& targets) {
  const auto columns = static_cast<std::size_t>(targets.columns());
  if (targets.text || columns < 2) return false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(targets.rows()); ++i) {
    const auto row = targets.numbers.begin() + static_cast<std::ptrdiff_t>(i * columns);
    const auto ones = std::count(row, row + static_cast<std::ptrdiff_t>(columns), 1.0);
    const auto zeros = std::count(row, row + static_cast<std::ptrdiff_t>(columns), 0.0);
    if (ones != 1 || zeros != static_cast<std::ptrdiff_t>(columns) - 1) return false;
  }
  return true;
}

namespace {

/// "2 of 7 targets are not known (t.csv:3: `?`, …): predicted, not scored"
std::string unknown_note(const RawTargets& targets, const std::vector<std::int64_t>& known) {
  if (std::ssize(known) == targets.rows()) return "";
  std::int64_t first = 0;
  while (first < std::ssize(known) && known[static_cast<std::size_t>(first)] == first) ++first;
  const auto at = static_cast<std::size_t>(first * targets.columns());
  const bool missing = targets.text ? is_missing(targets.texts[at]) : std::isnan(targets.numbers[at]);
  return fmt::format("{}: {} of {} {} not known ({} is the first, {}): predicted, not scored", targets.source,
                     targets.rows() - std::ssize(known), counted(targets.rows(), "target"),
                     targets.rows() - std::ssize(known) == 1 ? "is" : "are", targets.place(first),
                     missing ? std::string("missing") : fmt::format("`{}`", shown(label_text(targets, at))));
}

}  // namespace

KnownTargets known_targets(const TargetEncoding& encoding, const RawTargets& given) {
  KnownTargets result;
  const auto outputs = static_cast<std::ptrdiff_t>(encoding.outputs.size());
  if (encoding.task == Task::classification) {
    const RawTargets targets = with_labels(given);
    require_one_label_per_row(targets);
    const LabelIndex labels(encoding);
    for (std::int64_t i = 0; i < targets.rows(); ++i) {
      const std::int32_t label = labels.of(targets, static_cast<std::size_t>(i));
      if (label < 0) continue;
      result.rows.push_back(i);
      result.classes.push_back(label);
    }
    result.note = unknown_note(targets, result.rows);
    return result;
  }
  if (given.columns() != outputs)
    throw InputError(fmt::format("{}: {} values per row, the model has {} outputs", given.source,
                                 given.columns(), encoding.outputs.size()));
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < given.rows() && !given.text; ++i) {
    const double* const row = given.numbers.data() + i * outputs;
    if (std::any_of(row, row + outputs, [](double number) { return std::isnan(number); })) continue;
    result.rows.push_back(i);
    numbers.insert(numbers.end(), row, row + outputs);
  }
  // Texts may hold numbers between others.
  for (std::int64_t i = 0; i < given.rows() && given.text; ++i) {
    const auto number = number_of(given.texts[static_cast<std::size_t>(i)], false);
    if (!number) continue;
    result.rows.push_back(i);
    numbers.push_back(*number);
  }
  result.numbers = Matrix(std::ssize(result.rows), outputs);
  std::ranges::copy(numbers, result.numbers.data());
  result.note = unknown_note(given, result.rows);
  return result;
}

}  // namespace ntkc
