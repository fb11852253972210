#include "compiler/layer_graph/elaborate.hpp"

#include <fmt/format.h>

#include <utility>

#include "compiler/layer_graph/branches.hpp"
#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/prune.hpp"
#include "compiler/layer_graph/warnings.hpp"

namespace ntkc::layer_graph {

Elaborator::Elaborator(const modules::Modules& modules, const std::vector<Definition>& definitions,
                       DiagnosticBuffer& diagnostics, const ElaborationLimits& limits,
                       const PeeledRepeats& peeled)
    : modules_(modules),
      file_(modules.network()),
      definitions_(definitions),
      diagnostics_(diagnostics),
      limits_(limits),
      scalars_(graph_.scalars),
      peeled_(peeled),
      expressions_(&file_) {
  graph_.network = file_.network.name;
  graph_.regions.emplace_back();
  std::size_t statements = 0;
  for (const modules::Module& module : modules.modules) statements += module.file.statement_arena.size();
  most_written_out_ = limits.written_out + 10 * static_cast<std::int64_t>(statements);
}

LayerGraph Elaborator::run() {
  check_structure();
  read_parametrization();
  check_definitions();
  elaborate_libraries();
  bind_parameters();
  elaborate_statements(file_.statements);
  const bool is_clean = !diagnostics_.has_errors();
  std::set<RepeatPlace> to_peel = check_branches(graph_, branch_sources_, diagnostics_);
  if (is_clean) to_peel_ = std::move(to_peel);
  return std::move(graph_);
}

NodeId Elaborator::add_node(decltype(Node::node) node, ValueType type, std::string name, SourceRange range) {
  const auto id = static_cast<NodeId>(graph_.nodes.size());
  Node& added = graph_.nodes.emplace_back();
  added.node = std::move(node);
  added.type = std::move(type);
  added.region = region_;
  added.block = block_;
  added.name = std::move(name);
  added.range = range;
  graph_.regions[region_].nodes.push_back(id);
  return id;
}

std::optional<NodeId> Elaborator::node_of(const Value& value, SourceRange range) {
  if (const auto* node = std::get_if<NodeId>(&value)) return *node;
  if (const auto* form = std::get_if<LinearForm>(&value)) return make_sum(*form, range);
  return std::nullopt;
}

namespace {

/// How many iterations of one `repeat` are written out because of its branches (others are because values
/// change type), and in how many attempts.
constexpr int most_peeled_iterations = 2;
constexpr int most_attempts = 4;

/// Writes out one more iteration of each of `places`. Returns false if none of them may have one more.
bool peel(const std::set<RepeatPlace>& places, PeeledRepeats& peeled) {
  bool more = false;
  for (const RepeatPlace& place : places) {
    int& iterations = peeled[place];
    if (iterations == most_peeled_iterations) continue;
    ++iterations;
    more = true;
  }
  return more;
}

}  // namespace

bool check_derivable(const LayerGraph& graph, DiagnosticConsumer& diagnostics) {
  const Node& output = graph.nodes[graph.output];
  if (output.type.positions.empty()) return true;
  ValueType type = output.type;
  type.gaussian = false;
  diagnostics.report(
      {.kind = DiagnosticKind::shape_mismatch,
       .range = output.range,
       .message =
           fmt::format("the output is `{}`: a kernel is that of a value without positions", print_type(type)),
       .notes = {},
       .help = "end the network in `flatten`, `global_avg_pool` or `global_sum_pool`, and `dense`"});
  return false;
}

std::optional<LayerGraph> elaborate(const ast::File& file, const std::vector<Definition>& definitions,
                                    DiagnosticConsumer& diagnostics, const ElaborationLimits& limits) {
  return elaborate(modules::Modules{{{.file = file}}}, definitions, diagnostics, limits);
}

std::optional<LayerGraph> elaborate(const modules::Modules& network,
                                    const std::vector<Definition>& definitions,
                                    DiagnosticConsumer& diagnostics, const ElaborationLimits& limits) {
  // Branches may be dependent in the first iteration of a `repeat` only, because of the values that it begins
  // with (h = a, then h + a in the body): with that iteration written out the loop is fine.
  PeeledRepeats peeled;
  std::optional<DiagnosticBuffer> first;
  for (int attempt = 1;; ++attempt) {
    DiagnosticBuffer buffer;
    Elaborator elaborator(network, definitions, buffer, limits, peeled);
    const LayerGraph graph = elaborator.run();
    if (!buffer.has_errors()) {
      LayerGraph result = prune(graph);
      warn_of_unused(network.network(), buffer);
      warn_of_kernels(result, buffer);
      buffer.flush(diagnostics);
      return result;
    }
    if (!first) first = std::move(buffer);
    if (attempt == most_attempts || !peel(elaborator.to_peel(), peeled)) break;
  }
  first->flush(diagnostics);
  return std::nullopt;
}

}  // namespace ntkc::layer_graph
