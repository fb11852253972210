#include "compiler/duals/splitting.hpp"

#include <quadmath.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/hermite/mean_rule.hpp"
#include "compiler/kernel_ir/function.hpp"
#include "compiler/moments/derivative.hpp"

namespace ntkc::duals {
namespace {

using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Quad;

constexpr std::size_t points = 24;
constexpr int most_terms = 1024;
constexpr int ranked_terms = 512;
constexpr std::size_t most_breaks = 4;
using Taylor = std::array<Quad, points>;

/// Coefficients of f(t + side · x), x > 0, in powers of x: of the interpolant at Chebyshev's points of [0,
/// length], by divided differences. With a length of 1/10 and singularities at a distance of 1 or more they
/// are good to 1e-14 up to the 12th.
Taylor one_sided_taylor(const kernel_ir::Function& f, Quad t, int side, Quad length) {
  const Quad pi = acosq(Quad(-1));
  std::array<Quad, points> x{};
  std::array<Quad, points> differences{};
  for (std::size_t i = 0; i < points; ++i) {
    x.at(i) = length * (1 - cosq(pi * (static_cast<Quad>(i) + Quad(0.5)) / points)) / 2;
    differences.at(i) = f.value(t + side * x.at(i));
  }
  for (std::size_t order = 1; order < points; ++order) {
    for (std::size_t i = points - 1; i >= order; --i)
      differences.at(i) = (differences.at(i) - differences.at(i - 1)) / (x.at(i) - x.at(i - order));
  }
  Taylor result{};  // Newton's form, from the innermost factor
  for (std::size_t i = points; i-- > 0;) {
    for (std::size_t k = points - 1; k > 0; --k) result.at(k) = result.at(k - 1) - x.at(i) * result.at(k);
    result[0] = differences.at(i) - x.at(i) * result[0];
  }
  return result;
}

/// Where φ may break: what its operations say.
std::vector<Quad> find_candidates(const Program& program, NodeId phi, double limit) {
  std::vector<Quad> result;
  for (const Quad t : kernel_ir::Function(program, phi).breaks(limit)) {
    // Roots are found to 1e-30.
    if (result.empty() || t - result.back() > Quad(1e-20)) result.push_back(t);
  }
  return result;
}

/// Of the intervals that Taylor coefficients are taken from.
Quad find_length(const std::vector<Quad>& candidates) {
  Quad length = 0.1;
  for (std::size_t i = 0; i + 1 < candidates.size(); ++i)
    length = fminq(length, candidates[i + 1] - candidates[i]);
  return length;
}

/// What rounding may have left is 0.
Jumps jumps_at(const kernel_ir::Function& f, Quad t, Quad length) {
  const Taylor above = one_sided_taylor(f, t, 1, length);
  const Taylor below = one_sided_taylor(f, t, -1, length);
  Jumps result{};
  for (std::size_t j = 0; j <= highest_order; ++j) {
    const Quad jump = above.at(j) - (j % 2 == 0 ? below.at(j) : -below.at(j));
    result.at(j) = fabsq(jump) <= 1e-12 ? Quad(0) : jump;
  }
  return result;
}

}  // namespace

std::vector<Break> find_breaks(const Program& program, NodeId phi, double limit) {
  const kernel_ir::Function f(program, phi);
  const std::vector<Quad> candidates = find_candidates(program, phi, limit);
  const Quad length = find_length(candidates);
  std::vector<Break> result;
  for (const Quad t : candidates) {
    Break found = {static_cast<double>(t), jumps_at(f, t, length)};
    if (std::ranges::all_of(found.jumps, [](Quad jump) { return jump == 0; })) continue;
    if (!std::ranges::all_of(found.jumps, [](Quad jump) { return finiteq(jump) != 0; })) found.jumps = {};
    result.push_back(found);
  }
  if (result.size() > most_breaks) std::erase_if(result, [](const Break& each) { return each.at != 0; });
  return result;
}

bool differentiate_breaks(Program& program, NodeId phi, double limit,
                          const std::vector<std::uint32_t>& parameters, std::vector<Break>& breaks) {
  const std::vector<Quad> candidates = find_candidates(program, phi, limit);
  for (const std::uint32_t parameter : parameters) {
    const double value = program.parameters[parameter].value;
    program.parameters[parameter].value = value + std::ldexp(1 + std::fabs(value), -20);
    const std::vector<Quad> moved = find_candidates(program, phi, limit);
    program.parameters[parameter].value = value;
    const auto is_same = [](Quad a, Quad b) { return fabsq(a - b) <= Quad(1e-20); };
    if (!std::ranges::equal(candidates, moved, is_same)) return false;
    const NodeId by = moments::differentiate(program, phi, program.parameter(parameter));
    if (program.is_literal(by, 0)) continue;
    const kernel_ir::Function f(program, by);
    for (Break& each : breaks)
      each.by_parameter.emplace_back(parameter, jumps_at(f, Quad(each.at), find_length(candidates)));
  }
  return true;
}

namespace {

/// The coefficient of wʲ in the series of the jumps times that of e^(gw²), as a double, so that it is the
/// same number in the closed form and in what is expanded.
double coefficient(const Jumps& jumps, int j, Quad rate, Quad side) {
  Quad sum = 0;
  Quad factor = side;
  for (int i = 0; 2 * i <= j; ++i) {
    sum += factor * jumps.at(static_cast<std::size_t>(j - 2 * i));
    factor *= rate / (i + 1);
  }
  return static_cast<double>(sum);
}

}  // namespace

std::vector<SingularPart> singular_parts(Program& program, const std::vector<Break>& breaks, int order,
                                         double rate) {
  std::vector<SingularPart> result;
  for (const Break& each : breaks) {
    const Quad side = each.at > 0 ? 1 : each.at < 0 ? -1 : Quad(0.5);
    const moments::Switch s = each.at > 0   ? moments::Switch::above
                              : each.at < 0 ? moments::Switch::below
                                            : moments::Switch::sign;
    SingularPart part = {each.at, {}};
    for (int j = 0; j <= order; ++j) {
      moments::Constant c = Quad(coefficient(each.jumps, j, rate, side));
      for (const auto& [parameter, jumps] : each.by_parameter) {
        const moments::Constant slope = Quad(coefficient(jumps, j, rate, side));
        const moments::Constant start = Quad(program.parameters[parameter].value);
        if (!slope.is(0)) c += slope * (moments::Constant::parameter(program, parameter) - start);
      }
      if (!c.is(0)) part.form.push_back({.coefficient = c, .power = j, .s = s, .g = Quad(rate)});
    }
    if (!part.form.empty()) result.push_back(std::move(part));
  }
  return result;
}

std::vector<moments::Jump> jumps_of(const std::vector<SingularPart>& parts) {
  std::vector<moments::Jump> result;
  for (const SingularPart& part : parts) {
    for (const moments::Term& term : part.form) {
      if (term.power == 0)
        result.push_back(
            {Quad(part.at), moments::Constant(Quad(moments::jump_of(term.s))) * term.coefficient});
    }
  }
  return result;
}

namespace {

NodeId part_function(Program& program, const SingularPart& part) {
  const NodeId z = program.variable();
  const NodeId t = program.literal(part.at);
  const NodeId w = part.at == 0 ? z : program.subtract(z, t);
  // Horner's rule, then times the Gaussian and the switch.
  NodeId sum = program.literal(0);
  for (int power = static_cast<int>(highest_order); power >= 0; --power) {
    const auto term = std::ranges::find(part.form, power, &moments::Term::power);
    const bool is_zero = program.is_literal(sum, 0);
    if (!is_zero) sum = program.multiply(sum, w);
    if (term == part.form.end()) continue;
    const NodeId d = term->coefficient.node(program);
    sum = is_zero ? d : program.add(sum, d);
  }
  const auto rate = static_cast<double>(part.form[0].g.value());
  if (rate != 0) {
    const NodeId exponent = program.multiply(program.literal(-rate), program.square(w));
    sum = program.multiply(sum, program.real(Operation::exp, {exponent}));
  }
  if (part.at == 0) return program.multiply(sum, program.real(Operation::sign, {z}));
  const NodeId low = part.at > 0 ? t : z;
  const NodeId high = part.at > 0 ? z : t;
  return program.real(Operation::select_less, {low, high, sum, program.literal(0)});
}

}  // namespace

NodeId singular_function(Program& program, const std::vector<SingularPart>& parts) {
  NodeId sum = part_function(program, parts[0]);
  for (std::size_t i = 1; i < parts.size(); ++i) sum = program.add(sum, part_function(program, parts[i]));
  return sum;
}

std::size_t pair_terms(const std::vector<SingularPart>& parts) {
  std::size_t terms = 0;
  for (const SingularPart& part : parts) terms += part.form.size();
  return terms * terms;
}

namespace {

/// The part as terms in z: e^(-gw²) = e^(-gt²) e^(2gtz - gz²), and a threshold at t.
moments::NormalForm in_z(const SingularPart& part) {
  moments::NormalForm result = part.form;
  const auto t = Quad(part.at);
  for (moments::Term& term : result) {
    const Quad g = term.g.value();
    term.coefficient *= moments::Constant(expq(-g * t * t));
    term.a = moments::Constant(2 * g * t);
    term.t = moments::Constant(t);
  }
  return result;
}

}  // namespace

Expression singular_moment(const std::vector<SingularPart>& parts, const GaussianPair& pair) {
  Expression result = pair.a.literal(0);
  for (const SingularPart& f : parts) {
    for (const SingularPart& g : parts) {
      const Centres centres = {moments::Constant(Quad(f.at)), moments::Constant(Quad(g.at))};
      const Expression value = moment(in_z(f), in_z(g), pair, centres);
      result = result.is(0) ? value : result + value;
    }
  }
  return result;
}

bool is_moderate(const hermite::RealFunction& r, const hermite::RealFunction& s, const hermite::Rule& rule,
                 const std::vector<double>& sigmas) {
  return std::ranges::all_of(sigmas, [&](double sigma) {
    const auto whole = [&](double z) { return r(z) + s(z); };
    return hermite::mean_square(s, sigma, rule) <= 16 * hermite::mean_square(whole, sigma, rule);
  });
}

double rounding_of_split(const std::vector<SingularPart>& parts, const hermite::RealFunction& phi,
                         const hermite::Rule& rule, const std::vector<double>& sigmas) {
  double worst = 0;
  for (const double sigma : sigmas) {
    double sizes = 0;
    for (const SingularPart& part : parts) {
      for (const moments::Term& term : part.form) {
        const auto g = static_cast<double>(term.g.value());
        const auto f = [&](double z) {
          const double w = z - part.at;
          if (part.at != 0 && (w > 0) != (part.at > 0)) return 0.0;
          return std::pow(w, term.power) * std::exp(-g * w * w);
        };
        sizes += std::fabs(static_cast<double>(term.coefficient.value())) *
                 std::sqrt(hermite::mean_square(f, sigma, rule));
      }
    }
    const double square = hermite::mean_square(phi, sigma, rule);
    if (square > 0) worst = std::max(worst, std::ldexp(sizes * sizes / square, -52));
  }
  return worst;
}

namespace {

/// E[s²] of the even and of the odd part of s.
std::array<double, 2> mean_squares(const hermite::RealFunction& s, double sigma, const hermite::Rule& rule) {
  // The parts break on both sides.
  std::vector<double> breaks = rule.breaks;
  for (const double z : rule.breaks) breaks.push_back(-z);
  std::ranges::sort(breaks);
  breaks.erase(std::unique(breaks.begin(), breaks.end()), breaks.end());
  const hermite::Rule both_sides = {breaks, rule.nodes, rule.reach};
  const auto part = [&](double sign) {
    return hermite::mean_square([&](double z) { return (s(z) + sign * s(-z)) / 2; }, sigma, both_sides);
  };
  return {part(1), part(-1)};
}

/// The coefficients of r and s at one √q, and what those from any number on amount to.
class Tails {
 public:
  /// Relative to φ, whose plan is `whole`.
  Tails(const Parts& parts, const hermite::RealFunction& phi, const hermite::Plan& whole, double sigma,
        int most)
      : terms_{most, whole.terms.parity, {}} {
    const int step = terms_.parity == hermite::Parity::none ? 1 : 2;
    terms_.rule = hermite::resolving_rule(2.0 * most * step, whole.terms.rule.reach, whole.terms.rule.breaks);
    square_ = hermite::mean_square(phi, sigma, terms_.rule);
    squares_ = mean_squares(parts.s, sigma, terms_.rule);
    s_ = hermite::coefficients(parts.s, sigma, terms_);
    terms_.count = 2 * most;
    r_ = hermite::coefficients(parts.r, sigma, terms_);
  }

  /// R, that of k r_k, and S for even and for odd k ≥ `count`, relative to E[φ²].
  struct Sizes {
    std::array<double, 2> r{};
    std::array<double, 2> turned{};
    std::array<double, 2> s{};
  };
  [[nodiscard]] Sizes from(int count) const {
    Sizes result;
    if (square_ == 0) return result;
    result.s = squares_;
    for (int j = 0; j < 2 * count; ++j) {
      const auto i = static_cast<std::size_t>(j);
      const auto parity = static_cast<std::size_t>(terms_.degree(j) % 2);
      if (j < count) {
        result.s.at(parity) -= s_[i] * s_[i];
      } else {  // beyond twice the terms there is less than up to there
        const double size = 2 * r_[i] * r_[i];
        result.r.at(parity) += size;
        result.turned.at(parity) += size * std::pow(terms_.degree(j) + 2, 2);
      }
    }
    for (const std::size_t parity : {0U, 1U}) {
      result.r.at(parity) /= square_;
      result.turned.at(parity) /= square_;
      result.s.at(parity) = std::fabs(result.s.at(parity)) / square_;
    }
    return result;
  }

 private:
  hermite::Terms terms_;
  double square_ = 0;  // E[φ²]
  std::array<double, 2> squares_{};
  std::vector<double> r_;
  std::vector<double> s_;
};

/// The worst of each.
Tails::Sizes worst_sizes(const std::vector<Tails>& tails, int count) {
  Tails::Sizes worst;
  for (const Tails& each : tails) {
    const Tails::Sizes sizes = each.from(count);
    for (const std::size_t parity : {0U, 1U}) {
      worst.r.at(parity) = std::max(worst.r.at(parity), sizes.r.at(parity));
      worst.turned.at(parity) = std::max(worst.turned.at(parity), sizes.turned.at(parity));
      worst.s.at(parity) = std::max(worst.s.at(parity), sizes.s.at(parity));
    }
  }
  return worst;
}

/// R + 2 √(RS)
double bound(const std::vector<Tails>& tails, int count) {
  const Tails::Sizes worst = worst_sizes(tails, count);
  double result = 0;
  for (const std::size_t parity : {0U, 1U})
    result += worst.r.at(parity) + 2 * std::sqrt(worst.r.at(parity) * worst.s.at(parity));
  return result;
}

/// √(R R₁) + 2 √(R₁ S), R₁ that of k r_k, which covers k s_k as well.
double turned_bound(const std::vector<Tails>& tails, int count) {
  const Tails::Sizes worst = worst_sizes(tails, count);
  double result = 0;
  for (const std::size_t parity : {0U, 1U})
    result += std::sqrt(worst.turned.at(parity)) *
              (std::sqrt(worst.r.at(parity)) + 2 * std::sqrt(worst.s.at(parity)));
  return result;
}

/// Of Σ (ṙ r' + ṙ s' + ṡ r') and the same at the other sample, with ṙ and ṡ relative to φ.
double mixed_bound(const std::vector<Tails>& tails, const std::vector<Tails>& by, int count) {
  const Tails::Sizes worst = worst_sizes(tails, count);
  const Tails::Sizes dot = worst_sizes(by, count);
  double result = 0;
  for (const std::size_t parity : {0U, 1U}) {
    const double r = std::sqrt(worst.r.at(parity));
    result += 2 * (std::sqrt(dot.r.at(parity)) * (r + std::sqrt(worst.s.at(parity))) +
                   std::sqrt(dot.s.at(parity)) * r);
  }
  return result;
}

}  // namespace

double remainder_of_split(const hermite::RealFunction& r, const hermite::RealFunction& s,
                          const hermite::Plan& whole, double sigma) {
  const hermite::RealFunction phi = [&](double z) { return r(z) + s(z); };
  return bound({Tails({r, s}, phi, whole, sigma, ranked_terms)}, ranked_terms);
}

hermite::Plan plan_split(const Parts& parts, const hermite::Plan& whole, const std::vector<double>& sigmas,
                         double tolerance, bool derivatives, const std::vector<Parts>& by_parameter) {
  const hermite::RealFunction phi = [&](double z) { return parts.r(z) + parts.s(z); };
  const auto tails_of = [&](const Parts& each) {
    std::vector<Tails> result;
    for (const double sigma : sigmas) result.emplace_back(each, phi, whole, sigma, most_terms);
    return result;
  };
  const std::vector<Tails> tails = tails_of(parts);
  std::vector<std::vector<Tails>> tails_by;
  for (const Parts& each : by_parameter) tails_by.push_back(tails_of(each));
  hermite::Plan result = {{32, whole.terms.parity, whole.terms.rule}, whole.mean, 0};
  int& count = result.terms.count;
  for (;;) {  // 32, 48, 64, 96, …
    result.remainder = bound(tails, count);
    if (derivatives) result.remainder = std::max(result.remainder, turned_bound(tails, count));
    for (const std::vector<Tails>& by : tails_by)
      result.remainder = std::max(result.remainder, mixed_bound(tails, by, count));
    if (!(result.remainder > tolerance) || count >= most_terms) break;
    count += count % 3 == 0 ? count / 3 : count / 2;
  }
  // Nodes enough for either.
  int nodes = 0;
  for (const hermite::RealFunction& part : {parts.r, parts.s}) {
    result.remainder += 2 * hermite::choose_rule(part, phi, sigmas, 4e-15, result.terms);
    nodes = std::max(nodes, result.terms.rule.nodes);
  }
  result.terms.rule.nodes = nodes;
  const hermite::MeanRule mean = hermite::mean_rule(parts.r, sigmas, whole.mean.breaks, whole.mean.reach);
  result.mean = mean.rule;
  for (const hermite::RealFunction& part : {phi, parts.r})
    result.remainder += hermite::disagreement(part, phi, sigmas, result.terms.rule, result.mean);
  return result;
}

}  // namespace ntkc::duals
