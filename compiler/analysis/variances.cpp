#include "compiler/analysis/variances.hpp"

#include <Eigen/LU>
#include <boost/math/tools/roots.hpp>
#include <cmath>

namespace ntkc::analysis {

namespace {

using Kind = VarianceLimit::Kind;

/// Relative error of the maps, with room.
constexpr double rounding = 1e-13;
/// q beyond these multiples of its value on entry counts as 0 and as infinite.
constexpr double smallest_q = 1e-10;
constexpr double largest_q = 1e8;

/// A root of `f` between `a` and `b`, where it has different signs.
template <typename Function>
double root_between(const Function& f, double a, double b) {
  const double f_a = f(a);
  const double f_b = f(b);
  if (f_a == 0) return a;
  if (f_b == 0) return b;
  std::uintmax_t steps = 200;
  const auto [low, high] = boost::math::tools::toms748_solve(
      f, std::min(a, b), std::max(a, b), a < b ? f_a : f_b, a < b ? f_b : f_a,
      boost::math::tools::eps_tolerance<double>(52), steps);
  return low + (high - low) / 2;
}

VectorXd one(double q) { return VectorXd::Constant(1, q); }

VarianceLimit find_one(Maps& maps, double entry) {
  const auto excess = [&](double q) { return maps.variances(one(q))[0] - q; };
  const auto is_fixed = [&](double q) { return std::abs(excess(q)) <= rounding * q; };
  const double scale = entry > 0 ? entry : 1;
  double q = scale;
  if (is_fixed(q)) return {Kind::fixed, one(q), is_fixed(2 * q) && is_fixed(0.5 * q) && is_fixed(10 * q)};
  const bool upwards = excess(q) > 0;
  while (q < largest_q * scale && q > smallest_q * scale) {
    const double next = q * (upwards ? 1.25 : 0.8);
    const double there = excess(next);
    if (!std::isfinite(there)) break;  // no value that the kernel can take
    if (is_fixed(next)) return {Kind::fixed, one(next), false};
    if ((there > 0) != upwards) return {Kind::fixed, one(root_between(excess, q, next)), false};
    q = next;
  }
  return {upwards ? Kind::unbounded : Kind::zero, one(q), false};
}

/// Iterates, with Newton's steps where they help and long ones where all q creep one way.
class Settling {
 public:
  Settling(Maps& maps, const VectorXd& entry) : maps_(maps), q_(entry), scale_(entry.maxCoeff()) {
    if (!(scale_ > 0)) scale_ = 1;
  }

  VarianceLimit run() {
    constexpr int most = 100'000;
    constexpr int between = 8;  // iterations between attempts
    for (int k = 0; k < most; ++k) {
      const VectorXd next = maps_.variances(q_);
      if (!next.allFinite()) return {Kind::unbounded, q_, false};
      if (within(next - q_, rounding)) return {Kind::fixed, next, keeps_every(next)};
      if (next.maxCoeff() > largest_q * scale_) return settled(Kind::unbounded, next);
      if (next.maxCoeff() < smallest_q * scale_) return settled(Kind::zero, next);
      const VectorXd move = next - q_;
      q_ = next;
      if (k % between == between - 1 && !try_newton(move)) try_long_step();
    }
    return {Kind::unsettled, q_, false};
  }

 private:
  [[nodiscard]] bool within(const VectorXd& move, double tolerance) const {
    return (move.cwiseAbs().array() <= tolerance * q_.array()).all();
  }

  /// In the limit of large and small q the proportions of the values settle as well.
  VarianceLimit settled(Kind kind, VectorXd q) {
    for (int k = 0; k < 100; ++k) {
      const VectorXd next = maps_.variances(q);
      if (!next.allFinite()) break;
      const VectorXd scaled = next * (q.maxCoeff() / next.maxCoeff());
      const bool still = ((scaled - q).cwiseAbs().array() <= 1e-12 * q.array()).all();
      q = scaled;
      if (still) break;
    }
    return {kind, q, false};
  }

  bool keeps_every(const VectorXd& q) {
    for (const double factor : {2.0, 0.5, 10.0})
      if (!((maps_.variances(factor * q) - factor * q).cwiseAbs().array() <=
            10 * rounding * factor * q.array())
               .all())
        return false;
    return true;
  }

  /// To where the linear map would be at rest, if it is about the last move that is left over.
  bool try_newton(const VectorXd& move) {
    const VectorXd here = maps_.variances(q_) - q_;
    const MatrixXd matrix = MatrixXd::Identity(q_.size(), q_.size()) - variance_slopes(maps_, q_);
    const VectorXd there = q_ + matrix.partialPivLu().solve(here);
    if (!there.allFinite() || !(there.minCoeff() > 0) ||
        !((there - q_).cwiseAbs().maxCoeff() < 0.5 * q_.maxCoeff()))
      return false;
    const VectorXd rest = maps_.variances(there) - there;
    if (!(rest.norm() < 0.1 * here.norm()) || move.dot(there - q_) < 0) return false;
    q_ = there;
    return true;
  }

  /// Where all q move one way by little in an iteration, as far as they still do so.
  void try_long_step() {
    const VectorXd here = maps_.variances(q_) - q_;
    const double share = (here.array().abs() / q_.array()).maxCoeff();
    const bool up = here.minCoeff() > 0;
    if (share > 0.05 || !(up || here.maxCoeff() < 0)) return;
    const VectorXd there = q_ + here * (0.25 / share);
    const VectorXd then = maps_.variances(there) - there;
    if (up ? then.minCoeff() > 0 : then.maxCoeff() < 0) q_ = there;
  }

  Maps& maps_;
  VectorXd q_;
  double scale_;
};

}  // namespace

VarianceLimit find_variances(Maps& maps, const VectorXd& entry) {
  return maps.size() == 1 ? find_one(maps, entry[0]) : Settling(maps, entry).run();
}

/// Central differences with two steps of Richardson's extrapolation: error O(h⁶) and 1e-14/h.
MatrixXd variance_slopes(Maps& maps, const VectorXd& q) {
  MatrixXd result = MatrixXd::Zero(q.size(), q.size());
  for (Eigen::Index j = 0; j < q.size(); ++j) {
    if (q[j] == 0) continue;
    const auto difference = [&](double h) -> VectorXd {
      VectorXd above = q;
      VectorXd below = q;
      above[j] *= 1 + h;
      below[j] *= 1 - h;
      return (maps.variances(above) - maps.variances(below)) / (above[j] - below[j]);
    };
    const VectorXd d1 = difference(0.04);
    const VectorXd d2 = difference(0.02);
    const VectorXd d3 = difference(0.01);
    result.col(j) = (16 * (4 * d3 - d2) / 3 - (4 * d2 - d1) / 3) / 15;
  }
  return result;
}

}  // namespace ntkc::analysis
