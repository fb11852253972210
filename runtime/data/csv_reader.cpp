#include "runtime/data/csv_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ntkc/errors.hpp"

namespace ntkc::data {

CsvReader::CsvReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {
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
  while (true) {
    record.fields.push_back(take_field());
    if (take_line_end()) return true;
    ++at_;  // the comma: a field ends at nothing else
  }
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
  at_ = std::min(text_.find_first_of(",\"\r\n", at_), text_.size());
  if (at_ < text_.size() && text_[at_] == '"') {
    fail(line_,
         "a quote inside a field that does not begin with one; quote the whole field and double the quotes "
         "in it");
  }
  if (at_ < text_.size() && text_[at_] == '\r' && text_.substr(at_, 2) != "\r\n") {
    fail(line_, "a carriage return without a line feed; end lines with \"\\n\" or \"\\r\\n\"");
  }
  return text_.substr(begin, at_ - begin);
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
  const std::string_view after = text_.substr(at_, 2);
  if (!after.empty() && after[0] != ',' && after[0] != '\n' && after != "\r\n") {
    fail(line_, "text after the closing quote of a field; double the quotes inside a quoted field");
  }
  const std::string_view raw = text_.substr(begin, at_ - 1 - begin);
  if (!doubled) return raw;
  std::string field;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    field += raw[i];
    if (raw[i] == '"') ++i;
  }
  return unquoted_.emplace_back(std::move(field));
}

}  // namespace ntkc::data
