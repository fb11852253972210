// Constants and normal forms with the parameters of a program left as symbols.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <array>

#include "compiler/kernel_ir/function.hpp"
#include "compiler/moments/normal_form.hpp"

using namespace ntkc;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using moments::Constant;
using moments::NormalForm;
using moments::Quad;
using moments::Switch;

namespace {

/// The function of the text, with parameters p and r.
struct Symbolic {
  Program program;
  NodeId phi;
  explicit Symbolic(const std::string& text, double p = 0.3, double r = -1.75)
      : program(kernel_ir::parse(
            "kernel n\nparameter p = 0\nparameter r = 0\ninput vector(1)\nphi(z) = " + text + "\n")),
        phi(program.function_names.begin()->first) {
    program.parameters[0].value = p;
    program.parameters[1].value = r;
  }
  std::optional<NormalForm> form() { return moments::normal_form(program, phi); }
};

Quad value_of(const Program& program, const Constant& constant, Program& copy) {
  return kernel_ir::Function(program, constant.node(copy)).value(0);
}

Quad wave(const moments::Term& term, Quad z) {
  const Quad angle = term.b.value() * z;
  return term.wave == moments::Wave::none   ? Quad(1)
         : term.wave == moments::Wave::sine ? sinq(angle)
                                            : cosq(angle);
}

/// Σ of the terms at z, from the values of the constants.
Quad evaluate(const NormalForm& form, Quad z) {
  Quad sum = 0;
  for (const moments::Term& term : form) {
    const Quad s = term.s == Switch::none    ? Quad(1)
                   : term.s == Switch::sign  ? Quad((z > 0) - (z < 0))
                   : term.s == Switch::above ? Quad(z > term.t.value() ? 1 : 0)
                   : term.s == Switch::below ? Quad(z < term.t.value() ? 1 : 0)
                                             : erfq(term.k.value() * z);
    sum += term.coefficient.value() * powq(z, term.power) * s *
           expq(term.a.value() * z - term.g.value() * z * z) * wave(term, z);
  }
  return sum;
}

}  // namespace

TEST_CASE("constants are polynomials in what is made of parameters") {
  Program program;
  program.parameters = {{"p", 0.375}, {"r", -2.5}};
  const Constant p = Constant::parameter(program, 0);
  const Constant r = Constant::parameter(program, 1);
  CHECK(((p + r) * (p - r) - (p * p - r * r)).is(0));
  CHECK((p * r / p) == r);
  CHECK((Constant(1) / (p * p * r) * p * p).value() == 1 / Quad(-2.5));
  CHECK_FALSE((p - Constant(0.375)).is(0));  // by its value only
  CHECK((p - Constant(0.375)).value() == 0);
  const Constant e = Constant::apply(Operation::exp, std::array{p + r});
  CHECK((e * r - r * e).is(0));
  CHECK(Constant::apply(Operation::maximum, std::array{p, r}) == p);
  CHECK(Constant::apply(Operation::abs, std::array{r}) == -r);
  for (const Constant& each : {p, p + r, p * r * r, Constant(1) / (p + r), e / (p * p) - Constant(3), -e}) {
    const Quad at_node = value_of(program, each, program);
    CHECK(fabsq(at_node - each.value()) <= Quad(0x1p-100) * fabsq(each.value()));
    CHECK((each < each) == false);
  }
  CHECK((p < r) != (r < p));
  const Constant root = Constant::apply(Operation::square_root, std::array{Constant(2) * p});
  CHECK(root * root == Constant(2) * p);
  CHECK((Constant(1) / (root * root * root) * root) == Constant(1) / (Constant(2) * p));
  CHECK((root * root).value() == 0.75);
  CHECK((Constant(1) / Constant(3) * p + Constant(2)).rounded().node(program) != kernel_ir::no_node);
}

TEST_CASE("a sum that is too long is one node") {
  Program program;
  program.parameters = {{"p", 0.5}, {"r", 2}};
  Constant sum;
  for (int i = 1; i < 40; ++i) {
    const Constant multiple = Constant(i) * Constant::parameter(program, 0);
    sum += Constant::apply(Operation::exp, std::array{multiple});
  }
  CHECK_FALSE(sum.is_number());
  CHECK(fabsq(value_of(program, sum, program) - sum.value()) < Quad(0x1p-90) * sum.value());
}

TEST_CASE("normal forms with symbols are the function, whatever the parameters") {
  for (const char* text : {"p*min(z, 0) + max(z, 0)",
                           "max(p*z, z)",
                           "exp(p*z)*z",
                           "exp(r*z^2)",
                           "sin(p*z + r)",
                           "cos(r*z)",
                           "p*erf(r*z)",
                           "(z + p)^3 - r*z",
                           "select_less(r*z, 0, p*z, z^2)",
                           "abs(r*z)*exp(p*z)",
                           "z/(1 + p) + exp(p)",
                           "sqrt(p*z^2)",
                           "select_less(z, 0, p*(exp(z) - 1), z)",
                           "min(max(z, 0), 0.5)",
                           "select_less(z, 0, 0.2*z + exp(z) - 1, z)",

                           "z*min(max(z + 1, 0), 2)",
                           "exp(r*abs(z)) + p",
                           "select_less(z, 0.5, p, z^2) + max(z, 0)",
                           "p^z",
                           "2^(r*z)",
                           "z^2*erf(p*z)*exp(r*z^2)",
                           "p*z - z*p + 1"}) {
    for (const auto& [p, r] : {std::pair{0.3, -1.75}, {2.0, -0.125}}) {
      Symbolic function(text, p, r);
      const auto form = function.form();
      REQUIRE_MESSAGE(form, text);
      const kernel_ir::Function direct(function.program, function.phi);
      const NormalForm slope = moments::derivative(*form);
      for (const double z : {-2.0, -0.6, 0.4, 1.3}) {
        const Quad expected = direct.value(z);
        CHECK_MESSAGE(fabsq(evaluate(*form, z) - expected) < Quad(1e-30) * (1 + fabsq(expected)), text);
        const Quad expected_slope = direct.derivative(z);
        CHECK_MESSAGE(fabsq(evaluate(slope, z) - expected_slope) < Quad(1e-30) * (1 + fabsq(expected_slope)),
                      text);
      }
    }
  }
}

TEST_CASE("symbols that cancel leave numbers") {
  CHECK(Symbolic("p*z - z*p + 1").form()->size() == 1);
  const auto leaky = Symbolic("p*min(z, 0) + max(z, 0)").form();
  REQUIRE(leaky->size() == 2);  // z and |z|
  CHECK(((*leaky)[0].coefficient + (*leaky)[1].coefficient).is(1));
}

TEST_CASE("a parameter that is 0 is not left out: there are derivatives by it") {
  CHECK(Symbolic("p*sin(z) + z", 0).form()->size() == 2);
  CHECK_FALSE((*Symbolic("exp(p*z)", 0).form())[0].a.is(0));
  CHECK(Symbolic("0*sin(z) + z").form()->size() == 1);
}

TEST_CASE("no normal form with exponents that are symbols") {
  CHECK_FALSE(Symbolic("z^p", 2).form());
  CHECK_FALSE(Symbolic("exp(p*z^2)", 0.5).form());
  CHECK(Symbolic("exp(p*z^2)", -0.5).form());
}

TEST_CASE("functions in pieces are written by the fewest terms") {
  const auto count = [](const char* text) { return Symbolic(text).form()->size(); };
  // Zero on one side of a threshold: one term there.
  CHECK(count("1.05*select_less(z, 0, 1.67*(exp(z) - 1), z)") == 3);
  CHECK(count("select_less(z, 0, p*(exp(z) - 1), z)") == 3);
  CHECK(count("min(max(z, 0), 6)") == 3);
  CHECK(count("max(2*z + 1, 0)") == 2);
  CHECK(count("max(z, -1)") == 2);
  CHECK(count("max(z, 0) + exp(0.25*z)") == 2);
  CHECK(count("z*min(max(z + 3, 0), 6)") == 4);
  // Two slopes beside a one-sided exponential: one for each side, and no sign.
  Symbolic leaky("select_less(z, 0, 0.2*z + exp(z) - 1, z)");
  const auto form = leaky.form();
  CHECK(form->size() == 4);
  for (const moments::Term& term : *form) CHECK((term.s == Switch::above || term.s == Switch::below));
  // Its derivative, in which constants cancel.
  CHECK(moments::derivative(*form).size() == 3);
}

TEST_CASE("even and odd functions, and those of even and odd terms, stay so") {
  for (const char* text : {"max(z, 0)", "p*min(z, 0) + max(z, 0)", "max(z, 0)^2", "max(z, 0) + sin(3*z)",
                           "max(z, 0) + erf(z) + 1"}) {
    const auto form = Symbolic(text).form();
    for (const moments::Term& term : *form) CHECK_MESSAGE(term.has_parity(), text);
  }
  CHECK(Symbolic("max(min(z, 1), -1)").form()->size() == 5);
  const auto form = Symbolic("sign(z)*(1 - exp(-1*abs(z)))").form();
  CHECK(form->size() == 3);
  CHECK((*form)[0].s == Switch::sign);
}

TEST_CASE("the mirror image of a term is the term at -z") {
  for (const char* text : {"select_less(0.5, z, z*exp(p*z), 0)", "select_less(z, -0.5, z^2, 0)", "z*sin(p*z)",
                           "z^2*erf(z)", "exp(r*z^2)*abs(z)", "exp(p*z)*sin(z)"}) {
    Symbolic function(text);
    const auto form = function.form();
    for (const moments::Term& term : *form) {
      const auto [image, sign] = moments::reflected(term);
      for (const double z : {-1.25, -0.25, 0.75}) {
        const Quad expected = evaluate({term}, -z);
        CHECK(fabsq(sign * evaluate({image}, z) - expected) <= Quad(1e-30) * fabsq(expected));
      }
    }
  }
}
