// Networks as programs of kernel IR, for tests of what is derived.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "compiler/derivation/derive.hpp"
#include "compiler/diagnostics/render.hpp"
#include "compiler/layer_graph/elaborate.hpp"
#include "grammar/parser.hpp"

namespace ntkc::test {

/// Σ and Θ of the text of a network, before all passes; a mistake in it fails the test.
inline kernel_ir::Program derived(const std::string& text) {
  SourceManager sources;
  DiagnosticList diagnostics;
  const auto file = grammar::parse(sources, sources.add("test.arch", text), diagnostics);
  REQUIRE(file.has_value());
  const auto graph = layer_graph::elaborate(*file, {}, diagnostics);
  INFO(text_of(render(diagnostics, sources)));
  REQUIRE(graph.has_value());
  kernel_ir::Program program = derivation::differentiate(derivation::derive_sigma(*graph));
  REQUIRE(kernel_ir::verify(program) == "");
  return program;
}

}  // namespace ntkc::test
