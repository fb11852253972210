#include "compiler/layer_graph/linear_form.hpp"

#include <algorithm>

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
    // The factor first, as one writes it: s h, not h s.
    term.coefficient = operation == ScalarOperation::multiply
                           ? scalars.binary(operation, factor, term.coefficient)
                           : scalars.binary(operation, term.coefficient, factor);
  }
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
