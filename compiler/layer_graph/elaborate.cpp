#include "compiler/layer_graph/elaborate.hpp"

#include <fmt/format.h>

#include <utility>

#include "compiler/layer_graph/correlation.hpp"
#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/prune.hpp"
#include "compiler/layer_graph/warnings.hpp"

namespace ntkc::layer_graph {

Elaborator::Elaborator(const ast::File& file, const std::vector<Definition>& definitions,
                       DiagnosticBuffer& diagnostics, const ElaborationLimits& limits)
    : file_(file),
      definitions_(definitions),
      diagnostics_(diagnostics),
      limits_(limits),
      scalars_(graph_.scalars),
      expressions_(&file) {
  graph_.network = file.network.name;
  graph_.regions.emplace_back();
}

LayerGraph Elaborator::run() {
  check_structure();
  read_parametrization();
  check_definitions();
  bind_parameters();
  elaborate_statements(file_.statements);
  check_sums(graph_, sum_sources_, diagnostics_);
  return std::move(graph_);
}

NodeId Elaborator::add_node(decltype(Node::node) node, ValueType type, std::string name, SourceRange range) {
  const auto id = static_cast<NodeId>(graph_.nodes.size());
  Node& added = graph_.nodes.emplace_back();
  added.node = std::move(node);
  added.type = std::move(type);
  added.region = region_;
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

NodeId Elaborator::make_sum(LinearForm form, SourceRange range) {
  if (form.shares_values(graph_)) {
    form.flatten(graph_, scalars_);
    if (form.terms.size() > most_summands) {
      diagnostics_.report(DiagnosticKind::limit_exceeded, range,
                          fmt::format("a sum of more than {} different values", most_summands));
      return form.terms[0].value;
    }
    if (!form.is_finite(scalars_)) {
      diagnostics_.report(DiagnosticKind::arithmetic_error, range, "a coefficient of this sum is not finite");
    }
  }
  form.drop_zeros(scalars_);
  if (form.terms.size() == 1 && scalars_.is_literal(form.terms[0].coefficient, 1)) return form.terms[0].value;
  ValueType type = type_of(form);
  const NodeId id = add_node(SumNode{std::move(form.terms)}, std::move(type), "", range);
  sum_sources_.emplace(id, std::move(form.sources));
  return id;
}

ValueType Elaborator::type_of(const LinearForm& form) const {
  ValueType type = graph_.nodes[form.terms.at(0).value].type;
  for (const SumTerm& term : form.terms) {
    const ValueType& other = graph_.nodes[term.value].type;
    if (!type.channels) type.channels = other.channels;
    type.gaussian = type.gaussian && other.gaussian;
  }
  return type;
}

std::optional<LayerGraph> elaborate(const ast::File& file, const std::vector<Definition>& definitions,
                                    DiagnosticConsumer& diagnostics, const ElaborationLimits& limits) {
  DiagnosticBuffer buffer;
  LayerGraph graph = Elaborator(file, definitions, buffer, limits).run();
  std::optional<LayerGraph> result;
  if (!buffer.has_errors()) {
    result = prune(graph);
    warn_of_unused(file, buffer);
    warn_of_kernels(*result, buffer);
  }
  buffer.flush(diagnostics);
  return result;
}

}  // namespace ntkc::layer_graph
