// The oracle's numbers.
#pragma once

#include "compiler/elementary/quad.hpp"

namespace ntkc::kernel_ir {

using ntkc::Quad;

}  // namespace ntkc::kernel_ir
