// Diagnostics: what the stages say about the input, and the sink they say it to.
//
// A stage never prints and never throws for a mistake of the user's; it reports a Diagnostic to a consumer
// and returns nothing. Exceptions are for the public façade only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ntkc {

/// A half-open range of bytes in one source file. `file` indexes SourceManager.
struct SourceRange {
  std::uint32_t file = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend bool operator==(const SourceRange&, const SourceRange&) = default;
};

enum class Severity : std::uint8_t { error, warning };

/// Every kind of diagnostic. The list is compiler/diagnostics/kinds.def: one line a kind.
enum class DiagnosticKind : std::uint16_t {
#define NTKC_DIAGNOSTIC(enumerator, name, severity, purpose) enumerator,
#include "compiler/diagnostics/kinds.def"
#undef NTKC_DIAGNOSTIC
};

struct DiagnosticKindInfo {
  DiagnosticKind kind;
  std::string_view name;  ///< as printed and as `ntkc explain` takes it, e.g. "dependent-branches"
  Severity severity;
  std::string_view purpose;  ///< one line
};

/// All kinds in the order of kinds.def, indexed by the enumerator's value.
const std::vector<DiagnosticKindInfo>& diagnostic_kinds();
const DiagnosticKindInfo& info(DiagnosticKind kind);

struct Note {
  SourceRange range;
  std::string message;
};

/// Wording: lower case, no period, code in backticks, says what was seen. `help` says what to do ("" if the
/// message already does).
struct Diagnostic {
  DiagnosticKind kind;
  SourceRange range;
  std::string message;
  std::vector<Note> notes = {};
  std::string help = {};
};

class DiagnosticConsumer {
 public:
  DiagnosticConsumer() = default;
  DiagnosticConsumer(const DiagnosticConsumer&) = delete;
  DiagnosticConsumer& operator=(const DiagnosticConsumer&) = delete;
  virtual ~DiagnosticConsumer() = default;
  virtual void report(Diagnostic diagnostic) = 0;
};

}  // namespace ntkc
