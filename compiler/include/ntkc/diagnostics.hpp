// What ntkc says about a network: errors and warnings, each complete in itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ntkc/errors.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// A range of a source text. Lines and columns count from 1, columns in code points; the end is the first
/// place behind the range. `line` is 0 where a whole file is meant.
struct DiagnosticPlace {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t end_line = 0;
  std::uint32_t end_column = 0;
  std::string source;  ///< the first line of the range, cut to a window around it if it is long
  std::string marks;   ///< what stands under it: `^~~~`
};

struct DiagnosticNote {
  DiagnosticPlace place;
  std::string message;
};

struct RenderedDiagnostic {
  std::string kind;            ///< "dependent-branches", as `ntkc explain` takes it
  bool error = true;           ///< else a warning
  bool made_an_error = false;  ///< a warning that -Werror made an error
  DiagnosticPlace place;
  std::string message;
  std::vector<DiagnosticNote> notes;
  std::string help;  ///< what to do; "" if the message says it
};

struct DiagnosticStyle {
  bool color = false;           ///< with the escape sequences of a terminal
  std::size_t max_errors = 20;  ///< and as many warnings; the rest is counted; 0: all
};

/// Place, severity, message and kind; the source line and a caret line; notes in the same form; the help.
std::string text_of(const RenderedDiagnostic& diagnostic, const DiagnosticStyle& style = {});
/// One after the other, warnings up to as many as errors are wanted, until so many errors have been printed.
std::string text_of(const std::vector<RenderedDiagnostic>& diagnostics, const DiagnosticStyle& style = {});

/// The input is wrong. `what()` is the diagnostics as text, the first 20 errors of them.
class CompileError : public Error {
 public:
  explicit CompileError(std::vector<RenderedDiagnostic> diagnostics);
  /// All of them, warnings too.
  [[nodiscard]] const std::vector<RenderedDiagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<RenderedDiagnostic> diagnostics_;
};

}  // namespace ntkc
#pragma GCC visibility pop
