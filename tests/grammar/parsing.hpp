// What the tests of the grammar share.
#pragma once

#include <optional>
#include <string>

#include "compiler/diagnostics/render.hpp"
#include "grammar/parser.hpp"

namespace ntkc::grammar::testing {

struct Parsed {
  std::optional<ast::File> file;
  DiagnosticList diagnostics;
  SourceManager sources;

  /// The tree, or else the diagnostics, as text.
  [[nodiscard]] std::string text() const {
    return file ? print(*file) : text_of(render(diagnostics, sources), {.max_errors = 0});
  }
  /// The names of the kinds reported, one a word.
  [[nodiscard]] std::string kinds() const {
    std::string result;
    for (const Diagnostic& diagnostic : diagnostics.diagnostics()) {
      if (!result.empty()) result += ' ';
      result += info(diagnostic.kind).name;
    }
    return result;
  }
};

/// Files named library_… are read as files to be imported.
inline void parse_into(Parsed& parsed, const std::string& text, const std::string& name = "t.arch",
                       const Limits& limits = {}) {
  const std::uint32_t source = parsed.sources.add(name, text);
  const auto& read = name.starts_with("library_") ? parse_library : parse;
  parsed.file = read(parsed.sources, source, parsed.diagnostics, limits);
}

/// The printed tree of a constant, or the rendered diagnostics.
inline std::string constant(const std::string& text) {
  Parsed parsed;
  const std::uint32_t source = parsed.sources.add("<-D a>", text);
  parsed.file = parse_constant(parsed.sources, source, parsed.diagnostics);
  return parsed.text();
}

}  // namespace ntkc::grammar::testing
