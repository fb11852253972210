// Whether a function of z can be an activation, by looking at its values: at the parameters that it is
// compiled for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

struct FunctionReport {
  enum class Kind : std::uint8_t {
    good,
    constant,        ///< of one value, to rounding, at all points looked at
    undefined,       ///< no finite value at `where`
    singular,        ///< not square-integrable around `where`
    grows_too_fast,  ///< like exp(a z²) or faster
  };
  Kind kind = Kind::good;
  double where = 0;
};

/// What a function is made of, each part counted once.
std::size_t part_count(const std::vector<Scalar>& scalars, ScalarId function);

/// `function` depends on `variable`, or is a number. Constancy on a grid over |z| ≤ 8; the rest is
/// hermite::check_integrability's.
FunctionReport check_function(const std::vector<Scalar>& scalars, ScalarId function);

}  // namespace ntkc::layer_graph
