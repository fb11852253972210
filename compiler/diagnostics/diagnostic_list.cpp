#include "compiler/diagnostics/diagnostic_list.hpp"

namespace ntkc {

void DiagnosticList::report(Diagnostic diagnostic) {
  const std::optional<Severity> severity = policy_.severity(diagnostic.kind);
  if (!severity) return;
  if (severity == Severity::error) ++errors_;
  diagnostics_.push_back(std::move(diagnostic));
}

}  // namespace ntkc
