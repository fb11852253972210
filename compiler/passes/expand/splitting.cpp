#include "compiler/passes/expand/splitting.hpp"

#include <quadmath.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "compiler/kernel_ir/function.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Quad;

constexpr std::size_t points = 24;
constexpr int most_terms = 1024;
using Taylor = std::array<Quad, points>;

/// Coefficients of f(side · x), x > 0, in powers of x: of the interpolant at Chebyshev's points of [0, 1/20],
/// by divided differences. With singularities at a distance of 1 or more they are good to 1e-14 up to the
/// 12th.
Taylor one_sided_taylor(const kernel_ir::Function& f, int side) {
  constexpr Quad length = Quad(0.1);
  const Quad pi = acosq(Quad(-1));
  std::array<Quad, points> x{};
  std::array<Quad, points> differences{};
  for (std::size_t i = 0; i < points; ++i) {
    x.at(i) = length * (1 - cosq(pi * (static_cast<Quad>(i) + Quad(0.5)) / points)) / 2;
    differences.at(i) = f.value(side * x.at(i));
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

}  // namespace

std::optional<Jumps> find_jumps(const Program& program, NodeId phi) {
  const kernel_ir::Function f(program, phi);
  const Taylor above = one_sided_taylor(f, 1);
  const Taylor below = one_sided_taylor(f, -1);
  Jumps result{};
  bool any = false;
  for (std::size_t j = 0; j <= highest_order; ++j) {
    result.at(j) = (above.at(j) - (j % 2 == 0 ? below.at(j) : -below.at(j))) / 2;
    if (finiteq(result.at(j)) == 0) return std::nullopt;
    if (fabsq(result.at(j)) <= 1e-12) result.at(j) = 0;
    any = any || result.at(j) != 0;
  }
  return any ? std::optional(result) : std::nullopt;
}

moments::NormalForm singular_form(const Jumps& jumps, int order, double rate) {
  moments::NormalForm result;
  for (int j = 0; j <= order; ++j) {  // the series of the jumps times that of e^(gz²)
    Quad sum = 0;
    Quad factor = 1;
    for (int i = 0; 2 * i <= j; ++i) {
      sum += factor * jumps.at(static_cast<std::size_t>(j - 2 * i));
      factor *= Quad(rate) / (i + 1);
    }
    // A double, so that it is the same number in the closed form and in what is expanded.
    const auto coefficient = static_cast<double>(sum);
    if (coefficient != 0)
      result.push_back(
          {.coefficient = Quad(coefficient), .power = j, .s = moments::Switch::sign, .g = Quad(rate)});
  }
  return result;
}

NodeId singular_function(Program& program, const moments::NormalForm& form) {
  const NodeId z = program.variable();
  // Horner's rule, then times sign z and the Gaussian.
  NodeId sum = program.literal(0);
  for (int power = static_cast<int>(highest_order); power >= 0; --power) {
    const auto term = std::ranges::find(form, power, &moments::Term::power);
    const bool is_zero = program.is_literal(sum, 0);
    if (!is_zero) sum = program.multiply(sum, z);
    if (term == form.end()) continue;
    const NodeId d = program.literal(static_cast<double>(term->coefficient.value()));
    sum = is_zero ? d : program.add(sum, d);
  }
  sum = program.multiply(sum, program.real(Operation::sign, {z}));
  const auto rate = static_cast<double>(form[0].g.value());
  if (rate == 0) return sum;
  const NodeId exponent = program.multiply(program.literal(-rate), program.square(z));
  return program.multiply(sum, program.real(Operation::exp, {exponent}));
}

bool is_moderate(const hermite::Function& r, const hermite::Function& s, const hermite::Rule& rule,
                 const std::vector<double>& sigmas) {
  return std::ranges::all_of(sigmas, [&](double sigma) {
    const auto whole = [&](double z) { return r(z) + s(z); };
    return hermite::mean_square(s, sigma, rule) <= 16 * hermite::mean_square(whole, sigma, rule);
  });
}

namespace {

/// R and S for even and for odd k, relative to E[φ²].
struct Tails {
  std::array<double, 2> r{};
  std::array<double, 2> s{};
};

Tails find_tails(const hermite::Function& r, const hermite::Function& s, double sigma, int count,
                 const hermite::Terms& terms) {
  const double square = hermite::mean_square([&](double z) { return r(z) + s(z); }, sigma, terms.rule);
  if (square == 0) return {};
  const std::vector<double> r_k = hermite::coefficients(r, sigma, terms);
  const std::vector<double> s_k = hermite::coefficients(s, sigma, terms);
  Tails result;
  for (const int parity : {0, 1}) {
    const auto part = [&](double z) { return (s(z) + (parity == 0 ? 1 : -1) * s(-z)) / 2; };
    double tail_s = hermite::mean_square(part, sigma, terms.rule);
    double tail_r = 0;
    for (std::size_t j = 0; j < r_k.size(); ++j) {
      if (terms.degree(static_cast<int>(j)) % 2 != parity) continue;
      const bool beyond = j >= static_cast<std::size_t>(count);
      tail_r += beyond ? r_k[j] * r_k[j] : 0;
      tail_s -= beyond ? 0 : s_k[j] * s_k[j];
    }
    // Beyond the terms looked at there is less than in their second half.
    result.r.at(static_cast<std::size_t>(parity)) = 2 * tail_r / square;
    result.s.at(static_cast<std::size_t>(parity)) = std::fabs(tail_s) / square;
  }
  return result;
}

hermite::Plan plan_terms(const hermite::Function& r, const hermite::Function& s, const hermite::Plan& whole,
                         const std::vector<double>& sigmas, int count) {
  // Twice the terms are looked at, and nodes enough for their products with r and s.
  const int step = whole.terms.parity == hermite::Parity::none ? 1 : 2;
  hermite::Plan result = {{2 * count, whole.terms.parity, whole.terms.rule}, 0};
  result.terms.rule.nodes =
      static_cast<int>(whole.terms.rule.reach / 2 * std::sqrt(8.0 * count * step + 272)) + 8;
  Tails worst;
  for (const double sigma : sigmas) {
    const Tails tails = find_tails(r, s, sigma, count, result.terms);
    for (const std::size_t parity : {0U, 1U}) {
      worst.r.at(parity) = std::max(worst.r.at(parity), tails.r.at(parity));
      worst.s.at(parity) = std::max(worst.s.at(parity), tails.s.at(parity));
    }
  }
  for (const std::size_t parity : {0U, 1U})
    result.remainder += worst.r.at(parity) + 2 * std::sqrt(worst.r.at(parity) * worst.s.at(parity));
  result.terms.count = count;
  return result;
}

}  // namespace

double remainder_of_split(const hermite::Function& r, const hermite::Function& s, const hermite::Plan& whole,
                          const std::vector<double>& sigmas) {
  return plan_terms(r, s, whole, sigmas, 512).remainder;
}

hermite::Plan plan_split(const hermite::Function& r, const hermite::Function& s, const hermite::Plan& whole,
                         const std::vector<double>& sigmas, double tolerance) {
  for (int count = 32;; count *= 2) {
    hermite::Plan result = plan_terms(r, s, whole, sigmas, count);
    if (!(result.remainder > tolerance) || count >= most_terms) return result;
  }
}

}  // namespace ntkc::passes
