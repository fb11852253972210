#include "grammar/reporter.hpp"

#include <utility>

namespace ntkc::grammar {

void Reporter::report(DiagnosticKind kind, SourceRange range, std::string message, std::string help,
                      std::vector<Note> notes) {
  if (full()) return;
  diagnostics_.emplace(range.begin,
                       Diagnostic{kind, range, std::move(message), std::move(notes), std::move(help)});
}

void Reporter::flush(DiagnosticConsumer& consumer) {
  for (auto& [begin, diagnostic] : diagnostics_) consumer.report(std::move(diagnostic));
  diagnostics_.clear();
}

}  // namespace ntkc::grammar
