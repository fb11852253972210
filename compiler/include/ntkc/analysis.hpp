// What a network's recursion does in the limit of great depth: fixed points, slopes, phase, depth scales.
//
// One iteration of the network's `repeat` maps the covariances of two inputs, q = Σ(x, x) and c = Σ(x, x'),
// of the values that it carries: q ↦ Q(q), c ↦ C(c; q, q'). Notation and theory: Poole et al. 2016
// (arXiv:1606.05340), Schoenholz et al. 2017 (arXiv:1611.01232), Hayou et al. 2019 (arXiv:1902.06853), Xiao
// et al. 2020 (arXiv:1912.13053).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/compile_options.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

enum class Phase : std::uint8_t {
  ordered,    ///< χ₁ < 1: inputs become alike, gradients vanish
  critical,   ///< χ₁ = 1 within `critical_tolerance`
  chaotic,    ///< χ₁ > 1: like inputs become unlike, gradients explode
  unbounded,  ///< q grows without end: there is no fixed point
};
std::string_view name(Phase phase);

/// |χ₁ - 1| up to which a network counts as critical; ξ is then beyond 10⁶ iterations.
inline constexpr double critical_tolerance = 1e-6;

/// |u - u*| ≈ coefficient / L^exponent after L iterations.
struct PowerLaw {
  double exponent = 0;
  std::optional<double> coefficient;  ///< nothing: it depends on the inputs
};

/// Where one of the values goes that a `repeat` carries.
struct ValueLimit {
  std::string name;    ///< in the text
  double entry_q = 0;  ///< q of what enters the first iteration, for inputs with |x|² = d
  /// Where q goes from entry_q, the others with it: Q(q) = q. Nothing if it grows without end.
  std::optional<double> q;
  /// The stable fixed point of the correlation. Nothing if every u is fixed.
  std::optional<double> u;
};

/// Of a map of n values: n = 1 for most networks. Slopes are spectral radii of matrices then, of ∂C_i/∂c_j
/// and of ∂Q_i/∂q_j.
struct FixedPoint {
  std::int64_t iterations = 0;     ///< of the `repeat`, as in the text
  std::vector<ValueLimit> values;  ///< those that are made of one another, one at least
  Phase phase = Phase::critical;

  bool every_q = false;  ///< Q(q) = q for all q
  /// Q(q)/q there, or in the limit of small or large q; 0 or infinite if q shrinks or grows faster than by
  /// any factor.
  double growth = 1;
  double q_slope = 0;  ///< dQ/dq there
  /// Iterations in which q - q* shrinks by e: -1/log |dQ/dq|. Nothing if that is infinite.
  std::optional<double> q_depth;

  double chi_1 = 0;  ///< ∂C/∂c at u = 1: what squared gradients are multiplied by per iteration
  double chi_u = 0;  ///< ∂C/∂c at u*
  /// Iterations in which u - u* shrinks by e: -1/log χ. Nothing if that is infinite.
  std::optional<double> correlation_depth;
  /// 6ξ, the depth up to which networks train (Schoenholz et al. 2017, section 5). Nothing if infinite.
  std::optional<double> trainable_depth;
  /// Where ξ is infinite and u goes to u* all the same; of the first value.
  std::optional<PowerLaw> power_law;

  /// What expansions may leave out of an entry there, relative to the diagonal; 0 if all is in closed form.
  double remainder = 0;
};

/// Condition numbers of the Gram matrix of pairwise orthogonal inputs with |x|² = d, by depth. Such a matrix
/// is (k(1) - k(u)) I + k(u) 11ᵀ: its condition number is (k(1) + (n-1) k(u))/(k(1) - k(u)) for k(u) >= 0
/// (Xiao et al. 2020, section 3, compares these two eigenvalues).
struct ConditionDepth {
  double limit = 0;                   ///< 1/ε
  std::optional<std::int64_t> sigma;  ///< first iteration after which the condition number of Σ is above
  std::optional<std::int64_t> theta;  ///< of Θ
};
struct Conditioning {
  std::int64_t inputs = 0;
  /// Iterations: 100 000 at most, fewer where each takes long, as where activations are expanded anew for each.
  /// Where `sigma` or `theta` has no value, the limit is not passed in these.
  std::int64_t followed = 0;
  bool settled = false;     ///< nothing changes any more: it never will be
  bool left_range = false;  ///< q has become too small or too large for double precision
  ConditionDepth f32;
  ConditionDepth f64;
};

namespace analysis {
class Maps;
}

/// The maps of one iteration; what the functions below are made from. Not to be used by several threads at
/// once.
class Recursion {
 public:
  /// Of the last outermost `repeat`, whatever its count. Throws CompileError, and InputError if the network has
  /// none, or no such map. Of the values that a `repeat`
  /// carries those are followed that are made of themselves or of one another; what is made of a value from
  /// outside, such as the inputs, is refused.
  explicit Recursion(std::string_view arch_text, const CompileOptions& options = {},
                     const std::string& file_name = "<string>");
  Recursion(Recursion&&) noexcept;
  Recursion& operator=(Recursion&&) noexcept;
  ~Recursion();

  [[nodiscard]] const std::string& network() const { return network_; }
  /// The names of the values that are followed.
  [[nodiscard]] const std::vector<std::string>& values() const { return values_; }
  /// Of the `repeat`, as in the text.
  [[nodiscard]] std::int64_t iterations() const { return iterations_; }
  [[nodiscard]] analysis::Maps& maps() const { return *maps_; }

 private:
  std::string network_;
  std::int64_t iterations_ = 0;
  std::vector<std::string> values_;
  std::unique_ptr<analysis::Maps> maps_;
};

/// Throws NumericalError if the maps are not finite, or if variances have no limit within 100 000 iterations.
FixedPoint find_fixed_point(const Recursion& recursion);
/// Of the Gram matrices of value number `value`.
Conditioning find_conditioning(const Recursion& recursion, std::int64_t inputs = 100, std::size_t value = 0);

/// C(u)/Q(q) of value number `value` where all have the correlation u, for each u in [-1, 1]: at the fixed
/// point of q, at its value on entry if that is 0 or infinite.
std::vector<double> correlation_map(const Recursion& recursion, const FixedPoint& fixed_point,
                                    const std::vector<double>& correlations, std::size_t value = 0);
/// 1 - u of two inputs with |x|² = d after 0, 1, …, `iterations` iterations, from correlation `start` of the
/// inputs on. Ends early where q is 0 or infinite.
std::vector<double> follow_correlation(const Recursion& recursion, double start, int iterations,
                                       std::size_t value = 0);

/// A network parameter over a range, ascending.
struct Sweep {
  std::string parameter;
  std::vector<double> values;
};

/// Fixed points over one parameter or two.
struct PhaseDiagram {
  std::string network;
  std::vector<Sweep> sweeps;  ///< one or two
  std::vector<FixedPoint>
      points;  ///< points[j * n + i] at value i of the first sweep and value j of the second

  /// Where χ₁ = 1, between two grid points with χ₁ on different sides: exact to 1e-7 of their distance.
  struct Edge {
    double first = 0;   ///< value of the first sweep's parameter
    double second = 0;  ///< of the second, if there is one
  };
  std::vector<Edge> edge;
};

/// One derivation a point. `options.definitions` hold for all parameters that are not swept. `progress` is
/// called with the fraction that is done; it may throw to stop.
PhaseDiagram find_phases(std::string_view arch_text, const CompileOptions& options,
                         const std::string& file_name, const std::vector<Sweep>& sweeps,
                         const std::function<void(double)>& progress = {});

}  // namespace ntkc
#pragma GCC visibility pop
