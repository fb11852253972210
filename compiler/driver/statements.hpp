// What is said to people of the duals of a network, in the printed programs, in the document, in warnings: what
// was decided when they were compiled (compiler/duals/statement.hpp).
#pragma once

#include <string>
#include <vector>

#include "compiler/driver/stages.hpp"
#include "compiler/duals/statement.hpp"

namespace ntkc::driver {

/// The text of a program, with what its duals are in comments behind the line of the input. Of one that is not
/// expanded yet, what its duals would be compiled to.
std::string print(const Derived& derived, const CompileOptions& options);
std::string print(const Optimized& optimized);

/// The recursion for people to read, as a LaTeX document.
std::string document(const Compilation& compilation, const Optimized& optimized);

/// Reports duals that are infinite, and expansions that fall short of the tolerance: the worst of each.
void check_expansions(Compilation& compilation, const Network& network, const std::vector<duals::Use>& uses);

/// Reports the expansion of a function that jumps, which cannot be differentiated term by term. Whether there
/// is none.
bool check_derivatives(Compilation& compilation, const Network& network, const std::vector<duals::Use>& uses);

}  // namespace ntkc::driver
