#include "compiler/diagnostics/diagnostic.hpp"

#include <utility>

namespace ntkc {

const std::vector<DiagnosticKindInfo>& diagnostic_kinds() {
  static const std::vector<DiagnosticKindInfo> kinds = {
#define NTKC_DIAGNOSTIC(enumerator, name, severity, purpose) \
  {DiagnosticKind::enumerator, name, Severity::severity, purpose},
#include "compiler/diagnostics/kinds.def"
#undef NTKC_DIAGNOSTIC
  };
  return kinds;
}

const DiagnosticKindInfo& info(DiagnosticKind kind) {
  return diagnostic_kinds().at(static_cast<std::size_t>(kind));
}

void DiagnosticList::report(Diagnostic diagnostic) {
  if (info(diagnostic.kind).severity == Severity::error) ++errors_;
  diagnostics_.push_back(std::move(diagnostic));
}

}  // namespace ntkc
