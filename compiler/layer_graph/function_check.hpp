// Whether a function of z can be an activation. Its values are looked at, for the parameters that the network
// is compiled with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

struct FunctionReport {
  enum class Kind : std::uint8_t {
    good,
    constant,        ///< has one value, up to rounding, at all points looked at
    undefined,       ///< has no finite value at `where`
    singular,        ///< is not square-integrable around `where`
    grows_too_fast,  ///< grows like exp(a z²) or faster
  };
  Kind kind = Kind::good;
  double where = 0;
};

/// The number of parts that a function is made of, each counted once.
std::size_t part_count(const std::vector<Scalar>& scalars, ScalarId function);

/// `function` depends on `variable` or is a number. Whether it is constant is looked up on a grid over |z| ≤
/// 8; the rest is left to hermite::check_integrability.
FunctionReport check_function(const std::vector<Scalar>& scalars, ScalarId function);

}  // namespace ntkc::layer_graph
