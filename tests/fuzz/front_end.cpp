#include "tests/fuzz/front_end.hpp"

#include <optional>
#include <stdexcept>
#include <string>

#include "grammar/format.hpp"
#include "ntkc/compiler.hpp"
#include "tests/grammar/parsing.hpp"

namespace ntkc::fuzz {
namespace {

void require(bool condition, const char* what) {
  if (!condition) throw std::logic_error(what);
}

bool inside(const SourceRange& range, std::string_view text) {
  return range.begin <= range.end && range.end <= text.size();
}

void check_syntax(const std::string& text, const std::string& name) {
  grammar::testing::Parsed parsed;
  grammar::testing::parse_into(parsed, text, name);
  require(parsed.file.has_value() == parsed.diagnostics.diagnostics().empty(),
          "neither a tree nor a diagnostic, or both");
  for (const Diagnostic& diagnostic : parsed.diagnostics.diagnostics()) {
    require(inside(diagnostic.range, text), "a diagnostic outside of the text");
    require(!diagnostic.message.empty(), "a diagnostic that says nothing");
    for (const Note& note : diagnostic.notes) require(inside(note.range, text), "a note outside of the text");
  }
  require(parsed.file.has_value() || !parsed.text().empty(), "a diagnostic that prints nothing");
  if (!parsed.file) return;

  const std::string formatted = grammar::format(*parsed.file, text);
  // Indentation may make it too large to be read again.
  if (formatted.size() > grammar::Limits{}.file_bytes) return;
  grammar::testing::Parsed again;
  grammar::testing::parse_into(again, formatted, name);
  require(again.file.has_value(), "the layout cannot be parsed");
  require(grammar::format(*again.file, formatted) == formatted, "a second layout differs from the first");
  again.file->language_version = parsed.file->language_version;
  require(print(*again.file) == print(*parsed.file), "the layout is another tree");
  require(again.file->comments.size() == parsed.file->comments.size(), "the layout lost a comment");
}

}  // namespace

bool run_front_end(std::string_view text) {
  const std::string copy(text);
  check_syntax(copy, "network.arch");
  check_syntax(copy, "library_fuzz.arch");
  static_cast<void>(check(text));
  try {
    require(!show(text, Stage::graph).empty(), "an empty graph");
    require(!show(text, Stage::kernel).empty(), "an empty program");
    return true;
  } catch (const CompileError&) {
    return false;
  }
}

}  // namespace ntkc::fuzz
