// Σ(0, ·) = Θ(0, ·) = 0 to the last bit for every built-in activation with φ(0) = 0, behind everything that combines
// values.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <string>

#include "compiler/layer_graph/builtins.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"
#include "tests/latex/activations.hpp"

using namespace ntkc;

namespace {

std::string network(const std::string& phi) {
  return fmt::format(
      "network n(p = 0.4)\n"
      "input x : vector(3)\n"
      "h = x |> dense\n"
      "s = h + 0.5 * (h |> relu |> dense)\n"
      "c = concat(h |> relu, s |> abs) |> dense\n"
      "m = (h |> relu) * (h |> dense |> erf) |> dense\n"
      "r = h\n"
      "repeat 2 {{ r = r + 0.5 * (r |> {0} |> dense) }}\n"
      "output concat(h |> {0}, s |> {0}, c |> {0}, m |> {0}, r |> {0}) |> dense\n",
      phi);
}

const double inputs[] = {1, 0.5, -0.3, 0, 0, 0};

template <typename T>
void check_zero(const std::string& phi) {
  CAPTURE(phi);
  CompileOptions options;
  options.precision = sizeof(T) == sizeof(double) ? Precision::f64 : Precision::f32;
  options.sigma = options.theta = true;
  const KernelFunctions kernel = compile(network(phi), options);
  for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
    BasicMatrix<T> k(2, 2);
    gram<T>(kernel, kind, {inputs, 2, 3}, k.view());
    CHECK(k(0, 0) > 0);
    CHECK(k(0, 1) == 0);
    CHECK(k(1, 0) == 0);
    CHECK(k(1, 1) == 0);
  }
}

/// Whether φ(0) = 0: then one layer has no kernel at a zero row.
bool vanishes(const std::string& phi) {
  const std::string text =
      fmt::format("network n(p = 0.4)\ninput x : vector(3)\noutput x |> dense |> {}\n", phi);
  CompileOptions options;
  options.sigma = true;
  options.theta = false;
  Matrix k(2, 2);
  gram<double>(compile(text, options), KernelKind::sigma, {inputs, 2, 3}, k.view());
  return std::fabs(k(1, 1)) < 1e-20;
}

template <typename T>
void check_all() {
  int count = 0;
  for (const layer_graph::BuiltinInfo& activation : layer_graph::builtins()) {
    if (activation.kind != layer_graph::BuiltinKind::activation || activation.name == "identity") continue;
    const std::string phi = test::application(activation);
    if (!vanishes(phi)) continue;
    check_zero<T>(phi);
    ++count;
  }
  CHECK(count >= 12);
}

}  // namespace

TEST_CASE("a zero row has no kernel, in f64, whatever is before the activation") { check_all<double>(); }
TEST_CASE("a zero row has no kernel, in f32, whatever is before the activation") { check_all<float>(); }
