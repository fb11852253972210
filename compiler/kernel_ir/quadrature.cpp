// Expectations over a Gaussian pair by quadrature: Gauss-Legendre on panels that end at the kinks.
#include <quadmath.h>

#include "compiler/elementary/panels.hpp"
#include "compiler/kernel_ir/interpreter.hpp"

namespace ntkc::kernel_ir {
namespace {

using elementary::Break;
using elementary::integrate_panels;
using elementary::panels;

const Quad pi = acosq(Quad(-1));
constexpr Quad reach = 11;  // standard deviations: e^(-60.5) = 5e-27

Quad density(Quad t) { return expq(-t * t / 2) / sqrtq(2 * pi); }

/// One of the two functions, of a standard Gaussian: h(t) = f(√q t).
class Scaled {
 public:
  Scaled(const Function& f, Side side, Quad q)
      : f_(f), side_(side), root_(sqrtq(q)), width_(fminq(1, Quad(1.5) / fmaxq(root_, Quad(1e-300)))) {
    limit_ = reach;
    // A function that grows exponentially moves the mass outwards.
    Quad largest = 0;
    for (int k = 0; k <= 120; ++k) largest = fmaxq(largest, mass(k));
    for (int k = 0; k <= 120; ++k) {
      if (mass(k) > largest * 1e-27) limit_ = fmaxq(limit_, k + 1);
    }
    for (const Quad kink : f.breaks(root_ * 2 * limit_)) kinks_.push_back(kink / root_);
  }

  [[nodiscard]] Quad operator()(Quad t) const {
    return side_ == Side::function ? f_.value(root_ * t) : f_.derivative(root_ * t);
  }
  [[nodiscard]] Quad limit() const { return limit_; }
  [[nodiscard]] Quad width() const { return width_; }
  [[nodiscard]] const std::vector<Quad>& kinks() const { return kinks_; }

 private:
  [[nodiscard]] Quad mass(int k) const {
    const Quad size = fmaxq(fabsq((*this)(k)), fabsq((*this)(-k)));
    return finiteq(size) != 0 ? size * density(k) : 0;
  }

  const Function& f_;
  Side side_;
  Quad root_;
  Quad width_;
  Quad limit_;
  std::vector<Quad> kinks_;
};

/// E[f(t) g(s t)], t ~ N(0, 1), s = ±1.
Quad on_a_line(const Scaled& f, const Scaled& g, Quad sign) {
  const Quad limit = f.limit() + g.limit() - reach;
  std::vector<Break> breaks;
  for (const Quad kink : f.kinks()) breaks.push_back({kink, limit});
  for (const Quad kink : g.kinks()) breaks.push_back({sign * kink, limit});
  return integrate_panels([&](Quad t) { return f(t) * g(sign * t) * density(t); },
                          panels(-limit, limit, fminq(f.width(), g.width()), breaks));
}

/// E[f(s) g(ρs + rt)] of independent s and t: the mean over t is an analytic function of s but for turns of
/// width r/ρ where ρs is a kink of g.
Quad on_the_plane(const Scaled& f, const Scaled& g, Quad correlation, Quad rest) {
  const Quad limit = f.limit() + g.limit() - reach;
  std::vector<Break> breaks;
  for (const Quad kink : f.kinks()) breaks.push_back({kink, limit});
  if (fabsq(correlation) > 1e-3) {
    for (const Quad kink : g.kinks()) breaks.push_back({kink / correlation, rest / fabsq(correlation)});
  }
  const auto inner = [&](Quad s) {
    std::vector<Break> inner_breaks;
    for (const Quad kink : g.kinks()) inner_breaks.push_back({(kink - correlation * s) / rest, g.limit()});
    return integrate_panels([&](Quad t) { return g(correlation * s + rest * t) * density(t); },
                            panels(-g.limit(), g.limit(), fminq(1, g.width() / rest), inner_breaks));
  };
  return integrate_panels(
      [&](Quad s) { return f(s) * density(s) * inner(s); },
      panels(-limit, limit, fminq(f.width(), g.width() / fmaxq(fabsq(correlation), Quad(1e-3))), breaks));
}

}  // namespace

Quad integrate(const Function& f, const Function& g, Side side, Quad q, Quad q2, Quad c) {
  const Scaled first(f, side, q);
  const Scaled second(g, side, q2);
  const Quad scale = sqrtq(q) * sqrtq(q2);
  const Quad correlation = scale > 0 ? fmaxq(-1, fminq(1, c / scale)) : 0;
  const Quad rest = sqrtq((1 - correlation) * (1 + correlation));
  if (c == 0) {  // independent
    const auto mean = [](const Scaled& of) {
      std::vector<Break> breaks;
      for (const Quad kink : of.kinks()) breaks.push_back({kink, of.limit()});
      return integrate_panels([&](Quad t) { return of(t) * density(t); },
                              panels(-of.limit(), of.limit(), of.width(), breaks));
    };
    return mean(first) * mean(second);
  }
  if (rest < 1e-16) return on_a_line(first, second, correlation < 0 ? -1 : 1);
  return on_the_plane(first, second, correlation, rest);
}

}  // namespace ntkc::kernel_ir
