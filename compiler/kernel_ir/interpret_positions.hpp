// Values with positions and their maps by definition, for the interpreter. Internal to this folder.
#pragma once

#include <vector>

#include "compiler/kernel_ir/positions.hpp"

namespace ntkc::kernel_ir {

/// A number of a node's value: of sample nodes at x (`value`) and at x' (`second`), of others in `value`.
struct Value {
  Quad value = 0;
  Quad second = 0;
  std::vector<Quad> series = {};         // of a series instead: at x,
  std::vector<Quad> second_series = {};  // and at x'
};
/// One for each of the node's positions or pairs of positions, those in row-major order; or one for all.
using Values = std::vector<Value>;

/// Of `count` positions.
Values diagonal(const Values& full, std::size_t count);
Values rows(const Values& diagonal);
Values columns(const Values& diagonal);

/// `space` is that of the operand and the result; a point if the map goes to one.
Values coupled(const Coupled& map, const Extents& inputs, Space space, const Values& a);
/// `space` is that of the result.
Values congruent(const Congruent& map, const Extents& inputs, Space space, const Values& a);
Values tap_product(const Coupled& map, const Extents& inputs, Space space,
                   const std::vector<Values>& operands);

}  // namespace ntkc::kernel_ir
