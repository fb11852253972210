// Derivatives of functions where their parts overflow.
#include <doctest/doctest.h>
#include <quadmath.h>

#include "compiler/kernel_ir/function.hpp"
#include "compiler/moments/derivative.hpp"

using namespace ntkc;
using kernel_ir::NodeId;
using kernel_ir::Program;
using kernel_ir::Quad;

namespace {

/// The derivative of phi(z), given as text, at z.
Quad slope(const std::string& text, Quad z) {
  Program program = kernel_ir::parse("kernel n\nparameter p = 1.5\ninput vector(1)\nphi(z) = " + text + "\n");
  const NodeId phi = program.function_names.begin()->first;
  return kernel_ir::Function(program, moments::differentiate(program, phi, program.variable())).value(z);
}

}  // namespace

TEST_CASE("quotients by 1 + e^y and its logarithm have finite derivatives where e^y overflows") {
  // Beyond 1.2e4 the exponential is infinite in binary128, too.
  for (const Quad z : {Quad(1e5), Quad(1e7)}) {
    CHECK(slope("z/(1 + exp((-1)*p*z))", z) == 1);
    CHECK(slope("z/(1 + exp((-1)*p*z))", -z) == 0);
    CHECK(slope("1/(exp((-1)*z) + 2)", -z) == 0);
    CHECK(slope("log(1 + exp(z))", -z) == 0);
    CHECK(slope("log(1 + exp(p*z))", z) == 1.5);
  }
}

TEST_CASE("quotients by c + e^y have the derivative of quotients") {
  for (const Quad z : {Quad(-3), Quad(-0.25), Quad(0), Quad(2)}) {
    const Quad e = expq(-Quad(1.5) * z);
    const Quad expected = 1 / (3 + e) + z * Quad(1.5) * e / ((3 + e) * (3 + e));
    CHECK(static_cast<double>(fabsq(slope("z/(3 + exp((-1)*p*z))", z) - expected)) < 1e-32);
    const Quad f = expq(2 * z);
    CHECK(static_cast<double>(fabsq(slope("log(exp(2*z) + 0.5)", z) - 2 * f / (f + Quad(0.5)))) < 1e-32);
  }
}
