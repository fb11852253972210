// AST → layer graph: names resolved, constants folded, shapes inferred, static checks made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/source.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "compiler/modules/modules.hpp"
#include "grammar/ast.hpp"

namespace ntkc::layer_graph {

/// `-D name=expression`; `value` is what grammar::parse_constant made of the text, a source of its own.
struct Definition {
  std::string name;
  SourceRange name_range;
  ast::File value;
};

/// A block that another applies takes about 1.5 kB of the stack, ten times as much under a sanitizer.
inline constexpr std::uint32_t most_applied_blocks = 256;

struct ElaborationLimits {
  std::int64_t expanded_layers = 1'000'000;  ///< layers with every `repeat` written out
  /// Statements of blocks and of first iterations that are written out, beside ten times those of the text.
  std::int64_t written_out = 100'000;
  int applied_blocks = 64;              ///< blocks that apply one another; at most `most_applied_blocks`
  std::size_t list_numbers = 16384;     ///< of one list, which may be made of others by name
  std::size_t activation_parts = 4000;  ///< of all activations together
  std::size_t summands = 1024;          ///< of one sum; all pairs of them are looked at
  bool all_depths = false;              ///< fill LayerGraph::depths
};

/// Reports every mistake it finds, and warnings, and returns nothing if there was an error.
std::optional<LayerGraph> elaborate(const modules::Modules& network,
                                    const std::vector<Definition>& definitions,
                                    DiagnosticConsumer& diagnostics, const ElaborationLimits& limits = {});
/// The same of a network that imports nothing.
std::optional<LayerGraph> elaborate(const ast::File& file, const std::vector<Definition>& definitions,
                                    DiagnosticConsumer& diagnostics, const ElaborationLimits& limits = {});

/// Reports what no stage after the layer graph takes yet, and returns false if there is something: values
/// with positions.
bool check_derivable(const LayerGraph& graph, DiagnosticConsumer& diagnostics);

}  // namespace ntkc::layer_graph
