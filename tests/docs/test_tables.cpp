// Tables in the pages are what the program's own tables say. A failure prints the text that belongs between
// the markers.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "compiler/codegen/vector_math.hpp"
#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/layer_graph/builtins.hpp"
#include "compiler/passes/pipeline.hpp"
#include "runtime/gram/half_complement.hpp"
#include "tests/docs/page.hpp"
#include "tests/support/closed_forms.hpp"

namespace ntkc::docs {
namespace {

using layer_graph::BuiltinInfo;
using layer_graph::BuiltinKind;
using layer_graph::BuiltinParameter;
using layer_graph::ParameterType;

/// A `|` ends a cell of a Markdown table, in code too.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

/// What a value of the type is, without the names that stand for one.
std::string value_text(const BuiltinParameter& parameter) {
  if (parameter.rank == 2) return fmt::format("matrix of at most {} reals", parameter.longest);
  if (parameter.type == ParameterType::choice) return parameter.rank == 1 ? "list of these" : "";
  if (parameter.rank == 1 && parameter.type == ParameterType::integer)
    return fmt::format("integer, ≥ {}, or list of at most {}", parameter.smallest, parameter.longest);
  if (parameter.rank == 1) return fmt::format("list of at most {} reals", parameter.longest);
  switch (parameter.type) {
    case ParameterType::real:
      return parameter.nonnegative ? "real, ≥ 0" : "real";
    case ParameterType::integer:
      if (parameter.largest < 1000)
        return fmt::format("integer, {} to {}", parameter.smallest, parameter.largest);
      return fmt::format("integer, ≥ {}", parameter.smallest);
    case ParameterType::boolean:
      return "boolean";
    case ParameterType::choice:
      return "";
  }
  return "";
}

std::string type_text(const BuiltinParameter& parameter) {
  std::string text;
  for (const std::string_view choice : parameter.choices)
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", choice);
  const std::string value = value_text(parameter);
  return text + (text.empty() || value.empty() ? "" : " or ") + value;
}

std::string default_text(const BuiltinParameter& parameter) {
  if (parameter.default_value) return fmt::format("`{}`", *parameter.default_value);
  return parameter.optional ? "not stated" : "required";
}

TEST_CASE("docs/language.md lists the built-in layers and activations") {
  std::string table = "| name | kind | what it computes |\n|---|---|---|\n";
  for (const BuiltinInfo& builtin : layer_graph::builtins()) {
    table += fmt::format("| `{}` | {} | `{}` |\n", builtin.name, layer_graph::name(builtin.kind),
                         cell(builtin.formula));
  }
  CHECK(marked_text("docs/language.md", "builtins") == table);
}

TEST_CASE("docs/language.md lists the arguments of the built-ins") {
  std::string table = "| of | argument | type | default | meaning |\n|---|---|---|---|---|\n";
  for (const BuiltinInfo& builtin : layer_graph::builtins()) {
    for (const BuiltinParameter& parameter : builtin.parameters) {
      table += fmt::format("| `{}` | `{}` | {} | {} | {} |\n", builtin.name, parameter.name,
                           type_text(parameter), default_text(parameter), cell(parameter.purpose));
    }
  }
  CHECK(marked_text("docs/language.md", "arguments") == table);
}

TEST_CASE("docs/diagnostics.md lists the kinds of diagnostics") {
  std::string table = "| kind | severity | what it says |\n|---|---|---|\n";
  for (const DiagnosticKindInfo& kind : diagnostic_kinds()) {
    table += fmt::format("| `{}` | {} | {} |\n", kind.name,
                         kind.severity == Severity::error ? "error" : "warning", cell(kind.purpose));
  }
  CHECK(marked_text("docs/diagnostics.md", "kinds") == table);
}

TEST_CASE("docs/architecture.md lists the passes in order") {
  std::string table = "| pass | purpose | may be switched off |\n|---|---|---|\n";
  for (const passes::Pass& pass : passes::pipeline()) {
    table += fmt::format("| `{}` | {} | {} |\n", pass.name, pass.purpose, pass.required ? "no" : "yes");
  }
  CHECK(marked_text("docs/architecture.md", "passes") == table);
}

TEST_CASE("docs/numerics.md states the accuracy of the vector routines") {
  std::string table = "| routine | domain | f64, units of 2⁻⁵² | f32, units of 2⁻²³ |\n|---|---|---|---|\n";
  for (const codegen::Routine& row : codegen::routines()) {
    table += fmt::format("| `{}` | `{}` | {} | {} |\n", elementary::info(row.operation).name, row.domain,
                         row.f64_error, row.f32_error);
  }
  CHECK(marked_text("docs/numerics.md", "accuracy") == table);
}

TEST_CASE("docs/numerics.md states the accuracy of the closed forms") {
  std::string table = "| activation | error of K | error of K̇ |\n|---|---|---|\n";
  for (const test::ClosedForm& form : test::closed_forms())
    table += fmt::format("| `{}` | {:.0e} | {:.0e} |\n", cell(form.name), form.bounds[0], form.bounds[1]);
  CHECK(marked_text("docs/numerics.md", "closed-forms") == table);
}

TEST_CASE("docs/numerics.md states below which 1 - |u| pairs are recomputed") {
  const std::string expected =
      fmt::format("| threshold of 1 − \\|u\\| | 1/{} | 1/{} |\n", 1 / runtime::near_threshold<double>,
                  1 / runtime::near_threshold<float>);
  CHECK(read_file("docs/numerics.md").find(expected) != std::string::npos);
}

}  // namespace
}  // namespace ntkc::docs
