// Functions of the IR as functions: of a number, in quadruple precision.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/quad.hpp"

namespace ntkc::kernel_ir {

/// φ of one real variable with its constants evaluated.
class Function {
 public:
  /// `carried` gives the values of constants that loops carry.
  Function(const Program& program, NodeId root, const std::function<Quad(NodeId)>& carried = {});

  [[nodiscard]] Quad value(Quad z) const;
  /// φ'(z); at kinks that of one side. By forward differentiation of numbers: compiler/moments/ has the
  /// symbolic one.
  [[nodiscard]] Quad derivative(Quad z) const;

  /// Where |z| ≤ limit and φ has a kink or a jump: zeros of what is compared, or has its sign taken. Sorted.
  [[nodiscard]] std::vector<Quad> kinks(Quad limit) const;

  /// Whether φ is discontinuous at one of its kinks.
  [[nodiscard]] bool jumps(Quad limit) const;

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

  friend bool operator==(const Function&, const Function&) = default;

 private:
  struct Step {
    Operation operation = Operation::literal;
    bool constant = true;
    Quad value = 0;  ///< of constants
    std::vector<std::size_t> operands;
    friend bool operator==(const Step&, const Step&) = default;
  };
  void evaluate_steps(Quad z, std::vector<Quad>& values) const;

  std::vector<Step> steps_;  // the last is φ
};

}  // namespace ntkc::kernel_ir
