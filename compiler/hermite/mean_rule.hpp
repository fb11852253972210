// A rule for E[f(σt)²] that owes nothing to an expansion of f: what an expansion leaves out is judged by it.
#pragma once

#include <vector>

#include "compiler/hermite/expansion.hpp"

namespace ntkc::hermite {

/// The error that is aimed at, relative to E[f(σt)²].
constexpr double mean_rule_error = 4e-15;

struct MeanRule {
  Rule rule;
  /// The largest error that is left at the sigmas, relative to E[f(σt)²]; 1 if nothing is known.
  double error = 0;
  /// What it is judged by, where bounds on f are known; otherwise by rules of half as many nodes, and a feature
  /// between all nodes is not seen.
  CertifiedPanels panels = {};
};

/// The sigmas and what lies between them.
std::vector<double> fill(const std::vector<double>& sigmas);

/// Gauss-Legendre between `breaks` and further places, which are fixed in z, so that a feature of f keeps its
/// nodes however wide σ is. Intervals are halved, those at the ends at twice their distance from 0, where the
/// error is too large at one of the sigmas or between them.
MeanRule mean_rule(const RealFunction& f, const std::vector<double>& sigmas,
                   const std::vector<double>& breaks, double reach, const Bound& bound = {});

}  // namespace ntkc::hermite
