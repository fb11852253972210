#include "tests/layer_graph/elaborated.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "compiler/diagnostics/diagnostic_list.hpp"
#include "compiler/diagnostics/source.hpp"
#include "grammar/parser.hpp"

namespace ntkc::layer_graph {
namespace {

std::string place(const SourceManager& sources, SourceRange range) {
  const SourceText& file = sources.file(range.file);
  const SourcePosition position = file.position(range.begin);
  return fmt::format("{}{}:{}", file.name() == "test.arch" ? "" : file.name() + ":", position.line,
                     position.column);
}

std::string underlined(const SourceManager& sources, SourceRange range) {
  return std::string(sources.file(range.file).text().substr(range.begin, range.end - range.begin));
}

std::string text_of(const Diagnostic& diagnostic, const SourceManager& sources) {
  std::string text =
      fmt::format("{}: {} [{}] at <{}>\n", place(sources, diagnostic.range), diagnostic.message,
                  info(diagnostic.kind).name, underlined(sources, diagnostic.range));
  for (const Note& note : diagnostic.notes) {
    text += fmt::format("  {}: {} at <{}>\n", place(sources, note.range), note.message,
                        underlined(sources, note.range));
  }
  if (!diagnostic.help.empty()) text += fmt::format("  help: {}\n", diagnostic.help);
  return text;
}

}  // namespace

Elaborated elaborate_text(const std::string& text, const Definitions& definitions,
                          const ElaborationLimits& limits) {
  SourceManager sources;
  DiagnosticList diagnostics;
  Elaborated result;
  const std::uint32_t main_file = sources.add("test.arch", text);
  const std::optional<ast::File> file = grammar::parse(sources, main_file, diagnostics);
  std::vector<Definition> parsed;
  for (const auto& [name, value] : definitions) {
    const std::uint32_t name_file = sources.add("<-D>", name);
    const std::uint32_t value_file = sources.add(fmt::format("<-D {}>", name), value);
    std::optional<ast::File> expression = grammar::parse_constant(sources, value_file, diagnostics);
    REQUIRE(expression.has_value());
    parsed.push_back(
        {.name = name,
         .name_range = {.file = name_file, .begin = 0, .end = static_cast<std::uint32_t>(name.size())},
         .value = std::move(*expression)});
  }
  if (file) result.graph = elaborate(*file, parsed, diagnostics, limits);
  for (const Diagnostic& diagnostic : diagnostics.diagnostics())
    (info(diagnostic.kind).severity == Severity::error ? result.diagnostics : result.warnings) +=
        text_of(diagnostic, sources);
  CHECK(result.graph.has_value() == result.diagnostics.empty());
  return result;
}

std::string graph_of(const std::string& text, const Definitions& definitions) {
  const Elaborated result = elaborate_text(text, definitions);
  INFO(text);
  REQUIRE(result.diagnostics == "");
  return print(result.graph.value());
}

std::string mistakes_of(const std::string& text, const Definitions& definitions,
                        const ElaborationLimits& limits) {
  return elaborate_text(text, definitions, limits).diagnostics;
}

std::string warnings_of(const std::string& text, const Definitions& definitions) {
  const Elaborated result = elaborate_text(text, definitions);
  CHECK(result.diagnostics == "");
  return result.warnings;
}

std::string mistakes_of_body(const std::string& body) {
  return mistakes_of("network n(w = 1.5, depth = 3)\ninput x : vector(3)" + body);
}

}  // namespace ntkc::layer_graph
