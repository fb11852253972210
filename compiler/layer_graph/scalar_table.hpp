// Builds LayerGraph::scalars: hash-consed constant expressions with their values.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// What multiplies a value enters kernels as its square, in double precision: it is 0 or of a magnitude
/// between these.
inline constexpr double smallest_factor = 1e-150;
inline constexpr double largest_factor = 1e150;
inline bool is_factor(double value) {
  const double magnitude = std::abs(value);
  return value == 0 || (magnitude >= smallest_factor && magnitude <= largest_factor);
}

/// A comparison of scalars, that is of functions: it is decided where the function is evaluated.
struct Condition {
  enum class Relation : std::uint8_t { less, less_equal, equal, not_equal };
  Relation relation = Relation::less;
  ScalarId left = 0;
  ScalarId right = 0;

  friend bool operator==(const Condition&, const Condition&) = default;
};

/// Expressions stay as they were written (`sqrt(2)` remains a root, so that it can be shown as one); only
/// what changes neither value nor meaning is simplified: neutral elements, double negation, and operations on
/// literals that are exact in double precision.
class ScalarTable {
 public:
  explicit ScalarTable(std::vector<Scalar>& scalars) : scalars_(scalars) {}

  ScalarId literal(double value);
  ScalarId parameter(std::uint32_t index, double value);
  /// z, the argument of an activation.
  ScalarId variable();
  ScalarId unary(ScalarOperation operation, ScalarId operand);
  ScalarId binary(ScalarOperation operation, ScalarId left, ScalarId right);
  /// -a, which is 0 - a
  ScalarId negative(ScalarId operand);
  /// condition ? yes : no
  ScalarId select(const Condition& condition, ScalarId yes, ScalarId no);

  /// May be non-finite, where the operation has no value there.
  [[nodiscard]] double value(ScalarId id) const { return scalars_[id].value; }
  [[nodiscard]] bool is_literal(ScalarId id, double value) const {
    return scalars_[id].operation == ScalarOperation::literal && scalars_[id].value == value;
  }
  /// Whether it depends on z.
  [[nodiscard]] bool is_function(ScalarId id) const { return is_function_[id]; }

 private:
  [[nodiscard]] bool is_literal(ScalarId id) const {
    return scalars_[id].operation == ScalarOperation::literal;
  }
  /// a of -a.
  [[nodiscard]] std::optional<ScalarId> negated(ScalarId id) const;
  ScalarId sum(ScalarId left, ScalarId right);
  ScalarId difference(ScalarId left, ScalarId right);
  ScalarId product(ScalarId left, ScalarId right);
  ScalarId intern(const Scalar& scalar);
  /// An operation on scalars, without simplification but that of choices among literals.
  ScalarId apply(ScalarOperation operation, std::array<ScalarId, 4> operands);

  struct Hash {
    std::size_t operator()(const Scalar& scalar) const;
  };

  std::vector<Scalar>& scalars_;
  std::vector<bool> is_function_;
  std::unordered_map<Scalar, ScalarId, Hash> ids_;
};

}  // namespace ntkc::layer_graph
