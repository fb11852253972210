// The stated accuracy of each vector routine, measured through compiled programs against quadruple precision.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "compiler/codegen/vector_math.hpp"
#include "compiler/jit/jit.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/evaluate.hpp"

using namespace ntkc;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Quad;

namespace {

struct Routine {
  Operation operation;
  std::vector<double> scales;     ///< z runs over [0, 1/2]; the argument is scale·z
  kernel_ir::Attribute domain;    ///< what is fitted
  bool absolute = false;          ///< the error is absolute, not relative
  std::vector<double> more = {};  ///< its other operands
};

NodeId apply(Program& p, const Routine& routine, NodeId argument) {
  std::vector<NodeId> operands = {argument};
  for (const double value : routine.more) operands.push_back(p.literal(value));
  return p.real(routine.operation, operands, routine.domain);
}

/// A kernel whose value at a pair is routine(scale · z), z the complement of the inputs: the tile feeds the
/// argument.
Program routine_program(const Routine& routine, double scale) {
  Program p;
  p.name = "routine";
  p.roots = {{"Sigma", apply(p, routine, p.multiply(p.literal(scale), p.input_complement()))}};
  return p;
}

template <typename T>
double largest_error(const Routine& routine, int register_bits) {
  const bool f32 = std::is_same_v<T, float>;
  double worst = 0;
  for (const double scale : routine.scales) {
    const Program program = routine_program(routine, scale);
    const KernelFunctions kernel = jit::compile(program, {.f32 = f32, .register_bits = register_bits});
    std::mt19937_64 random(5);
    std::uniform_real_distribution<double> uniform(0, 0.5);
    constexpr std::int64_t count = 64 * 256;
    std::vector<T> tile;
    for (std::int64_t i = 0; i < count; ++i) {
      // Uniform, and log-uniform down to 2⁻⁶⁰.
      tile.push_back(static_cast<T>(i % 2 == 0 ? uniform(random) : 0.5 * std::exp2(-120 * uniform(random))));
    }
    tile[0] = 0;
    tile[2] = 0.5;
    const std::vector<T> result = test::evaluate_row<T>(kernel.kernels[0], tile, {}, {});
    for (std::size_t i = 0; i < tile.size(); ++i) {
      // What the interpreter makes of the argument that the machine code had.
      Program exact;
      const double argument =
          kernel.wide_tables ? scale * tile[i] : static_cast<T>(static_cast<T>(scale) * tile[i]);
      exact.roots = {{"Sigma", apply(exact, routine, exact.literal(argument))}};
      const Quad reference = kernel_ir::interpret(exact, {1, 1, 0})[0];
      const double unit = routine.absolute ? 1 : std::max(std::fabs(static_cast<double>(reference)), 1e-300);
      // Beyond the range of normal numbers results are 0 or infinite.
      if (std::fabs(static_cast<double>(reference)) < std::numeric_limits<T>::min()) continue;
      if (static_cast<double>(reference) > std::numeric_limits<T>::max() && std::isinf(result[i])) continue;
      const double error = std::fabs(static_cast<double>(result[i] - reference)) / unit;
      if (!(error <= worst)) worst = error;
    }
  }
  return worst / (f32 ? 0x1p-23 : 0x1p-52);
}

/// h, k and m, the smaller of z and z̄, that are exact in f32.
struct Corner {
  double h;
  double k;
  double m;
  bool negative;  ///< m is z̄
};

std::vector<Corner> corners() {
  std::vector<Corner> result;
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(-6, 6);
  for (int i = 0; i < 600; ++i) {
    const double h = std::nearbyint(64 * uniform(random)) / 64;
    // Alike as of near pairs, opposite, at the origin, any.
    const double k = i % 4 == 0   ? h + std::ldexp(std::nearbyint(uniform(random)), -16)
                     : i % 4 == 1 ? -h
                     : i % 8 == 2 ? 0
                                  : std::nearbyint(64 * uniform(random)) / 64;
    const double m = i % 7 == 0 ? 0 : static_cast<float>(0.5 * std::exp2(-std::fabs(5 * uniform(random))));
    result.push_back({i % 24 == 2 ? 0 : h, k, m, i % 3 == 0});
  }
  return result;
}

/// The largest |error| of normal_orthant with s = 0.
template <typename T>
double largest_orthant_error(int register_bits) {
  static const std::vector<Corner> all = corners();
  static const std::vector<Quad> references = [] {
    std::vector<Quad> result;
    for (const auto& [h, k, m, negative] : all) {
      Program exact;
      const NodeId near = exact.literal(m);
      const NodeId far = exact.subtract(exact.literal(1), near);
      exact.roots = {{"Sigma", exact.real(Operation::normal_orthant,
                                          {exact.literal(h), exact.literal(k), negative ? far : near,
                                           negative ? near : far, exact.literal(0)})}};
      result.push_back(kernel_ir::interpret(exact, {1, 1, 0})[0]);
    }
    return result;
  }();
  Program p;
  p.name = "orthant";
  const NodeId q = p.input_square();
  const NodeId eight = p.literal(8);  // h = q - 8
  p.roots = {{"Sigma", p.real(Operation::normal_orthant,
                              {p.subtract(p.first(q), eight), p.subtract(p.second(q), eight),
                               p.input_complement(), p.input_cocomplement(), p.literal(0)})}};
  const bool f32 = std::is_same_v<T, float>;
  const KernelFunctions kernel = jit::compile(p, {.f32 = f32, .register_bits = register_bits});
  double worst = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    constexpr std::ptrdiff_t n = lane_padding;
    const std::vector<double> first(n, all[i].h + 8);
    const std::vector<double> second(n, all[i].k + 8);
    const std::vector<T> tile(n, static_cast<T>(std::copysign(all[i].m, all[i].negative ? -1.0 : 1.0)));
    const std::vector<T> values = test::evaluate_row<T>(
        kernel.kernels[0], tile, test::sample_table<T>(kernel, first), test::sample_table<T>(kernel, second));
    const double error = std::fabs(static_cast<double>(values[0] - references[i]));
    if (!(error <= worst)) worst = error;
  }
  return worst / (f32 ? 0x1p-23 : 0x1p-52);
}

}  // namespace

TEST_CASE("every vector routine keeps the error that is stated") {
  const std::vector<Routine> routines = {
      {Operation::arcsine_ratio, {1}, kernel_ir::Domain{0.5}},
      {Operation::arccosine_ratio, {1}, kernel_ir::Domain{0.5}},
      {Operation::expm1, {-1, -4, -100, -2000}, {}},
      {Operation::exp, {-1, -4, -170, -1400, 2, 170, 1418}, {}},
      {Operation::log, {1, 2.1, 3, 1e30}, {}},
      {Operation::tanh, {1, -4, 60}, {}},
      {Operation::sin, {2, -30, 8192}, {}, true},
      {Operation::cos, {2, -30, 8192}, {}, true},
      {Operation::erf, {2, -4, 13}, {}},
      {Operation::normal_tail, {2, -4, 8}, {}, false, {0}},
      {Operation::normal_orthant, {}, {}, true},
      {Operation::dawson, {2, -4, 13, 1e6}, {}},
  };
  REQUIRE(routines.size() == codegen::routines().size());
  for (std::size_t i = 0; i < routines.size(); ++i) {
    const codegen::Routine& stated = codegen::routines()[i];
    REQUIRE(kernel_ir::operation_of(stated.operation) == routines[i].operation);
    double f64 = 0;
    double f32 = 0;
    for (const int register_bits : {128, 256, 512}) {  // without and with fused multiply-add
      if (register_bits > jit::host().register_bits) continue;
      const bool is_orthant = routines[i].operation == Operation::normal_orthant;
      f64 = test::larger_error(f64, is_orthant ? largest_orthant_error<double>(register_bits)
                                               : largest_error<double>(routines[i], register_bits));
      f32 = test::larger_error(f32, is_orthant ? largest_orthant_error<float>(register_bits)
                                               : largest_error<float>(routines[i], register_bits));
    }
    MESSAGE(elementary::info(stated.operation).name << ": largest relative error " << f64
                                                    << " epsilon in f64, " << f32 << " in f32");
    CHECK(f64 <= stated.f64_error);
    CHECK(f32 <= stated.f32_error);
    // A bound that is far from what is found would hide a loss of accuracy. Where kernels in f32 compute pairs in
    // f64 there is but the rounding of the result, half a unit.
    CHECK(f64 >= stated.f64_error / 4);
    const bool is_rounded_only = f32 <= 0.5;
    CHECK((is_rounded_only || f32 >= stated.f32_error / 4));
    // Bounds on rounding count in units half as large.
    CHECK(2 * stated.f64_error <= elementary::info(stated.operation).roundings);
  }
}

TEST_CASE("narrower domains get shorter polynomials of the same accuracy") {
  for (const double bound : {0.254, 0.342, 0.5}) {
    for (const auto function :
         {codegen::FittedFunction::arcsine_ratio, codegen::FittedFunction::arccosine_ratio}) {
      const auto f64 = codegen::fit(function, 0, bound, 0x1p-54L);
      const auto f32 = codegen::fit(function, 0, bound, 0x1p-25L);
      CHECK(f64.error <= 0x1p-54L);
      CHECK(f32.error <= 0x1p-25L);
      CHECK(f32.coefficients.size() < f64.coefficients.size());
    }
  }
  CHECK(codegen::fit(codegen::FittedFunction::arcsine_ratio, 0, 0.254, 0x1p-54L).coefficients.size() <
        codegen::fit(codegen::FittedFunction::arcsine_ratio, 0, 0.5, 0x1p-54L).coefficients.size());
}

TEST_CASE("a tolerance beyond long double is refused") {
  CHECK_THROWS_AS(codegen::fit(codegen::FittedFunction::arcsine_ratio, 0, 0.5, 1e-25L), std::logic_error);
}
