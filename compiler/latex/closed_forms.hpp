// Closed forms of duals in LaTeX, by the family of a function's normal form.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::latex {

struct ClosedForm {
  std::string words;               ///< in front of the formulas; cites
  std::vector<std::string> where;  ///< equations that define what the formulas use, "D &= …"
  std::string value;               ///< E[φ(s)φ(t)] in q, q', c, u and θ
  std::string slope;               ///< E[φ'(s)φ'(t)]
  std::string name = {};           ///< of the family, in plain words
};

/// How much is known of a dual.
enum class Reach { shown, too_long, none };

/// What the dual of each activation of a program is, "relu: arc-cosine kernels of order 1 and 0", in plain
/// words.
std::vector<std::string> name_duals(const kernel_ir::Program& program);

/// The closed form of a function's dual. `program` holds the function; it takes the nodes of constants.
/// `cited` gets the keys of what the words cite.
Reach find_closed_form(kernel_ir::Program& program, kernel_ir::NodeId function, ClosedForm& result,
                       std::set<std::string>& cited);

}  // namespace ntkc::latex
