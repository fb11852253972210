#include "compiler/layer_graph/linear_form.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace ntkc::layer_graph {

void LinearForm::add(ScalarTable& scalars, const LinearForm& other, SourceRange op) {
  for (std::size_t i = 0; i < other.terms.size(); ++i) {
    const SumTerm& term = other.terms[i];
    const auto like = std::ranges::find(terms, term.value, &SumTerm::value);
    if (like != terms.end()) {
      like->coefficient = scalars.binary(ScalarOperation::add, like->coefficient, term.coefficient);
    } else {
      terms.push_back(term);
      sources.push_back({other.sources[i].summand, op});
    }
  }
}

void LinearForm::scale(ScalarTable& scalars, ScalarOperation operation, ScalarId factor) {
  for (SumTerm& term : terms) {
    // The factor stands first, as one writes it: s h, not h s.
    term.coefficient = operation == ScalarOperation::multiply
                           ? scalars.binary(operation, factor, term.coefficient)
                           : scalars.binary(operation, term.coefficient, factor);
  }
}

bool LinearForm::shares_values(const LayerGraph& graph) const {
  const auto sum_at = [&graph](NodeId node) { return std::get_if<SumNode>(&graph.nodes[node].node); };
  const SumTerm* only_sum = nullptr;
  std::size_t sums = 0;
  for (const SumTerm& term : terms) {
    if (sum_at(term.value) == nullptr) continue;
    only_sum = &term;
    ++sums;
  }
  if (sums == 0) return false;
  // A value that is newer than a sum is not in it, so the step h + f(h) of a residual network costs nothing.
  if (sums == 1 && std::ranges::all_of(terms, [&](const SumTerm& t) { return t.value >= only_sum->value; })) {
    return false;
  }
  std::unordered_map<NodeId, std::size_t> owners;
  std::vector<NodeId> open;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    open.push_back(terms[i].value);
    while (!open.empty()) {
      const NodeId node = open.back();
      open.pop_back();
      if (!owners.emplace(node, i).second) return true;  // no value is twice in one sum
      if (const auto* sum = sum_at(node)) {
        for (const SumTerm& term : sum->terms) open.push_back(term.value);
      }
    }
  }
  return false;
}

void LinearForm::flatten(const LayerGraph& graph, ScalarTable& scalars) {
  struct Summand {
    SumTerm term;
    TermSource source;
  };
  std::vector<Summand> open;
  for (std::size_t i = terms.size(); i-- > 0;) open.push_back({terms[i], sources[i]});
  terms.clear();
  sources.clear();
  std::unordered_map<NodeId, std::size_t> places;
  while (!open.empty()) {
    const Summand summand = open.back();
    open.pop_back();
    const ScalarId coefficient = summand.term.coefficient;
    if (const auto* sum = std::get_if<SumNode>(&graph.nodes[summand.term.value].node)) {
      for (std::size_t i = sum->terms.size(); i-- > 0;) {
        const SumTerm& inner = sum->terms[i];
        const ScalarId both = scalars.binary(ScalarOperation::multiply, coefficient, inner.coefficient);
        open.push_back({{both, inner.value}, summand.source});
      }
      continue;
    }
    const auto [place, is_new] = places.emplace(summand.term.value, terms.size());
    if (is_new) {
      terms.push_back(summand.term);
      sources.push_back(summand.source);
    } else {
      ScalarId& merged = terms[place->second].coefficient;
      merged = scalars.binary(ScalarOperation::add, merged, coefficient);
    }
  }
}

std::optional<double> LinearForm::out_of_range(const ScalarTable& scalars) const {
  for (const SumTerm& term : terms) {
    const double value = scalars.value(term.coefficient);
    if (!is_factor(value)) return value;
  }
  return std::nullopt;
}

void LinearForm::drop_zeros(const ScalarTable& scalars) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const bool last_chance = i + 1 == terms.size() && kept == 0;
    if (scalars.is_literal(terms[i].coefficient, 0) && !last_chance) continue;
    terms[kept] = terms[i];
    sources[kept] = sources[i];
    ++kept;
  }
  terms.resize(kept);
  sources.resize(kept);
}

}  // namespace ntkc::layer_graph
