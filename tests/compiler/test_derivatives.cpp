// Derivatives by network parameters against finite differences of the kernels, in quadruple precision.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "compiler/kernel_ir/interpreter.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/eigen.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;
using kernel_ir::Program;
using kernel_ir::Quad;

namespace {

const std::string activations =
    "activation scaled_gelu(z, a) = a*z*(1 + erf(a*z))\nactivation max_of_two(z, a) = max(a*z, z)\n"
    "activation bent(z, a) = tanh(z) + a*exp(-z*z)*tanh(a*z + a)\n"
    "activation halved(z, a) = max(z, 0)*cos(a*z)\nactivation torn(z, a) = where(z > 0.5, a*sigmoid(z), z)\n";

/// With a mean at a constant variance in each activation.
std::string cntk_network(const std::string& activation) {
  return activations +
         "network n(w = 1.25, b = 0.5, s = 0.75, p = 0.375)\nparametrization = cntk\ninput x : vector(3)\n"
         "output x |> dense(W_std = w) |> " +
         activation + " |> dense(W_std = w * b, lr = s)\n";
}

/// A network around an activation: shapes with biases, sums, learning rates and loops.
std::vector<std::string> networks(const std::string& activation) {
  const std::string head =
      activations + "network n(w = 1.25, b = 0.5, s = 0.75, p = 0.375)\ninput x : vector(3)\n";
  return {
      head + "output x |> dense(W_std = w, b_std = b) |> " + activation +
          " |> dense(W_std = w * w, lr = s)\n",
      head + "h = x |> dense(W_std = w)\nrepeat 3 { h = s * h + (h |> " + activation +
          " |> dense(W_std = w, b_std = b)) }\noutput h |> " + activation + " |> dense(W_std = exp(s))\n",
      head + "h = x\nrepeat 4 { h = h |> dense(W_std = w, b_std = b) |> " + activation +
          " }\noutput (h |> dense(W_std = s)) - (x |> dense(W_std = w, b_std = s))\n",
  };
}

/// Pairs of inputs: any, equal, opposite, nearly equal, nearly opposite, of very different norms, orthogonal.
const std::vector<std::array<std::array<double, 3>, 2>> pairs = {
    {{{1, -0.5, 0.25}, {0.5, 2, -1}}},
    {{{1, -0.5, 0.25}, {1, -0.5, 0.25}}},
    {{{1, -0.5, 0.25}, {-1, 0.5, -0.25}}},
    {{{1, -0.5, 0.25}, {1, -0.5, 0.250000001}}},
    {{{1, -0.5, 0.25}, {-1, 0.5, -0.2500001}}},
    {{{1, -0.5, 0.25}, {500, 2000, -1000}}},
    {{{1, 0, 0}, {0, 0.001, 0}}},
};

std::vector<Quad> values_at(Program program, std::size_t parameter, double value,
                            const kernel_ir::InputCovariance& at) {
  program.parameters[parameter].value = value;
  return kernel_ir::interpret(program, at);
}

}  // namespace

namespace {

const std::vector<std::string> names = {"w", "b", "s", "p"};

/// The worst error of the derivatives of Σ and Θ by the parameters against finite differences of `plain`, in
/// units of √(K(x,x) K(y,y)).
double worst_error(const std::string& network, const Program& derived, const Program& plain) {
  double worst = 0;
  for (const auto& [x, y] : pairs) {
    const auto at = kernel_ir::input_covariance(x, y);
    const auto kernel = kernel_ir::interpret(plain, at);
    const auto at_x = kernel_ir::interpret(plain, kernel_ir::input_covariance(x, x));
    const auto at_y = kernel_ir::interpret(plain, kernel_ir::input_covariance(y, y));
    const auto derivatives = kernel_ir::interpret(derived, at);
    for (std::size_t p = 0; p < names.size(); ++p) {
      // (f(v + h) - f(v - h))/2h = f' + O(h²); two steps of Richardson's leave O(h⁶). The interpreter's
      // angles have an error of 1e-17 at u = ±1, so that a smaller h does no better.
      const double v = plain.parameters[p].value;
      const double h = std::ldexp(1.0, -9);
      const auto difference = [&](double step, std::size_t root) {
        return (values_at(plain, p, v + step, at)[root] - values_at(plain, p, v - step, at)[root]) /
               (2 * step);
      };
      for (std::size_t root = 0; root < 2; ++root) {
        const Quad finer = (4 * difference(h / 4, root) - difference(h / 2, root)) / 3;
        const Quad coarser = (4 * difference(h / 2, root) - difference(h, root)) / 3;
        const Quad expected = (16 * finer - coarser) / 15;
        const double scale = std::sqrt(static_cast<double>(at_x[root] * at_y[root]));
        const double error = std::fabs(static_cast<double>(derivatives[2 + 2 * p + root] - expected)) / scale;
        worst = test::larger_error(worst, error);
        CHECK_MESSAGE(error <= 1e-13, network << derived.roots[2 + 2 * p + root].name << " is "
                                              << static_cast<double>(derivatives[2 + 2 * p + root])
                                              << ", not " << static_cast<double>(expected));
      }
    }
    CHECK(std::fabs(static_cast<double>(derivatives[0] - kernel[0])) <=
          1e-13 * std::sqrt(static_cast<double>(at_x[0] * at_y[0])));
  }
  return worst;
}

Program derivatives_of(const std::string& network) {
  const Program derived = kernel_ir::parse(show(network, Stage::kernel, {.derivatives = names}));
  REQUIRE(derived.roots.size() == 2 + 2 * names.size());
  return derived;
}

}  // namespace

TEST_CASE("derivatives by parameters are the limits of finite differences") {
  for (const char* activation : {"relu", "leaky_relu(0.2)", "leaky_relu(p)", "abs", "erf", "gelu", "sin",
                                 "cos", "sinusoid(p, w, p)", "scaled_gelu(p)", "max_of_two(p)", "identity"}) {
    double worst = 0;
    std::vector<std::string> all = networks(activation);
    if (activation != std::string("scaled_gelu(p)")) all.push_back(cntk_network(activation));
    for (const std::string& network : all) {
      const Program plain = kernel_ir::parse(show(network, Stage::kernel));
      worst = test::larger_error(worst, worst_error(network, derivatives_of(network), plain));
    }
    MESSAGE(std::string(activation) << ": worst error of a derivative, relative to the kernel " << worst);
  }
}

TEST_CASE("the derivatives of expansions are those of the expansions, term by term") {
  // The expanded program at other values of the parameters, terms and nodes fixed, is its own oracle, good to
  // 1e-30. A relu before and after shows the complements, which near pairs need to full relative accuracy.
  const std::string network =
      activations +
      "network n(w = 1.25, b = 0.5, s = 0.75, p = 0.375)\ninput x : vector(3)\n"
      "output x |> dense(W_std = w, b_std = b) |> bent(p) |> dense(W_std = s) |> tanh "
      "|> dense(b_std = s) |> relu |> dense(W_std = w)\n";
  const Program derived = derivatives_of(network);
  for (const std::size_t pair : {0, 3}) {
    const auto at = kernel_ir::input_covariance(pairs[pair][0], pairs[pair][1]);
    const auto derivatives = kernel_ir::interpret(derived, at);
    for (const std::size_t p : {0, 3}) {
      const double v = derived.parameters[p].value;
      const double h = std::ldexp(1.0, -30);
      const auto above = values_at(derived, p, v + h, at);
      const auto below = values_at(derived, p, v - h, at);
      for (std::size_t root = 0; root < 2; ++root) {
        const Quad expected = (above[root] - below[root]) / (2 * h);
        const double scale = std::fabs(static_cast<double>(above[root]));
        const double error = std::fabs(static_cast<double>(derivatives[2 + 2 * p + root] - expected)) / scale;
        CHECK_MESSAGE(error < 1e-15, derived.roots[2 + 2 * p + root].name << " of pair " << pair);
      }
    }
  }
}

TEST_CASE("derivatives of one layer against finite differences of integrals in quadruple precision") {
  for (const auto& [activation, parameter] : {std::pair{"tanh", 0}, {"swish(p)", 3}, {"bent(p)", 3}}) {
    const std::string network = networks(activation).front();
    const Program plain = kernel_ir::parse(show(network, Stage::kernel));
    const Program derived = derivatives_of(network);
    const auto at = kernel_ir::input_covariance(pairs[0][0], pairs[0][1]);
    const auto derivatives = kernel_ir::interpret(derived, at);
    const auto index = static_cast<std::size_t>(parameter);
    const double v = plain.parameters[index].value;
    const double h = std::ldexp(1.0, -26);  // leaves h² = 2e-16 and 1e-25/h
    const auto above = values_at(plain, index, v + h, at);
    const auto below = values_at(plain, index, v - h, at);
    for (std::size_t root = 0; root < 2; ++root) {
      const Quad expected = (above[root] - below[root]) / (2 * h);
      const double scale = std::fabs(static_cast<double>(above[root]));
      const double error =
          std::fabs(static_cast<double>(derivatives[2 + 2 * index + root] - expected)) / scale;
      MESSAGE(std::string(activation) << ": error of a derivative, relative to the kernel " << error);
      CHECK(error < 2e-12);  // the tolerance of expansions is 1e-12
    }
  }
}

TEST_CASE("derivatives of what is split against finite differences of integrals in quadruple precision") {
  for (const auto& [activation, parameter] :
       {std::pair{"halved(p)", 0}, {"halved(p)", 3}, {"torn(p)", 0}, {"torn(p)", 3}}) {
    const std::string network = networks(activation).front();
    const Program plain = kernel_ir::parse(show(network, Stage::kernel));
    const auto index = static_cast<std::size_t>(parameter);
    const Program derived = kernel_ir::parse(show(network, Stage::kernel, {.derivatives = {names[index]}}));
    double stated = 0;
    for (const kernel_ir::Node& node : derived.nodes()) {
      if (node.operation == kernel_ir::Operation::hermite_series)
        stated = std::max(stated, derived.expansion(node).remainder);
    }
    CHECK(stated < 1e-8);
    const auto at = kernel_ir::input_covariance(pairs[0][0], pairs[0][1]);
    const auto derivatives = kernel_ir::interpret(derived, at);
    const double v = plain.parameters[index].value;
    const double h = std::ldexp(1.0, -26);  // leaves h² = 2e-16 and 1e-25/h
    const auto above = values_at(plain, index, v + h, at);
    const auto below = values_at(plain, index, v - h, at);
    for (std::size_t root = 0; root < 2; ++root) {
      const Quad expected = (above[root] - below[root]) / (2 * h);
      const double scale = std::fabs(static_cast<double>(above[root]));
      const double error = std::fabs(static_cast<double>(derivatives[2 + root] - expected)) / scale;
      MESSAGE(std::string(activation)
              << " by " << names[index] << ": error of a derivative, relative to the kernel " << error
              << ", stated " << stated);
      CHECK(error < stated + 1e-14);
    }
  }
}

TEST_CASE("a parameter of an activation may be 0") {
  const std::string network =
      "network n(p = 0.0)\ninput x : vector(3)\nactivation f(z) = z + p*sin(z)\n"
      "output x |> dense(b_std = 0.5) |> f |> dense\n";
  const Program plain = kernel_ir::parse(show(network, Stage::kernel));
  const Program derived = kernel_ir::parse(show(network, Stage::kernel, {.derivatives = {"p"}}));
  const auto at = kernel_ir::input_covariance(pairs[0][0], pairs[0][1]);
  const auto derivatives = kernel_ir::interpret(derived, at);
  const double h = std::ldexp(1.0, -26);
  for (std::size_t root = 0; root < 2; ++root) {
    const Quad expected = (values_at(plain, 0, h, at)[root] - values_at(plain, 0, -h, at)[root]) / (2 * h);
    CHECK(static_cast<double>(derivatives[2 + root]) ==
          doctest::Approx(static_cast<double>(expected)).epsilon(1e-12));
    CHECK(expected != 0);
  }
}

TEST_CASE("derivatives through the bivariate normal distribution are the limits of finite differences") {
  // Of the closed forms themselves: quadrature would take its time.
  for (const char* activation : {"hard_tanh", "elu", "selu"}) {
    double worst = 0;
    for (std::size_t kind : {0U, 2U}) {
      const Program derived =
          kernel_ir::parse(show(networks(activation)[kind], Stage::kernel, {.derivatives = {"w", "b"}}));
      for (const auto& [x, y] : pairs) {
        const auto at = kernel_ir::input_covariance(x, y);
        const auto derivatives = kernel_ir::interpret(derived, at);
        const auto at_x = kernel_ir::interpret(derived, kernel_ir::input_covariance(x, x));
        const auto at_y = kernel_ir::interpret(derived, kernel_ir::input_covariance(y, y));
        for (std::size_t p = 0; p < 2; ++p) {
          const double v = derived.parameters[p].value;
          const double h = std::ldexp(1.0, -20);
          const auto above = values_at(derived, p, v + h, at);
          const auto below = values_at(derived, p, v - h, at);
          for (std::size_t root = 0; root < 2; ++root) {
            const Quad expected = (above[root] - below[root]) / (2 * h);
            const double scale = std::sqrt(static_cast<double>(at_x[root] * at_y[root]));
            const double error =
                std::fabs(static_cast<double>(derivatives[2 + 2 * p + root] - expected)) / scale;
            worst = test::larger_error(worst, error);
          }
        }
      }
    }
    MESSAGE(std::string(activation) << ": worst error of a derivative, relative to the kernel " << worst);
    CHECK(worst < 1e-9);  // what the step h leaves
  }
}

TEST_CASE("compiled derivatives agree with the interpreter") {
  for (const char* activation : {"relu", "gelu", "leaky_relu(p)", "swish(p)"}) {
    for (const std::string& network : {networks(activation).front(), networks(activation).back()}) {
      CompileOptions options;
      options.derivatives = {"w", "p"};
      const Program derived = kernel_ir::parse(show(network, Stage::kernel, options));
      const KernelFunctions kernel = compile(network, options);
      REQUIRE(kernel.kernels.size() == 6);
      CHECK(kernel.kernels[5].name == "dTheta_dp");
      for (const auto& [x, y] : pairs) {
        // Far beyond the inputs that the expansion is for, e^z overflows.
        if (activation == std::string("swish(p)") && std::fabs(y[0]) > 100) continue;
        RowMatrix rows(2, 3);
        for (int k = 0; k < 3; ++k) {
          rows(0, k) = x[static_cast<std::size_t>(k)];
          rows(1, k) = y[static_cast<std::size_t>(k)];
        }
        for (std::size_t stack = 2; stack < 6; ++stack) {
          RowMatrix result(2, 2);
          const std::vector<MatrixView<double>> view = {{result.data(), 2, 2}};
          gram<double>(kernel, kernel.kernels[stack], MatrixView<const double>(rows.data(), 2, 3), view);
          const auto at = [&](const auto& a, const auto& b) {
            return static_cast<double>(
                kernel_ir::interpret(derived, kernel_ir::input_covariance(a, b))[stack]);
          };
          const double scale = std::sqrt(std::fabs(at(x, x) * at(y, y)));
          CHECK(std::fabs(result(0, 1) - at(x, y)) <= 1e-11 * scale);
          CHECK(std::fabs(result(0, 0) - at(x, x)) <= 1e-12 * std::fabs(at(x, x)));
        }
      }
    }
  }
}

TEST_CASE("expansions of functions that jump have no derivatives") {
  const auto of = [](const std::string& function, bool theta) {
    const std::string network = "activation f(z, a) = " + function +
                                "\nnetwork n(w = 1.5, a = 0.5)\ninput x : vector(3)\noutput x |> "
                                "dense(W_std = w) |> f(a) |> dense\n";
    try {
      CompileOptions options;
      options.theta = theta;
      options.derivatives = {"w", "a"};
      static_cast<void>(show(network, Stage::kernel, options));
      return std::string();
    } catch (const CompileError& error) {
      return std::string(error.what());
    }
  };
  // What breaks at a is not split off where a is differentiated by.
  const std::string kink = of("tanh(z)*abs(z - a)", true);
  CHECK(kink.find("is an expansion of a function that jumps") != std::string::npos);
  CHECK(of("tanh(z)*abs(z - a)", false).empty());
  CHECK(of("tanh(z)*sign(z - a)", false).find("no-derivative") != std::string::npos);
  CHECK(of("tanh(z) + a*tanh(abs(z))", true).empty());
  CHECK(of("a*tanh(z)*sign(z - 0.5)", true).empty());
  CHECK(of("tanh(z) + a*z", true).empty());
}

TEST_CASE("derivatives behind one-sided exponentials and thresholds, equal inputs included") {
  const auto kernel_at = [](double p, bool derivative) {
    CompileOptions options;
    options.theta = false;
    options.derivatives = {"p"};
    std::ostringstream exactly;
    exactly << std::setprecision(17) << p;
    options.definitions = {{"p", exactly.str()}};
    const KernelFunctions kernel = compile(
        "activation soft(z, t) = where(z > t, z - t, 0)\nnetwork n(p = 0.8)\ninput x : vector(3)\n"
        "output x |> dense(W_std = 1 + p, b_std = 0.2) |> elu(p) |> dense |> soft(p / 2) |> dense\n",
        options);
    RowMatrix rows(2, 3);
    rows << 1, -0.5, 0.25, 0.5, 2, -1;
    RowMatrix result(2, 2);
    if (!derivative) return RowMatrix(gram(kernel, KernelKind::sigma, rows));
    const std::vector<MatrixView<double>> view = {{result.data(), 2, 2}};
    gram<double>(kernel, *kernel.find("dSigma_dp"), MatrixView<const double>(rows.data(), 2, 3), view);
    return result;
  };
  const auto difference = [&](double h) -> RowMatrix {
    return (kernel_at(0.8125 + h, false) - kernel_at(0.8125 - h, false)) / (2 * h);
  };
  constexpr double h = 0x1p-6;
  const RowMatrix finer = (4 * difference(h / 4) - difference(h / 2)) / 3;
  const RowMatrix coarser = (4 * difference(h / 2) - difference(h)) / 3;
  const RowMatrix expected = (16 * finer - coarser) / 15;  // leaves h⁶ = 1.5e-11
  const RowMatrix derivative = kernel_at(0.8125, true);
  CHECK((derivative - expected).cwiseAbs().maxCoeff<Eigen::PropagateNaN>() < 1e-11);
  CHECK(expected.cwiseAbs().minCoeff() > 1e-2);
}

TEST_CASE("derivatives that there are not are refused") {
  const auto refused = [](const std::string& parameter) {
    try {
      static_cast<void>(
          show("network n(depth = 2, a = 0.5, w = 1.5)\ninput x : vector(3)\nh = x\n"
               "repeat depth { h = h |> dense(W_std = w) |> leaky_relu(a) }\noutput h |> dense\n",
               Stage::kernel, {.derivatives = {parameter}}));
      return std::string();
    } catch (const CompileError& error) {
      return std::string(error.what());
    }
  };
  CHECK(refused("w").empty());
  CHECK(refused("depth").find("no derivative with respect to `depth`, which is an integer [no-derivative]") !=
        std::string::npos);
  CHECK(refused("a").empty());
  CHECK(refused("v").find(
            "network `n` has no parameter `v` to differentiate with respect to [unknown-parameter]") !=
        std::string::npos);
}
