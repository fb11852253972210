// A Hermite expansion by its few numbers: what machine code needs to know of it.
#pragma once

#include "compiler/hermite/quadrature.hpp"

namespace ntkc::hermite {

enum class Parity : unsigned char { none, even, odd };

/// Coefficient j is that of degree j, 2j (even) or 2j + 1 (odd): the others vanish. Without parity the number
/// of terms is even.
struct Terms {
  int count = 0;
  Parity parity = Parity::none;
  Rule rule;  ///< what computes them
  /// Of σ da_k/dσ = k a_k + √((k + 1)(k + 2)) a_{k+2} in place of a_k: what zf'(z) expands to where f does
  /// not jump, and what it must expand to where f does.
  bool turned = false;
  /// With sparse degrees behind the consecutive ones (compiler/hermite/sparse.hpp), of one parity: so many
  /// fourfold ranges of them. `first` is then the degree of the first entry, and the function the series is of
  /// is the `order`-th integral of the one that is evaluated.
  int tail = 0;
  int first = 0;
  int order = 0;

  [[nodiscard]] int degree(int j) const {
    if (tail > 0) return first + 2 * j;
    return parity == Parity::none ? j : 2 * j + (parity == Parity::odd ? 1 : 0);
  }
  /// Of the table.
  [[nodiscard]] int entries() const { return count + sparse_nodes * tail; }
  static constexpr int sparse_nodes = 24;  ///< in a fourfold range
  static constexpr int most_tail = 64;
  friend bool operator==(const Terms&, const Terms&) = default;
};

}  // namespace ntkc::hermite
