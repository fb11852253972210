// Collects the diagnostics of one elaboration. Each place of the text is reported once, although bodies of
// repeats are elaborated more than once and blocks wherever they are applied. The reports come out in the
// order of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace ntkc::layer_graph {

class DiagnosticBuffer {
 public:
  /// The application whose text is being elaborated; 0 is the network itself.
  using ContextId = std::uint32_t;

  /// Reports in the current context.
  void report(DiagnosticKind kind, SourceRange range, std::string message, std::vector<Note> notes = {},
              std::string help = {});
  void report_in(ContextId context, DiagnosticKind kind, SourceRange range, std::string message,
                 std::vector<Note> notes = {}, std::string help = {});
  /// Until the matching `end`, reports are about a text that the user does not see, the definition of a
  /// built-in. They are given the place that uses it instead.
  void begin_redirection(SourceRange place) { redirections_.push_back(place); }
  void end_redirection() { redirections_.pop_back(); }
  /// Until the matching `leave`, each report gets a note that says where it came from: "in block `b`, applied
  /// here".
  void enter(SourceRange applied, std::string note);
  void leave() { context_ = contexts_[context_ - 1].outer; }
  [[nodiscard]] ContextId context() const { return context_; }
  /// How many errors were met, including those that had been reported before.
  [[nodiscard]] std::size_t error_count() const { return error_count_; }
  [[nodiscard]] bool has_errors() const { return error_count_ > 0; }
  void flush(DiagnosticConsumer& consumer);

 private:
  struct Context {
    ContextId outer;
    Note note;
  };
  void append_context(ContextId context, std::vector<Note>& notes) const;

  using Key = std::tuple<DiagnosticKind, std::uint32_t, std::uint32_t, std::uint32_t>;
  std::vector<Diagnostic> diagnostics_;
  std::set<Key> told_;
  std::vector<SourceRange> redirections_;
  std::vector<Context> contexts_;  ///< of context i + 1
  ContextId context_ = 0;
  std::size_t error_count_ = 0;
};

}  // namespace ntkc::layer_graph
