// AST → layer graph: names resolved, constants folded, shapes inferred, static checks made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/source.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "grammar/ast.hpp"

namespace ntkc::layer_graph {

/// `-D name=expression`; `value` is what grammar::parse_constant made of the text, a source of its own.
struct Definition {
  std::string name;
  SourceRange name_range;
  ast::File value;
};

struct ElaborationLimits {
  std::int64_t expanded_layers = 1'000'000;  ///< layers with every `repeat` written out
};

/// Reports every mistake it finds and returns nothing if there was an error.
std::optional<LayerGraph> elaborate(const ast::File& file, const std::vector<Definition>& definitions,
                                    DiagnosticConsumer& diagnostics, const ElaborationLimits& limits = {});

}  // namespace ntkc::layer_graph
