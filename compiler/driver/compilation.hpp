// What all stages of one compilation share: what is asked, the texts that it reads, and what is said of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/diagnostics/diagnostic_list.hpp"
#include "compiler/diagnostics/source.hpp"
#include "compiler/passes/pipeline.hpp"
#include "grammar/parser.hpp"
#include "ntkc/compile_options.hpp"

namespace ntkc::driver {

/// The stages (compiler/driver/stages.hpp) read the texts and report to the diagnostics; what one makes for
/// the next it returns.
struct Compilation {
  /// Keeps a reference to the options. Throws std::invalid_argument for options that exclude each other.
  Compilation(std::string_view text, const CompileOptions& asked, const std::string& file_name);

  const CompileOptions& options;
  grammar::Limits limits;
  SourceManager sources = {};
  DiagnosticList diagnostics;
  std::uint32_t source = 0;  ///< the text of the network, in `sources`

  [[nodiscard]] std::vector<RenderedDiagnostic> rendered() const;

  /// The result of a stage, for callers that want it or an exception. Throws CompileError if there is none or
  /// if a warning counts as an error; else the warnings go to who asked for them.
  template <typename T>
  T require(std::optional<T> value) const {
    finish(value.has_value());
    return std::move(*value);
  }

 private:
  void finish(bool has_value) const;
};

/// What the passes are asked for, of inputs with so many positions.
passes::PipelineOptions pipeline_options(const CompileOptions& options, std::int64_t positions = 1);

}  // namespace ntkc::driver
