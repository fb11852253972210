// ntkc explain [KIND]
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "compiler/diagnostics/explanations.hpp"
#include "compiler/diagnostics/suggestion.hpp"

namespace ntkc::cli {

namespace {

std::string_view severity_of(const DiagnosticKindInfo& kind) {
  return kind.severity == Severity::error ? "error" : "warning";
}

/// "" or what is wrong with the name of a kind.
std::string kind_error(const std::string& name) {
  std::vector<std::string_view> known;
  for (const DiagnosticKindInfo& kind : diagnostic_kinds()) known.push_back(kind.name);
  if (std::ranges::find(known, name) != known.end()) return "";
  return fmt::format("no diagnostic `{}`{}; `ntkc explain` lists them", name, did_you_mean(name, known));
}

Json json_of(const DiagnosticKindInfo& kind) {
  return {{"kind", kind.name}, {"severity", severity_of(kind)}, {"purpose", kind.purpose}};
}

Json json_of(const DiagnosticKindInfo& kind, const Explanation& explanation) {
  Json object = json_of(kind);
  object["text"] = explanation.text;
  object["example"] = explanation.example;
  object["condition"] = explanation.condition.empty() ? Json() : Json(explanation.condition);
  object["fix"] = explanation.fix;
  object["files"] = Json::object();
  for (const auto& [name, text] : explanation.files) object["files"][name] = text;
  return object;
}

class Explain final : public Command {
 public:
  [[nodiscard]] bool reads_network() const override { return false; }

  [[nodiscard]] std::vector<std::string> operands() const override {
    std::vector<std::string> names;
    for (const DiagnosticKindInfo& kind : diagnostic_kinds()) names.emplace_back(kind.name);
    return names;
  }

  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"--threads", "--f32"}; }
  void declare(Options& options) override {
    options.option("KIND", kind_, "as it is written in brackets behind a message; without it, all are listed")
        .check(kind_error);
  }

  int run(Console& console) override {
    for (const DiagnosticKindInfo& kind : diagnostic_kinds()) {
      if (kind_.empty())
        list(kind, console);
      else if (kind.name == kind_)
        explain(kind, console);
    }
    return exit_code::success;
  }

 private:
  static void list(const DiagnosticKindInfo& kind, Console& console) {
    console.report["kinds"].push_back(json_of(kind));
    console.print(fmt::format("{:<30}{:<9}{}\n", kind.name, severity_of(kind), kind.purpose));
  }

  static void explain(const DiagnosticKindInfo& kind, Console& console) {
    const std::optional<Explanation> found = explanation(kind.kind);
    if (!found) throw std::logic_error(fmt::format("no explanation of `{}`", kind.name));
    console.report["explanation"] = json_of(kind, *found);
    console.print(fmt::format("{} ({}): {}\n\n{}", kind.name, severity_of(kind), kind.purpose, found->page));
  }

  std::string kind_;
};

}  // namespace

std::unique_ptr<Command> make_explain() { return std::make_unique<Explain>(); }

}  // namespace ntkc::cli
