// Random networks over positions as kernel IR, as convolutions, pooling and what else spatial layers make of
// them will be, with both kernels.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/support/networks.hpp"

namespace ntkc::test {

using kernel_ir::Congruent;
using kernel_ir::Coupled;
using kernel_ir::Extents;
using kernel_ir::PositionMatrix;
using kernel_ir::Space;
using kernel_ir::Window;

/// The window of TensorFlow's `same` padding for an odd or even filter: ⌈n/stride⌉ outputs.
inline Window same_window(std::int64_t size, std::int64_t inputs, std::int64_t stride = 1) {
  const std::int64_t outputs = (inputs + stride - 1) / stride;
  const std::int64_t padding = std::max<std::int64_t>((outputs - 1) * stride + size - inputs, 0);
  return {.size = size, .stride = stride, .low = padding / 2, .high = padding - padding / 2};
}

/// All positions of a value as taps or as one window, to a point.
inline std::vector<Window> whole(const Extents& extents) {
  std::vector<Window> result;
  for (const std::int64_t extent : extents) result.push_back({.size = extent});
  return result;
}
inline Coupled flatten(const Extents& extents) { return {whole(extents), true}; }
inline Congruent global_pool(const Extents& extents) {
  const std::vector<Window> windows = whole(extents);
  return {{windows.begin(), windows.end()}, std::nullopt, true};
}

inline Value mapped(Program& p, Value in, kernel_ir::Operation operation, const kernel_ir::Attribute& map) {
  return {p.apply(operation, {in.sigma}, map),
          in.theta == kernel_ir::no_node ? in.theta : p.real(operation, {in.theta}, map)};
}
/// Σ' = W² AΣ + b², Θ' = W² AΘ + Σ' with A the mean over the taps.
inline Value convolution(Program& p, Value in, const Coupled& map, double weight, double bias) {
  return dense(p, mapped(p, in, kernel_ir::Operation::coupled, map), weight, bias);
}
inline Value activated(Program& p, Value in, const std::string& activation) {
  const NodeId phi = define(p, activation);
  const NodeId slope = p.dual_derivative(in.sigma, phi);
  return {p.dual(in.sigma, phi), p.multiply(in.theta, slope)};
}

class SpatialNetwork {
 public:
  SpatialNetwork(std::uint64_t seed, std::vector<std::string> activations)
      : random_(seed), activations_(std::move(activations)) {}

  /// Of `depth` layers, with roots Sigma and Theta at a point or at positions.
  Program build(int depth, std::int64_t channels = 3) {
    static const Extents shapes[] = {{4}, {5}, {2, 3}, {3, 3}};
    extents_ = shapes[pick(4)];
    p_.name = "spatial";
    p_.input_size = channels;
    p_.input_positions = extents_;
    Value h = {p_.input_cross(Space::full), kernel_ir::no_node};
    h = convolution(p_, h, window_map(), 1.25, 0);
    for (int i = 0; i < depth; ++i) h = layer(h);
    switch (pick(4)) {
      case 0:
        break;
      case 1:
        h = mapped(p_, h, kernel_ir::Operation::congruent, global_pool(extents_));
        break;
      default:
        h = mapped(p_, h, kernel_ir::Operation::coupled, flatten(extents_));
    }
    h = dense(p_, h, 1.25, 0.5);
    p_.roots = {{"Sigma", h.sigma}, {"Theta", h.theta}};
    return std::move(p_);
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }

  /// Keeps the extents.
  Coupled window_map() {
    Coupled map;
    for (const std::int64_t extent : extents_) {
      Window window = same_window(1 + static_cast<std::int64_t>(pick(3)), extent);
      window.circular = pick(3) == 0;
      map.windows.push_back(window);
    }
    return map;
  }
  /// Any map that leaves two positions in every dimension; changes the extents.
  std::vector<Window> changing_windows() {
    std::vector<Window> windows;
    for (std::int64_t& extent : extents_) {
      const Window choices[] = {same_window(3, extent),
                                same_window(2, extent, 2),
                                {.size = 2},
                                {.size = 2, .dilation = 2, .low = 1, .high = 1},
                                {.size = 3, .base_dilation = 2, .low = 1, .high = 1},  // transposed
                                {.size = 3, .base_dilation = 2, .low = 2, .high = 1, .circular = true}};
      Window window = choices[pick(6)];
      if (window.outputs(extent) < 2 || window.outputs(extent) > 5) window = {};
      extent = window.outputs(extent);
      windows.push_back(window);
    }
    return windows;
  }
  Congruent congruent_map() {
    Congruent map;
    if (pick(4) == 0) {  // over all positions: an aggregation with a matrix
      const std::int64_t count = kernel_ir::position_count(extents_);
      map.factors.emplace_back(matrix(count, count, -1));
      map.joint = extents_;
      return map;
    }
    if (pick(3) == 0) {  // a matrix for each dimension, as of `resize`; a slice; an embedding
      for (std::int64_t& extent : extents_) {
        switch (pick(3)) {
          case 0:
            map.factors.emplace_back(matrix(3, extent, 0));
            extent = 3;
            break;
          case 1:
            map.factors.emplace_back(Window{.low = -1, .high = 1});
            break;
          default:
            map.factors.emplace_back(Window{.low = 1});
            ++extent;
        }
      }
      return map;
    }
    for (const Window& window : changing_windows()) map.factors.emplace_back(window);
    return map;
  }
  PositionMatrix matrix(std::int64_t rows, std::int64_t columns, int smallest) {
    PositionMatrix result{columns, {}};
    for (std::int64_t row = 0; row < rows; ++row) {
      auto& entries = result.rows.emplace_back();
      for (std::int64_t column = 0; column < columns; ++column) {
        const double weight = 0.25 * (smallest + static_cast<int>(pick(3)));
        if (weight != 0 || column == row % columns) entries.push_back({column, weight == 0 ? 1 : weight});
      }
    }
    return result;
  }

  Value layer(Value h) {
    const std::string& activation = activations_[pick(activations_.size())];
    switch (pick(6)) {
      case 0: {  // a residual block
        const Value branch = convolution(p_, activated(p_, h, activation), window_map(), 1.25, 0.25);
        const Value shortcut = dense(p_, h, 0.75, 0);
        return {p_.add(branch.sigma, shortcut.sigma), p_.add(branch.theta, shortcut.theta)};
      }
      case 1:
        return mapped(p_, h, kernel_ir::Operation::congruent, congruent_map());
      case 2:
        return loop(h, activation);
      default: {
        const Value after = activated(p_, h, activation);
        const Coupled map = pick(2) == 0 ? window_map() : Coupled{changing_windows(), false};
        return convolution(p_, after, map, 1.25, pick(2) == 0 ? 0 : 0.5);
      }
    }
  }
  Value loop(Value h, const std::string& activation) {
    const NodeId all = p_[h.sigma].self;
    const auto region = p_.begin_loop({{p_.variance(h.sigma), Dependence::sample, Carried::no_self},
                                       {all, Dependence::sample, 0},
                                       {h.sigma, Dependence::pair, 1},
                                       {h.theta, Dependence::pair, Carried::no_self}},
                                      2 + static_cast<std::int64_t>(pick(2)));
    const auto arguments = p_.regions()[region].arguments;
    Value next = {arguments[2], arguments[3]};
    if (pick(2) == 0) {
      Congruent mean;
      for (const std::int64_t extent : extents_) mean.factors.emplace_back(same_window(3, extent));
      next = mapped(p_, next, kernel_ir::Operation::congruent, mean);
    }
    next = convolution(p_, activated(p_, next, activation), window_map(), 1.25, 0.25);
    const NodeId self = p_[next.sigma].self;
    const auto results = p_.end_loop({p_.variance(next.sigma), self, next.sigma, next.theta});
    return {results[2], results[3]};
  }

  std::mt19937_64 random_;
  std::vector<std::string> activations_;
  Program p_;
  Extents extents_;
};

}  // namespace ntkc::test
