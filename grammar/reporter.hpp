// Where the stages of one parse put their diagnostics, until they are passed on in the order of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace ntkc::grammar {

class Reporter {
 public:
  explicit Reporter(std::uint32_t source) : source_(source) {}

  [[nodiscard]] SourceRange range(std::uint32_t begin, std::uint32_t end) const {
    return {source_, begin, end};
  }
  /// Dropped if full().
  void report(DiagnosticKind kind, SourceRange range, std::string message, std::string help = {},
              std::vector<Note> notes = {});
  [[nodiscard]] bool empty() const { return diagnostics_.empty(); }
  /// Nothing is stored beyond a thousand, so that a file with a million mistakes does not fill the memory.
  [[nodiscard]] bool full() const { return diagnostics_.size() >= most_diagnostics; }
  /// Passes everything on, sorted by place.
  void flush(DiagnosticConsumer& consumer);

 private:
  static constexpr std::size_t most_diagnostics = 1000;
  std::uint32_t source_;
  std::multimap<std::uint32_t, Diagnostic> diagnostics_;  ///< by the beginning of their range
};

}  // namespace ntkc::grammar
