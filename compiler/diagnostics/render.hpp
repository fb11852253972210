// A diagnostic with everything that it takes to print it.
#pragma once

#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/diagnostic_list.hpp"
#include "compiler/diagnostics/source.hpp"
#include "ntkc/diagnostics.hpp"

namespace ntkc {

/// As an error or a warning, whatever its kind is by itself. Bytes of the source that cannot be printed
/// become
/// `?`.
RenderedDiagnostic render(const Diagnostic& diagnostic, const SourceManager& sources, Severity severity);
/// All of a list, by its policy.
std::vector<RenderedDiagnostic> render(const DiagnosticList& list, const SourceManager& sources);

/// About a file as a whole, which may not even have been read.
RenderedDiagnostic render_for_file(DiagnosticKind kind, const std::string& file, std::string message);

}  // namespace ntkc
