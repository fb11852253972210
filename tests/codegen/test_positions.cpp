// Machine code of kernels over positions against the interpreter.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <cmath>

#include "compiler/jit/jit.hpp"
#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/evaluate_positions.hpp"
#include "tests/support/spatial_networks.hpp"

using namespace ntkc;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Quad;
using test::SpatialNetwork;

namespace {

using Samples = std::vector<std::vector<double>>;

/// Any, and what is special: the same again, a multiple, one that is near, one that points the other way, positions
/// that are zero, all zero, constant.
Samples samples_of(std::mt19937_64& random, const Program& p) {
  const auto channels = static_cast<std::size_t>(p.input_size);
  const auto size = static_cast<int>(kernel_ir::position_count(p.input_positions) * p.input_size);
  Samples result;
  for (int i = 0; i < 3; ++i) result.push_back(test::random_vector(random, size));
  const std::vector<double> x = result[0];
  result.push_back(x);
  const auto changed = [&](auto change) {
    std::vector<double>& y = result.emplace_back(x);
    for (std::size_t k = 0; k < y.size(); ++k) y[k] = change(y[k], k);
  };
  changed([](double v, std::size_t) { return 2.5 * v; });
  changed([](double v, std::size_t k) { return v * (1 + 1e-7 * static_cast<double>(k % 3)); });
  changed([](double v, std::size_t) { return -v; });
  changed([&](double v, std::size_t k) { return k < 2 * channels ? 0 : v; });
  changed([](double, std::size_t) { return 0; });
  changed([](double, std::size_t) { return 0.75; });
  return result;
}

/// The values at (x, x') of each root, and the largest at (x, x).
struct Expected {
  std::vector<std::vector<std::vector<std::vector<Quad>>>> values;  // of rows, samples, roots
  std::vector<std::vector<double>> own;                             // of samples, roots
};

Expected expect(const Program& program, const Samples& samples, const std::vector<std::size_t>& rows) {
  const auto positions = static_cast<std::size_t>(kernel_ir::position_count(program.input_positions));
  const auto at = [&](std::size_t i, std::size_t j) {
    return kernel_ir::interpret(program, kernel_ir::input_covariances(samples[i], samples[j], positions));
  };
  Expected result;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::vector<double>& own = result.own.emplace_back();
    for (const auto& values : at(i, i)) {
      double largest = 0;
      for (const Quad value : values) largest = std::max(largest, static_cast<double>(fabsq(value)));
      own.push_back(largest);
    }
  }
  for (const std::size_t i : rows) {
    auto& of_row = result.values.emplace_back();
    for (std::size_t j = 0; j < samples.size(); ++j) of_row.push_back(at(i, j));
  }
  return result;
}

/// The largest error at pairs of samples, relative to the largest entries at (x, x) and (y, y).
template <typename T>
double worst_error(const Program& program, const KernelFunctions& kernel, const Samples& samples,
                   const std::vector<std::size_t>& rows, const Expected& expected) {
  double worst = 0;
  for (std::size_t root = 0; root < program.roots.size(); ++root) {
    const KernelStack& stack = *kernel.find(program.roots[root].name);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::vector<double>& x = samples[rows[row]];
      const auto actual = kernel.wide_tables ? test::evaluate_positions<T, double>(kernel, stack, x, samples)
                                             : test::evaluate_positions<T>(kernel, stack, x, samples);
      for (std::size_t j = 0; j < samples.size(); ++j) {
        const auto& right = expected.values[row][j][root];
        const double scale = std::max(expected.own[rows[row]][root], expected.own[j][root]);
        REQUIRE(right.size() == actual[j].size());
        for (std::size_t n = 0; n < right.size(); ++n) {
          const double difference = std::fabs(actual[j][n] - static_cast<double>(right[n]));
          const double error = scale == 0 ? difference : difference / scale;
          if (!(error <= worst)) worst = std::isnan(error) ? 1e300 : error;
        }
      }
    }
  }
  return worst;
}

/// Whether an activation comes behind a congruent map, as of pooling: docs/numerics.md says what near pairs lose
/// there.
bool activates_pooled(const Program& program) {
  std::vector<bool> is_pooled(program.size(), false);
  bool found = false;
  for (int round = 0; round < 2; ++round) {  // a second time round loops
    for (NodeId id = 0; id < program.size(); ++id) {
      const kernel_ir::Node& node = program[id];
      if (node.operation == Operation::congruent) is_pooled[id] = true;
      for (const NodeId operand : node.operands) is_pooled[id] = is_pooled[id] || is_pooled[operand];
      if (node.operation == Operation::loop) {
        for (const NodeId result : program.body(node).results)
          is_pooled[id] = is_pooled[id] || is_pooled[result];
      }
      if (node.operation == Operation::loop_argument)
        is_pooled[id] = is_pooled[id] || is_pooled[program.regions()[node.region].loop];
      found = found || (node.operation == Operation::dual && is_pooled[node.operands[0]]);
    }
  }
  return found;
}

const std::vector<std::vector<std::string>> activation_sets = {
    {test::relu}, {"erf(z)"}, {test::relu, "erf(z)", test::gelu, "sin(z)", "cos(z)"}};

/// Bounds of the error: of networks that activate what was pooled, and of others.
void sweep(bool f32, double bound, double bound_pooled) {
  std::mt19937_64 random(20261201);
  for (const auto& activations : activation_sets) {
    double worst[2] = {0, 0};
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      CAPTURE(seed);
      const Program program =
          SpatialNetwork(seed, activations).build(1 + static_cast<int>(seed % 4), seed % 5 == 4 ? 1 : 3);
      const Samples samples = samples_of(random, program);
      const std::vector<std::size_t> rows = {0, samples.size() - 3};
      const Expected expected = expect(program, samples, rows);
      const bool is_pooled = activates_pooled(program);
      for (const bool in_slices : {false, true}) {
        CAPTURE(in_slices);
        const KernelFunctions kernel =
            jit::compile(passes::run(program), {.f32 = f32, .in_slices = in_slices});
        const double error = f32 ? worst_error<float>(program, kernel, samples, rows, expected)
                                 : worst_error<double>(program, kernel, samples, rows, expected);
        CHECK(error < (is_pooled ? bound_pooled : bound));
        worst[is_pooled ? 1 : 0] = std::max(worst[is_pooled ? 1 : 0], error);
      }
    }
    MESSAGE("worst error, " << activations.back() << ": " << worst[0] << ", pooled before activations "
                            << worst[1]);
  }
}

}  // namespace

TEST_CASE("f64 machine code over positions agrees with the interpreter") { sweep(false, 1e-13, 2e-8); }
TEST_CASE("f32 machine code over positions agrees with the interpreter") { sweep(true, 4e-6, 4e-4); }
