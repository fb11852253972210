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

/// The first `most` characters of a line as shown, one entry a code point; what cannot be printed is `?`.
std::vector<std::string_view> shown_characters(std::string_view line, std::size_t most) {
  std::vector<std::string_view> shown;
  for (std::size_t i = 0; i < line.size() && shown.size() < most;) {
    const CodePoint point = decode_utf8(line, i);
    shown.push_back(point.valid && !is_control(point.value) ? line.substr(i, point.bytes) : "?");
    i += point.bytes;
  }
  return shown;
}

std::string printable(std::string_view text) {
  std::string result;
  for (const std::string_view character : shown_characters(text, text.size())) result += character;
  return result;
}

/// The first line of the range and a caret line under it, cut to a window around the caret if it is long. (A
/// line may be a megabyte: only the window is ever copied.)
std::string source_excerpt(const SourceText& source, const SourceRange& range) {
  const SourcePosition begin = source.position(range.begin);
  const SourcePosition end = source.position(std::max(range.begin, range.end));
  std::string_view line = source.line(begin.line);
  std::size_t caret = begin.column - 1;
  std::size_t stop = end.line == begin.line ? end.column - 1 : caret + window_columns;

  std::vector<std::string_view> shown = shown_characters(line, window_columns + 1);
  std::string text;
  std::string marks;
  if (shown.size() > window_columns && caret > columns_before) {
    const std::size_t hidden = caret - columns_before;
    std::size_t offset = 0;
    for (std::size_t i = 0; i < hidden && offset < line.size(); ++i) offset = next_code_point(line, offset);
    shown = shown_characters(line.substr(offset), window_columns + 1);
    caret -= hidden;
    stop -= hidden;
    text += cut;
    marks.append(cut.size(), ' ');
  }
  const bool cut_behind = shown.size() > window_columns;
  if (cut_behind) shown.resize(window_columns);

  caret = std::min(caret, shown.size());  // a range may begin at the line end
  for (const std::string_view character : shown) text += character;
  if (cut_behind) text += cut;
  for (std::size_t i = 0; i < caret; ++i) marks += shown[i] == "\t" ? '\t' : ' ';
  marks += '^';
  for (std::size_t i = caret + 1; i < std::min(stop, shown.size()); ++i) marks += '~';
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
