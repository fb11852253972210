// Where the diagnostics of one compilation end up.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/warnings.hpp"

namespace ntkc {

/// Keeps what the policy reports; counts errors.
class DiagnosticList final : public DiagnosticConsumer {
 public:
  explicit DiagnosticList(WarningPolicy policy = {}) : policy_(std::move(policy)) {}
  void report(Diagnostic diagnostic) override;
  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] std::size_t error_count() const { return errors_; }
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  [[nodiscard]] const WarningPolicy& policy() const { return policy_; }

 private:
  WarningPolicy policy_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t errors_ = 0;
};

}  // namespace ntkc
