// Values with positions and the maps between positions.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <random>
#include <stdexcept>

#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "tests/support/spatial_networks.hpp"

using namespace ntkc::kernel_ir;
using ntkc::test::same_window;
using ntkc::test::SpatialNetwork;

namespace {

/// An input of 4 positions and 2 channels with its usual values at hand.
struct Case {
  Case() {
    p.name = "positions";
    p.input_size = 2;
    p.input_positions = {4};
    c = p.input_cross(Space::full);
    all = p.input_self(Space::full);
    q = p.input_self(Space::diagonal);
    t = p.cross(c);
  }
  Program p;
  NodeId c = 0;
  NodeId all = 0;
  NodeId q = 0;
  NodeId t = 0;
  Coupled conv = {{{.size = 3, .low = 1, .high = 1}}, false};
  Congruent pool = {{Window{.size = 2, .stride = 2}}, std::nullopt, false};
};

std::vector<std::int64_t> read(const Window& window, std::int64_t inputs) {
  std::vector<std::int64_t> result;
  for (const auto& of_output : taps({{window}, false}, {inputs}))
    result.insert(result.end(), of_output.begin(), of_output.end());
  return result;
}

InputCovariances random_inputs(std::uint64_t seed, const Program& p) {
  std::mt19937_64 random(seed);
  const auto positions = static_cast<std::size_t>(position_count(p.input_positions));
  const int size = static_cast<int>(positions) * static_cast<int>(p.input_size);
  const auto x = ntkc::test::random_vector(random, size);
  return input_covariances(x, ntkc::test::random_vector(random, size), positions);
}

}  // namespace

TEST_CASE("windows read what convolutions and poolings read") {
  constexpr std::int64_t o = outside;
  CHECK(read({.size = 2}, 4) == std::vector<std::int64_t>{0, 1, 1, 2, 2, 3});  // valid
  CHECK(read({.size = 3, .low = 1, .high = 1}, 3) == std::vector<std::int64_t>{o, 0, 1, 0, 1, 2, 1, 2, o});
  CHECK(read({.size = 3, .low = 1, .high = 1, .circular = true}, 3) ==
        std::vector<std::int64_t>{2, 0, 1, 0, 1, 2, 1, 2, 0});
  CHECK(read({.size = 2, .stride = 2, .high = 1}, 3) == std::vector<std::int64_t>{0, 1, 2, o});
  CHECK(read({.size = 2, .dilation = 2}, 4) == std::vector<std::int64_t>{0, 2, 1, 3});
  // Transposed, stride 2: entry i stands at place 2i.
  CHECK(read({.size = 2, .base_dilation = 2, .low = 1, .high = 1}, 2) ==
        std::vector<std::int64_t>{o, 0, 0, o, o, 1, 1, o});
  CHECK(read({.low = -1, .high = -1}, 4) == std::vector<std::int64_t>{1, 2});         // a slice
  CHECK(read({.low = 1, .high = 2}, 2) == std::vector<std::int64_t>{o, 0, 1, o, o});  // an embedding
  CHECK(read({.size = 5, .low = 4, .high = 0, .circular = true}, 2) ==
        std::vector<std::int64_t>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1});
}

TEST_CASE("coupled and congruent maps are what their definitions say, in two dimensions") {
  Program p;
  p.input_size = 2;
  p.input_positions = {2, 3};
  const NodeId t = p.cross(p.input_cross(Space::full));
  const Coupled conv = {{{.size = 2, .high = 1}, {.size = 3, .stride = 2, .low = 1, .high = 1}}, false};
  const Congruent pool = {
      {Window{.size = 2}, PositionMatrix{3, {{{0, 0.5}, {2, -2}}, {{1, 3}}}}}, std::nullopt, false};
  p.roots = {{"Coupled", p.coupled(t, conv)},
             {"Congruent", p.congruent(t, pool)},
             {"Diagonal", p.diagonal(p.congruent(t, pool))},
             {"Flat", p.coupled(t, ntkc::test::flatten({2, 3}))},
             {"Pooled", p.congruent(t, ntkc::test::global_pool({2, 3}))}};
  REQUIRE(verify(p) == "");
  const InputCovariances input = random_inputs(1, p);
  const auto values = interpret(p, input);
  const auto sigma = [&](int i, int j, int k, int l) {  // 0 outside
    const bool inside = i >= 0 && i < 2 && k >= 0 && k < 2 && j >= 0 && j < 3 && l >= 0 && l < 3;
    return inside ? input.cross[static_cast<std::size_t>((3 * i + j) * 6 + 3 * k + l)] : Quad(0);
  };
  REQUIRE(values[0].size() == 16);
  REQUIRE(values[1].size() == 4);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      for (int k = 0; k < 2; ++k) {
        for (int l = 0; l < 2; ++l) {
          Quad expected = 0;
          for (int s = 0; s < 2; ++s)
            for (int t2 = 0; t2 < 3; ++t2)
              expected += sigma(i + s, 2 * j + t2 - 1, k + s, 2 * l + t2 - 1) / 6;
          const Quad actual = values[0][static_cast<std::size_t>((2 * i + j) * 4 + 2 * k + l)];
          CHECK(fabsq(actual - expected) < 1e-32);
        }
      }
    }
  }
  const auto pooled = [&](int j, int k, int l, int m) {  // rows 0 and 1 averaged, columns j and l taken
    static_cast<void>(k);
    static_cast<void>(m);
    return (sigma(0, j, 0, l) + sigma(0, j, 1, l) + sigma(1, j, 0, l) + sigma(1, j, 1, l)) / 4;
  };
  const Quad matrix[2][3] = {{0.5, 0, -2}, {0, 3, 0}};
  for (std::size_t j = 0; j < 2; ++j) {
    for (std::size_t l = 0; l < 2; ++l) {
      Quad expected = 0;
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b) expected += matrix[j][a] * matrix[l][b] * pooled(a, 0, b, 0);
      CHECK(fabsq(values[1][2 * j + l] - expected) < 1e-31);
      if (j == l) CHECK(values[2][j] == values[1][3 * j]);
    }
  }
  Quad trace = 0;
  Quad sum = 0;
  for (std::size_t i = 0; i < 36; ++i) {
    sum += input.cross[i] / 36;
    if (i % 7 == 0) trace += input.cross[i] / 6;
  }
  CHECK(fabsq(values[3][0] - trace) < 1e-32);
  CHECK(fabsq(values[4][0] - sum) < 1e-32);
}

TEST_CASE("a product of taps is Σ of the products of the differences") {
  Case x;
  const NodeId root = x.p.square_root(x.q);
  const NodeId out = x.p.square_root(x.p.coupled(x.q, x.conv));
  const NodeId a = x.p.first(root);
  const NodeId b = x.p.second(root);
  const NodeId product = x.p.real(
      Operation::tap_product, {a, x.p.first(out), b, x.p.second(out), a, x.p.literal(1), b, x.p.literal(2)},
      x.conv, {Space::full, 0});
  x.p.roots = {{"Product", product}};
  REQUIRE(verify(x.p) == "");
  const InputCovariances input = random_inputs(2, x.p);
  const std::vector<Quad> values = interpret(x.p, input)[0];
  const auto q = [&](const std::vector<Quad>& of, std::size_t p) { return p < 4 ? of[5 * p] : Quad(0); };
  const auto deviation = [&](const std::vector<Quad>& of, std::size_t p) {
    return sqrtq((q(of, p - 1) + q(of, p) + q(of, p + 1)) / 3);
  };
  for (std::size_t p = 0; p < 4; ++p) {
    for (std::size_t r = 0; r < 4; ++r) {
      Quad expected = 0;
      for (std::size_t t = 0; t < 3; ++t) {
        const Quad first = sqrtq(q(input.first, p + t - 1));
        const Quad second = sqrtq(q(input.second, r + t - 1));
        expected += (deviation(input.first, p) * first - deviation(input.second, r) * second) *
                    (first - 2 * second) / 3;
      }
      CHECK(fabsq(values[4 * p + r] - expected) < 1e-32);
    }
  }
}

TEST_CASE("arithmetic on rows and columns is done once per position, and what moves values only is no node") {
  Case x;
  Program& p = x.p;
  const NodeId root = p.square_root(x.q);
  const NodeId rows = p.apply(Operation::rows, {p.first(root)});
  const NodeId columns = p.apply(Operation::columns, {p.second(root)});
  CHECK(p[rows].place.space == Space::full);
  CHECK(p.apply(Operation::first, {p.apply(Operation::rows, {root})}) == rows);
  CHECK(p.square(rows) == p.apply(Operation::rows, {p.first(p.square(root))}));
  CHECK(p.add(columns, p.literal(1)) == p.apply(Operation::columns, {p.second(p.add(root, p.literal(1)))}));
  const NodeId product = p.multiply(rows, columns);
  CHECK(p[product].operation == Operation::multiply);
  CHECK(p[product].place == p[x.t].place);
  CHECK(p.diagonal(rows) == p.first(root));
  CHECK(p.diagonal(p.first(root)) == p.first(root));
  CHECK(p.diagonal(p.literal(2)) == p.literal(2));
  CHECK(p[p.diagonal(product)].place.space == Space::diagonal);
  CHECK(p.diagonal(x.all) == x.q);
  CHECK(p[p.congruent(x.t, x.pool)].place == p.place(Space::full, {2}));
  CHECK(p.diagonal(p.congruent(x.t, x.pool)) == p.congruent(x.t, x.pool, Space::diagonal));
  CHECK(p.coupled(x.t, {{{.size = 4}}, true}) == p.coupled(p.diagonal(x.t), {{{.size = 4}}, true}));
  CHECK(p[p.coupled(x.t, {{{.size = 4}}, true})].place == Place{});
  // Equal maps are one attribute.
  CHECK(p.coupled(x.t, x.conv) == p.coupled(x.t, Coupled(x.conv)));
  CHECK(p.coupled(x.t, x.conv) !=
        p.coupled(x.t, {{{.size = 3, .low = 1, .high = 1, .circular = true}}, false}));
}

TEST_CASE("a covariance at positions carries that of one input at the same, and that its diagonal") {
  Case x;
  Program& p = x.p;
  const NodeId erf = p.real(Operation::erf, {p.variable()});
  CHECK(p[x.c].self == x.all);
  CHECK(p[x.all].self == x.q);
  CHECK(p.variance(x.c) == x.q);
  const NodeId coupled = p.add(p.multiply(p.coupled(x.c, x.conv), p.literal(2)), p.literal(0.25));
  CHECK(p.variance(coupled) == p.add(p.multiply(p.coupled(x.q, x.conv), p.literal(2)), p.literal(0.25)));
  const NodeId dual = p.dual(coupled, erf);
  CHECK(p[dual].self == p.dual(p[coupled].self, erf));
  CHECK(p.variance(dual) == p.dual(p.variance(coupled), erf));
  const NodeId pooled = p.congruent(dual, x.pool);
  CHECK(p[pooled].self == p.congruent(p[dual].self, x.pool));
  CHECK(p.variance(pooled) == p.congruent(p[dual].self, x.pool, Space::diagonal));
  CHECK(p[p.diagonal(pooled)].self == p.variance(pooled));
  CHECK(p[p.diagonal(dual)].type == Type::covariance);
  const NodeId flat = p.coupled(dual, {{{.size = 4}}, true});
  CHECK(p[flat].self == p.coupled(p.variance(dual), {{{.size = 4}}, true}));
  CHECK(p[p.congruent(dual, ntkc::test::global_pool({4}))].place == Place{});
  CHECK(verify(p) == "");
}

TEST_CASE("wrong spaces, positions and maps are refused") {
  const auto violation = [](auto build) {
    Case x;
    build(x);
    const std::string text = verify(x.p);
    return text.substr(text.find(": ") == std::string::npos ? 0 : text.find(": ") + 2);
  };
  CHECK(violation([](Case&) {}) == "");
  CHECK(violation([](Case& x) { x.p.add(x.t, x.p.cross(x.p.coupled(x.c, {{{.size = 2}}, false}))); }) ==
        "operand 7 is at other positions");
  CHECK(violation([](Case& x) { x.p.add(x.t, x.p.diagonal(x.t)); }) == "operand 4 is at other positions");
  CHECK(violation([](Case& x) { x.p.apply(Operation::rows, {x.t}); }) == "takes a value on the diagonal");
  CHECK(violation([](Case& x) { x.p.coupled(x.p.literal(1), x.conv); }) ==
        "takes a value on the diagonal, or over all pairs if it does not go to a point");
  CHECK(violation([](Case& x) { x.p.coupled(x.t, {{{.size = 9}}, false}); }) ==
        "a window does not fit into its inputs");
  CHECK(violation([](Case& x) { x.p.coupled(x.t, {{{}, {}}, false}); }) == "has 2 windows for 1 dimensions");
  CHECK(violation([](Case& x) { x.p.coupled(x.t, {{{.stride = 0}}, false}); }) ==
        "a window has 0, not 1 to 16777216");
  CHECK(violation([](Case& x) { x.p.coupled(x.p.diagonal(x.t), {{{.size = 3}}, true}); }) ==
        "goes to a point but has more than one output");
  CHECK(violation([](Case& x) { x.p.congruent(x.p.diagonal(x.t), x.pool); }) ==
        "takes a value over all pairs of positions");
  CHECK(violation([](Case& x) { x.p.congruent(x.t, {{PositionMatrix{3, {{}}}}, std::nullopt, false}); }) ==
        "a matrix has 3 columns, not 4");
  CHECK(violation([](Case& x) {
          x.p.congruent(x.t, {{PositionMatrix{4, {{{2, 1}, {1, 1}}}}}, std::nullopt, false});
        }) == "the columns of a matrix are not in ascending order and range");
  CHECK(violation([](Case& x) { x.p.congruent(x.t, {{PositionMatrix{4, {{}}}}, Extents{2}, false}); }) ==
        "its matrix does not have a row for each output");
  CHECK(violation([](Case& x) { x.p.real(Operation::coupled, {x.t}); }) ==
        "does not have the attribute that it needs");
  CHECK(violation([](Case& x) { x.p.real(Operation::exp, {x.t}, Domain{0.5}); }) ==
        "does not have the attribute that it needs");
  CHECK(violation([](Case& x) { x.p.trainable(x.c, x.p.literal(1)); }) == "its seed is at other positions");
  CHECK(violation([](Case& x) { x.p.broadcast(x.t, x.p.place(Space::full, {2})); }) == "takes one number");
  CHECK(violation([](Case& x) {
          x.p.dual(x.c, x.p.broadcast(x.p.literal(1), x.p.place(Space::full, {4})));
        }) == "operand 5 is not a function");
  CHECK(violation([](Case& x) { x.p.input_cross(); }) == "its positions are not those of the input");
  CHECK(violation([](Case& x) {
          x.p.begin_loop({{x.c, Dependence::pair, Carried::no_self}}, 2);
          const NodeId argument = x.p.regions()[1].arguments[0];
          x.p.end_loop({argument});
        }) == "its self covariance does not precede it");
  CHECK(violation([](Case& x) {
          x.p.begin_loop({{x.t, Dependence::pair, Carried::no_self}}, 2);
          x.p.end_loop({x.p.diagonal(x.p.regions()[1].arguments[0])});
        }) == "result 0 is of another kind than its argument");
}

TEST_CASE("the text form says spaces, positions and maps") {
  Case x;
  Program& p = x.p;
  const NodeId relu = p.real(Operation::maximum, {p.variable(), p.literal(0)});
  const NodeId c = p.dual(p.add(p.coupled(x.c, x.conv), p.literal(0.5)), relu);
  const NodeId pooled = p.congruent(c, x.pool);
  const Congruent resize = {{PositionMatrix{2, {{{0, 0.5}, {1, -1.5}}, {}}}}, Extents{2, 1}, false};
  const NodeId resized = p.congruent(p.cross(pooled), resize, Space::diagonal);
  const NodeId root = p.square_root(x.q);
  p.roots = {{"Sigma", p.coupled(pooled, {{{.size = 2}}, true})},
             {"Theta", p.multiply(p.apply(Operation::rows, {p.first(root)}),
                                  p.multiply(p.apply(Operation::columns, {p.second(root)}), x.t))},
             {"Resized", p.add(resized, p.broadcast(p.literal(2), p.place(Space::diagonal, {2, 1})))}};
  REQUIRE(verify(p) == "");
  CHECK(print(p) == R"(kernel positions
  input vector(2) at 4

  q0 = |x[p]|^2/2
  c0 = x[p].x'[p']/2
  f1(z) = max(z, 0)
  q1 = coupled(q0; 3 low 1 high 1) + 0.5
  c1 = coupled(c0; 3 low 1 high 1) + 0.5
  c2 = dual(f1; q1, q1', c1)
  c3 = congruent(c2; 2 stride 2)
  t1 = diagonal(congruent(c3; matrix 2 [0 0.5, 1 -1.5] [] giving 2 x 1))
  s1 = sqrt(q0)
  c4 = coupled(diagonal(congruent(c2; 2 stride 2)); 2 to point)
  t2 = c0*s1'[p']*s1[p]
  t3 = t1 + broadcast(2; diagonal 2 x 1)
  Sigma = c4
  Theta = t2
  Resized = t3
)");
}

TEST_CASE("random networks over positions verify, print, parse and evaluate the same") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const Program program =
        SpatialNetwork(seed, {"erf(z)", "sin(z)", ntkc::test::relu}).build(1 + static_cast<int>(seed % 4));
    REQUIRE(verify(program) == "");
    const std::string text = print(program);
    INFO(text);
    const Program parsed = parse(text);
    REQUIRE(print(parsed) == text);
    CHECK(parsed.input_positions == program.input_positions);
    const InputCovariances input = random_inputs(seed, program);
    const auto expected = interpret(program, input);
    const auto values = interpret(parsed, input);
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      REQUIRE(values[i].size() == expected[i].size());
      for (std::size_t k = 0; k < values[i].size(); ++k) CHECK(fabsq(values[i][k] - expected[i][k]) < 1e-28);
    }
  }
}

TEST_CASE("each operation on positions is read back as it is written") {
  Case x;
  Program& p = x.p;
  const NodeId root = p.square_root(x.q);
  const NodeId own = p.multiply(p.apply(Operation::rows, {root}), p.apply(Operation::columns, {root}));
  const NodeId z = p.apply(Operation::input_self_complement, {}, {}, p.input_place(Space::full));
  const NodeId zbar = p.apply(Operation::input_self_cocomplement, {}, {}, p.input_place(Space::full));
  const NodeId s = p.diagonal(p.multiply(own, p.subtract(zbar, z)));
  const NodeId a = p.first(root);
  const NodeId b = p.second(s);
  const NodeId taps = p.real(Operation::tap_product, {a, b, b, a, b, p.literal(2), a, p.literal(1)}, x.conv,
                             {Space::full, 0});
  const NodeId pair = p.apply(Operation::input_complement, {}, {}, p.input_place(Space::full));
  const NodeId on_diagonal = p.apply(Operation::input_cocomplement, {}, {}, p.input_place(Space::diagonal));
  p.roots = {{"Taps", p.multiply(taps, pair)},
             {"Diagonal", p.multiply(p.diagonal(taps), on_diagonal)},
             {"Lines", p.apply(Operation::columns, {on_diagonal})},
             {"Number", p.broadcast(p.cross(p.congruent(x.c, ntkc::test::global_pool({4}))),
                                    p.place(Space::full, {2, 2}))}};
  const Place input = p.input_place(Space::full);
  p.roots.push_back({"Same", p.multiply(pair, p.identity(Dependence::pair, input))});
  p.roots.push_back({"Kept", p.cross(p.apply(Operation::dropout, {x.c, p.literal(0.75)}))});
  p.roots.push_back({"Own", p.first(p.diagonal(p.multiply(own, p.identity(Dependence::sample, input))))});
  REQUIRE(verify(p) == "");
  const std::string text = print(p);
  INFO(text);
  const Program parsed = parse(text);
  REQUIRE(print(parsed) == text);
  InputCovariances covariances = random_inputs(5, p);
  for (const bool is_same : {false, true}) {
    covariances.is_same = is_same;
    CHECK(interpret(parsed, covariances) == interpret(p, covariances));
  }
}
