// What the files of the verifier share. Internal to this folder. Each check returns what is wrong, "" if
// nothing is.
#pragma once

#include <string>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// Whether a region lies in another or is it.
bool encloses(const Program& program, RegionId outer, RegionId inner);

std::string check_kind(const Node& node, Type type, Dependence dependence);

/// Whether its attribute is of the kind that its operation takes.
std::string check_attribute(const Program& program, const Node& node);
/// Whether its space and positions go with those of its operands.
std::string check_place(const Program& program, const Node& node);

std::string check_loop(const Program& program, NodeId id);
std::string check_loop_argument(const Program& program, NodeId id);
std::string check_loop_result(const Program& program, const Node& node);

}  // namespace ntkc::kernel_ir
