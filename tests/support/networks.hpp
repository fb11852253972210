// Random networks as kernel IR, and pairs of inputs worth trying them on.
#pragma once

#include <cmath>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "tests/support/functions.hpp"

namespace ntkc::test {

using kernel_ir::Carried;
using kernel_ir::Dependence;
using kernel_ir::NodeId;
using kernel_ir::Program;
using kernel_ir::Quad;

struct InputPair {
  std::string kind;
  std::vector<double> x;
  std::vector<double> y;
};

inline std::vector<double> random_vector(std::mt19937_64& random, int size, double scale = 1) {
  std::normal_distribution<double> normal;
  std::vector<double> result(static_cast<std::size_t>(size));
  for (double& value : result) value = scale * normal(random);
  return result;
}

/// One pair of each kind: random, near (three distances), nearly opposite, exactly equal and opposite,
/// scaled, tiny, zero.
inline std::vector<InputPair> input_pairs(std::mt19937_64& random, int size) {
  const auto x = random_vector(random, size);
  const auto moved = [&](double factor, double noise) {
    auto y = random_vector(random, size, noise);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += factor * x[i];
    return y;
  };
  std::vector<double> opposite = x;
  for (double& value : opposite) value = -value;
  std::vector<InputPair> pairs = {
      {"random", x, random_vector(random, size)},
      {"near 1e-3", x, moved(1, 1e-3)},
      {"near 1e-7", x, moved(1, 1e-7)},
      {"near 1e-12", x, moved(1, 1e-12)},
      {"duplicate", x, x},
      {"opposite", x, opposite},
      {"nearly opposite", x, moved(-1, 1e-9)},
      {"scaled", x, moved(2.5, 0)},
      {"small", random_vector(random, size, 0.1), random_vector(random, size, 0.1)},
      {"scaled near", x, moved(-0.01, 1e-10)},
      {"zero", x, std::vector<double>(x.size(), 0.0)},
  };
  return pairs;
}

/// A layer of a random network: dense, then an activation.
struct RandomLayer {
  double weight = 1;
  double bias = 0;
  std::string activation = relu;  ///< φ, as text in z
};

/// Random slopes are drawn for it.
inline const std::string piecewise_linear_activation = "piecewise linear";

inline RandomLayer random_layer(std::mt19937_64& random, const std::vector<std::string>& activations) {
  const auto pick = [&](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  };
  static constexpr double weights[] = {0.75, 1, 1.25, 1.5};
  static constexpr double biases[] = {0, 0, 0.125, 0.5, 1};
  static const char* const slopes[] = {"0", "-1", "0.2", "-0.5"};
  RandomLayer layer = {weights[pick(4)], biases[pick(5)], activations[pick(activations.size())]};
  if (layer.activation == piecewise_linear_activation)
    layer.activation = piecewise_linear(slopes[pick(4)], "1");
  return layer;
}

struct Value {
  NodeId sigma = 0;
  NodeId theta = kernel_ir::no_node;
};

/// Σ and Θ after a layer, by the textbook recursion: Σ' = W²Σ + b², Θ' = W²Θ + Σ', then Σ = dual, Θ =
/// Θ·dual'.
inline Value dense(Program& p, Value in, double weight, double bias) {
  Value out;
  out.sigma = p.multiply(p.literal(weight * weight), in.sigma);
  if (bias != 0) out.sigma = p.add(out.sigma, p.literal(bias * bias));
  const NodeId cross = p.cross(out.sigma);
  out.theta =
      in.theta == kernel_ir::no_node ? cross : p.add(p.multiply(p.literal(weight * weight), in.theta), cross);
  return out;
}

inline Value apply(Program& p, Value in, const RandomLayer& layer) {
  const Value h = dense(p, in, layer.weight, layer.bias);
  const NodeId phi = define(p, layer.activation);
  return {p.dual(h.sigma, phi), p.multiply(h.theta, p.dual_derivative(h.sigma, phi))};
}

inline Value loop(Program& p, Value in, const RandomLayer& layer, std::int64_t count) {
  const NodeId theta = in.theta == kernel_ir::no_node ? p.literal(0) : in.theta;
  const auto region = p.begin_loop({{p[in.sigma].self, Dependence::sample, Carried::no_self},
                                    {in.sigma, Dependence::pair, 0},
                                    {theta, Dependence::pair, Carried::no_self}},
                                   count);
  const auto arguments = p.regions()[region].arguments;
  const Value next = apply(p, {arguments[1], arguments[2]}, layer);
  const auto results = p.end_loop({p[next.sigma].self, next.sigma, next.theta});
  return {results[1], results[2]};
}

/// A piece of a random network: a layer, `count` times in a loop if that is more than 1, or as a residual
/// block.
struct Step {
  RandomLayer layer;
  int count = 1;
  bool residual = false;
};

inline std::vector<Step> random_steps(std::mt19937_64& random, int depth,
                                      const std::vector<std::string>& activations) {
  const auto chance = [&](int of) { return std::uniform_int_distribution<int>(0, of - 1)(random) == 0; };
  std::vector<Step> steps;
  for (int i = 0; i < depth; ++i) {
    Step step{random_layer(random, activations)};
    if (chance(4)) {
      step.count = 2 + std::uniform_int_distribution<int>(0, 3)(random);
    } else {
      step.residual = chance(4);
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

/// The network of the steps with a dense layer at the end, roots Sigma and Theta.
inline Program build(const std::vector<Step>& steps, int input_size) {
  Program p;
  p.name = "random";
  p.input_size = input_size;
  Value h = {p.input_cross(), kernel_ir::no_node};
  for (const Step& step : steps) {
    if (step.count > 1) {
      h = loop(p, h, step.layer, step.count);
    } else if (step.residual) {
      const Value branch = dense(p, apply(p, h, step.layer), 1.25, 0.125);
      const Value shortcut = dense(p, h, 0.75, 0);
      h = {p.add(branch.sigma, shortcut.sigma), p.add(branch.theta, shortcut.theta)};
    } else {
      h = apply(p, h, step.layer);
    }
  }
  h = dense(p, h, 1.25, 0.5);
  p.roots = {{"Sigma", h.sigma}, {"Theta", h.theta}};
  return p;
}

inline Program random_network(std::mt19937_64& random, int input_size, int depth,
                              const std::vector<std::string>& activations) {
  return build(random_steps(random, depth, activations), input_size);
}

/// What rounding may add up to: the number of layers, and the product of max(1, χ) with χ = W² E[φ'²] the
/// slope of the recursion at q (Poole et al. 2016).
struct ErrorGrowth {
  int layers = 1;
  double gain = 1;
};

inline ErrorGrowth error_growth(const std::vector<Step>& steps, Quad q) {
  ErrorGrowth growth;
  for (const Step& step : steps) {
    const kernel_ir::Function phi = parse_function(step.layer.activation).function();
    const double weight = step.layer.weight;
    for (int i = 0; i < step.count; ++i) {
      const Quad input = q;
      q = weight * weight * q + step.layer.bias * step.layer.bias;
      const kernel_ir::DualValue dual = kernel_ir::evaluate_dual(phi, q, q, q);
      growth.layers += step.residual ? 3 : 1;
      double chi = weight * weight * static_cast<double>(dual.derivative);
      q = dual.value;
      if (step.residual) {
        chi = 1.5625 * chi + 0.5625;
        q = 1.5625 * q + 0.015625 + 0.5625 * input;
      }
      growth.gain *= std::max(1.0, chi);
    }
  }
  return growth;
}

/// Σ and Θ at (x, x), (y, y) and (x, y).
struct KernelValues {
  std::vector<Quad> xx;
  std::vector<Quad> yy;
  std::vector<Quad> xy;
};

inline KernelValues interpret_pair(const Program& p, const InputPair& pair) {
  using kernel_ir::input_covariance;
  using kernel_ir::interpret;
  return {interpret(p, input_covariance(pair.x, pair.x)), interpret(p, input_covariance(pair.y, pair.y)),
          interpret(p, input_covariance(pair.x, pair.y))};
}

/// √(K(x,x) K(y,y)) of root `i`: what errors are relative to.
inline double kernel_scale(const KernelValues& values, std::size_t i) {
  return std::sqrt(static_cast<double>(values.xx[i]) * static_cast<double>(values.yy[i]));
}

}  // namespace ntkc::test
