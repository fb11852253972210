// Expansions over sparse degrees, of functions that are linear but for a narrow rest.
#include <algorithm>
#include <cmath>
#include <utility>

#include "compiler/duals/expansion.hpp"
#include "compiler/duals/numeric_function.hpp"
#include "compiler/hermite/mean_rule.hpp"
#include "compiler/moments/derivative.hpp"

namespace ntkc::duals {

using kernel_ir::NodeId;

std::optional<ExpansionPlanner::SparseCandidate> ExpansionPlanner::plan_sparse(
    NodeId r, std::vector<SingularPart> singular, const hermite::Plan& whole,
    const std::vector<double>& sigmas) {
  constexpr std::size_t most_order = 4;
  constexpr std::size_t most_order_beside_singular = 2;
  Sparse result;
  result.singular = std::move(singular);
  const bool is_split = !result.singular.empty();
  hermite::SparseRequest request = {.r = {},
                                    .breaks = whole.terms.rule.breaks,
                                    .sigmas = sigmas,
                                    .mean = whole.mean,
                                    .parity = whole.terms.parity};
  const auto resolve = [&](const hermite::RealFunction& f) {
    const hermite::MeanRule found = hermite::mean_rule(f, sigmas, request.mean.breaks, request.mean.reach);
    request.mean = found.rule;
    return found.error;
  };
  double error = 0;
  if (is_split) {
    result.s = singular_function(program_, result.singular);
    r = program_.subtract(r, result.s);
    request.s = NumericFunction(program_, result.s);
    error += resolve(request.s);
  }
  const std::size_t most = is_split ? most_order_beside_singular : request.breaks.empty() ? most_order : 0;
  for (std::size_t order = 0; order <= most; ++order) {
    result.derivatives.push_back(r);
    request.r.emplace_back(NumericFunction(program_, r));
    r = moments::differentiate(program_, r, program_.variable());
  }
  error += resolve(request.r[0]);
  result.plan = hermite::plan_sparse(request);
  result.plan.remainder += error;
  result.other_error = error;
  if (!std::isfinite(result.plan.remainder)) return std::nullopt;
  result.mean = request.mean;
  result.derivatives.resize(static_cast<std::size_t>(result.plan.order) + 1);
  return SparseCandidate{std::move(result), std::move(request)};
}

std::optional<Sparse> ExpansionPlanner::find_sparse(NodeId f, const std::vector<Break>& breaks,
                                                    const hermite::Plan& whole,
                                                    const std::vector<double>& sigmas, double least) {
  std::optional<SparseCandidate> best;
  const auto consider = [&](std::optional<SparseCandidate> found, double rounding) {
    if (!found) return;
    found->sparse.plan.remainder += rounding;
    found->sparse.other_error += rounding;
    if (!(found->sparse.plan.remainder < (best ? best->sparse.plan.remainder : least))) return;
    best = std::move(found);
  };
  const auto finished = [&]() -> std::optional<Sparse> {
    if (!best) return std::nullopt;
    hermite::find_losses(best->request, best->sparse.plan);
    best->sparse.plan.remainder += best->sparse.other_error;
    if (!(best->sparse.plan.remainder < least)) return std::nullopt;
    return std::move(best->sparse);
  };
  if (breaks.empty()) {
    consider(plan_sparse(f, {}, whole, sigmas), 0);
    return finished();
  }
  const double good_enough = std::max(options_.tolerance, 1e-8);
  const NumericFunction phi(program_, f);
  for (const auto& [order, rate] : {std::pair{12, 1.0}, {8, 1.0}, {12, 2.0}, {12, 0.5}, {12, 4.0}}) {
    std::vector<SingularPart> singular = singular_parts(program_, breaks, order, rate);
    if (singular.empty() || pair_terms(singular) > most_pair_terms) continue;
    const double rounding = rounding_of_split(singular, phi, whole.mean, sigmas);
    const double before = best ? best->sparse.plan.remainder : least;
    consider(plan_sparse(f, std::move(singular), whole, sigmas), rounding);
    // Each takes a second or more.
    const double now = best ? best->sparse.plan.remainder : least;
    if (best && (now <= good_enough || now > before / 4)) break;
  }
  return finished();
}

}  // namespace ntkc::duals
