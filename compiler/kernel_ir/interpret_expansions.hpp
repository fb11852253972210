// Hermite expansions by their definition, for the interpreter. Internal to this folder.
#pragma once

#include <vector>

#include "compiler/hermite/terms.hpp"
#include "compiler/kernel_ir/function.hpp"

namespace ntkc::kernel_ir {

/// E[f(rt)], t ~ N(0, 1), by the rule.
Quad mean(const Function& f, Quad root, const hermite::Rule& rule);
/// The coefficients s E[f(rt) h_k(t)] that the terms name.
std::vector<Quad> coefficients(const Function& f, Quad root, Quad scale, const hermite::Terms& terms);

Quad sum_of_squares(const std::vector<Quad>& series);
/// sparse_product, or sparse_deficit, of two series of these terms.
Quad contract_sparse(const std::vector<Quad>& a, const std::vector<Quad>& b, Quad w,
                     const hermite::Terms& terms, bool is_deficit);

}  // namespace ntkc::kernel_ir
