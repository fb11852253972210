// Networks and inputs for the tests of the simulator.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "compiler/diagnostics/render.hpp"
#include "compiler/layer_graph/elaborate.hpp"
#include "grammar/parser.hpp"
#include "ntkc/matrix.hpp"
#include "simulator/normal_deviates.hpp"
#include "tests/support/errors.hpp"

namespace ntkc::test {

/// Nothing if elaboration refuses it because it is not supported in this version; any other mistake fails the test.
inline std::optional<layer_graph::LayerGraph> try_graph_of(const std::string& input,
                                                           const std::string& body) {
  SourceManager sources;
  DiagnosticList diagnostics;
  const auto source = sources.add("test.arch", "network test\ninput x : " + input + "\n" + body + "\n");
  const auto file = grammar::parse(sources, source, diagnostics);
  std::optional<layer_graph::LayerGraph> graph;
  if (file) graph = layer_graph::elaborate(*file, {}, diagnostics);
  for (const auto& d : diagnostics.diagnostics())
    if (info(d.kind).severity == Severity::error)
      REQUIRE_MESSAGE(d.kind == DiagnosticKind::unsupported, text_of(render(d, sources, Severity::error)));
  return graph;
}

inline layer_graph::LayerGraph spatial_graph_of(const std::string& input, const std::string& body) {
  const std::optional<layer_graph::LayerGraph> graph = try_graph_of(input, body);
  REQUIRE_MESSAGE(graph.has_value(), "not supported in this version: " << body);
  return *graph;
}
inline layer_graph::LayerGraph graph_of(const std::string& body, int size = 3) {
  return spatial_graph_of("vector(" + std::to_string(size) + ")", body);
}

inline Matrix normal_inputs(std::ptrdiff_t rows, std::ptrdiff_t columns, std::uint64_t seed = 99) {
  Matrix x(rows, columns);
  for (std::ptrdiff_t i = 0; i < rows; ++i) simulator::fill_normal({seed, 0, 0}, i, 0, columns, 1, &x(i, 0));
  return x;
}

inline double largest_difference(const Matrix& a, const Matrix& b) {
  REQUIRE(a.rows() == b.rows());
  REQUIRE(a.columns() == b.columns());
  double largest = 0;
  for (std::ptrdiff_t i = 0; i < a.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < a.columns(); ++j)
      largest = test::larger_error(largest, std::abs(a(i, j) - b(i, j)));
  }
  return largest;
}

inline bool identical(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.columns() == b.columns() &&
         std::equal(a.data(), a.data() + a.rows() * a.columns(), b.data());
}

}  // namespace ntkc::test
