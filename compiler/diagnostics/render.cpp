#include "compiler/diagnostics/render.hpp"

#include <algorithm>
#include <utility>

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

/// `source` and `marks` of a place: the first line of the range and a caret line under it, cut to a window
/// around the caret if it is long. (A line may be a megabyte: only the window is ever copied.)
void add_excerpt(DiagnosticPlace& place, const SourceText& source, SourcePosition begin, SourcePosition end) {
  std::string_view line = source.line(begin.line);
  std::size_t caret = begin.column - 1;
  std::size_t stop = end.line == begin.line ? end.column - 1 : caret + window_columns;

  std::vector<std::string_view> shown = shown_characters(line, window_columns + 1);
  std::string text;
  std::string marks;
  if (shown.size() > window_columns && caret > columns_before) {
    const std::size_t hidden = caret - columns_before;
    const std::size_t offset = source.offset_in_line({begin.line, static_cast<std::uint32_t>(hidden) + 1});
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
  place.source = std::move(text);
  place.marks = std::move(marks);
}

DiagnosticPlace place_of(const SourceRange& range, const SourceManager& sources) {
  const SourceText& source = sources.file(range.file);
  const SourcePosition begin = source.position(range.begin);
  const SourcePosition end = source.position(std::max(range.begin, range.end));
  DiagnosticPlace place;
  place.file = printable(source.name());
  place.line = begin.line;
  place.column = begin.column;
  place.end_line = end.line;
  place.end_column = end.column;
  add_excerpt(place, source, begin, end);
  return place;
}

}  // namespace

RenderedDiagnostic render(const Diagnostic& diagnostic, const SourceManager& sources, Severity severity) {
  const DiagnosticKindInfo& kind = info(diagnostic.kind);
  RenderedDiagnostic result;
  result.kind = kind.name;
  result.error = severity == Severity::error;
  result.made_an_error = severity != kind.severity;
  result.place = place_of(diagnostic.range, sources);
  result.message = diagnostic.message;
  for (const Note& note : diagnostic.notes)
    result.notes.push_back({place_of(note.range, sources), note.message});
  result.help = diagnostic.help;
  return result;
}

std::vector<RenderedDiagnostic> render(const DiagnosticList& list, const SourceManager& sources) {
  std::vector<RenderedDiagnostic> result;
  for (const Diagnostic& diagnostic : list.diagnostics()) {
    const std::optional<Severity> severity = list.policy().severity(diagnostic.kind);
    if (severity) result.push_back(render(diagnostic, sources, *severity));
  }
  return result;
}

RenderedDiagnostic render_for_file(DiagnosticKind kind, const std::string& file, std::string message) {
  RenderedDiagnostic result;
  result.kind = info(kind).name;
  result.place.file = printable(file);
  result.message = std::move(message);
  return result;
}

}  // namespace ntkc
