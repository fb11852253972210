#include "simulator/activation_function.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <map>
#include <numbers>
#include <set>
#include <stdexcept>

namespace ntkc::simulator {
namespace {

using layer_graph::Scalar;
using layer_graph::ScalarId;
using layer_graph::ScalarOperation;

/// How many entries go through all instructions together, few enough to stay in the first cache.
constexpr std::int64_t chunk = 64;

/// A value and its derivative by z.
struct Dual {
  double value;
  double derivative;
};

struct Chunk {
  double values[chunk];
  double derivatives[chunk];
};

double sign_of(double a) { return static_cast<double>((a > 0) - (a < 0)); }

template <typename Rule>
void unary(const Chunk& a, Chunk& result, Rule rule) {
  for (std::int64_t i = 0; i < chunk; ++i) {
    const Dual dual = rule(a.values[i], a.derivatives[i]);
    result.values[i] = dual.value;
    result.derivatives[i] = dual.derivative;
  }
}

template <typename Rule>
void binary(const Chunk& a, const Chunk& b, Chunk& result, Rule rule) {
  for (std::int64_t i = 0; i < chunk; ++i) {
    const Dual dual = rule(Dual{a.values[i], a.derivatives[i]}, Dual{b.values[i], b.derivatives[i]});
    result.values[i] = dual.value;
    result.derivatives[i] = dual.derivative;
  }
}

/// The power: d(a^b) = b a^(b−1) da + a^b ln a db. The second term is left out where b is constant, so that a
/// may be negative.
Dual power(Dual a, Dual b) {
  const double value = std::pow(a.value, b.value);
  double derivative = b.value == 0 ? 0 : b.value * std::pow(a.value, b.value - 1) * a.derivative;
  if (b.derivative != 0) derivative += value * std::log(a.value) * b.derivative;
  return {value, derivative};
}

/// The one of a and b that `prefers_first(a, b)` says. Where neither is preferred the derivative is the mean
/// of both.
template <typename Order>
Dual choose(Dual a, Dual b, Order prefers_first) {
  if (prefers_first(a.value, b.value)) return a;
  if (prefers_first(b.value, a.value)) return b;
  return {a.value, (a.derivative + b.derivative) / 2};
}

/// a < b ? c : d
void select(const Chunk& a, const Chunk& b, const Chunk& c, const Chunk& d, Chunk& result) {
  for (std::int64_t i = 0; i < chunk; ++i) {
    const Chunk& chosen = a.values[i] < b.values[i] ? c : d;
    result.values[i] = chosen.values[i];
    result.derivatives[i] = chosen.derivatives[i];
  }
}

void apply(ScalarOperation operation, const Chunk& a, const Chunk& b, Chunk& result) {
  switch (operation) {
    case ScalarOperation::add:
      return binary(a, b, result,
                    [](Dual x, Dual y) { return Dual{x.value + y.value, x.derivative + y.derivative}; });
    case ScalarOperation::subtract:
      return binary(a, b, result,
                    [](Dual x, Dual y) { return Dual{x.value - y.value, x.derivative - y.derivative}; });
    case ScalarOperation::multiply:
      return binary(a, b, result, [](Dual x, Dual y) {
        return Dual{x.value * y.value, x.derivative * y.value + x.value * y.derivative};
      });
    case ScalarOperation::divide:
      return binary(a, b, result, [](Dual x, Dual y) {
        const double quotient = x.value / y.value;
        return Dual{quotient, (x.derivative - quotient * y.derivative) / y.value};
      });
    case ScalarOperation::power:
      return binary(a, b, result, power);
    case ScalarOperation::minimum:
      return binary(a, b, result,
                    [](Dual x, Dual y) { return choose(x, y, [](double p, double q) { return p < q; }); });
    case ScalarOperation::maximum:
      return binary(a, b, result,
                    [](Dual x, Dual y) { return choose(x, y, [](double p, double q) { return p > q; }); });
    case ScalarOperation::square_root:
      return unary(a, result, [](double v, double d) {
        const double root = std::sqrt(v);
        return Dual{root, d / (2 * root)};
      });
    case ScalarOperation::exp:
      return unary(a, result, [](double v, double d) {
        const double value = std::exp(v);
        return Dual{value, value * d};
      });
    case ScalarOperation::log:
      return unary(a, result, [](double v, double d) { return Dual{std::log(v), d / v}; });
    case ScalarOperation::sin:
      return unary(a, result, [](double v, double d) { return Dual{std::sin(v), std::cos(v) * d}; });
    case ScalarOperation::cos:
      return unary(a, result, [](double v, double d) { return Dual{std::cos(v), -std::sin(v) * d}; });
    case ScalarOperation::tanh:
      return unary(a, result, [](double v, double d) {
        const double value = std::tanh(v);
        return Dual{value, (1 - value * value) * d};
      });
    case ScalarOperation::erf:
      return unary(a, result, [](double v, double d) {
        return Dual{std::erf(v), 2 * std::numbers::inv_sqrtpi * std::exp(-v * v) * d};
      });
    case ScalarOperation::abs:
      return unary(a, result, [](double v, double d) { return Dual{std::abs(v), sign_of(v) * d}; });
    case ScalarOperation::sign:
      return unary(a, result, [](double v, double /*d*/) { return Dual{sign_of(v), 0}; });
    default:
      break;
  }
  throw std::logic_error("not an operation on functions");
}

/// The scalars that `root` is made of.
std::set<ScalarId> ancestry(const std::vector<Scalar>& scalars, ScalarId root) {
  std::set<ScalarId> found = {root};
  std::vector<ScalarId> open = {root};
  while (!open.empty()) {
    const Scalar& scalar = scalars[open.back()];
    open.pop_back();
    for (std::size_t i = 0; i < layer_graph::operand_count(scalar.operation); ++i)
      if (found.insert(scalar.operands[i]).second) open.push_back(scalar.operands[i]);
  }
  return found;
}

}  // namespace

ActivationFunction::ActivationFunction(const layer_graph::LayerGraph& graph, ScalarId function) {
  std::map<ScalarId, Slot> slots;
  std::vector<bool> depends;  // by slot: on z
  for (const ScalarId id : ancestry(graph.scalars, function)) {
    const Scalar& scalar = graph.scalars[id];
    Instruction instruction = {scalar.operation, {}, scalar.value};
    bool is_function = scalar.operation == ScalarOperation::variable;
    for (std::size_t i = 0; i < layer_graph::operand_count(scalar.operation); ++i) {
      instruction.operands[i] = slots.at(scalar.operands[i]);
      is_function = is_function || depends[instruction.operands[i]];
    }
    if (!is_function) instruction.operation = ScalarOperation::literal;
    slots[id] = instructions_.size();
    instructions_.push_back(instruction);
    depends.push_back(is_function);
  }
}

void ActivationFunction::evaluate(const double* z, std::int64_t count, double* value,
                                  double* derivative) const {
  std::vector<Chunk> slots(instructions_.size());
  for (Slot slot = 0; slot < slots.size(); ++slot) {
    if (instructions_[slot].operation == ScalarOperation::literal)
      std::fill_n(slots[slot].values, chunk, instructions_[slot].constant);
  }
  for (std::int64_t done = 0; done < count; done += chunk) {
    const std::int64_t size = std::min(chunk, count - done);
    for (Slot slot = 0; slot < slots.size(); ++slot) {
      const Instruction& instruction = instructions_[slot];
      if (instruction.operation == ScalarOperation::variable) {
        std::copy_n(z + done, size, slots[slot].values);
        std::fill_n(slots[slot].derivatives, chunk, 1.0);
      } else if (instruction.operation == ScalarOperation::select_less) {
        const auto [a, b, c, d] = instruction.operands;
        select(slots[a], slots[b], slots[c], slots[d], slots[slot]);
      } else if (instruction.operation != ScalarOperation::literal) {
        apply(instruction.operation, slots[instruction.operands[0]], slots[instruction.operands[1]],
              slots[slot]);
      }
    }
    if (value != nullptr) std::copy_n(slots.back().values, size, value + done);
    if (derivative != nullptr) std::copy_n(slots.back().derivatives, size, derivative + done);
  }
}

double mean_square(const ActivationFunction& function) {
  const auto integrand = [&](double z) {
    double value = 0;
    function.evaluate(&z, 1, &value, nullptr);
    return value * value * std::exp(-z * z / 2);
  };
  // The integral is split at 0, where most activations have their kink. At 38 the density is about the
  // smallest normal number.
  using Quadrature = boost::math::quadrature::gauss_kronrod<double, 31>;
  constexpr unsigned refinements = 20;
  const double integral = Quadrature::integrate(integrand, -38.0, 0.0, refinements, 1e-10) +
                          Quadrature::integrate(integrand, 0.0, 38.0, refinements, 1e-10);
  return integral * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

}  // namespace ntkc::simulator
