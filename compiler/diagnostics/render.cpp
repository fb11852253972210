// How a diagnostic looks on a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "compiler/diagnostics/source.hpp"
#include "compiler/diagnostics/utf8.hpp"

namespace ntkc {
namespace {

constexpr std::size_t window_columns = 100;  ///< longer source lines are cut to about this much
constexpr std::size_t columns_before = 40;   ///< of which this much before the caret
constexpr std::string_view cut = "...";

/// The characters of a line as shown, one entry a code point; what cannot be printed is `?`.
std::vector<std::string_view> shown_characters(std::string_view line) {
  std::vector<std::string_view> shown;
  for (std::size_t i = 0; i < line.size();) {
    const CodePoint point = decode_utf8(line, i);
    shown.push_back(point.valid && !is_control(point.value) ? line.substr(i, point.bytes) : "?");
    i += point.bytes;
  }
  return shown;
}

std::string printable(std::string_view text) {
  std::string result;
  for (const std::string_view character : shown_characters(text)) result += character;
  return result;
}

/// The first line of the range and a caret line under it, cut to a window around the caret if it is long.
std::string source_excerpt(const SourceText& source, const SourceRange& range) {
  const SourcePosition begin = source.position(range.begin);
  const SourcePosition end = source.position(std::max(range.begin, range.end));
  const std::vector<std::string_view> line = shown_characters(source.line(begin.line));

  const std::size_t caret = std::min<std::size_t>(begin.column - 1, line.size());
  std::size_t stop = end.line == begin.line ? end.column - 1 : line.size();
  stop = std::max(caret + 1, std::min(stop, line.size()));
  std::size_t first = 0;
  std::size_t last = line.size();
  if (line.size() > window_columns) {
    const std::size_t latest = line.size() - window_columns;
    first = std::min(caret > columns_before ? caret - columns_before : 0, latest);
    last = first + window_columns;
  }

  std::string text;
  std::string marks;
  if (first > 0) {
    text += cut;
    marks.append(cut.size(), ' ');
  }
  for (std::size_t i = first; i < last; ++i) text += line[i];
  if (last < line.size()) text += cut;
  for (std::size_t i = first; i < caret; ++i) marks += line[i] == "\t" ? '\t' : ' ';
  marks += '^';
  for (std::size_t i = caret + 1; i < stop && i < last; ++i) marks += '~';
  return text + '\n' + marks + '\n';
}

std::string place(const SourceText& source, const SourceRange& range) {
  const SourcePosition position = source.position(range.begin);
  return fmt::format("{}:{}:{}", printable(source.name()), position.line, position.column);
}

}  // namespace

std::string render(const Diagnostic& diagnostic, const SourceManager& sources) {
  const DiagnosticKindInfo& kind = info(diagnostic.kind);
  const SourceText& source = sources.file(diagnostic.range.file);
  const std::string_view severity = kind.severity == Severity::error ? "error" : "warning";
  std::string text = fmt::format("{}: {}: {} [{}]\n", place(source, diagnostic.range), severity,
                                 diagnostic.message, kind.name);
  text += source_excerpt(source, diagnostic.range);
  for (const Note& note : diagnostic.notes) {
    const SourceText& note_source = sources.file(note.range.file);
    fmt::format_to(std::back_inserter(text), "{}: note: {}\n", place(note_source, note.range), note.message);
    text += source_excerpt(note_source, note.range);
  }
  if (!diagnostic.remedy.empty()) text += "  remedy: " + diagnostic.remedy + '\n';
  return text;
}

}  // namespace ntkc
