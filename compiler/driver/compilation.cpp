#include "compiler/driver/compilation.hpp"

#include <algorithm>
#include <stdexcept>

#include "compiler/diagnostics/render.hpp"

namespace ntkc::driver {

namespace {

/// Beyond what is asked for in f32, more would be lost in the arithmetic.
constexpr double least_tolerance_in_single = 1e-8;

grammar::Limits grammar_limits(const SourceLimits& limits) {
  return {.file_bytes = limits.file_bytes,
          .nesting = std::min(limits.nesting, grammar::most_nesting),
          .integer = limits.integer};
}

}  // namespace

Compilation::Compilation(std::string_view text, const CompileOptions& asked, const std::string& file_name)
    : options(asked), limits(grammar_limits(asked.limits)), diagnostics(WarningPolicy(asked.warnings)) {
  if (options.per_layer && options.all_depths)
    throw std::invalid_argument("CompileOptions: per_layer and all_depths exclude each other");
  source = sources.add(file_name, std::string(text));
}

std::vector<RenderedDiagnostic> Compilation::rendered() const { return render(diagnostics, sources); }

void Compilation::finish(bool has_value) const {
  if (!has_value || diagnostics.has_errors()) throw CompileError(rendered());
  if (options.on_warning)
    for (const RenderedDiagnostic& warning : rendered()) options.on_warning(warning);
}

passes::PipelineOptions pipeline_options(const CompileOptions& options, std::int64_t positions) {
  const bool single = options.precision == Precision::f32;
  double largest_input = options.largest_input;
  if (options.largest_input_at) largest_input = std::max(largest_input, options.largest_input_at(positions));
  return {.disabled = options.disabled_passes,
          .expansions = {.tolerance = std::max(options.tolerance, single ? least_tolerance_in_single : 0),
                         .largest_input = largest_input,
                         .unit_roundoff = single ? duals::single_roundoff : duals::double_roundoff,
                         // Simplified, and without what nobody asks for, it is a few times smaller.
                         .most_nodes = 6 * options.limits.operations,
                         .most_work = 1e8 * static_cast<double>(options.limits.quadrature)}};
}

}  // namespace ntkc::driver
