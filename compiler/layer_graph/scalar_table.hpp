// Builds LayerGraph::scalars: hash-consed constant expressions with their values.
#pragma once

#include <cstdint>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// Expressions stay as they were written (`sqrt(2)` remains a root, so that it can be shown as one); only
/// what changes neither value nor meaning is simplified: neutral elements, double negation, and sums and
/// products of literals that are exact in double precision.
class ScalarTable {
 public:
  explicit ScalarTable(std::vector<Scalar>& scalars) : scalars_(scalars) {}

  ScalarId literal(double value);
  ScalarId parameter(std::uint32_t index, double value);
  ScalarId unary(ScalarOperation operation, ScalarId operand);
  ScalarId binary(ScalarOperation operation, ScalarId left, ScalarId right);

  /// May be non-finite, where the operation has no value there.
  [[nodiscard]] double value(ScalarId id) const { return scalars_[id].value; }
  [[nodiscard]] bool is_literal(ScalarId id, double value) const {
    return scalars_[id].operation == ScalarOperation::literal && scalars_[id].value == value;
  }
  [[nodiscard]] bool depends_on_parameters(ScalarId id) const { return depends_on_parameters_[id]; }

 private:
  [[nodiscard]] bool is_literal(ScalarId id) const {
    return scalars_[id].operation == ScalarOperation::literal;
  }
  [[nodiscard]] bool is_negation_of(ScalarId id, ScalarId operand) const {
    return scalars_[id].operation == ScalarOperation::negate && scalars_[id].left == operand;
  }
  ScalarId sum(ScalarId left, ScalarId right);
  ScalarId difference(ScalarId left, ScalarId right);
  ScalarId product(ScalarId left, ScalarId right);
  ScalarId intern(const Scalar& scalar);
  ScalarId intern_binary(ScalarOperation operation, ScalarId left, ScalarId right);

  struct Hash {
    std::size_t operator()(const Scalar& scalar) const;
  };

  std::vector<Scalar>& scalars_;
  std::vector<bool> depends_on_parameters_;
  std::unordered_map<Scalar, ScalarId, Hash> ids_;
};

}  // namespace ntkc::layer_graph
