#include "simulator/activation_function.hpp"

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <numbers>
#include <utility>

namespace ntkc::simulator {
namespace {

using layer_graph::Builtin;

std::pair<double, double> evaluate_builtin(Builtin builtin, double alpha, double z) {
  const double density = std::exp(-z * z / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  switch (builtin) {
    case Builtin::relu:
      return {z > 0 ? z : 0, z > 0 ? 1 : 0};
    case Builtin::leaky_relu:
      return {z > 0 ? z : alpha * z, z > 0 ? 1 : alpha};
    case Builtin::abs:
      return {std::abs(z), z > 0 ? 1 : -1};
    case Builtin::erf:
      return {std::erf(z), 2 * std::numbers::inv_sqrtpi * std::exp(-z * z)};
    case Builtin::gelu: {
      const double distribution = (1 + std::erf(z / std::numbers::sqrt2)) / 2;
      return {z * distribution, distribution + z * density};
    }
    case Builtin::sin:
      return {std::sin(z), std::cos(z)};
    case Builtin::cos:
      return {std::cos(z), -std::sin(z)};
    case Builtin::identity:
    case Builtin::dense:
      break;
  }
  return {z, 1};
}

}  // namespace

ActivationFunction::ActivationFunction(const layer_graph::LayerGraph& graph,
                                       const layer_graph::LayerNode& node)
    : builtin_(node.builtin) {
  if (builtin_ == Builtin::leaky_relu)
    alpha_ = graph.scalars[std::get<layer_graph::ScalarId>(argument(node, "alpha"))].value;
}

void ActivationFunction::evaluate(const double* z, std::int64_t count, double* value,
                                  double* derivative) const {
  for (std::int64_t i = 0; i < count; ++i) {
    const auto [phi, slope] = evaluate_builtin(builtin_, alpha_, z[i]);
    if (value != nullptr) value[i] = phi;
    if (derivative != nullptr) derivative[i] = slope;
  }
}

double mean_square(const ActivationFunction& function) {
  const auto integrand = [&](double z) {
    double value = 0;
    function.evaluate(&z, 1, &value, nullptr);
    return value * value * std::exp(-z * z / 2);
  };
  // Split at 0, where most activations have their kink; the density at 38 is the smallest normal number.
  using Quadrature = boost::math::quadrature::gauss_kronrod<double, 31>;
  constexpr unsigned refinements = 20;
  const double integral = Quadrature::integrate(integrand, -38.0, 0.0, refinements, 1e-10) +
                          Quadrature::integrate(integrand, 0.0, 38.0, refinements, 1e-10);
  return integral * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

}  // namespace ntkc::simulator
