// The records of CSV text (RFC 4180, or with another separator), without regard to what the fields mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace ntkc::data {

struct CsvRecord {
  std::vector<std::string_view> fields;  ///< views into the text, or into the reader where quotes were undone
  std::int64_t line = 0;                 ///< of its first character, counted from 1
};

/// The separator of columns that any number of blanks and tabs divide.
inline constexpr char blanks = ' ';

/// Splits a text into records; memory does not grow with their number. The text must outlive the reader; what
/// it holds is checked before by the caller (no NUL, UTF-8).
class CsvReader {
 public:
  /// `name` is the file, for messages. Blanks around a field that is not quoted are not part of it.
  CsvReader(std::string_view text, std::string name, char separator = ',');

  /// False at the end. The views stay valid until the next call.
  bool next(CsvRecord& record);

 private:
  std::string_view take_field();
  std::string_view take_quoted();
  std::string_view take_plain();
  bool take_line_end();
  void skip_blanks();
  [[noreturn]] void fail(std::int64_t line, const std::string& message) const;

  std::string_view text_;
  std::string name_;
  char separator_;
  std::string plain_ends_;  // what ends a field that is not quoted, or may not be in it
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  std::deque<std::string> unquoted_;  // fields with doubled quotes; a deque, for views point into the strings
};

}  // namespace ntkc::data
