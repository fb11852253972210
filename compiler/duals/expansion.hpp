// What the expectations of functions without a closed form are expanded to (compiler/hermite/expansion.hpp):
// how many terms, by which quadrature, and what is split off before.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "compiler/duals/options.hpp"
#include "compiler/duals/splitting.hpp"
#include "compiler/hermite/expansion.hpp"
#include "compiler/hermite/sparse_plan.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::duals {

/// A function that breaks, in two parts, and the plan for both.
struct Split {
  std::vector<SingularPart> singular = {};
  kernel_ir::NodeId s = 0;  ///< what breaks
  kernel_ir::NodeId r = 0;  ///< the rest
  hermite::Plan plan = {};
  double rounding = 0;  ///< what it takes of the closed form
};

/// For √q beyond what consecutive degrees serve (compiler/hermite/sparse.hpp): f, or the rest r of it.
struct Sparse {
  std::vector<kernel_ir::NodeId> derivatives = {};  ///< r, r', … up to the one that is narrow
  std::vector<SingularPart> singular = {};
  kernel_ir::NodeId s = kernel_ir::no_node;  ///< what is split off, if anything
  hermite::SparsePlan plan = {};
  hermite::Rule mean = {};
  double other_error =
      0;  ///< of the remainder, what is not in the plan's losses: of E[f²], and rounding of s
};

/// How E[f(u)f(v)] is expanded.
struct PlannedExpansion {
  kernel_ir::NodeId function = 0;
  hermite::Plan whole = {};         ///< of f as it is; its rule is that of E[f²]
  std::optional<Split> split = {};  ///< nothing where that gains nothing

  std::optional<Sparse> sparse = {};  ///< in place of either

  [[nodiscard]] const hermite::Plan& plan() const { return split ? split->plan : whole; }
  /// What is left out, relative to √(E[f(u)²] E[f(v)²]); NaN where that is not finite.
  [[nodiscard]] double remainder() const { return sparse ? sparse->plan.remainder : plan().remainder; }
};

/// Plans expansions of the functions of one program, to which it adds their parts and derivatives.
class ExpansionPlanner {
 public:
  ExpansionPlanner(kernel_ir::Program& program, const ExpansionOptions& options)
      : program_(program), options_(options) {}

  const PlannedExpansion& find(kernel_ir::NodeId f, DeviationRange deviations);
  /// Of f as it is, and with it of what its derivatives are made of if there are to be any;
  /// expansion_plan.cpp
  const hermite::Plan& plan(kernel_ir::NodeId f, DeviationRange deviations);

 private:
  const hermite::Plan& plan_alone(kernel_ir::NodeId f, DeviationRange deviations, int most_terms = 4096);
  /// Where the function breaks, if that is in few places.
  const std::vector<Break>& breaks(kernel_ir::NodeId f, DeviationRange deviations);
  std::optional<Split> find_split(kernel_ir::NodeId f, const std::vector<Break>& breaks,
                                  const hermite::Plan& whole, const std::vector<double>& sigmas);

  /// Nothing if it is no better than `least`; expansion_sparse.cpp
  std::optional<Sparse> find_sparse(kernel_ir::NodeId f, const std::vector<Break>& breaks,
                                    const hermite::Plan& whole, const std::vector<double>& sigmas,
                                    double least);
  struct SparseCandidate {
    Sparse sparse;
    hermite::SparseRequest request;
  };
  std::optional<SparseCandidate> plan_sparse(kernel_ir::NodeId r, std::vector<SingularPart> singular,
                                             const hermite::Plan& whole, const std::vector<double>& sigmas);

  kernel_ir::Program& program_;
  const ExpansionOptions& options_;
  using Key = std::tuple<kernel_ir::NodeId, double, double>;
  std::map<Key, hermite::Plan> plans_;
  std::map<Key, hermite::Plan> joint_plans_;
  std::map<Key, std::vector<Break>> breaks_;
  std::map<Key, PlannedExpansion> expansions_;
};

}  // namespace ntkc::duals
