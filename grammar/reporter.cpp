#include "grammar/reporter.hpp"

#include <algorithm>
#include <utility>

namespace ntkc::grammar {

void Reporter::report(DiagnosticKind kind, SourceRange range, std::string message, std::string remedy,
                      std::vector<Note> notes) {
  if (full()) return;
  diagnostics_.push_back({kind, range, std::move(message), std::move(notes), std::move(remedy)});
}

void Reporter::flush(DiagnosticConsumer& consumer) {
  std::stable_sort(
      diagnostics_.begin(), diagnostics_.end(),
      [](const Diagnostic& left, const Diagnostic& right) { return left.range.begin < right.range.begin; });
  for (Diagnostic& diagnostic : diagnostics_) consumer.report(std::move(diagnostic));
  diagnostics_.clear();
}

}  // namespace ntkc::grammar
