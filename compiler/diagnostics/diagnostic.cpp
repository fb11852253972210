#include "compiler/diagnostics/diagnostic.hpp"

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

}  // namespace ntkc
