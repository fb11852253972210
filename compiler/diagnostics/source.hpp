// Source texts and places in them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace ntkc {

/// Line and column, both from 1. A column counts Unicode code points (a tab is one column).
struct SourcePosition {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

class SourceText {
 public:
  SourceText(std::string name, std::string text);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] SourcePosition position(std::uint32_t offset) const;
  /// The text of a line (from 1) without its line end.
  [[nodiscard]] std::string_view line(std::uint32_t number) const;
  /// Where the character in this place begins, in bytes from the begin of its line; its length if there is none.
  [[nodiscard]] std::size_t offset_in_line(SourcePosition position) const;

 private:
  /// A place whose column is known: the begins of lines, and one every few hundred bytes of long lines, so that
  /// thousands of diagnostics on one line of a megabyte need no thousand walks through it.
  struct Mark {
    std::uint32_t offset;
    SourcePosition position;
  };
  [[nodiscard]] std::uint32_t line_start(std::uint32_t line) const;

  std::string name_;
  std::string text_;
  std::vector<Mark> marks_;                ///< ascending
  std::vector<std::uint32_t> line_marks_;  ///< the first mark of each line
};

/// The files of one compilation; SourceRange::file indexes it. `-D` values are files of their own, named
/// "<-D name>", so that a mistake in one is shown like any other.
class SourceManager {
 public:
  std::uint32_t add(std::string name, std::string text);
  [[nodiscard]] const SourceText& file(std::uint32_t index) const { return *files_.at(index); }

 private:
  std::vector<std::unique_ptr<SourceText>> files_;
};

}  // namespace ntkc
