// Every kind is explained, with an example that has exactly this mistake and a correction that has none.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "compiler/diagnostics/explanations.hpp"
#include "compiler/diagnostics/render.hpp"
#include "compiler/modules/modules.hpp"
#include "ntkc/compiler.hpp"
#include "tests/data/support.hpp"

using namespace ntkc;
using tests::TemporaryDirectory;

namespace {

/// A warning of the passes, behind the stage that the test of warnings shows:
/// tests/compiler/test_expansions.cpp.
const std::set<std::string_view> late = {"inexact-dual"};

/// Kinds of the diagnostics of a network with its imports beside it, each once.
std::set<std::string> kinds_of(const Explanation& explanation, const std::string& network,
                               const CompileOptions& options = {}) {
  const TemporaryDirectory folder;
  for (const auto& [name, text] : explanation.files) folder.write(name, text);
  std::set<std::string> kinds;
  SourceManager sources;
  DiagnosticList list;
  const auto loaded = modules::load(sources, sources.add(folder.path("network.arch"), network), list,
                                    {.imported_files = options.limits.imported_files});
  const std::vector<RenderedDiagnostic> diagnostics =
      loaded ? check(modules::self_contained_text(*loaded, sources), options) : render(list, sources);
  for (const RenderedDiagnostic& diagnostic : diagnostics) kinds.insert(diagnostic.kind);
  INFO(text_of(diagnostics));
  CHECK(kinds.size() <= 1);
  return kinds;
}

std::set<std::string> kinds_of_example(const Explanation& explanation) {
  CompileOptions options;
  std::string network = explanation.example;
  const std::string definition = "-D ";
  if (explanation.condition.starts_with(definition)) {
    const std::size_t equals = explanation.condition.find('=');
    options.definitions[explanation.condition.substr(definition.size(), equals - definition.size())] =
        explanation.condition.substr(equals + 1);
  } else if (explanation.condition == "--all-depths") {
    options.all_depths = true;
  } else if (explanation.condition.starts_with("--derivative=")) {
    options.derivatives = {explanation.condition.substr(std::string("--derivative=").size())};
  } else if (explanation.condition.starts_with("--limit files=")) {
    options.limits.imported_files = static_cast<std::uint32_t>(std::stoul(explanation.condition.substr(14)));
  } else if (explanation.condition.starts_with("--limit quadrature=")) {
    options.limits.quadrature = std::stol(explanation.condition.substr(19));
  } else if (explanation.condition.starts_with("--limit operations=")) {
    options.limits.operations = std::stoul(explanation.condition.substr(19));
  } else if (explanation.condition == "padded") {
    while (network.size() <= std::size_t{1} << 20U) network += "# and so on, and on, and on, and on\n";
  } else if (explanation.condition == "missing") {
    const TemporaryDirectory folder;
    try {
      static_cast<void>(compile_file(folder.path("network.arch")));
    } catch (const CompileError& error) {
      return {error.diagnostics().at(0).kind};
    }
    return {};
  } else {
    CHECK(explanation.condition == "");
  }
  return kinds_of(explanation, network, options);
}

}  // namespace

TEST_CASE("every kind has an explanation, and every explanation a kind") {
  std::set<std::string_view> names;
  for (const DiagnosticKindInfo& kind : diagnostic_kinds()) {
    names.insert(kind.name);
    CHECK_MESSAGE(explanation(kind.kind).has_value(),
                  "no file compiler/diagnostics/explanations/" << kind.name << ".md");
  }
  for (const std::string_view name : explanation_names())
    CHECK_MESSAGE(names.contains(name), "no kind `" << name << "`");
}

TEST_CASE("the example of a kind has this mistake and no other, its correction has none") {
  for (const DiagnosticKindInfo& kind : diagnostic_kinds()) {
    const std::optional<Explanation> found = explanation(kind.kind);
    if (!found) continue;  // said above
    CAPTURE(kind.name);
    CHECK(found->text.size() > kind.purpose.size());
    CHECK(kinds_of_example(*found) == std::set<std::string>{std::string(kind.name)});
    CHECK(kinds_of(*found, found->fix) == std::set<std::string>{});
    CHECK_NOTHROW(static_cast<void>(show(found->fix, Stage::kernel)));
  }
}

TEST_CASE("the example of a warning compiles, unless the warning is made an error") {
  for (const std::string_view name : warning_names()) {
    if (late.contains(name)) continue;
    CAPTURE(name);
    const auto& kinds = diagnostic_kinds();
    const std::optional<Explanation> found =
        explanation(std::ranges::find(kinds, name, &DiagnosticKindInfo::name)->kind);
    REQUIRE(found.has_value());
    std::string told;
    CompileOptions options;
    options.on_warning = [&](const RenderedDiagnostic& warning) { told += warning.kind; };
    static_cast<void>(show(found->example, Stage::kernel, options));
    CHECK(told == name);
    options.warnings = {"no-" + std::string(name)};
    told.clear();
    static_cast<void>(show(found->example, Stage::kernel, options));
    CHECK(told.empty());
    options.warnings = {"error"};
    try {
      static_cast<void>(show(found->example, Stage::graph, options));
      FAIL_CHECK("compiles");
    } catch (const CompileError& error) {
      CHECK(error.diagnostics().at(0).made_an_error);
      CHECK(std::string(error.what()).find(std::string(name) + ", -Werror]") != std::string::npos);
    }
  }
}
