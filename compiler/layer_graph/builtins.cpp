#include "compiler/layer_graph/builtins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "compiler/layer_graph/layers/layer_traits.hpp"

namespace ntkc::layer_graph {
namespace {

BuiltinInfo activation(std::string_view name, std::string_view formula,
                       std::vector<BuiltinParameter> parameters = {}) {
  return {
      .name = name, .kind = BuiltinKind::activation, .parameters = std::move(parameters), .formula = formula};
}

/// A real parameter of an activation, required if `default_value` is nothing.
BuiltinParameter real(std::string_view name, std::optional<std::string_view> default_value,
                      std::string_view purpose) {
  return {.name = name,
          .type = ParameterType::real,
          .default_value = default_value,
          .positional = true,
          .purpose = purpose};
}

BuiltinParameter degree(std::int64_t largest) {
  return {.name = "n",
          .type = ParameterType::integer,
          .default_value = std::nullopt,
          .positional = true,
          .largest = largest,
          .purpose = "degree"};
}

/// The n-th power of z, for texts.
std::string power(std::size_t n) { return n == 1 ? "z" : fmt::format("z^{}", n); }

/// He_n(z)/sqrt(n!), He_0 = 1, He_1 = z, He_{k+1} = z He_k - k He_{k-1} (the probabilists' polynomials, of
/// unit norm under N(0, 1)), written out in powers of z.
std::string hermite(const std::vector<std::int64_t>& integers) {
  const auto n = static_cast<std::size_t>(integers.at(0));
  std::vector<double> before;
  std::vector<double> coefficients = {1};
  double factorial = 1;
  for (std::size_t k = 0; k < n; ++k) {
    std::vector<double> next(k + 2, 0.0);
    for (std::size_t i = 0; i <= k; ++i) next[i + 1] += coefficients[i];
    for (std::size_t i = 0; i < before.size(); ++i) next[i] -= static_cast<double>(k) * before[i];
    before = std::move(coefficients);
    coefficients = std::move(next);
    factorial *= static_cast<double>(k + 1);
  }
  std::string text;
  for (std::size_t i = n + 1; i-- > 0;) {
    if (coefficients[i] == 0) continue;
    text += fmt::format("{}{}{}{}", text.empty() ? "" : " + ", coefficients[i], i == 0 ? "" : "*",
                        i == 0 ? "" : power(i));
  }
  return fmt::format("({})/sqrt({:e})", text, factorial);
}

std::string polynomial(const std::vector<std::int64_t>& integers) {
  std::string text = "c0";
  const auto count = static_cast<std::size_t>(integers.at(0));
  for (std::size_t i = 1; i < count; ++i) text += fmt::format(" + c{}*{}", i, power(i));
  return text;
}

/// Defaults are those of neural-tangents where it has the function.
std::vector<BuiltinInfo> activations() {
  std::vector<BuiltinInfo> table = {
      activation("identity", "z"),
      // Piecewise polynomial
      activation("relu", "max(z, 0)"),
      activation("leaky_relu", "max(z, 0) + alpha*min(z, 0)",
                 {real("alpha", std::nullopt, "slope below zero")}),
      activation("abs", "abs(z)"),
      activation("ab_relu", "a*min(z, 0) + b*max(z, 0)",
                 {real("a", std::nullopt, "slope below zero"), real("b", std::nullopt, "slope above zero")}),
      activation("sign", "sign(z)"),
      activation("step", "where(z < 0, 0, 1)"),
      activation("monomial", "z^n", {degree(32)}),
      activation("rectified_monomial", "where(z < 0, 0, z^n)", {degree(32)}),
      activation("polynomial", "c0 + c1*z + c2*z^2 + ...",
                 {{.name = "c",
                   .type = ParameterType::real,
                   .default_value = std::nullopt,
                   .positional = true,
                   .rank = 1,
                   .longest = 33,
                   .purpose = "coefficients, from the constant one on"}}),
      activation("hermite", "He_n(z)/sqrt(n!)", {degree(16)}),
      // Error function
      activation("erf", "erf(z)"),
      activation("gelu", "z*(1 + erf(z/sqrt(2)))/2"),
      activation("sigmoid_like", "(1 + erf(z/2.4020563531719796))/2"),
      // Exponential and trigonometric
      activation("exp", "exp(a*z)", {real("a", "1", "rate")}),
      activation("gaussian", "a*exp(b*z^2)",
                 {real("a", "1", "height"), real("b", "-1", "minus the inverse square of the width")}),
      activation("gabor", "exp(-z^2)*sin(z)"),
      activation("sin", "sin(z)"),
      activation("cos", "cos(z)"),
      activation("sinusoid", "a*sin(b*z + c)",
                 {real("a", "1", "amplitude"), real("b", "1", "frequency"), real("c", "0", "phase")}),
      activation("rbf", "sqrt(2)*sin(sqrt(2*gamma)*z + pi/4)",
                 {real("gamma", "1", "inverse squared length scale of the kernel")}),
      // Without a dual in closed form
      activation("tanh", "tanh(z)"),
      activation("sigmoid", "1/(1 + exp(-z))"),
      activation("softplus", "log(1 + exp(z))"),
      activation("swish", "z/(1 + exp(-beta*z))", {real("beta", "1", "steepness of the gate")}),
      activation("mish", "z*tanh(log(1 + exp(z)))"),
      // By the bivariate normal distribution
      activation("elu", "where(z < 0, alpha*(exp(z) - 1), z)",
                 {real("alpha", "1", "minus the limit at minus infinity")}),
      activation("selu", "1.0507009873554805*where(z < 0, 1.6732632423543772*(exp(z) - 1), z)"),
      activation("hard_tanh", "max(min(z, 1), -1)"),
  };
  for (BuiltinInfo& entry : table) {
    if (entry.name == "hermite") entry.definition = hermite;
    if (entry.name == "polynomial") entry.definition = polynomial;
  }
  return table;
}

std::vector<BuiltinInfo> make_table() {
  std::vector<BuiltinInfo> table;
  for (const LayerKind kind : layer_kinds) {
    if (!traits(kind).builtin) continue;
    table.push_back(*traits(kind).builtin);
    table.back().layer = kind;
  }
  std::ranges::move(activations(), std::back_inserter(table));
  return table;
}

constexpr std::string_view later_layers[] = {
#define NTKC_LATER_LAYER(name) #name,
#include "compiler/layer_graph/layers/layers.def"
};

}  // namespace

bool is_later_layer(std::string_view name) {
  return std::ranges::find(later_layers, name) != std::end(later_layers);
}

std::string_view name(BuiltinKind kind) {
  static constexpr std::string_view names[] = {"layer", "activation", "combination"};
  return names[static_cast<std::size_t>(kind)];
}

const std::vector<BuiltinInfo>& builtins() {
  static const std::vector<BuiltinInfo> table = make_table();
  return table;
}

const BuiltinInfo& info(LayerKind layer) {
  const auto& table = builtins();
  const auto found = std::ranges::find(table, layer, &BuiltinInfo::layer);
  if (found == table.end()) throw std::logic_error("a layer that is not in the table of built-ins");
  return *found;
}

const BuiltinInfo* find_builtin(std::string_view name) {
  const auto& table = builtins();
  const auto found = std::ranges::find(table, name, &BuiltinInfo::name);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace ntkc::layer_graph
