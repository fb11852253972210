#include "compiler/diagnostics/warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace ntkc {
namespace {

/// A switch taken apart: `no-error=jump` is {no, error, "jump"}.
struct Switch {
  bool on = true;
  bool error = false;
  std::string_view kind;  ///< "": all
};

std::optional<DiagnosticKind> find_warning(std::string_view name) {
  const auto& kinds = diagnostic_kinds();
  const auto found = std::ranges::find(kinds, name, &DiagnosticKindInfo::name);
  if (found == kinds.end() || found->severity != Severity::warning) return std::nullopt;
  return found->kind;
}

std::optional<Switch> parse(std::string_view text) {
  constexpr std::string_view no = "no-";
  constexpr std::string_view error_of = "error=";
  Switch result;
  result.on = !text.starts_with(no);
  if (!result.on) text.remove_prefix(no.size());
  result.error = text == "error" || text.starts_with(error_of);
  if (text == "error" || text == "all") return result;
  if (result.error) text.remove_prefix(error_of.size());
  result.kind = text;
  if (!find_warning(text)) return std::nullopt;
  return result;
}

}  // namespace

bool is_warning_switch(std::string_view text) { return parse(text).has_value(); }

std::vector<std::string_view> warning_names() {
  std::vector<std::string_view> names;
  for (const DiagnosticKindInfo& kind : diagnostic_kinds())
    if (kind.severity == Severity::warning) names.push_back(kind.name);
  return names;
}

WarningPolicy::WarningPolicy() : settings_(diagnostic_kinds().size()) {}

WarningPolicy::WarningPolicy(const std::vector<std::string>& switches) : WarningPolicy() {
  for (const std::string& text : switches) apply(text);
}

void WarningPolicy::apply(std::string_view text) {
  const std::optional<Switch> parsed = parse(text);
  if (!parsed) throw std::invalid_argument(fmt::format("`-W{}` is no warning", text));
  if (parsed->error && parsed->kind.empty()) {
    all_errors_ = parsed->on;
    return;
  }
  if (parsed->kind.empty()) {
    for (Setting& setting : settings_) setting.reported = parsed->on;
    return;
  }
  Setting& setting = settings_.at(static_cast<std::size_t>(*find_warning(parsed->kind)));
  if (!parsed->error) {
    setting.reported = parsed->on;
    return;
  }
  setting.error = parsed->on;
  if (parsed->on) setting.reported = true;
}

std::optional<Severity> WarningPolicy::severity(DiagnosticKind kind) const {
  if (info(kind).severity == Severity::error) return Severity::error;
  const Setting& setting = settings_.at(static_cast<std::size_t>(kind));
  if (!setting.reported) return std::nullopt;
  return setting.error.value_or(all_errors_) ? Severity::error : Severity::warning;
}

}  // namespace ntkc
