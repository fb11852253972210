// Fixed points of q ↦ Q(q) and u ↦ C(u)/Q(q), and what the slopes there say.
#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "compiler/analysis/maps.hpp"
#include "compiler/analysis/slope_law.hpp"
#include "compiler/analysis/variances.hpp"
#include "ntkc/analysis.hpp"
#include "ntkc/errors.hpp"

namespace ntkc {

namespace {

using analysis::Maps;
using analysis::State;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Limits of the maps for q → 0 and q → ∞ are taken where the maps are this near to them. GELU, for example,
/// differs from ReLU, which it tends to, by about 1/√q.
constexpr double limit_error = 1e-3;

/// The number of iterations in which a deviation shrinks (or grows) by a factor of e if each multiplies it by
/// `slope`, 1/|log |slope||. Nothing if that is infinite within the tolerance.
std::optional<double> depth_of(double slope, double tolerance = critical_tolerance) {
  const double size = std::abs(slope);
  if (std::abs(size - 1) <= tolerance) return std::nullopt;
  return size == 0 ? 0 : 1 / std::abs(std::log(size));
}

/// The spectral radius of a matrix of slopes. If there is one value only, its slope, with its sign.
double leading_eigenvalue(const MatrixXd& matrix) {
  if (matrix.size() == 1) return matrix(0, 0);
  if (!matrix.allFinite()) return std::nan("");
  return matrix.eigenvalues().cwiseAbs().maxCoeff();
}

/// Right and left eigenvectors of the leading eigenvalue of a matrix without negative entries, which exist by
/// the theorem of Perron and Frobenius. The first entry of the right one is 1, and so is their product.
struct LeadingDirection {
  VectorXd right;
  VectorXd left;
};
LeadingDirection leading_direction(const MatrixXd& matrix) {
  const auto vector = [](const MatrixXd& m) -> VectorXd {
    const Eigen::EigenSolver<MatrixXd> solver(m);
    Index largest = 0;
    solver.eigenvalues().cwiseAbs().maxCoeff(&largest);
    return solver.eigenvectors().col(largest).real().cwiseAbs();
  };
  LeadingDirection result = {vector(matrix), vector(matrix.transpose())};
  result.right /= result.right[0];
  result.left /= result.left.dot(result.right);
  return result;
}

class Search {
 public:
  explicit Search(const Recursion& recursion) : recursion_(recursion), maps_(recursion.maps()) {}

  FixedPoint run() {
    result_.iterations = recursion_.iterations();
    entry_ = maps_.enter(0).state.q;
    find_q();
    find_slopes();
    find_u();
    find_depths();
    fill_values();
    return result_;
  }

 private:
  double require_finite(double value) const {
    if (!std::isfinite(value))
      throw NumericalError(fmt::format(
          "the kernel of `{}` is not finite at depth; are its parameters too large?", recursion_.network()));
    return value;
  }

  void find_q() {
    require_finite(entry_.sum());
    require_finite(maps_.variances(entry_).sum());
    const analysis::VarianceLimit limit = analysis::find_variances(maps_, entry_);
    kind_ = limit.kind;
    if (kind_ == Kind::unsettled)
      throw NumericalError(
          fmt::format("the variances of `{}` have no limit: they go in circles", recursion_.network()));
    q_ = limit.q;
    result_.every_q = limit.every;
    if (kind_ == Kind::fixed) result_.remainder = maps_.remainder(q_);
  }

  void find_slopes() {
    next_q_ = maps_.variances(q_);
    const MatrixXd by_q = analysis::variance_slopes(maps_, q_);
    result_.q_slope = leading_eigenvalue(by_q);
    if (kind_ != Kind::fixed) result_.growth = size() == 1 ? next_q_[0] / q_[0] : result_.q_slope;
    const MatrixXd at_one = maps_.slopes(State::of_variances(q_));
    result_.chi_1 = require_finite(leading_eigenvalue(at_one));
    slope_1_ = leading_eigenvalue(of_correlations(at_one));
  }

  /// Turns the slopes of covariances, ∂c'_i/∂c_j, into those of correlations, ∂u'_i/∂u_j.
  [[nodiscard]] MatrixXd of_correlations(const MatrixXd& slopes) const {
    const auto inverse = [](double q) { return q > 0 ? 1 / q : 0; };
    return next_q_.unaryExpr(inverse).asDiagonal() * slopes * q_.asDiagonal();
  }
  MatrixXd slopes_at(const VectorXd& distance) {
    return of_correlations(maps_.slopes(State::with_distance(q_, distance)));
  }
  /// How far one iteration moves the correlations, u' - u.
  VectorXd drift(const VectorXd& distance) {
    const State state = State::with_distance(q_, distance);
    return distance - maps_.iterate(state).distance();
  }

  [[nodiscard]] double tolerance() const {
    return kind_ == Kind::fixed || kind_ == Kind::zero ? critical_tolerance : limit_error;
  }

  /// C(u)/Q(q) is a power series in the u with coefficients that are not negative (Schoenberg 1942, "Positive
  /// definite functions on spheres"), hence convex and increasing on [0, 1]. If its slope at u = 1 is at most
  /// 1, there is no other fixed point; if it is larger, there is exactly one more, and that is the stable one.
  void find_u() {
    const VectorXd ones = VectorXd::Ones(size());
    distance_ = VectorXd::Zero(size());
    if (creeps()) {
      find_creeping_u();
      return;
    }
    const auto stays = [&](double u) { return drift((1 - u) * ones).cwiseAbs().maxCoeff() < tolerance(); };
    every_u_ = stays(0) && stays(0.5) && stays(-0.5);
    if (!every_u_ && slope_1_ > 1 + tolerance()) distance_ = least_fixed_point();
    const MatrixXd slopes = maps_.slopes(State::with_distance(q_, distance_));
    result_.chi_u = leading_eigenvalue(slopes);
    slope_u_ = leading_eigenvalue(of_correlations(slopes));
    const bool all_alike = !every_u_ && distance_.isZero(0);
    if (all_alike && std::abs(slope_1_ - 1) <= tolerance()) find_power_law();
  }

  /// Whether q grows, but by less than any factor per iteration, as in a residual network of erf. Of networks
  /// with one value only.
  [[nodiscard]] bool creeps() const {
    return kind_ == Kind::unbounded && size() == 1 && std::abs(result_.growth - 1) <= limit_error;
  }

  /// Let e(q) = Q(q) - q and D(u) = (C(u) - u Q)/e. An iteration moves q by e and u by D(u) e/q, so that
  ///     du/d log q = D(u).
  /// Hence u goes to a root u* of D, which is convex with D(1) = 0, and u - u* falls as q^D'(u*). If e grows
  /// as q^b, then q grows as L^(1/(1-b)) with the depth L, and u - u* falls as a power of L, too. Such rates of
  /// residual networks are known from Yang and Schoenholz 2017, arXiv:1712.08969.
  void find_creeping_u() {
    const auto excess = [&](double q) { return maps_.variances(VectorXd::Constant(1, q))[0] - q; };
    const double e = excess(q_[0]);
    const auto rate = [&](double u) { return drift(VectorXd::Constant(1, 1 - u))[0] * next_q_[0] / e; };
    // D is off by 1e-16 q/e, since Q is rounded.
    const double noise = std::max(1e-4, 1e-14 * q_[0] / e);
    every_u_ = std::abs(rate(0)) < noise && std::abs(rate(0.5)) < noise && std::abs(rate(-0.5)) < noise;
    double u = 1;
    if (!every_u_ && std::abs(rate(0)) < noise) {
      u = 0;
    } else if (!every_u_) {
      for (double distance = 0.5; u == 1 && distance > 1e-4; distance /= 2)
        if (rate(1 - distance) < -noise) u = bisect(rate, 0, 1 - distance);
    }
    distance_[0] = 1 - u;
    result_.chi_u = maps_.slopes(State::with_distance(q_, distance_))(0, 0);
    slope_u_ = result_.chi_u * q_[0] / next_q_[0];
    if (every_u_) return;
    const auto slope = [&](double h) {
      return u == 1 ? -rate(1 - h) / h : (rate(u + h) - rate(u - h)) / (2 * h);
    };
    const double here = slope(1e-3);
    const double power = std::log(excess(2 * q_[0]) / excess(q_[0] / 2)) / std::log(4);
    if (!(here < 0) || !(power < 1) || std::abs(slope(4e-3) / here - 1) > 0.02) return;
    result_.power_law = {-here / (1 - power), std::nullopt};
  }

  template <typename Function>
  static double bisect(const Function& f, double above, double below) {
    for (int i = 0; i < 60; ++i) {
      const double middle = (above + below) / 2;
      (f(middle) > 0 ? above : below) = middle;
    }
    return above;
  }

  /// Newton's method from u = 0: increasing, as the map is convex and increasing. Returns 1 - u.
  VectorXd least_fixed_point() {
    VectorXd distance = VectorXd::Ones(size());
    for (int step = 0; step < 200; ++step) {
      const VectorXd excess = drift(distance);
      if (excess.cwiseAbs().maxCoeff() <= 1e-15) break;
      const MatrixXd matrix = MatrixXd::Identity(size(), size()) - slopes_at(distance);
      const VectorXd move = matrix.partialPivLu().solve(excess);
      // A step back means that the fixed point was passed: only rounding decides from here on.
      if (!move.allFinite() || move.minCoeff() < -1e-9) break;
      distance = (distance - move).cwiseMax(0);
      if (move.cwiseAbs().maxCoeff() <= 1e-16) break;
    }
    return distance;
  }

  /// If an iteration maps E = 1 - u to E - s E^p, then E ≈ (s (p-1) L)^(-1/(p-1)) after L of them. For ReLU,
  /// p = 3/2 and E ≈ 9π²/(2L²); for smooth activations, p = 2 (Hayou et al. 2019, propositions 2 and 3). Of
  /// several values, E is the part along the leading direction, since only that part lasts.
  void find_power_law() {
    const VectorXd none = VectorXd::Zero(size());
    const LeadingDirection direction = leading_direction(slopes_at(none));
    const analysis::SlopeLaw law = analysis::fit_slope([&](double distance) {
      return direction.left.dot(slopes_at(distance * direction.right) * direction.right);
    });
    if (law.coefficient == 0) return;
    const double s = law.coefficient / (law.exponent + 1);
    result_.power_law = {1 / law.exponent, std::pow(s * law.exponent, -1 / law.exponent)};
  }

  void find_depths() {
    const double chi = result_.chi_1;
    result_.phase = kind_ == Kind::unbounded                  ? Phase::unbounded
                    : std::abs(chi - 1) <= critical_tolerance ? Phase::critical
                    : chi < 1                                 ? Phase::ordered
                                                              : Phase::chaotic;
    result_.q_depth = depth_of(result_.q_slope);
    if (result_.phase == Phase::unbounded)
      result_.correlation_depth = depth_of(slope_u_, limit_error);
    else if (result_.phase != Phase::critical)
      result_.correlation_depth = depth_of(result_.phase == Phase::ordered ? chi : result_.chi_u);
    // If Q grows as a power of q other than 1, then q does not grow or shrink by any fixed factor, and the
    // slopes say something of u only.
    const double power = result_.q_slope / result_.growth;
    if (kind_ != Kind::fixed && size() == 1 && std::abs(power - 1) > 0.05) {
      const bool grows = kind_ == Kind::unbounded;
      result_.growth = result_.chi_1 = result_.chi_u = grows ? HUGE_VAL : 0;
      result_.correlation_depth = depth_of(slope_u_, limit_error);
    }
    if (result_.correlation_depth) result_.trainable_depth = 6 * *result_.correlation_depth;
  }

  void fill_values() {
    // Some of several values may stay finite while others grow.
    const VectorXd farther = maps_.variances(2 * q_);
    for (Index i = 0; i < size(); ++i) {
      ValueLimit value = {recursion_.values()[static_cast<std::size_t>(i)], entry_[i], {}, {}};
      if (kind_ == Kind::fixed) value.q = q_[i];
      if (kind_ == Kind::zero) value.q = 0;
      if (size() > 1 && kind_ == Kind::unbounded && farther[i] < 1.01 * next_q_[i]) value.q = farther[i];
      if (!every_u_) value.u = 1 - distance_[i];
      result_.values.push_back(std::move(value));
    }
  }

  [[nodiscard]] Index size() const { return maps_.size(); }

  using Kind = analysis::VarianceLimit::Kind;
  const Recursion& recursion_;
  Maps& maps_;
  VectorXd entry_;
  Kind kind_ = Kind::fixed;
  VectorXd q_;  // where slopes are taken: the fixed point, or a q near 0 or ∞ where q goes there
  VectorXd next_q_;
  double slope_1_ = 0;  // ∂u'/∂u at u = 1
  double slope_u_ = 0;  // at u*
  bool every_u_ = false;
  VectorXd distance_;  // 1 - u*
  FixedPoint result_;
};

}  // namespace

std::string_view name(Phase phase) {
  switch (phase) {
    case Phase::ordered:
      return "ordered";
    case Phase::critical:
      return "critical";
    case Phase::chaotic:
      return "chaotic";
    case Phase::unbounded:
      return "unbounded";
  }
  return "";
}

FixedPoint find_fixed_point(const Recursion& recursion) { return Search(recursion).run(); }

}  // namespace ntkc
