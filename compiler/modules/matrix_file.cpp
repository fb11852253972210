#include "compiler/modules/matrix_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "ntkc/array_file.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "ntkc/table_file.hpp"

namespace ntkc::modules {
namespace {

bool is_array(const std::string& path) {
  for (const char* ending : {".npy", ".npy.gz", ".npy.zst", ".npz"}) {
    if (path.ends_with(ending)) return true;
  }
  return false;
}

ImportError too_large(const std::string& path, std::size_t most_numbers) {
  return {
      DiagnosticKind::list_too_long,
      fmt::format("the matrix in `{}` has more than {} numbers, the limit for all matrices in files", path,
                  most_numbers),
      "`--limit numbers=N` sets another; values over pairs of positions take as many numbers for each layer"};
}

/// Thrown by the check of a shape.
struct Refused {
  ImportError error;
};

MatrixFile read_array_file(const std::string& path, std::size_t most_numbers) {
  const auto check = [&](const std::vector<std::int64_t>& shape) {
    if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1)
      throw Refused{{DiagnosticKind::shape_mismatch,
                     fmt::format("`{}` holds an array of shape {}", path, shape_text(shape)),
                     "a matrix has a row for each position that is made and a column for each that is read"}};
    if (static_cast<double>(shape[0]) * static_cast<double>(shape[1]) > static_cast<double>(most_numbers))
      throw Refused{too_large(path, most_numbers)};
  };
  NumericArray array = read_array(path, check);
  require_finite(array, path);
  return {static_cast<std::size_t>(array.shape.at(1)), std::move(array.values)};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// The part of `text` before the separator, which is taken off with it; blanks count as one.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = separator == ' ' ? text.find_first_of(" \t") : text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? "" : text.substr(end + 1);
  if (separator == ' ') text = trimmed(text);
  return trimmed(part);
}

/// Lines of numbers with commas, semicolons, tabs or blanks between them. (A table of samples is read otherwise: its
/// first line may be a header, or say how many there are.)
MatrixFile read_lines(std::string_view text, const std::string& path, std::size_t most_numbers) {
  MatrixFile result;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = take(text, '\n');
    if (line.empty() && trimmed(text).empty()) break;
    char separator = ' ';
    for (const char each : {',', ';'}) {
      if (line.find(each) != std::string_view::npos) separator = each;
    }
    std::size_t columns = 0;
    for (bool more = true; more; ++columns) {
      more = separator == ' ' ? line.find_first_of(" \t") != std::string_view::npos
                              : line.find(separator) != std::string_view::npos;
      const std::string_view field = take(line, separator);
      const std::optional<double> value = number_of(field, false);
      if (!value)
        throw Refused{{DiagnosticKind::unreadable_file,
                       fmt::format("`{}`, line {}: `{}` is not a finite number", path, number, shown(field)),
                       "write a line for each row, its numbers divided by commas or blanks"}};
      if (result.numbers.size() == most_numbers) throw Refused{too_large(path, most_numbers)};
      result.numbers.push_back(*value);
    }
    if (number == 1) result.columns = columns;
    if (columns != result.columns)
      throw Refused{
          {DiagnosticKind::shape_mismatch,
           fmt::format("`{}`: line 1 has {} numbers, line {} has {}", path, result.columns, number, columns),
           "a matrix has as many numbers in each row"}};
  }
  if (result.numbers.empty())
    throw Refused{{DiagnosticKind::shape_mismatch, fmt::format("`{}` holds no numbers", path),
                   "write a line for each row, its numbers divided by commas or blanks"}};
  return result;
}

/// A number takes 26 bytes as programs write it, with its separator.
MatrixFile read_text_file(const ImportFile& file, std::size_t most_numbers) {
  constexpr std::size_t bytes_each = 32;
  const auto most_bytes = static_cast<std::uint32_t>(
      std::min<std::size_t>(most_numbers * bytes_each + 4096, std::numeric_limits<std::int32_t>::max()));
  auto text = read_import(file, most_bytes, most_bytes);
  if (const auto* error = std::get_if<ImportError>(&text))
    throw Refused{error->kind == DiagnosticKind::file_too_large ? too_large(file.path, most_numbers)
                                                                : *error};
  return read_lines(std::get<std::string>(text), file.path, most_numbers);
}

}  // namespace

std::variant<MatrixFile, ImportError> read_matrix(const ImportFile& file, std::size_t most_numbers) {
  try {
    if (!is_array(file.path)) return read_text_file(file, most_numbers);
    return read_array_file(file.path, most_numbers);
  } catch (const Refused& refused) {
    return refused.error;
  } catch (const InputError& error) {
    return ImportError{DiagnosticKind::unreadable_file, error.what(), ""};
  }
}

std::string matrix_text(const MatrixFile& matrix) {
  std::string text;
  for (std::size_t i = 0; i < matrix.numbers.size(); ++i) {
    const bool begins_row = i % matrix.columns == 0;
    text += begins_row ? (i == 0 ? "[[" : "], [") : ", ";
    const std::string number = fmt::format("{}", matrix.numbers[i]);
    // What has neither point nor exponent is an integer, which are small.
    const bool is_integer = number.find_first_of(".e") == std::string::npos;
    text += is_integer && std::fabs(matrix.numbers[i]) > 1e6 ? number + ".0" : number;
  }
  return text + "]]";
}

}  // namespace ntkc::modules
