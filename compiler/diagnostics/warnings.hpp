// Which warnings are reported, and which of them as errors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace ntkc {

/// Every warning is reported, until a switch says otherwise. Switches are those of the command line without
/// the `-W`, the last one wins:
///
///     KIND, no-KIND              report it, or do not
///     all, no-all                the same for every warning
///     error, no-error            what is reported is an error, or is not
///     error=KIND, no-error=KIND  the same for one kind, whatever `error` says; error=KIND reports it, too
class WarningPolicy {
 public:
  WarningPolicy();
  /// Throws std::invalid_argument for a text that is no switch; see `is_warning_switch`.
  explicit WarningPolicy(const std::vector<std::string>& switches);

  /// As what a diagnostic of this kind is reported; nothing if it is not.
  [[nodiscard]] std::optional<Severity> severity(DiagnosticKind kind) const;

 private:
  void apply(std::string_view text);

  struct Setting {
    bool reported = true;
    std::optional<bool> error;  ///< nothing: as `all_errors_` says
  };
  std::vector<Setting> settings_;  ///< by kind
  bool all_errors_ = false;
};

bool is_warning_switch(std::string_view text);
/// The names of all kinds that are warnings.
std::vector<std::string_view> warning_names();

}  // namespace ntkc
