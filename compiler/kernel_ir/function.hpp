// Functions of the IR as functions: of a number, in quadruple precision.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "compiler/elementary/function.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// φ of one real variable with its constants evaluated.
class Function : public elementary::Function<Quad> {
 public:
  /// `carried` gives the values of constants that loops carry.
  Function(const Program& program, NodeId root, const std::function<Quad(NodeId)>& carried = {});

  [[nodiscard]] Quad value(Quad z) const { return (*this)(z); }
  /// φ'(z); at kinks that of one side. By forward differentiation of numbers, so that the oracle has
  /// derivatives of its own: compiler/moments/ has the symbolic one.
  [[nodiscard]] Quad derivative(Quad z) const;

  /// The same operations in double precision, on constants that are rounded once.
  [[nodiscard]] elementary::Function<double> in_double() const;

  /// φ = below·min(z, 0)ⁿ + above·max(z, 0)ⁿ by its operations, n = 0 or 1 (jumps; φ piecewise linear).
  struct Homogeneous {
    int degree = 0;
    Quad below = 0;
    Quad above = 0;
  };
  [[nodiscard]] std::optional<Homogeneous> homogeneous() const;

  /// φ = a₀ + a₁z + (b₀ + b₁z) T(kz + p) by its operations, T erf, sin or cos.
  struct Single {
    Quad a0 = 0, a1 = 0, b0 = 0, b1 = 0;
    std::size_t step = no_step;  ///< which computes T; no_step if there is none
    Operation operation = Operation::literal;
    Quad k = 0, p = 0;
    static constexpr std::size_t no_step = ~std::size_t{0};
  };
  [[nodiscard]] std::optional<Single> single() const;
};

}  // namespace ntkc::kernel_ir
