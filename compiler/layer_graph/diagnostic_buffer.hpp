// Collects the diagnostics of one elaboration: each place is told once (bodies of repeats are elaborated more
// than once, blocks wherever they are applied), and in the order of the source text.
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
  /// Where the text being elaborated is applied: 0 is the network itself.
  using ContextId = std::uint32_t;

  /// In the current context.
  void report(DiagnosticKind kind, SourceRange range, std::string message, std::vector<Note> notes = {},
              std::string remedy = {});
  void report_in(ContextId context, DiagnosticKind kind, SourceRange range, std::string message,
                 std::vector<Note> notes = {}, std::string remedy = {});
  /// What is reported until the matching `end` has happened in a text that the user does not see (the
  /// definition of a built-in) and is told of the place that uses it.
  void begin_redirection(SourceRange place) { redirections_.push_back(place); }
  void end_redirection() { redirections_.pop_back(); }
  /// What is reported until the matching `leave` gets a note that says so: "in block `b`, applied here".
  void enter(SourceRange applied, std::string note);
  void leave() { context_ = contexts_[context_ - 1].outer; }
  [[nodiscard]] ContextId context() const { return context_; }
  /// How often an error was met, told before or not.
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
