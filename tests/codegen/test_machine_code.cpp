// Machine code against the interpreter: element type × vector width × random networks × pairs of inputs.
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <map>

#include "compiler/codegen/emit.hpp"
#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using kernel_ir::Program;

namespace {

struct ActivationSet {
  const char* name;
  std::vector<std::string> activations;
};

const std::vector<ActivationSet> activation_sets = {
    {"piecewise linear", {test::piecewise_linear_activation}},
    {"erf", {"erf(z)"}},
    {"gelu", {test::gelu}},
    {"sin", {"sin(z)"}},
    {"cos", {"cos(z)"}},
    {"mixed", {test::piecewise_linear_activation, "erf(z)", test::gelu, "sin(z)", "cos(z)"}}};

/// The largest error of Σ and Θ in units of 4ε per layer times the product of max(1, χ), ε = 2⁻⁵² or 2⁻²³.
template <typename T>
double worst_error(const std::vector<test::Step>& steps, int size, const std::vector<test::InputPair>& pairs,
                   jit::JitOptions options) {
  const Program program = test::build(steps, size);
  constexpr bool f32 = std::is_same_v<T, float>;
  options.f32 = f32;
  const KernelFunctions kernel = jit::compile(passes::run(program), options);
  double worst = 0;
  for (const auto& pair : pairs) {
    const auto input = kernel_ir::input_covariance(pair.x, pair.y);
    const auto expected = test::interpret_pair(program, pair);
    const auto a = test::error_growth(steps, input.first);
    const auto b = test::error_growth(steps, input.second);
    const double unit = 4 * (f32 ? 0x1p-23 : 0x1p-52) * a.layers * std::max(a.gain, b.gain);
    for (std::size_t i = 0; i < 2; ++i) {
      const double value = test::evaluate<T>(kernel, i == 0 ? KernelKind::sigma : KernelKind::theta, input);
      const double scale = test::kernel_scale(expected, i);
      const double error = std::fabs(value - static_cast<double>(expected.xy[i])) / (unit * scale);
      if (!(error <= 1)) {
        MESSAGE(pair.kind << " lanes " << options.lanes << " root " << i << " error " << error
                          << " of the bound, value " << value << " scale " << scale);
      }
      worst = test::larger_error(worst, error);
    }
  }
  return worst;
}

/// Networks × widths of value, on vector registers of `register_bits`.
template <typename T>
void sweep(int register_bits, int networks) {
  if (register_bits > jit::host().register_bits) {
    MESSAGE("skipped: this processor has no " << register_bits << "-bit vectors");
    return;
  }
  std::mt19937_64 random(7);
  const int widths[] = {2, 4, 8, 16, 32};
  for (const auto& set : activation_sets) {
    double worst = 0;
    for (int network = 0; network < networks; ++network) {
      const int size = 1 + network % 5;
      const auto steps = test::random_steps(random, 1 + network % 6, set.activations);
      worst = test::larger_error(
          worst, worst_error<T>(steps, size, test::input_pairs(random, size),
                                {.lanes = widths[network % 5], .register_bits = register_bits}));
    }
    MESSAGE(std::string(set.name) << ": worst error " << worst
                                  << " of 4 epsilon a layer times the product of max(1, chi)");
    CHECK(worst <= 1);
  }
}

}  // namespace

TEST_CASE("f64 machine code agrees with the interpreter on SSE2") { sweep<double>(128, 10); }
TEST_CASE("f64 machine code agrees with the interpreter on AVX2") { sweep<double>(256, 10); }
TEST_CASE("f64 machine code agrees with the interpreter on AVX-512") { sweep<double>(512, 10); }
TEST_CASE("f32 machine code agrees with the interpreter on SSE2") { sweep<float>(128, 10); }
TEST_CASE("f32 machine code agrees with the interpreter on AVX2") { sweep<float>(256, 10); }
TEST_CASE("f32 machine code agrees with the interpreter on AVX-512") { sweep<float>(512, 10); }

TEST_CASE("results do not depend on the width of a value") {
  std::mt19937_64 random(13);
  const auto steps = test::random_steps(random, 5, activation_sets.back().activations);
  const Program program = passes::run(test::build(steps, 4));
  const auto pairs = test::input_pairs(random, 4);
  const KernelFunctions reference = jit::compile(program, {.lanes = 2});
  for (const int lanes : {4, 8, 16, 32, 64}) {
    const KernelFunctions kernel = jit::compile(program, {.lanes = lanes});
    for (const auto& pair : pairs) {
      const auto input = kernel_ir::input_covariance(pair.x, pair.y);
      CHECK(test::evaluate<double>(kernel, KernelKind::theta, input) ==
            test::evaluate<double>(reference, KernelKind::theta, input));
    }
  }
}

TEST_CASE("the result is right with every optional pass switched off") {
  std::mt19937_64 random(17);
  const auto steps = test::random_steps(random, 5, activation_sets.back().activations);
  const Program program = test::build(steps, 4);
  const auto pairs = test::input_pairs(random, 4);
  for (const auto& pass : passes::pipeline()) {
    if (pass.required) continue;
    CAPTURE(pass.name);
    const KernelFunctions kernel =
        jit::compile(passes::run(program, {{std::string(pass.name)}, nullptr}), {.lanes = 8});
    for (const auto& pair : pairs) {
      const auto expected = test::interpret_pair(program, pair);
      const double value =
          test::evaluate<double>(kernel, KernelKind::theta, kernel_ir::input_covariance(pair.x, pair.y));
      CHECK(std::fabs(value - static_cast<double>(expected.xy[1])) <=
            1e-13 * test::kernel_scale(expected, 1));
    }
  }
}

namespace {

/// A tile of three rows whose samples differ, as arguments and as rows evaluated one at a time.
struct Tile {
  static constexpr std::int64_t rows = 3;
  static constexpr std::int64_t columns = 2 * lane_padding;
  static constexpr std::int64_t stride = columns + 16;

  explicit Tile(const KernelFunctions& kernel) : tables(test::sample_table<double>(kernel, self())) {
    for (std::int64_t i = 0; i < rows * stride; ++i)
      half_complements.push_back(static_cast<double>(i * 7919 % 4096 - 2048) / 4096);
  }
  static std::vector<double> self() {
    std::vector<double> values;
    for (std::int64_t j = 0; j < columns; ++j) values.push_back(0.5 + static_cast<double>(j) / columns);
    return values;
  }
  [[nodiscard]] PairArguments arguments(double* result, std::int64_t result_stride) const {
    return {.rows = rows,
            .columns = columns,
            .half_complement = half_complements.data(),
            .half_complement_stride = stride,
            .row_table = tables.data(),
            .row_table_stride = columns,
            .column_table = tables.data(),
            .column_table_stride = columns,
            .result = result,
            .result_stride = result_stride};
  }
  /// The kernel at (i, j).
  [[nodiscard]] double expected(const KernelStack& stack, std::int64_t i, std::int64_t j) const {
    PairArguments one = arguments(nullptr, 0);
    std::vector<double> row(columns);
    one.rows = 1;
    one.half_complement = half_complements.data() + i * stride;
    one.row_table = tables.data() + i;
    one.result = row.data();
    stack.pair(&one);
    return row[static_cast<std::size_t>(j)];
  }

  std::vector<double> tables;
  std::vector<double> half_complements;
};

KernelFunctions relu_kernel() {
  return jit::compile(passes::run(test::build({{{1.5, 0.1, test::relu}, 2}}, 4)), {});
}

}  // namespace

TEST_CASE("a tile has the strides that its arguments say, and may take the place of the half complements") {
  const KernelFunctions kernel = relu_kernel();
  const KernelStack& theta = *kernel.find(KernelKind::theta);
  const Tile tile(kernel);
  constexpr std::int64_t result_stride = Tile::columns + 8;
  std::vector<double> result(Tile::rows * result_stride, -7.0);
  const PairArguments apart = tile.arguments(result.data(), result_stride);
  theta.pair(&apart);
  Tile in_place = tile;
  const PairArguments same = in_place.arguments(in_place.half_complements.data(), Tile::stride);
  theta.pair(&same);
  int wrong = 0;
  for (std::int64_t i = 0; i < Tile::rows; ++i) {
    for (std::int64_t j = 0; j < result_stride; ++j) {
      const double value = result[static_cast<std::size_t>(i * result_stride + j)];
      const double expected = j < Tile::columns ? tile.expected(theta, i, j) : -7.0;
      wrong += static_cast<int>(value != expected);
      if (j < Tile::columns)
        wrong += static_cast<int>(in_place.half_complements[static_cast<std::size_t>(i * Tile::stride + j)] !=
                                  expected);
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("a kernel of vectors reads no argument behind the strides of table and result") {
  const KernelFunctions kernel = relu_kernel();
  const KernelStack& theta = *kernel.find(KernelKind::theta);
  const Tile tile(kernel);
  std::vector<double> result(Tile::rows * Tile::stride);
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  auto* memory = static_cast<std::byte*>(
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE((memory != MAP_FAILED));
  REQUIRE(mprotect(memory + page, page, PROT_NONE) == 0);
  // The first `known` bytes of the arguments, of a caller that knows no more; behind them nothing can be
  // read.
  const auto shortened = [&](auto arguments, std::size_t known) {
    arguments.size = static_cast<std::int64_t>(known);
    std::byte* place = memory + page - known;
    std::memcpy(place, &arguments, known);
    return reinterpret_cast<const decltype(arguments)*>(place);
  };
  const std::vector<double> self = Tile::self();
  std::vector<double> table(tile.tables.size());
  const SampleArguments sample{
      .count = Tile::columns, .self = self.data(), .table = table.data(), .table_stride = Tile::columns};
  kernel.sample(shortened(sample, offsetof(SampleArguments, position_stride)));
  CHECK(table == tile.tables);
  theta.pair(shortened(tile.arguments(result.data(), Tile::stride), offsetof(PairArguments, row_inputs)));
  CHECK(result[Tile::stride + 5] == tile.expected(theta, 1, 5));
  munmap(memory, 2 * page);
}

TEST_CASE("a processor that is not there is refused") {
  CHECK_THROWS_WITH_AS(jit::machine_for({.register_bits = 96}),
                       "vector registers have 128, 256 or 512 bits, not 96", std::invalid_argument);
}
