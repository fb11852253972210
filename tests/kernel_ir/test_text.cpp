#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "compiler/kernel_ir/program.hpp"

using namespace ntkc::kernel_ir;

namespace {

constexpr std::string_view residual_network = R"(kernel three_hidden
  parameter w = 1.4142135623730951
  parameter b = 0.1
  input vector(64)

  relu(z) = max(z, 0)
  q0 = |x|^2/64
  c0 = x.x'/64
  q1 = w^2*q0 + b^2
  c1 = w^2*c0 + b^2
  q2 = dual(relu; q1)
  c2 = dual(relu; q1, q1', c1)
  q3 = w^2*q2 + b^2
  c3 = w^2*c2 + b^2
  d2 = dual'(relu; q1, q1', c1)
  t1 = c1*d2*w^2 + c3
  loop 20 carrying q4 = q3, c4 = c3, t2 = t1 {
    q5 = dual(relu; q4)
    c5 = dual(relu; q4, q4', c4)
    q6 = w^2*q5 + b^2
    c6 = w^2*c5 + b^2
    d5 = dual'(relu; q4, q4', c4)
    t3 = t2*d5*w^2 + c6
    next q4 = q6, c4 = c6, t2 = t3
  } giving q7, c7, t4
  c8 = dual(erf; q7, q7', c7)
  Sigma = c8
  Theta = t4
)";

Program build_residual_network() {
  Program p;
  p.name = "three_hidden";
  p.input_size = 64;
  p.parameters = {{"w", 1.4142135623730951}, {"b", 0.1}};
  const NodeId w2 = p.square(p.parameter(0));
  const NodeId b2 = p.square(p.parameter(1));
  const NodeId relu = p.real(Operation::maximum, {p.variable(), p.literal(0)});
  p.function_names = {{relu, "relu"}};
  const auto dense = [&](NodeId c) { return p.add(p.multiply(c, w2), b2); };
  NodeId c = dense(p.input_cross());
  NodeId t = p.cross(c);
  const auto layer = [&] {
    const NodeId next = dense(p.dual(c, relu));
    const NodeId slope = p.dual_derivative(c, relu);
    t = p.add(p.multiply(w2, p.multiply(slope, t)), p.cross(next));
    c = next;
  };
  layer();
  const RegionId region = p.begin_loop({{p[c].self, Dependence::sample, Carried::no_self},
                                        {c, Dependence::pair, 0},
                                        {t, Dependence::pair, Carried::no_self}},
                                       20);
  const std::vector<NodeId> arguments = p.regions()[region].arguments;
  c = arguments[1];
  t = arguments[2];
  layer();
  const std::vector<NodeId> results = p.end_loop({p[c].self, c, t});
  p.roots = {{"Sigma", p.dual(results[1], p.real(Operation::erf, {p.variable()}))}, {"Theta", results[2]}};
  return p;
}

/// Header, definitions of the inputs, then what a test is about.
std::string with_inputs(std::string_view lines) {
  return "kernel test\n  parameter a = 2\n  parameter bee = -0.5\n  input vector(3)\n\n  q0 = |x|^2/3\n  c0 "
         "= x.x'/3\n" +
         std::string(lines);
}

std::string message_of(const std::string& text) {
  try {
    parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

/// With constants and reals only, nothing of the inputs but what it uses is printed.
std::string printed_root(const std::string& expression) {
  const std::string text = print(parse(with_inputs("  Theta = " + expression + "\n")));
  const std::size_t root = text.find("Theta = ");
  return text.substr(root + 8, text.size() - root - 9);
}

}  // namespace

TEST_CASE("a network with a loop prints as its recursion") {
  const Program program = build_residual_network();
  REQUIRE(verify(program) == "");
  CHECK(print(program) == residual_network);
}

TEST_CASE("a printed network parses to the program that was printed") {
  const Program parsed = parse(residual_network);
  CHECK(verify(parsed) == "");
  CHECK(print(parsed) == residual_network);
  CHECK(parsed.parameters == build_residual_network().parameters);
  CHECK(parsed.regions().size() == 2);
  CHECK(parsed.loop(parsed[parsed.regions()[1].loop]).count == 20);
}

TEST_CASE("expanded programs print as arithmetic on reals") {
  constexpr std::string_view text = R"(kernel expanded
  input vector(10)

  s0 = |x|^2/10
  s1 = sqrt(2*s0 + 0.01)
  s2 = reciprocal_or_zero(s1)
  complement0 = (1 - cos(x, x'))/2
  cocomplement0 = (1 + cos(x, x'))/2
  t1 = arcsine_ratio(min(complement0, cocomplement0); 0.5)
  t2 = select_less(complement0, 0.5, complement0*t1, 1 - cocomplement0*t1)
  loop 3 carrying t3 = t2, s3 = s2, t4 = 0 {
    t5 = s1*expm1(-0.5*t3)*s1'
    s4 = max(s1, s3)
    t6 = t3*t5
    next t3 = t5, s3 = s4, t4 = t6
  } giving t7, s5, t8
  t9 = s5*(t7 - t8)/s5'
  Sigma = t9
  Theta = s1
)";
  const Program parsed = parse(text);
  CHECK(verify(parsed) == "");
  CHECK(print(parsed) == text);
  CHECK(parsed[parsed.root("Theta")].operation == Operation::first);
}

TEST_CASE("constants print with the parentheses that they need and no others") {
  for (const std::string_view expression : {"a/3",
                                            "a^2",
                                            "a^3",
                                            "a^bee",
                                            "a^(a + 1)",
                                            "(a + 1)^2",
                                            "(a^2)^2",
                                            "a - (3 - a)",
                                            "a - 3 - a",
                                            "a/(3*a)",
                                            "a/3/a",
                                            "a - (-1)",
                                            "-1/a",
                                            "(-2)^a",
                                            "a^(-2)",
                                            "power(a, 2)",
                                            "exp(a)",
                                            "sin(a) + 1",
                                            "pi/a",
                                            "erf(tanh(a))",
                                            "1e-300*a",
                                            "0.1*a",
                                            "1.4142135623730951",
                                            "-0.25",
                                            "min(2, a)",
                                            "abs(bee)",
                                            "log(a) - 1",
                                            "-a",
                                            "-a^2",
                                            "-a*bee",
                                            "-(2*a)",
                                            "-2*a",
                                            "-(1 - a)",
                                            "-(-a)",
                                            "-a - 1",
                                            "a - (-a)",
                                            "a*(-a)",
                                            "(-a)^2",
                                            "(-a)/3",
                                            "exp(-a)"}) {
    CHECK(printed_root(std::string(expression)) == expression);
  }
  CHECK(printed_root("((a))*(3)") == "3*a");
  CHECK(printed_root("1 + a + (bee)") == "a + 1 + bee");
  CHECK(printed_root("a*a") == "a^2");
  CHECK(printed_root("0 - a") == "-a");
  CHECK(printed_root("2/(1)/(a)") == "2/1/a");
}

TEST_CASE("functions print as definitions, those of the language by their names") {
  for (const char* lines : {"  c1 = dual(erf; q0, q0', c0)\n", "  c1 = dual(identity; q0, q0', c0)\n",
                            "  relu(z) = max(z, 0)\n  c1 = dual(relu; q0, q0', c0)\n",
                            "  f1(z) = a*z + bee\n  c1 = dual(f1; q0, q0', c0)\n",
                            "  f(z) = exp(2*z)\n  g(z) = f(z)/(f(z) + 1)\n  c1 = dual(g; q0, q0', c0)\n"
                            "  t1 = moment(f, g; q0, q0', c0)\n  Theta = t1\n",
                            "  one(z) = 1\n  s1 = moment(one, sign; q0)\n  c1 = dual(sign; q0, q0', c0)\n"
                            "  d1 = dual'(tanh; q0, q0', c0)\n  t1 = s1*d1\n  Theta = t1\n"}) {
    const std::string text = with_inputs(std::string(lines) + "  Sigma = c1\n");
    CHECK(print(parse(text)) == text);
  }
}

TEST_CASE("the variable of functions gives way to a parameter, names of functions to operations") {
  Program p;
  p.parameters = {{"z", 2}};
  const NodeId z = p.variable();
  const NodeId f = p.multiply(p.parameter(0), z);
  const NodeId g = p.add(z, p.literal(1));
  p.function_names = {{f, "erf"}, {g, "erf"}};
  p.roots = {{"Sigma", p.moment(p.input_cross(), f, g)}};
  const std::string text = print(p);
  CHECK(text.find("  erf_2(z_) = z*z_\n  erf_3(z_) = z_ + 1\n") != std::string::npos);
  CHECK(print(parse(text)) == text);
}

TEST_CASE("long expressions are broken into statements") {
  std::string sum = "c0";
  for (int i = 0; i < 30; ++i) sum = "sqrt(" + sum + ") + 0.123456789";
  const std::string text = print(parse(with_inputs("  t1 = " + sum + "\n  Theta = t1\n")));
  CHECK(print(parse(text)) == text);
  for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    CHECK(text.find('\n', begin) - begin <= 100);
  }
}

TEST_CASE("names of parameters are not given to values") {
  Program p;
  p.parameters = {{"q1", 2}, {"c0", 3}, {"t1", 4}, {"pi", 5}};
  const NodeId c = p.multiply(p.dual(p.input_cross(), p.variable()), p.parameter(0));
  const NodeId k = p.multiply(p.parameter(3), p.real(Operation::pi, {}));
  p.roots = {{"Sigma", c},
             {"Theta", p.add(p.multiply(p.cross(c), p.parameter(1)), p.multiply(k, p.parameter(2)))}};
  REQUIRE(verify(p) == "");
  const std::string text = print(p);
  const Program parsed = parse(text);
  CHECK(print(parsed) == text);
  CHECK(text.find("pi*pi()") != std::string::npos);
  CHECK(text.find("  c1 = x.x'/1") == std::string::npos);
}

TEST_CASE("a carried covariance whose self covariance has another number says so") {
  const std::string text = with_inputs(
      "  loop 2 carrying q1 = q0, c1 = c0, c2 (self q1) = c0 {\n    next q1 = q1, c1 = c2, c2 = c1\n  } "
      "giving q3, c3, c4\n"
      "  c5 = c3*c4\n  Sigma = c5\n");
  const Program parsed = parse(text);
  CHECK(parsed[parsed.regions()[1].arguments[2]].self == parsed.regions()[1].arguments[0]);
  const std::string printed = print(parsed);
  CHECK(printed.find("c2 (self q1) = c0") != std::string::npos);
  CHECK(print(parse(printed)) == printed);
}

TEST_CASE("comments, blank lines and lists over several lines are read") {
  const Program parsed = parse(
      "# first\nkernel a name\n\n  input vector(3) # three\n  q0 = |x|^2/3  # self\n\n  c0 = x.x'/3\n"
      "  loop 2 carrying q1 = q0,\n     c1 = c0 {\n next q1 = q1,\n c1 = c1\n } giving q2,\n c2\n"
      "  Sigma = c2");
  CHECK(parsed.name == "a name");
  CHECK(parsed.roots.size() == 1);
}

TEST_CASE("mistakes are reported with their line") {
  const std::pair<std::string_view, std::string_view> mistakes[] = {
      {"  Theta = a +\n", "line 8: expected an expression, found the end of the line"},
      {"  Theta = nothing\n", "line 8: `nothing` is not defined"},
      {"  Theta = gamma(a)\n", "line 8: there is no operation `gamma`"},
      {"  Theta = min(a)\n", "line 8: `min` takes 2 operands, not 1"},
      {"  Theta = (a\n", "line 8: expected `)`, found the end of the line"},
      {"  Theta = a a\n", "line 8: expected the end of the line, found `a`"},
      {"  Theta = 1e999\n", "line 8: `1e999` is out of range"},
      {"  Theta = -2^2\n", "line 8: the base of a power is not in parentheses: write (-2)^2"},
      {"  Theta = a^2^3\n", "line 8: a power of a power is not in parentheses"},
      {"  Theta = c0'\n", "line 8: only a value of one input has one at x'"},
      {"  Theta = cross(q0)\n", "line 8: `cross` takes a covariance of two inputs"},
      {"  Theta = a\n  Theta = a\n", "line 9: `Theta` is defined already"},
      {"  c0 = c0\n", "line 8: `c0` is defined already"},
      {"  q1 = 2\n", "line 8: expected a covariance, found a real"},
      {"  c1 = sqrt(c0)\n",
       "line 8: expected a covariance: sums and products of covariances and constants are, other arithmetic "
       "is not"},
      {"  c1 = c0 + q0\n", "line 8: a self covariance and a covariance of two inputs do not add or multiply"},
      {"  c1 = q0\n", "line 8: `c1` must be a covariance by its name, but is defined as a self covariance"},
      {"  s1 = 2*c0\n",
       "line 8: `s1` must be a real of one input by its name, but is defined as a real of two inputs"},
      {"  q1 = x.x'/3\n",
       "line 8: `q1` must be a self covariance by its name, but is defined as a covariance"},
      {"  c1 = x.x'/4\n", "line 8: `x` is not defined"},
      {"  c1 = dual(erf; q0)\n",
       "line 8: `c1` must be a covariance by its name, but is defined as a self covariance"},
      {"  c1 = dual(erf; c0)\n",
       "line 8: expected a self covariance alone, or q, q' and a covariance of two inputs"},
      {"  q1 = 2*q0\n  c1 = dual(erf; q1, q1', c0)\n", "line 9: `q1` is not the self covariance of `c0`"},
      {"  q1 = dual(swish; q0)\n", "line 8: there is no function `swish`"},
      {"  q1 = moment(erf; q0)\n", "line 8: expected `,`, found `;`"},
      {"  swish(z) = z*s0\n", "line 8: `s0` is not defined"},
      {"  swish(z) = z*q0\n", "line 8: `swish` must be a function, but is defined as a real of one input"},
      {"  erf(z) = z\n", "line 8: `erf` is defined already"},
      {"  swish(z) = z\n  swish(z) = 2*z\n", "line 9: `swish` is defined already"},
      {"  swish(z) = z\n  t1 = swish(z)\n",
       "line 9: functions are used in the definitions of functions only"},
      {"  loop 2 carrying t1 = c0 {\n    f(z) = 2*z\n    next t1 = t1\n  } giving t3\n  q1 = dual(f; q0)\n",
       "line 12: there is no function `f`"},
      {"  c1 = trainable(q0, 1)\n", "line 8: `trainable` takes a covariance of two inputs"},
      {"  c1 = trainable(c0)\n", "line 8: `trainable` takes a covariance and its seed"},
      {"  t1 = sqrt(trainable(c0, 1))\n", "line 8: expected a real, found a covariance"},
      {"  t1 = arcsine_ratio(c0)\n", "line 8: expected `;`, found `)`"},
      {"  loop 0 carrying t1 = c0 {\n", "line 8: the number of iterations must be at least 1"},
      {"  loop 2.5 carrying t1 = c0 {\n", "line 8: expected the number of iterations, found `2.5`"},
      {"  loop 2 carrying c1 = c0 {\n", "line 8: the self covariance `q1` of `c1` is not carried before it"},
      {"  loop 2 carrying q1 = c0 {\n", "line 8: expected a self covariance, found a covariance"},
      {"  loop 2 carrying t1 = c0 {\n    t2 = t1\n", "line 10: expected `next`, found the end of the text"},
      {"  loop 2 carrying t1 = c0 {\n    Theta[1:3] = t1\n    next t1 = t1\n  } giving t2\n",
       "line 12: root `Theta`: 3 planes do not go with its loop"},
      {"  Theta[2:1] = c0\n", "line 8: the last plane comes before the first"},
      {"  loop 2 carrying t1 = c0 {\n    next t2 = t1\n", "line 9: expected `t1`, found `t2`"},
      {"  loop 2 carrying t1 = c0 {\n    next t1 = t1\n  } giving c1\n",
       "line 10: `c1` is not of the kind of `t1`"},
      {"  loop 2 carrying t1 = c0 {\n    t2 = t1^2\n    next t1 = t2\n  } giving t3\n  Theta = t2\n",
       "line 12: `t2` is not defined"},
  };
  for (const auto& [lines, message] : mistakes) {
    CAPTURE(lines);
    CHECK(message_of(with_inputs(lines)) == message);
  }
  CHECK(message_of("") == "line 1: expected `kernel`, found the end of the text");
  CHECK(message_of("kernel a\ninput vector(0)\n") == "line 2: the input size must be at least 1");
  CHECK(message_of("kernel a\nparameter w = x\n") == "line 2: expected a number, found `x`");
  CHECK(message_of("kernel a\nparameter w = 1\nparameter w = 1\n") == "line 3: `w` is defined already");
}

TEST_CASE("nesting beyond every reason is refused, not a stack overflow") {
  CHECK(message_of(with_inputs("  Theta = " + std::string(100000, '(') + "\n")) ==
        "line 8: the expression is nested too deeply");
  std::string sum = "  Theta = a";
  for (int i = 0; i < 100000; ++i) sum += " + a";
  CHECK(message_of(with_inputs(sum + "\n")) == "line 8: the expression is nested too deeply");
  std::string loops;
  for (int i = 1; i < 1000; ++i) loops += "loop 1 carrying t" + std::to_string(i) + " = c0 {\n";
  CHECK(message_of(with_inputs(loops)) == "line 208: loops are nested too deeply");
}
