#include "compiler/layer_graph/diagnostic_buffer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ntkc::layer_graph {
namespace {

/// How many of the applications that lead to a mistake are told: the innermost and the outermost.
constexpr std::size_t most_context_notes = 6;

}  // namespace

void DiagnosticBuffer::enter(SourceRange applied, std::string note) {
  contexts_.push_back({.outer = context_, .note = {applied, std::move(note)}});
  context_ = static_cast<ContextId>(contexts_.size());
}

void DiagnosticBuffer::append_context(ContextId context, std::vector<Note>& notes) const {
  std::vector<Note> chain;
  for (; context != 0; context = contexts_[context - 1].outer) chain.push_back(contexts_[context - 1].note);
  if (chain.size() > most_context_notes) {
    const std::size_t left_out = chain.size() - most_context_notes;
    const auto first = chain.begin() + (most_context_notes - 1);
    chain.erase(first, first + static_cast<std::ptrdiff_t>(left_out));
    chain.back().message += fmt::format(" (and {} more between)", left_out);
  }
  notes.insert(notes.end(), chain.begin(), chain.end());
}

void DiagnosticBuffer::report(DiagnosticKind kind, SourceRange range, std::string message,
                              std::vector<Note> notes, std::string help) {
  report_in(context_, kind, range, std::move(message), std::move(notes), std::move(help));
}

void DiagnosticBuffer::report_in(ContextId context, DiagnosticKind kind, SourceRange range,
                                 std::string message, std::vector<Note> notes, std::string help) {
  if (!redirections_.empty()) range = redirections_.front();
  if (info(kind).severity == Severity::error) ++error_count_;
  if (!told_.emplace(kind, range.file, range.begin, range.end).second) return;
  append_context(context, notes);
  diagnostics_.push_back({.kind = kind,
                          .range = range,
                          .message = std::move(message),
                          .notes = std::move(notes),
                          .help = std::move(help)});
}

void DiagnosticBuffer::flush(DiagnosticConsumer& consumer) {
  std::ranges::stable_sort(diagnostics_, {}, [](const Diagnostic& diagnostic) {
    return std::pair(diagnostic.range.file, diagnostic.range.begin);
  });
  for (Diagnostic& diagnostic : diagnostics_) consumer.report(std::move(diagnostic));
  diagnostics_.clear();
}

}  // namespace ntkc::layer_graph
