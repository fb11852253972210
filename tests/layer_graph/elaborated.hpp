// Texts in, graphs and diagnostics as texts out.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/layer_graph/elaborate.hpp"

namespace ntkc::layer_graph {

using Definitions = std::vector<std::pair<std::string, std::string>>;

struct Elaborated {
  std::optional<LayerGraph> graph;
  /// One a line, `line:column: message [kind] at <underlined text>`, then its notes and help, indented.
  std::string diagnostics;  ///< the errors
  std::string warnings;
};

Elaborated elaborate_text(const std::string& text, const Definitions& definitions = {},
                          const ElaborationLimits& limits = {});

/// The graph of a text that has no mistakes.
std::string graph_of(const std::string& text, const Definitions& definitions = {});

/// The diagnostics of a text that has some.
std::string mistakes_of(const std::string& text, const Definitions& definitions = {},
                        const ElaborationLimits& limits = {});
/// The warnings about a text that has no mistakes.
std::string warnings_of(const std::string& text, const Definitions& definitions = {});
/// `mistakes_of` for `body`, which begins with a newline, after `network n(w = 1.5, depth = 3)` and `input x
/// : vector(3)`.
std::string mistakes_of_body(const std::string& body);

}  // namespace ntkc::layer_graph
