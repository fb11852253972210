#include <doctest/doctest.h>
#include <quadmath.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "tests/support/functions.hpp"

using namespace ntkc::kernel_ir;

namespace {

double difference(Quad a, Quad b) { return static_cast<double>(fabsq(a - b)); }

/// `depth` hidden layers of relu with W_std = √2 between dense layers of W_std = 1.
Program relu_network(int depth, bool as_loop) {
  Program p;
  NodeId q = p.input_self();
  NodeId c = p.input_cross();
  NodeId t = p.cross(c);
  const NodeId relu = p.real(Operation::maximum, {p.variable(), p.literal(0)});
  const NodeId two = p.literal(2);
  const auto layer = [&] {
    const NodeId next = p.multiply(two, p.dual(c, relu));
    t = p.add(p.multiply(p.multiply(two, p.dual_derivative(c, relu)), t), p.cross(next));
    c = next;
    q = p[next].self;
  };
  if (as_loop) {
    const RegionId region = p.begin_loop({{q, Dependence::sample, Carried::no_self},
                                          {c, Dependence::pair, 0},
                                          {t, Dependence::pair, Carried::no_self}},
                                         depth);
    const std::vector<NodeId> arguments = p.regions()[region].arguments;
    c = arguments[1];
    t = arguments[2];
    layer();
    const std::vector<NodeId> results = p.end_loop({q, c, t});
    c = results[1];
    t = results[2];
  } else {
    for (int i = 0; i < depth; ++i) layer();
  }
  p.roots = {{"Sigma", c}, {"Theta", t}};
  REQUIRE(verify(p) == "");
  return p;
}

using RealFunction = std::function<long double(long double)>;

/// E[f(u)f(v)], (u, v) ~ N(0, [[q, c], [c, q2]]): trapezoidal rule, which converges geometrically for entire
/// functions.
long double expectation(const RealFunction& f, long double q, long double q2, long double c) {
  constexpr long double step = 0.125L;
  constexpr int points = 104;  // to 13 standard deviations
  const long double correlation = c / std::sqrt(q * q2);
  const long double rest = std::sqrt(1 - correlation * correlation);
  long double sum = 0;
  for (int i = -points; i <= points; ++i) {
    const long double x = i * step;
    long double inner = 0;
    for (int j = -points; j <= points; ++j) {
      const long double y = j * step;
      inner += std::exp(-(x * x + y * y) / 2) * f(std::sqrt(q2) * (correlation * x + rest * y));
    }
    sum += inner * f(std::sqrt(q) * x);
  }
  return sum * step * step / (2 * std::acos(-1.0L));
}

struct Dual {
  std::string phi;
  RealFunction function;
  RealFunction derivative;
};

const std::array<Dual, 4>& smooth_duals() {
  static const long double pi = std::acos(-1.0L);
  static const auto normal_cdf = [](long double t) { return std::erfc(-t / std::sqrt(2.0L)) / 2; };
  static const auto normal_pdf = [](long double t) { return std::exp(-t * t / 2) / std::sqrt(2 * pi); };
  static const std::array<Dual, 4> duals = {{
      {"erf(z)", [](long double t) { return std::erf(t); },
       [](long double t) { return 2 / std::sqrt(pi) * std::exp(-t * t); }},
      {"0.5*z*(1 + erf(z/sqrt(2)))", [](long double t) { return t * normal_cdf(t); },
       [](long double t) { return normal_cdf(t) + t * normal_pdf(t); }},
      {"sin(z)", [](long double t) { return std::sin(t); }, [](long double t) { return std::cos(t); }},
      {"cos(z)", [](long double t) { return std::cos(t); }, [](long double t) { return -std::sin(t); }},
  }};
  return duals;
}

constexpr std::array<std::array<double, 3>, 5> covariances = {
    {{1, 1, 0.5}, {2, 0.5, -0.75}, {0.25, 1.5, 0}, {1, 1, -1}, {3, 2, 2.25}}};

/// Functions that the interpreter has formulas for.
const std::vector<std::string> known = {ntkc::test::piecewise_linear("-0.25", "1.5"),
                                        "erf(z)",
                                        "1.5*erf(0.5*z) - 0.25",
                                        ntkc::test::gelu,
                                        "z*erf(2*z) - 0.5*z + 0.25*erf(2*z) + 0.125",
                                        "sin(z)",
                                        "cos(z)",
                                        "0.5 - 2*sin(1.5*z + 0.25)",
                                        "2*cos(0.75*z - 1)",
                                        "2*z - 3"};

}  // namespace

TEST_CASE("duals of smooth activations and of their derivatives agree with quadrature") {
  for (const Dual& dual : smooth_duals()) {
    CAPTURE(dual.phi);
    for (const auto& [q, q2, c] : covariances) {
      CAPTURE(c);
      const DualValue value = evaluate_dual(ntkc::test::parse_function(dual.phi).function(), q, q2, c);
      CHECK(difference(value.value, expectation(dual.function, q, q2, c)) < 1e-16);
      CHECK(difference(value.derivative, expectation(dual.derivative, q, q2, c)) < 1e-16);
    }
  }
}

TEST_CASE("the derivative of every dual is its derivative by the cross covariance") {
  for (const std::string& text : known) {
    CAPTURE(text);
    const Function phi = ntkc::test::parse_function(text).function();
    const Quad step = 1e-10;
    for (const auto& [q, q2, c] : covariances) {
      if (c * c == q * q2) continue;
      const Quad above = evaluate_dual(phi, q, q2, c + step).value;
      const Quad below = evaluate_dual(phi, q, q2, c - step).value;
      CHECK(difference((above - below) / (2 * step), evaluate_dual(phi, q, q2, c).derivative) < 1e-18);
    }
  }
}

TEST_CASE("formulas and quadrature agree to 23 digits (derivatives 21), kinks, jumps and |u| = 1 included") {
  // In two dimensions it is slow: a kink, a jump, an error function, a wave.
  const std::vector<std::string> planar = {known[0], "sign(z)", known[2], known[7]};
  std::vector<std::string> functions = known;
  functions.insert(functions.end(), {"sign(z)", "max(z, 0) + min(z, 0)"});
  for (const std::string& text : functions) {
    CAPTURE(text);
    const Function phi = ntkc::test::parse_function(text).function();
    for (const auto& [q, q2, c] : {std::array{1.0, 1.0, -1.0}, {0.25, 0.25, 0.25}, {0.5, 0.25, 0.25}}) {
      if (c * c != q * q2 && std::ranges::find(planar, text) == planar.end()) continue;

      CAPTURE(c);
      const DualValue value = evaluate_dual(phi, q, q2, c);
      const double scale = std::sqrt(static_cast<double>(evaluate_dual(phi, q, q, q).value) *
                                     static_cast<double>(evaluate_dual(phi, q2, q2, q2).value));
      CHECK(difference(value.value, integrate(phi, phi, Side::function, q, q2, c)) < 1e-23 * scale);
      CHECK(difference(value.derivative, integrate(phi, phi, Side::derivative, q, q2, c)) < 1e-21 * scale);
    }
  }
}

TEST_CASE("moments of two functions, by quadrature, have their values") {
  const auto moment = [](const std::string& f, const std::string& g, Quad q, Quad q2, Quad c) {
    return evaluate_moment(ntkc::test::parse_function(f).function(), ntkc::test::parse_function(g).function(),
                           q, q2, c);
  };
  // E[u v²·v] = 3cq', E[e^u] = e^(q/2), E[[u > 0] v] = c/√(2πq), E[(u - 1)₊] = φ(1) - (1 - Φ(1)) at q = 1
  CHECK(difference(moment("z", "z^3", 2, 3, 0.5), 4.5) < 1e-25);
  CHECK(difference(moment("exp(z)", "1", 2, 3, 0.5), expq(1)) < 1e-25);
  CHECK(difference(moment("select_less(0, z, 1, 0)", "z", 2, 3, 0.5), 0.5 / sqrtq(4 * acosq(Quad(-1)))) <
        1e-25);
  const Quad tail = erfcq(1 / sqrtq(Quad(2))) / 2;
  CHECK(difference(moment("1", "max(z - 1, 0)", 2, 1, 0.5),
                   expq(Quad(-0.5)) / sqrtq(2 * acosq(Quad(-1))) - tail) < 1e-25);
}

TEST_CASE("a moment at a constant variance is a constant") {
  const Program p = parse(
      "kernel k\n  parameter v = 3\n  input vector(2)\n\n  relu(z) = max(z, 0)\n  t(z) = exp(z/2)\n"
      "  k1 = moment(relu, relu; 1)\n  k2 = moment(erf, erf; v + 1)\n  k3 = moment(t, identity; v)\n"
      "  Sigma = k1\n  Theta = k2\n  Third = k3\n");
  REQUIRE(verify(p) == "");
  const std::vector<Quad> values = interpret(p, {1, 2, 0.5});
  CHECK(difference(values[0], 0.5) < 1e-30);
  // (2/π) asin(2q/(1 + 2q)); E[z e^(z/2)] = q/2 e^(q/8)
  CHECK(difference(values[1], 2 / acosq(Quad(-1)) * asinq(Quad(8) / 9)) < 1e-30);
  CHECK(difference(values[2], 1.5 * expq(Quad(3) / 8)) < 1e-24);
  CHECK(verify(parse(print(p))) == "");
}

TEST_CASE("the dual of a piecewise linear activation agrees with an integral over angles") {
  // u = √q r cos a, v = √q' r cos(a - θ): E[r²] = 2, and the mean over a by the midpoint rule, error O(h²)
  constexpr int points = 200000;
  const long double pi = std::acos(-1.0L);
  for (const auto& [alpha, beta] :
       {std::pair{0.0L, 1.0L}, {-1.0L, 1.0L}, {1.0L, 1.0L}, {0.125L, 1.0L}, {-0.5L, 2.0L}}) {
    const auto f = [&](long double t) { return t < 0 ? alpha * t : beta * t; };
    for (const auto& [q, q2, c] : covariances) {
      const long double theta =
          std::acos(static_cast<long double>(c) / std::sqrt(static_cast<long double>(q) * q2));
      long double sum = 0;
      for (int i = 0; i < points; ++i) {
        const long double a = 2 * pi * (i + 0.5L) / points;
        sum += f(std::cos(a)) * f(std::cos(a - theta));
      }
      const long double expected = 2 * std::sqrt(static_cast<long double>(q) * q2) * sum / points;
      const Function phi = ntkc::test::parse_function(
                               ntkc::test::piecewise_linear(std::to_string(alpha), std::to_string(beta)))
                               .function();
      CHECK(difference(evaluate_dual(phi, q, q2, c).value, expected) < 1e-8);
    }
  }
}

TEST_CASE("deep relu networks have the kernels of the arc-cosine recursion") {
  // Σ' = (√(1-u²) + u (π - acos u))/π, Θ' = Θ (π - acos u)/π + Σ' at |x|² = |x'|² = 1, evaluated with 40
  // digits
  struct Expected {
    double u;
    int depth;
    const char* sigma;
    const char* theta;
  };
  static constexpr Expected table[] = {
      {0, 1, "0.318309886183790671537767526745028724", "0.318309886183790671537767526745028724"},
      {0, 2, "0.493731090200371548498112000343426143", "0.685708636282942491743266810323835539"},
      {0, 3, "0.604825720112944546699701580204359524", "1.06038810680258303826298760310352473"},
      {-1, 1, "0.0", "0.0"},
      {-1, 2, "0.318309886183790671537767526745028724", "0.318309886183790671537767526745028724"},
      {-1, 3, "0.493731090200371548498112000343426143", "0.685708636282942491743266810323835539"},
      {1, 1, "1.0", "2.0"},
      {1, 2, "1.0", "3.0"},
      {1, 3, "1.0", "4.0"},
      {0.5, 1, "0.608997781044229358088996582489818054", "0.942331114377562691422329915823151387"},
      {0.5, 2, "0.683905650898705972359983791295347701", "1.35147956112348316308373420580134729"},
      {0.5, 3, "0.738128192301000523001959370369389165", "1.73784467921530902367442944171018276"},
  };
  for (const Expected& expected : table) {
    CAPTURE(expected.u);
    CAPTURE(expected.depth);
    for (const bool as_loop : {false, true}) {
      const std::vector<Quad> values = interpret(relu_network(expected.depth, as_loop), {1, 1, expected.u});
      CHECK(difference(values[0], strtoflt128(expected.sigma, nullptr)) < 1e-30);
      CHECK(difference(values[1], strtoflt128(expected.theta, nullptr)) < 1e-30);
    }
  }
}

TEST_CASE("a loop equals its unrolled body for inputs of any norm") {
  for (const InputCovariance& input :
       {InputCovariance{2, 0.5, 0.25}, InputCovariance{2, 2, 2}, InputCovariance{1, 4, -2},
        InputCovariance{0, 1, 0}, InputCovariance{0, 0, 0}}) {
    const std::vector<Quad> loop = interpret(relu_network(7, true), input);
    const std::vector<Quad> unrolled = interpret(relu_network(7, false), input);
    CHECK(loop[0] == unrolled[0]);
    CHECK(loop[1] == unrolled[1]);
  }
}

TEST_CASE("relu networks are homogeneous, and zero at a zero vector") {
  const Program program = relu_network(3, false);
  const std::vector<Quad> unit = interpret(program, {1, 1, 0.5});
  const std::vector<Quad> scaled = interpret(program, {4, 9, 3});
  for (std::size_t i = 0; i < unit.size(); ++i) CHECK(difference(6 * unit[i], scaled[i]) < 1e-31);
  const std::vector<Quad> zero = interpret(program, {0, 1, 0});
  CHECK(zero[0] == 0);
  CHECK(zero[1] == 0);
}

TEST_CASE("operations on reals have their values") {
  Program p;
  const NodeId t = p.cross(p.input_cross());
  const NodeId q = p.input_self();
  const NodeId half = p.literal(0.5);
  const auto root = [&](NodeId node) {
    p.roots.push_back({"R" + std::string(1, static_cast<char>('a' + p.roots.size())), node});
  };
  root(p.subtract(p.first(q), p.second(q)));                              // 2 - 8
  root(p.divide(p.square_root(p.multiply(p.first(q), p.second(q))), t));  // 4/1
  root(p.real(Operation::reciprocal_or_zero, {p.subtract(t, t)}));        // 1/0 is 0
  root(p.real(Operation::reciprocal_or_zero, {p.second(q)}));             // 1/8
  root(p.real(Operation::select_less, {t, p.first(q), half, t}));         // 1 < 2
  root(p.real(Operation::select_less, {p.first(q), t, half, t}));         // 2 < 1
  root(p.real(Operation::minimum, {t, half}));
  root(p.real(Operation::maximum, {t, half}));
  root(p.input_complement());    // (1 - 1/4)/2
  root(p.input_cocomplement());  // (1 + 1/4)/2
  root(p.real(Operation::power, {p.literal(2), p.literal(-3)}));
  root(p.real(Operation::abs, {p.literal(-3)}));
  root(p.real(Operation::sign, {p.literal(-3)}));
  root(p.real(Operation::sign, {p.literal(0)}));
  REQUIRE(verify(p) == "");
  constexpr double expected[] = {-6, 4, 0, 0.125, 0.5, 1, 0.5, 1, 0.375, 0.625, 0.125, 3, -1, 0};
  const std::vector<Quad> values = interpret(p, {2, 8, 1});
  REQUIRE(values.size() == std::size(expected));
  for (std::size_t i = 0; i < values.size(); ++i) CHECK(difference(values[i], expected[i]) < 1e-33);
}

TEST_CASE("arcsine_ratio and arccosine_ratio agree with their definitions and limits") {
  for (const Quad z : {Quad(0.5), Quad(0.25), Quad(0.01)}) {
    Program p;
    const NodeId complement = p.input_complement();
    p.roots = {{"P", p.real(Operation::arcsine_ratio, {complement}, Domain{0.5})},
               {"Q", p.real(Operation::arccosine_ratio, {complement}, Domain{0.5})}};
    const std::vector<Quad> values = interpret(p, {1, 1, 1 - 2 * z});
    const Quad s = sqrtq(z);
    const Quad theta = 2 * asinq(s);
    CHECK(difference(values[0], asinq(s) / s) < 1e-31);
    CHECK(difference(values[1], (sinq(theta) - theta * cosq(theta)) / (s * s * s)) < 1e-28);
  }
  Program p;
  p.roots = {{"P", p.real(Operation::arcsine_ratio, {p.input_complement()}, Domain{0.5})},
             {"Q", p.real(Operation::arccosine_ratio, {p.input_complement()}, Domain{0.5})}};
  const std::vector<Quad> values = interpret(p, {1, 1, 1});
  CHECK(values[0] == 1);
  CHECK(difference(values[1], Quad(8) / 3) < 1e-33);
}

namespace {

Quad normal(Operation operation, std::initializer_list<Quad> operands) {
  Program p;  // literals are doubles: what is not is given as the sum of two
  std::vector<NodeId> nodes;
  for (const Quad value : operands) {
    const auto high = static_cast<double>(value);
    nodes.push_back(p.add(p.literal(high), p.literal(static_cast<double>(value - high))));
  }
  p.roots = {{"P", p.real(operation, nodes)}};
  REQUIRE(verify(p) == "");
  CHECK(print(parse(print(p))) == print(p));
  return interpret(p, {1, 1, 1})[0];
}

}  // namespace

TEST_CASE("normal_tail and normal_orthant agree with their definitions and limits") {
  const auto tail = [](Quad x) { return normal(Operation::normal_tail, {x, 0}); };
  const auto orthant = [](Quad h, Quad k, Quad z) {
    return normal(Operation::normal_orthant, {h, k, z, 1 - z, 0});
  };
  CHECK(difference(tail(1.5), erfcq(1.5 / sqrtq(2)) / 2) < 1e-31);
  CHECK(difference(normal(Operation::normal_tail, {30, 450}), expq(450) * tail(30)) < 1e-28);
  const Quad pi = acosq(-1);
  for (const Quad z : {Quad(0.5), Quad(0.0078125), Quad(0.9375), Quad(1e-12)}) {
    // Sheppard's formula, symmetry, the whole plane.
    CHECK(difference(orthant(0, 0, z), Quad(0.25) + asinq(1 - 2 * z) / (2 * pi)) < 1e-25);
    CHECK(difference(orthant(0.5, -1.25, z), orthant(-1.25, 0.5, z)) < 1e-25);
    CHECK(difference(orthant(0.5, 0.75, z) + orthant(0.5, -0.75, 1 - z), tail(0.5)) < 1e-25);
    CHECK(difference(normal(Operation::normal_orthant, {0.5, 0.25, z, 1 - z, 2}),
                     expq(2) * orthant(0.5, 0.25, z)) < 1e-25);
  }
  CHECK(difference(orthant(0.5, -1, 0.5), tail(0.5) * tail(-1)) < 1e-25);
  CHECK(orthant(0.5, 0.25, 0) == tail(0.5));
  CHECK(orthant(0.5, -0.25, 1) == 0);
  CHECK(difference(orthant(-0.5, 0.25, 1), tail(0.25) - tail(0.5)) < 1e-31);
}

TEST_CASE("Dawson's integral agrees with its differential equation and limits") {
  const auto dawson = [](Quad x) { return normal(Operation::dawson, {x}); };
  // D(x + h) by Taylor's series, D' = 1 - 2xD, D^(n+1) = -2x D^(n) - 2n D^(n-1) (DLMF 7.10.4), from 0 to 12.
  const Quad step = Quad(1) / 16;
  Quad value = 0;
  for (int i = 0; i < 192; ++i) {
    const Quad x = i * step;
    Quad before = value;
    Quad current = 1 - 2 * x * value;
    Quad factor = step;
    value += factor * current;
    for (int n = 1; n < 40; ++n) {
      const Quad next = -2 * x * current - 2 * n * before;
      before = current;
      current = next;
      factor *= step / (n + 1);
      value += factor * current;
    }
    CHECK(difference(dawson(x + step), value) < 1e-30);
  }
  CHECK(difference(dawson(-3), -dawson(3)) == 0);
  CHECK(dawson(0) == 0);
  CHECK(difference(dawson(1e6), 1 / Quad(2e6) * (1 + 0.5 / Quad(1e12) + 0.75 / Quad(1e24))) < 1e-35);
}

TEST_CASE("the normal distribution is not for functions") {
  Program p;
  p.roots = {{"Sigma", p.dual(p.input_self(), p.real(Operation::normal_tail, {p.variable(), p.literal(0)}))}};
  CHECK(verify(p).find("is not for functions") != std::string::npos);
}

TEST_CASE("the covariance of two vectors is divided by their length, and lengths must agree") {
  const std::array<double, 2> x = {1, 2};
  const std::array<double, 2> y = {3, -1};
  const InputCovariance covariance = input_covariance(x, y);
  CHECK(covariance.first == 2.5);
  CHECK(covariance.second == 5);
  CHECK(covariance.cross == 0.5);
  CHECK_THROWS_AS(input_covariance(x, std::array<double, 1>{1}), std::invalid_argument);
}
