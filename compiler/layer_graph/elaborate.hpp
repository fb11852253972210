// From the syntax tree to the layer graph: names are resolved, constants computed, shapes inferred and
// mistakes reported.
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

/// A definition `-D name=expression` of the command line. `value` is what grammar::parse_constant made of the
/// expression, which is a source text of its own.
struct Definition {
  std::string name;
  SourceRange name_range;
  ast::File value;
};

/// The deepest nesting of applied blocks that may be allowed: each takes about 1.5 kB of the stack, ten times
/// as much under a sanitizer.
inline constexpr std::uint32_t most_applied_blocks = 256;

struct ElaborationLimits {
  std::int64_t expanded_layers = 1'000'000;  ///< layers, counted with every `repeat` written out
  /// How many statements of blocks and of first iterations may be written out, in addition to ten times the
  /// number of statements in the text.
  std::int64_t written_out = 100'000;
  int applied_blocks = 64;              ///< nesting of blocks; at most `most_applied_blocks`
  std::size_t list_numbers = 16384;     ///< numbers in one list, which may be made of other lists
  std::size_t activation_parts = 4000;  ///< parts of all activations together
  std::size_t summands = 1024;          ///< terms of one sum, all pairs of which are compared
  bool all_depths = false;              ///< whether LayerGraph::depths is filled
  /// The outermost repeat with this number, counted from 1, gets as many iterations as make it a loop in the
  /// graph, if it has any. For who wants one iteration of it, whatever its count.
  int endless_repeat = 0;
  /// Of an input whose size is written `*`.
  std::int64_t input_size = 1;
};

/// Reports every mistake and every warning that it finds. Returns nothing if there was a mistake.
std::optional<LayerGraph> elaborate(const modules::Modules& network,
                                    const std::vector<Definition>& definitions,
                                    DiagnosticConsumer& diagnostics, const ElaborationLimits& limits = {});
/// The same for a network that imports nothing.
std::optional<LayerGraph> elaborate(const ast::File& file, const std::vector<Definition>& definitions,
                                    DiagnosticConsumer& diagnostics, const ElaborationLimits& limits = {});

/// Whether kernels can be derived: the output is one value without positions. If not, that is reported.
bool check_derivable(const LayerGraph& graph, DiagnosticConsumer& diagnostics);

}  // namespace ntkc::layer_graph
