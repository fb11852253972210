// What is said to people of the duals of a network: in the printed programs, in the document, in warnings.
#pragma once

#include <string>
#include <utility>

#include "compiler/driver/stages.hpp"

namespace ntkc::driver {

/// The text of one of the programs of a network, with what its duals are in comments behind the line of the
/// input.
std::string with_names_of_duals(std::string text, const Derived& derived, const CompileOptions& options);

/// The recursion for people to read, as a LaTeX document.
std::string document(const Compilation& compilation, const Optimized& optimized);

/// Reports duals that are infinite, and expansions that fall short of the tolerance: the worst of each.
void check_expansions(Compilation& compilation, const Network& network, const kernel_ir::Program& program);

/// Name and place of the activation that an expanded `function` of the program is; of the first one of the
/// network where the function, a derivative, has no name.
std::pair<std::string, SourceRange> expanded_activation(const Network& network,
                                                        const kernel_ir::Program& program,
                                                        kernel_ir::NodeId function);

}  // namespace ntkc::driver
