// Duals by Hermite expansion, for functions without a closed form (compiler/hermite/expansion.hpp).
#pragma once

#include <map>
#include <optional>
#include <tuple>

#include "compiler/duals/covariance.hpp"
#include "compiler/duals/near_pairs.hpp"
#include "compiler/duals/numeric_function.hpp"
#include "compiler/duals/options.hpp"
#include "compiler/duals/splitting.hpp"
#include "compiler/hermite/expansion.hpp"

namespace ntkc::duals {

/// Writes the expansions of one program.
class HermiteRules {
 public:
  HermiteRules(kernel_ir::Program& target, const ExpansionOptions& options)
      : target_(target), options_(options) {}

  /// Q = E[φ(t)²], t ~ N(0, q). φ is a node of the target.
  Expression self(const SelfCovariance& q, kernel_ir::NodeId phi, DeviationRange deviations);

  /// K = E[φ(u)φ(v)]. With â_k = a_k/√Q of unit length, U = Σ â_k â'_k u^k:
  ///   1 - U = D + Σ â_k â'_k (1 - u^k),   D = Σ (â_k - â'_k)²/2,
  ///   Σ p_k (1 - u^k) = (1 - u) Σ_j u^j Σ_{k>j} p_k,
  /// which needs no difference of nearly equal numbers where 1 - U is small. Odd φ: the same in u², and U
  /// changes its sign with u.
  CrossCovariance cross(const CrossCovariance& k, const SelfCovariance& self, kernel_ir::NodeId phi,
                        bool critical, DeviationRange deviations);

  /// E[f(t)], t ~ N(0, q).
  Expression mean(const SelfCovariance& q, kernel_ir::NodeId f, DeviationRange deviations);
  /// E[f(u)g(v)].
  Expression moment(const CrossCovariance& k, kernel_ir::NodeId f, kernel_ir::NodeId g,
                    DeviationRange deviations);

 private:
  struct Scaled {
    Expression series;
    Expression norm;  // √E[f²]
    hermite::Parity parity;
  };
  /// Of f, and with it of what its derivatives are made of if there are to be any; hermite_plan.cpp
  const hermite::Plan& plan(kernel_ir::NodeId f, DeviationRange deviations);
  const hermite::Plan& plan_alone(kernel_ir::NodeId f, DeviationRange deviations);
  /// Where the function breaks, if that is in few places.
  const std::vector<Break>& breaks(kernel_ir::NodeId f, DeviationRange deviations);
  /// The parts of a function that breaks, and the plan for both.
  struct Split {
    std::vector<SingularPart> singular;
    kernel_ir::NodeId s = 0;
    kernel_ir::NodeId r = 0;
    hermite::Plan plan;
    double rounding = 0;  ///< what it takes of the closed form
  };
  /// Null where splitting gains nothing.
  const Split* split(kernel_ir::NodeId f, DeviationRange deviations);
  std::optional<Split> find_split(kernel_ir::NodeId f, const std::vector<Break>& breaks,
                                  const hermite::Plan& whole, const std::vector<double>& sigmas);
  /// E[f(u)f(v)]/√(E[f(u)²] E[f(v)²]), and the product of the roots.
  struct Normalised {
    Expression value;
    Expression norm;
  };
  Normalised split_moment(const CrossCovariance& k, kernel_ir::NodeId f, const Split& split);
  /// Of a function that is split.
  NearPairs near_pairs(const SelfCovariance& q, const SelfCovariance& self, kernel_ir::NodeId phi,
                       const hermite::Plan& plan);
  Scaled scaled(const SelfCovariance& q, kernel_ir::NodeId f, const hermite::Plan& plan);
  Expression mean_square(const SelfCovariance& q, kernel_ir::NodeId f, const hermite::Rule& rule);

  kernel_ir::Program& target_;
  ExpansionOptions options_;
  using PlanKey = std::tuple<kernel_ir::NodeId, double, double>;
  std::map<PlanKey, hermite::Plan> plans_;
  std::map<PlanKey, hermite::Plan> joint_plans_;
  std::map<PlanKey, std::vector<Break>> breaks_;
  std::map<PlanKey, std::optional<Split>> splits_;
};

}  // namespace ntkc::duals
