#include "compiler/layer_graph/diagnostic_buffer.hpp"

#include <algorithm>
#include <utility>

namespace ntkc::layer_graph {

void DiagnosticBuffer::report(DiagnosticKind kind, SourceRange range, std::string message,
                              std::vector<Note> notes, std::string remedy) {
  if (!redirections_.empty()) range = redirections_.front();
  if (info(kind).severity == Severity::error) ++error_count_;
  if (!told_.emplace(kind, range.file, range.begin, range.end).second) return;
  diagnostics_.push_back({.kind = kind,
                          .range = range,
                          .message = std::move(message),
                          .notes = std::move(notes),
                          .remedy = std::move(remedy)});
}

void DiagnosticBuffer::flush(DiagnosticConsumer& consumer) {
  std::ranges::stable_sort(diagnostics_, {}, [](const Diagnostic& diagnostic) {
    return std::pair(diagnostic.range.file, diagnostic.range.begin);
  });
  for (Diagnostic& diagnostic : diagnostics_) consumer.report(std::move(diagnostic));
  diagnostics_.clear();
}

}  // namespace ntkc::layer_graph
