// Where the variances of a recursion go.
#pragma once

#include "compiler/analysis/maps.hpp"

namespace ntkc::analysis {

struct VarianceLimit {
  enum class Kind : std::uint8_t {
    fixed,      ///< Q(q) = q > 0
    zero,       ///< q shrinks without end
    unbounded,  ///< q grows without end
    unsettled,  ///< several q that go in circles
  };
  Kind kind = Kind::fixed;
  VectorXd q;          ///< the fixed point; for the other kinds where the iteration was left
  bool every = false;  ///< Q(q) = q for all q
};

/// Of one value: the fixed point on the side of its entry to which Q(q) - q points, the next one, which for
/// increasing Q is the limit of the iteration. Of several: the limit of the iteration.
VarianceLimit find_variances(Maps& maps, const VectorXd& entry);

/// ∂Q_i/∂q_j
MatrixXd variance_slopes(Maps& maps, const VectorXd& q);

}  // namespace ntkc::analysis
