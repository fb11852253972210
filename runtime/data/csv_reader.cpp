#include "runtime/data/csv_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ntkc/errors.hpp"

namespace ntkc::data {

namespace {

/// Whether a table with this separator has this character around its fields, as padding.
bool is_padding(char c, char separator) { return c == ' ' || (c == '\t' && separator != '\t'); }

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string name, char separator)
    : text_(text), name_(std::move(name)), separator_(separator), plain_ends_("\"\r\n") {
  plain_ends_ += separator == blanks ? std::string(" \t") : std::string(1, separator);
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  // Empty lines at the end are no records; among others they are, of one empty field.
  text_ = text_.substr(0, text_.find_last_not_of("\r\n") + 1);
}

void CsvReader::fail(std::int64_t line, const std::string& message) const {
  throw InputError(fmt::format("{}:{}: {}", name_, line, message));
}

bool CsvReader::next(CsvRecord& record) {
  record.fields.clear();
  unquoted_.clear();
  if (at_ >= text_.size()) return false;
  record.line = line_;
  skip_blanks();
  while (true) {
    record.fields.push_back(take_field());
    skip_blanks();
    if (take_line_end()) return true;
    if (separator_ != blanks) ++at_;  // a field ends at nothing else
    skip_blanks();
  }
}

/// Padding, or between columns that blanks divide.
void CsvReader::skip_blanks() {
  while (at_ < text_.size() && is_padding(text_[at_], separator_)) ++at_;
}

bool CsvReader::take_line_end() {
  if (at_ >= text_.size()) return true;
  if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
  if (text_[at_] != '\n') return false;
  ++at_;
  ++line_;
  return true;
}

std::string_view CsvReader::take_field() {
  return at_ < text_.size() && text_[at_] == '"' ? take_quoted() : take_plain();
}

std::string_view CsvReader::take_plain() {
  const std::size_t begin = at_;
  at_ = std::min(text_.find_first_of(plain_ends_, at_), text_.size());
  if (at_ < text_.size() && text_[at_] == '"') {
    fail(line_,
         "a quote inside a field that does not begin with one; quote the whole field and double the quotes "
         "in it");
  }
  if (at_ < text_.size() && text_[at_] == '\r' && text_.substr(at_, 2) != "\r\n") {
    fail(line_, "a carriage return without a line feed; end lines with \"\\n\" or \"\\r\\n\"");
  }
  std::size_t end = at_;
  while (end > begin && is_padding(text_[end - 1], separator_)) --end;
  return text_.substr(begin, end - begin);
}

std::string_view CsvReader::take_quoted() {
  const std::int64_t begin_line = line_;
  const std::size_t begin = ++at_;
  bool doubled = false;
  while (true) {
    const std::size_t quote = text_.find('"', at_);
    if (quote == std::string_view::npos) {
      fail(begin_line, "a quoted field begins here and never ends; close it with a quote");
    }
    line_ += std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                        text_.begin() + static_cast<std::ptrdiff_t>(quote), '\n');
    at_ = quote + 1;
    if (at_ >= text_.size() || text_[at_] != '"') break;
    doubled = true;
    ++at_;
  }
  const std::string_view raw = text_.substr(begin, at_ - 1 - begin);
  const bool ended_by_blank = separator_ == blanks && at_ < text_.size() && is_padding(text_[at_], blanks);
  skip_blanks();
  const std::string_view after = text_.substr(at_, 2);
  if (!ended_by_blank && !after.empty() && after[0] != separator_ && after[0] != '\n' && after != "\r\n") {
    fail(line_, "text after the closing quote of a field; double the quotes inside a quoted field");
  }
  if (!doubled) return raw;
  std::string field;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    field += raw[i];
    if (raw[i] == '"') ++i;
  }
  return unquoted_.emplace_back(std::move(field));
}

}  // namespace ntkc::data
