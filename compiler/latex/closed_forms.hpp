// Closed forms of duals in LaTeX, by the family of a function's normal form.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/latex/formula.hpp"
#include "compiler/latex/normal_functions.hpp"

namespace ntkc::latex {

struct WrittenDual {
  std::string words = {};              ///< in front of the formulas; cites
  std::vector<Equation> where = {};    ///< what the formulas use
  Formula value = {};                  ///< E[φ(s)φ(t)] in q, q', c, u and θ
  Formula slope = {};                  ///< E[φ'(s)φ'(t)]
  std::string more_words = {};         ///< behind the formulas
  std::vector<Equation> details = {};  ///< equations behind those
  bool is_too_long = false;            ///< to be written: all of the above is empty
};

/// The closed form of a function's dual, if one is known. `program` holds the function; it takes the nodes of
/// constants. `functions` gets what the formulas call, `cited` the keys of what the words cite.
std::optional<WrittenDual> find_closed_form(kernel_ir::Program& program, kernel_ir::NodeId function,
                                            NormalFunctions& functions, std::set<std::string>& cited);

}  // namespace ntkc::latex
