// The oracle: evaluates a kernel IR program for one pair of inputs, slowly and obviously right.
//
// Everything is in quadruple precision (unit round-off 2⁻¹¹³), by the formulas of the literature as they
// stand: 1 - u may be formed by subtraction here, as 1e-34 of error in u is 1e-17 in an angle. Passes and
// machine code are tested against it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/kernel_ir/function.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// Σ⁰ of a pair of inputs.
struct InputCovariance {
  Quad first = 0;        ///< |x|²/d
  Quad second = 0;       ///< |x'|²/d
  Quad cross = 0;        ///< x·x'/d
  bool is_same = false;  ///< whether x' is the same sample as x, not one that is equal to it
};

/// Σ⁰ = x·x'/d of two vectors of one length, in quadruple precision.
InputCovariance input_covariance(std::span<const double> x, std::span<const double> y);

/// Of inputs with P positions: P·P numbers each, those of pairs of positions in row-major order.
struct InputCovariances {
  std::vector<Quad> first;
  std::vector<Quad> second;
  std::vector<Quad> cross;
  bool is_same = false;
};
/// Likewise, the channels of each position after one another.
InputCovariances input_covariances(std::span<const double> x, std::span<const double> y,
                                   std::size_t positions);

/// The values at (x, x') of every root, in order: one for each of its planes. Precondition: `verify` has
/// nothing to say about the program.
std::vector<std::vector<Quad>> interpret_planes(const Program& program, const InputCovariance& input);
/// The last plane of every root.
std::vector<Quad> interpret(const Program& program, const InputCovariance& input);

/// Likewise of a program whose values have positions: of each root one number for each.
std::vector<std::vector<Quad>> interpret(const Program& program, const InputCovariances& input);

/// E[φ(u)φ(v)] and E[φ'(u)φ'(v)] for (u, v) ~ N(0, [[q, c], [c, q2]]) in quadruple precision.
struct DualValue {
  Quad value = 0;
  Quad derivative = 0;
};
DualValue evaluate_dual(const Function& phi, Quad q, Quad q2, Quad c);
/// The derivative alone.
Quad evaluate_dual_derivative(const Function& phi, Quad q, Quad q2, Quad c);

/// E[f(u)g(v)] in quadruple precision.
Quad evaluate_moment(const Function& f, const Function& g, Quad q, Quad q2, Quad c);

/// E[f(u)g(v)], or E[f'(u)g'(v)], by quadrature in two dimensions, good to 1e-25 of the largest value where f
/// and g are analytic between the kinks that their operations have, with a radius of 1 or more. Slow.
enum class Side : std::uint8_t { function, derivative };
Quad integrate(const Function& f, const Function& g, Side side, Quad q, Quad q2, Quad c);

}  // namespace ntkc::kernel_ir
