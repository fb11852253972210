// Which warnings are reported, and which as errors.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "compiler/diagnostics/render.hpp"

using namespace ntkc;

namespace {

/// "unused-value warning, jump error": what is reported of one error and all warnings.
std::string reported(const std::vector<std::string>& switches) {
  SourceManager sources;
  sources.add("f.arch", "x");
  DiagnosticList list{WarningPolicy(switches)};
  for (const DiagnosticKind kind : {DiagnosticKind::unused_value, DiagnosticKind::jump})
    list.report({kind, {0, 0, 1}, "m"});
  std::string text;
  for (const RenderedDiagnostic& diagnostic : render(list, sources)) {
    text += text.empty() ? "" : ", ";
    text += diagnostic.kind + (diagnostic.error ? " error" : " warning");
    CHECK(diagnostic.made_an_error == diagnostic.error);
  }
  CHECK(list.has_errors() == (text.find("error") != std::string::npos));
  return text;
}

}  // namespace

TEST_CASE("every warning is on, and a switch turns it off and on again") {
  CHECK(reported({}) == "unused-value warning, jump warning");
  CHECK(reported({"no-jump"}) == "unused-value warning");
  CHECK(reported({"no-jump", "jump"}) == "unused-value warning, jump warning");
  CHECK(reported({"no-all"}) == "");
  CHECK(reported({"no-all", "jump"}) == "jump warning");
  CHECK(reported({"no-all", "all"}) == "unused-value warning, jump warning");
}

TEST_CASE("-Werror makes what is reported an error; what is said of one kind wins") {
  CHECK(reported({"error"}) == "unused-value error, jump error");
  CHECK(reported({"error", "no-error"}) == "unused-value warning, jump warning");
  CHECK(reported({"error=jump"}) == "unused-value warning, jump error");
  CHECK(reported({"no-error=jump", "error"}) == "unused-value error, jump warning");
  CHECK(reported({"error=jump", "no-error=jump"}) == "unused-value warning, jump warning");
  CHECK(reported({"error", "no-jump"}) == "unused-value error");
  CHECK(reported({"no-all", "error=jump"}) == "jump error");
}

TEST_CASE("only warnings can be switched") {
  for (const char* const text : {"", "jumps", "no-jumps", "error=", "error=all", "unknown-name",
                                 "error=unknown-name", "no-no-jump", "jump=error", "no-"}) {
    CAPTURE(text);
    CHECK_FALSE(is_warning_switch(text));
    CHECK_THROWS_WITH_AS(WarningPolicy({text}), (std::string("`-W") + text + "` is no warning").c_str(),
                         std::invalid_argument);
  }
  for (const std::string_view name : warning_names()) {
    CAPTURE(name);
    for (const char* const prefix : {"", "no-", "error=", "no-error="})
      CHECK(is_warning_switch(prefix + std::string(name)));
  }
  for (const char* const name : {"unused-value", "unused-parameter", "jump", "degenerate-kernel"})
    CHECK(is_warning_switch(name));
}

TEST_CASE("errors cannot be switched off") {
  DiagnosticList list{WarningPolicy({"no-all", "no-error"})};
  list.report({DiagnosticKind::syntax_error, {0, 0, 1}, "m"});
  CHECK(list.error_count() == 1);
}

TEST_CASE("a list that holds warnings only has no errors") {
  DiagnosticList list;
  list.report({DiagnosticKind::degenerate_kernel, {0, 0, 1}, "m"});
  list.report({DiagnosticKind::unused_parameter, {0, 0, 1}, "m"});
  CHECK_FALSE(list.has_errors());
  CHECK(list.diagnostics().size() == 2);
}
