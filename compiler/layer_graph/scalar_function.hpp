// Functions of z among the scalars, as functions of a number.
#pragma once

#include <vector>

#include "compiler/elementary/function.hpp"
#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// At the values that the network parameters have. `root` may be a number.
elementary::Function<double> scalar_function(const std::vector<Scalar>& scalars, ScalarId root);

}  // namespace ntkc::layer_graph
