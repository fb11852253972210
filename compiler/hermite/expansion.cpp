#include "compiler/hermite/expansion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "compiler/hermite/mean_rule.hpp"
#include "compiler/hermite/sparse.hpp"
#include "compiler/hermite/work.hpp"

namespace ntkc::hermite {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What is multiplied by h_k at the nodes, for even and for odd k: of a symmetric rule the even and the odd
/// part of f times the weights, of another one f times the weights for both.
struct Samples {
  std::vector<long double> nodes;
  std::vector<long double> parts[2];
  long double mean_square = 0;
};

Samples values_at_nodes(const RealFunction& f, double sigma, const Rule& rule) {
  Samples result;
  if (!rule.is_symmetric()) {
    const Quadrature quadrature = broken_quadrature(rule, sigma);
    for (std::size_t i = 0; i < quadrature.nodes.size(); ++i) {
      const long double value = f(sigma * quadrature.nodes[i]);
      result.nodes.push_back(quadrature.nodes[i]);
      for (std::vector<long double>& part : result.parts) part.push_back(quadrature.weights[i] * value);
      result.mean_square += quadrature.weights[i] * value * value;
    }
    return result;
  }
  const Quadrature quadrature = symmetric_quadrature(rule);
  for (std::size_t i = 0; i < quadrature.nodes.size(); ++i) {
    const long double weight = quadrature.weights[i];
    const long double above = f(sigma * quadrature.nodes[i]);
    const long double below = f(-sigma * quadrature.nodes[i]);
    result.nodes.push_back(quadrature.nodes[i]);
    result.parts[0].push_back(weight * (above + below));
    result.parts[1].push_back(weight * (above - below));
    result.mean_square += weight * (above * above + below * below);
  }
  return result;
}

Samples sample(const RealFunction& f, double sigma, const Rule& rule) {
  Samples result = values_at_nodes(f, sigma, rule);
  WorkLimit::spend(static_cast<double>(result.nodes.size()));
  return result;
}

/// Walks up the degrees: `next` is a_k for k = 0, 1, 2, … With the recurrence
/// h_{k+1}(t) = (t h_k(t) - √k h_{k-1}(t))/√(k + 1).
class Walk {
 public:
  explicit Walk(const Samples& samples)
      : samples_(samples), previous_(samples.nodes.size(), 0), current_(samples.nodes.size(), 1) {}

  long double next() {
    WorkLimit::spend(static_cast<double>(current_.size()));
    const std::vector<long double>& part = samples_.parts[degree_ % 2];
    const long double up = 1 / std::sqrt(static_cast<long double>(degree_ + 1));
    const long double down = std::sqrt(static_cast<long double>(degree_)) * up;
    long double sum = 0;
    for (std::size_t i = 0; i < current_.size(); ++i) {
      sum += part[i] * current_[i];
      const long double value = samples_.nodes[i] * up * current_[i] - down * previous_[i];
      previous_[i] = current_[i];
      current_[i] = value;
    }
    ++degree_;
    return sum;
  }

 private:
  const Samples& samples_;
  std::vector<long double> previous_;
  std::vector<long double> current_;
  int degree_ = 0;
};

/// e^(-t²/2) f(σt)² is below 2⁻⁵⁸ of its integral beyond this; infinity if no reach will do. The
/// square root of the weight is what counts: h_k(t) grows like the inverse of the other one.
double find_reach(const RealFunction& f, const std::vector<double>& sigmas) {
  constexpr double least = 13;
  constexpr double most = 40;
  double reach = least;
  for (const double sigma : sigmas) {
    const double scale = std::sqrt(mean_square(f, sigma, {{}, 400, least}));
    if (scale == 0) continue;  // as far as it is ever met f is 0
    for (double t = most; t > reach; t -= 0.25) {
      const double size = std::max(std::fabs(f(sigma * t)), std::fabs(f(-sigma * t)));
      if (size * std::exp(-t * t / 4) <= std::ldexp(scale, -58)) continue;
      if (t == most) return infinity;
      reach = t + 0.25;
      break;
    }
  }
  return reach;
}

/// f(-z) = ±f(z) up to rounding, wherever it is looked at.
Parity find_parity(const RealFunction& f, const std::vector<double>& sigmas, double reach) {
  bool even = true;
  bool odd = true;
  for (const double sigma : sigmas) {
    double size = 0;
    for (int i = 0; i <= 200; ++i) {
      const double t = reach * std::pow(i / 200.0, 2);
      const double above = f(sigma * t);
      const double below = f(-sigma * t);
      size = std::max({size, std::fabs(above), std::fabs(below)});
      even = even && std::fabs(above - below) <= 4e-16 * size;
      odd = odd && std::fabs(above + below) <= 4e-16 * size;
    }
  }
  if (even) return Parity::even;
  return odd ? Parity::odd : Parity::none;
}

struct Tail {
  int degree = 0;  ///< one more than the last that is needed
  double remainder = 0;
};

/// The first degree at which the tail is within the tolerance, `most` if none is; and the tail there.
Tail find_tail(const RealFunction& f, double sigma, const Rule& rule, double tolerance, int most) {
  const Samples samples = sample(f, sigma, rule);
  if (!std::isfinite(static_cast<double>(samples.mean_square)))
    return {most, std::numeric_limits<double>::quiet_NaN()};
  if (samples.mean_square == 0) return {1, 0};
  long double tail = samples.mean_square;
  Walk walk(samples);
  int degree = 0;
  while (degree < most && tail > tolerance * samples.mean_square) {
    const long double a = walk.next();
    tail -= a * a;
    ++degree;
  }
  return {std::max(degree, 1), static_cast<double>(std::fabs(tail) / samples.mean_square)};
}

/// The worst of the sigmas. The trial rule grows with the number of terms found so far.
Tail find_tail(const RealFunction& f, const Request& request, double tolerance, double reach, int most) {
  Tail worst;
  int trial = 64;
  for (const double sigma : request.sigmas) {
    for (;;) {
      trial = std::min(trial, most);
      // Twice the degrees that are looked at: what is beyond must show in the tail, not fold back.
      const Rule rule = resolving_rule(4.0 * trial, reach, request.breaks);
      const Tail tail = find_tail(f, sigma, rule, tolerance, trial);
      if (tail.degree < trial || trial == most || std::isnan(tail.remainder)) {
        worst.degree = std::max(worst.degree, tail.degree);
        worst.remainder =
            std::isnan(tail.remainder) ? tail.remainder : std::max(worst.remainder, tail.remainder);
        break;
      }
      trial *= 4;
    }
  }
  return worst;
}

/// |a - b|.
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return std::sqrt(sum);
}

/// What the finest rule may leave out of E[f²], relative to it: f may be infinite at a break. Four times the
/// nodes take at least an eighth off an error like n^(-p), p > 0.1.
double quadrature_error(const RealFunction& f, const std::vector<double>& sigmas, const Rule& rule,
                        int degree) {
  const Rule finest = resolving_rule(4.0 * degree + 256, rule.reach, rule.breaks);
  double worst = 0;
  for (const double sigma : sigmas) {
    const double square = mean_square(f, sigma, {rule.breaks, 4 * finest.nodes, rule.reach});
    if (square == 0) continue;
    worst = std::max(worst, 8 * std::fabs(mean_square(f, sigma, finest) / square - 1));
  }
  return worst > 1e-14 ? worst : 0;  // else rounding
}

}  // namespace

Rule resolving_rule(double degree, double reach, const std::vector<double>& breaks) {
  Rule result = {breaks, 0, reach};
  const double length = result.is_symmetric() ? reach : 2 * reach;
  const double steps = length * 2 * std::sqrt(degree + 16) / (2 * std::numbers::pi);
  result.nodes = static_cast<int>((breaks.empty() ? 1 : std::numbers::pi / 2) * steps) + 8;
  return result;
}

double choose_rule(const RealFunction& f, const RealFunction& whole, const std::vector<double>& sigmas,
                   double target, Terms& terms) {
  const int degree = terms.degree(terms.count - 1) + 1;
  const double reach = terms.rule.reach;
  Terms exact = terms;
  exact.rule = resolving_rule(4.0 * degree + 256, reach, terms.rule.breaks);
  std::vector<std::vector<double>> references;
  std::vector<double> scales;
  for (const double sigma : sigmas) {
    references.push_back(coefficients(f, sigma, exact));
    scales.push_back(std::sqrt(mean_square(whole, sigma, exact.rule)));
  }
  for (int nodes = resolving_rule(degree / 4.0, reach, terms.rule.breaks).nodes;; nodes += nodes / 6) {
    const bool last = nodes >= exact.rule.nodes;
    terms.rule.nodes = last ? exact.rule.nodes : nodes;
    double error = 0;
    for (std::size_t i = 0; i < scales.size() && error <= target; ++i) {
      if (scales[i] == 0) continue;
      error = std::max(error, distance(coefficients(f, sigmas[i], terms), references[i]) / scales[i]);
    }
    if (error <= target) return 0;
    if (last) return error;
  }
}

std::vector<double> coefficients(const RealFunction& f, double sigma, const Terms& terms) {
  const Samples samples = sample(f, sigma, terms.rule);
  Walk walk(samples);
  std::vector<double> result;
  for (int m = 0; static_cast<int>(result.size()) < terms.count; ++m) {
    const long double a = walk.next();
    const auto j = static_cast<int>(result.size());
    if (m != terms.degree(j) - terms.order) continue;
    result.push_back(static_cast<double>(a) * integration_factor(m, terms.order) *
                     consecutive_weight(terms, j));
  }
  const bool is_odd = (terms.first - terms.order) % 2 != 0;
  const double resolved = terms.tail > 0 ? largest_nu(terms.rule, sigma) : 0;
  std::vector<long double> values = samples.parts[0];  // times e^(t²/4), which the waves leave
  long double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] *= std::exp(static_cast<double>(samples.nodes[i] * samples.nodes[i] / 4));
    largest = std::max(largest, std::fabs(values[i]));
  }
  for (const SparseDegree& each : sparse_degrees(terms)) {
    const double m = each.degree - terms.order;
    const Wave of_m = wave(m, is_odd);
    long double sum = 0;
    if (of_m.nu_square <= resolved * resolved) {
      for (std::size_t i = 0; i < samples.nodes.size(); ++i) {
        if (std::fabs(values[i]) > 1e-20L * largest)
          sum += values[i] * evaluate(of_m, is_odd, static_cast<double>(samples.nodes[i]));
      }
    }
    result.push_back(static_cast<double>(sum) * each.weight * integration_factor(m, terms.order) *
                     sparse_sign(terms));
  }
  return result;
}

double mean_square(const RealFunction& f, double sigma, const Rule& rule) {
  return static_cast<double>(sample(f, sigma, rule).mean_square);
}

double disagreement(const RealFunction& f, const RealFunction& whole, const std::vector<double>& sigmas,
                    const Rule& rule, const Rule& mean) {
  double worst = 0;
  for (const double sigma : fill(sigmas)) {
    const double square = mean_square(whole, sigma, mean);
    if (square == 0) continue;
    const double found = mean_square(f, sigma, rule) - mean_square(f, sigma, mean);
    if (const double each = std::fabs(found) / square; !(each <= worst)) worst = each;
  }
  return worst > 2e-14 ? worst : 0;
}

Plan plan(const RealFunction& f, const Request& request) {
  Plan result;
  const double tolerance = std::max(request.tolerance, 1e-14);
  const double reach = find_reach(f, request.sigmas);
  if (!std::isfinite(reach))
    return {{2, Parity::none, {request.breaks, 8, 13}}, {request.breaks, 8, 13}, std::nan("")};
  result.terms.parity = find_parity(f, request.sigmas, reach);
  const bool has_parity = result.terms.parity != Parity::none;
  const int most = has_parity ? 2 * request.most_terms : request.most_terms;
  const Tail tail = find_tail(f, request, tolerance, reach, most);
  result.remainder = tail.remainder;
  result.terms.count = has_parity ? (tail.degree + 1) / 2 : 2 * ((tail.degree + 1) / 2);
  result.terms.rule = {request.breaks, 0, reach};
  result.unseen = quadrature_error(f, request.sigmas, {request.breaks, 0, reach}, tail.degree);
  result.unseen += 2 * choose_rule(f, f, request.sigmas, std::max(1e-15, tolerance / 1000), result.terms);
  const MeanRule mean = mean_rule(f, request.sigmas, request.breaks, reach, request.bound);
  result.mean = mean.rule;
  if (!mean.panels.edges.empty())
    result.unseen +=
        2 * coefficient_error(f, request.sigmas, result.terms, panel_nodes(f, mean.panels.edges));
  result.unseen += mean.error;
  result.remainder += result.unseen + disagreement(f, f, request.sigmas, result.terms.rule, mean.rule);
  return result;
}

}  // namespace ntkc::hermite
