#include "compiler/latex/closed_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compiler/latex/expression.hpp"
#include "compiler/moments/normal_form.hpp"
#include "compiler/passes/expand/calculus.hpp"

namespace ntkc::latex {
namespace {

using kernel_ir::NodeId;
using kernel_ir::Program;
using moments::Constant;
using moments::NormalForm;
using moments::Switch;
using moments::Term;
using moments::Wave;

constexpr std::size_t longest_formula = 240;  // in characters of LaTeX

/// The closed forms of one function, found by one method for each family.
class Families {
 public:
  Families(Program& program, std::set<std::string>& cited) : program_(program), cited_(cited) {}

  std::optional<ClosedForm> any(const NormalForm& form) {
    using Family = std::pair<std::optional<ClosedForm> (Families::*)(const NormalForm&), const char*>;
    for (const auto& [family, name] :
         {Family{&Families::piecewise_linear, "arc-cosine kernels of order 1 and 0 (kappa_1, kappa_0)"},
          {&Families::rectified_monomial, "arc-cosine kernels"},
          {&Families::waves, "characteristic function of the Gaussian"},
          {&Families::polynomial, "Mehler's formula"},
          {&Families::single, "Gaussian integral"},
          {&Families::two_parts, ""},
          {&Families::calculus, "calculus of Gaussian moments"}}) {
      std::optional<ClosedForm> found = (this->*family)(form);
      if (found && found->name.empty()) found->name = name;
      if (found) return found;
    }
    return std::nullopt;
  }

 private:
  // --- constants

  [[nodiscard]] std::string text(const Constant& constant) {
    const NodeId node = constant.rounded().node(program_);
    return ExpressionWriter(program_).expression(node);
  }
  /// In front of what it multiplies.
  [[nodiscard]] std::string factor(const Constant& constant) {
    if (is_one(constant)) return "";
    const NodeId node = constant.rounded().node(program_);
    return ExpressionWriter(program_).factor(node);
  }
  /// A multiple of what is written: a unit fraction as such.
  [[nodiscard]] std::string times(const Constant& constant, const std::string& what) {
    if (const int n = reciprocal(constant); n > 1) return fmt::format("\\frac{{{}}}{{{}}}", what, n);
    return what == "1" ? text(constant) : factor(constant) + what;
  }
  [[nodiscard]] std::string over_pi(const Constant& constant) {
    if (const int n = reciprocal(constant); n > 1) return fmt::format("\\frac{{1}}{{{}\\pi}}", n);
    return fmt::format("\\frac{{{}}}{{\\pi}}", text(constant));
  }
  /// n of 1/n, 0 for anything else.
  [[nodiscard]] static int reciprocal(const Constant& constant) {
    const auto inverse = static_cast<double>(Constant(1).value() / constant.value());
    const bool fits = constant.is_number() && inverse > 0 && inverse < 1000 &&
                      std::fabs(inverse - std::nearbyint(inverse)) < 1e-12;
    return fits ? static_cast<int>(std::nearbyint(inverse)) : 0;
  }
  /// Up to the rounding of what is shown.
  [[nodiscard]] static bool is_one(const Constant& constant) { return constant.rounded().is(1); }
  [[nodiscard]] static bool is_zero(const Constant& constant) {
    return constant.is_number() && std::fabs(static_cast<double>(constant.value())) < 1e-30;
  }
  void cite(const char* key) { cited_.insert(key); }

  // --- α min(z, 0) + β max(z, 0). Cho and Saul 2009, eq. 3 and 6, with κ_n as in Bietti and Mairal 2019.

  std::optional<ClosedForm> piecewise_linear(const NormalForm& form) {
    const auto found = moments::find_piecewise_linear(form);
    if (!found) return std::nullopt;
    const auto& [odd, even] = *found;
    const Constant below = odd - even;
    const Constant above = odd + even;
    if (is_zero(even)) {
      return ClosedForm{"It is linear", {}, times(odd * odd, "c"), times(odd * odd, "1"), "linear"};
    }
    cite("cho2009");
    ClosedForm result;
    result.where = kappas();
    if (is_zero(below)) {
      const Constant half = Constant(0.5) * above * above;
      result.words = "With the arc-cosine kernels of order zero and one \\cite{cho2009}";
      result.value = times(half, "\\sqrt{q q'}") + "\\,\\kappa_1(u)";
      result.slope = times(half, "1") + "\\,\\kappa_0(u)";
      return result;
    }
    std::string alpha = "\\alpha";
    std::string beta = "\\beta";
    std::string step = "\\beta - \\alpha";
    const bool named = !in_part_ && below.is_number() && above.is_number();
    if (named) {
      result.words = fmt::format(
          "It is $\\alpha\\min(z, 0) + \\beta\\max(z, 0)$ with $\\alpha = {}$ and $\\beta = {}$, so that, "
          "with the "
          "arc-cosine kernels of order zero and one \\cite{{cho2009}}",
          text(below), text(above));
    } else {
      result.words = "With the arc-cosine kernels of order zero and one \\cite{cho2009}";
      step = text(above - below);
    }
    const Constant product = below * above;
    const Constant gap = above - below;
    const std::string fold = gap.is_number() && !named ? factor(Constant(0.5) * gap * gap)
                                                       : fmt::format("\\frac{{({})^2}}{{2}}\\,", step);
    // The rest is αβ times u or 1.
    const auto add = [&](const std::string& kernel, const std::string& by) {
      if (is_zero(product)) return kernel;
      if (named) return fmt::format("{} + \\alpha\\beta{}", kernel, by == "1" ? "" : "\\," + by);
      const bool negative = product.is_number() && product.value() < 0;
      return fmt::format("{} {} {}", kernel, negative ? '-' : '+', times(negative ? -product : product, by));
    };
    result.value = fmt::format("\\sqrt{{q q'}}\\left({}\\right)", add(fold + "\\kappa_1(u)", "u"));
    result.slope = add(fold + "\\kappa_0(u)", "1");
    return result;
  }

  static std::vector<std::string> kappas() {
    return {
        "\\kappa_0(u) &= \\frac{\\pi - \\theta}{\\pi}, \\qquad \\kappa_1(u) = \\frac{\\sin\\theta + (\\pi - "
        "\\theta)\\cos\\theta}{\\pi}"};
  }

  // --- c zⁿ [z > 0], c zⁿ sign z: arc-cosine kernels of order n. Cho and Saul 2009, eq. 4.

  std::optional<ClosedForm> rectified_monomial(const NormalForm& form) {
    const bool is_sign = form.size() == 1 && form[0].s == Switch::sign;
    const bool is_rectified = form.size() == 2 && form[0].power == form[1].power &&
                              (form[0].s == Switch::sign) != (form[1].s == Switch::sign) &&
                              (form[0].coefficient - form[1].coefficient).is(0);
    if (!is_sign && !is_rectified) return std::nullopt;
    for (const Term& term : form) {
      if (!term.is_plain() || (term.s != Switch::none && term.s != Switch::sign)) return std::nullopt;
    }
    const int n = form[0].power;
    cite("cho2009");
    const Constant c2 = form[0].coefficient * form[0].coefficient;
    const auto norm = [](int order) {
      return order == 0   ? std::string()
             : order == 1 ? std::string("\\sqrt{q q'}\\,")
             : order == 2 ? std::string("q q'\\,")
                          : fmt::format("(q q')^{{{}}}\\,", order % 2 == 0 ? std::to_string(order / 2)
                                                                           : std::to_string(order) + "/2");
    };
    // J_n(θ) is π E of the two on both sides of 0.
    const auto kernel = [&](const Constant& c, int order) {
      if (is_rectified)
        return fmt::format("{}\\,{}J_{}(\\theta)", over_pi(Constant(2) * c), norm(order), order);
      return fmt::format("{}\\,{}\\bigl(J_{}(\\theta) {} J_{}(\\pi - \\theta)\\bigr)", over_pi(c),
                         norm(order), order, order % 2 == 0 ? '-' : '+', order);
    };
    if (n == 0 && is_rectified)
      return ClosedForm{"With the arc-cosine kernel of order zero \\cite{cho2009}",
                        {"\\kappa_0(u) &= \\frac{\\pi - \\theta}{\\pi}"},
                        times(Constant(2) * c2, "1") + "\\,\\kappa_0(u)",
                        "0",
                        "arc-cosine kernel of order 0 (kappa_0)"};
    ClosedForm result;
    result.words = fmt::format("The arc-cosine kernel of order {} \\cite{{cho2009}}", n);
    result.name = n == 0 ? "arcsine of the correlation"
                         : fmt::format("arc-cosine kernels of order {} and {}", n, n - 1);
    if (n > 0) result.where.push_back(angular(n - 1));
    result.where.push_back(angular(n));
    result.value = n == 0 && is_sign ? over_pi(Constant(2) * c2) + "\\arcsin u" : kernel(c2, n);
    if (n == 0 && is_sign) {
      result.where.clear();
      result.words = "The arcsine law";
    }
    result.slope = n == 0 ? "0" : kernel(Constant(n * n) * c2, n - 1);
    return result;
  }

  static std::string angular(int n) {
    switch (n) {
      case 0:
        return "J_0(\\theta) &= \\pi - \\theta";
      case 1:
        return "J_1(\\theta) &= \\sin\\theta + (\\pi - \\theta)\\cos\\theta";
      case 2:
        return "J_2(\\theta) &= 3\\sin\\theta\\cos\\theta + (\\pi - \\theta)(1 + 2\\cos^2\\theta)";
      default:
        return fmt::format(
            "J_{{{0}}}(\\theta) &= "
            "(-1)^{{{0}}}(\\sin\\theta)^{{{1}}}\\left(\\frac{{1}}{{\\sin\\theta}}\\frac{{\\partial}}"
            "{{\\partial\\theta}}\\right)^{{\\!{0}}}\\frac{{\\pi - \\theta}}{{\\sin\\theta}}",
            n, 2 * n + 1);
    }
  }

  // --- α cos(bz) + β sin(bz): the characteristic function of the Gaussian

  std::optional<ClosedForm> waves(const NormalForm& form) {
    Constant cosine;
    Constant sine;
    for (const Term& term : form) {
      const bool fits = term.wave != Wave::none && term.power == 0 && term.s == Switch::none &&
                        term.a.is(0) && term.g.is(0) && term.b == form[0].b;
      if (!fits) return std::nullopt;
      (term.wave == Wave::cosine ? cosine : sine) = term.coefficient;
    }
    const Constant b2 = form[0].b * form[0].b;
    const auto decay = [&](const std::string& sum) {
      return is_one(b2) ? fmt::format("e^{{-({})/2}}", sum)
                        : fmt::format("e^{{-{}({})}}", factor(Constant(0.5) * b2), sum);
    };
    const Constant even = cosine * cosine;
    const Constant odd = sine * sine;
    ClosedForm result{"From the characteristic function of the Gaussian", {}, "", ""};
    if (is_zero(even - odd) || same(even, odd)) {
      result.value = factor(odd) + decay("q + q' - 2c");
      result.slope = factor(odd * b2) + decay("q + q' - 2c");
      return result;
    }
    const std::string argument = is_one(b2) ? " c" : fmt::format("({}c)", factor(b2));
    const auto combination = [&](const Constant& of_cosh, const Constant& of_sinh) {
      std::string sum;
      if (!is_zero(of_cosh)) sum = factor(of_cosh) + "\\cosh" + argument;
      if (!is_zero(of_sinh)) sum += (sum.empty() ? "" : " + ") + factor(of_sinh) + "\\sinh" + argument;
      const bool both = !is_zero(of_cosh) && !is_zero(of_sinh);
      return decay("q + q'") + (both ? fmt::format("\\left({}\\right)", sum) : "\\," + sum);
    };
    result.value = combination(even, odd);
    result.slope = factor(b2) + combination(odd, even);
    return result;
  }
  static bool same(const Constant& a, const Constant& b) {
    return a.is_number() && b.is_number() && a.rounded() == b.rounded();
  }

  // --- polynomials: Σ c^k/k! E[φ^(k)(s)] E[φ^(k)(t)], by Price's theorem

  std::optional<ClosedForm> polynomial(const NormalForm& form) {
    const auto found = moments::polynomial_coefficients(form);
    if (!found) return std::nullopt;
    const std::vector<Constant>& powers = *found;
    const int degree = static_cast<int>(powers.size()) - 1;
    if (degree < 1) return std::nullopt;
    cite("daniely2016");
    std::vector<std::string> lines;
    for (int k = 0; k <= degree; ++k) {
      const std::string mean = mean_of_derivative(powers, k);
      if (lines.empty() || lines.back().size() + mean.size() > 70) {
        lines.push_back(fmt::format("m_{{{}}}(q) &= {}", k, mean));
      } else {
        lines.back() += fmt::format(", \\quad m_{{{}}}(q) = {}", k, mean);
      }
    }
    if (lines.size() > 12) return std::nullopt;
    return ClosedForm{
        "By Mehler's formula \\cite{daniely2016}, with $m_k(q) = "
        "\\mathbb{E}[\\varphi^{(k)}(\\sqrt{q}\\,t)]$, $t \\sim "
        "\\mathcal{N}(0, 1)$",
        lines, fmt::format("\\sum_{{k=0}}^{{{}}} \\frac{{c^k}}{{k!}}\\,m_k(q)\\,m_k(q')", degree),
        fmt::format("\\sum_{{k=1}}^{{{}}} \\frac{{c^{{k-1}}}}{{(k-1)!}}\\,m_k(q)\\,m_k(q')", degree)};
  }

  /// Σ_j p_{k+2j} (k + 2j)!/(2^j j!) q^j
  std::string mean_of_derivative(const std::vector<Constant>& powers, int k) {
    std::string sum;
    for (int j = 0; k + 2 * j < static_cast<int>(powers.size()); ++j) {
      moments::Quad weight = 1;
      for (int i = 2; i <= k + 2 * j; ++i) weight *= i;
      for (int i = 1; i <= j; ++i) weight /= 2 * i;
      const Constant c = Constant(weight) * powers[static_cast<std::size_t>(k + 2 * j)];
      if (is_zero(c)) continue;
      const std::string power = j == 0 ? "" : j == 1 ? "q" : fmt::format("q^{{{}}}", j);
      const std::string term = j == 0 ? text(c) : factor(c) + power;
      sum += sum.empty() ? term : term.starts_with('-') ? " - " + term.substr(1) : " + " + term;
    }
    return sum.empty() ? "0" : sum;
  }

  // --- one term with an error function or an exponential

  std::optional<ClosedForm> single(const NormalForm& form) {
    if (form.size() != 1) return std::nullopt;
    const Term& t = form[0];
    const Constant b2 = t.coefficient * t.coefficient;
    if (t.is_plain() && t.s == Switch::erf && t.power == 0) return error_function(b2, t.k * t.k);
    if (t.is_plain() && t.s == Switch::erf && t.power == 1) return even_gelu(b2, t.k * t.k);
    if (t.power != 0 || t.s != Switch::none || t.wave != Wave::none) return std::nullopt;
    if (t.g.is(0) && t.a.is(0)) return ClosedForm{"A constant", {}, times(b2, "1"), "0", "constant"};
    if (t.g.is(0)) {
      const Constant a2 = t.a * t.a;
      const std::string power = is_one(a2) ? "e^{(q + q' + 2c)/2}"
                                           : fmt::format("e^{{{}(q + q' + 2c)}}", factor(Constant(0.5) * a2));
      return ClosedForm{
          "The moment generating function of the Gaussian", {}, factor(b2) + power, factor(a2 * b2) + power};
    }
    if (!t.a.is(0)) return std::nullopt;
    const std::string two_g = factor(Constant(2) * t.g);
    const Constant four = Constant(4) * t.g * t.g;
    return ClosedForm{"The Gaussian integral",
                      {fmt::format("D &= (1 + {0}q)(1 + {0}q') - {1}c^2", two_g, factor(four))},
                      fmt::format("\\frac{{{}}}{{\\sqrt{{D}}}}", text(b2)),
                      fmt::format("\\frac{{{}c}}{{D^{{3/2}}}}", factor(b2 * four))};
  }

  /// Williams 1996, eq. 11
  ClosedForm error_function(const Constant& b2, const Constant& k2) {
    cite("williams1996");
    const Constant two_k2 = Constant(2) * k2;
    const bool named = text(two_k2).size() > 10;  // a number of many digits
    const std::string two = named ? "\\lambda\\," : factor(two_k2);
    const std::string four = named ? "\\lambda^2\\," : factor(two_k2 * two_k2);
    const std::string squares = fmt::format("(1 + {0}q)(1 + {0}q')", two);
    const std::string top = named ? factor(Constant(2) * b2) + "\\lambda" : text(Constant(2) * b2 * two_k2);
    ClosedForm result = {
        "The kernel of Williams \\cite{williams1996}", {}, "", "", "arcsine kernel of Williams 1996"};
    if (named) result.where.push_back("\\lambda &= " + text(two_k2));
    result.value =
        fmt::format("{}\\arcsin\\frac{{{}c}}{{\\sqrt{{{}}}}}", over_pi(Constant(2) * b2), two, squares);
    result.slope = fmt::format("\\frac{{{}}}{{\\pi\\sqrt{{{} - {}c^2}}}}", top, squares, four);
    return result;
  }

  /// z erf(kz), p = 2k²
  ClosedForm even_gelu(const Constant& b2, const Constant& k2) {
    cite("tsuchida2021");
    const Constant p = Constant(2) * k2;
    const std::string f = factor(p);
    const std::string front = over_pi(Constant(2) * b2);
    return {"With the kernel of GELU \\cite{tsuchida2021}",
            {fmt::format("B^2 &= (1 + {0}q)(1 + {0}q'), \\qquad D = B^2 - {1}c^2", f, factor(p * p))},
            fmt::format("{0}\\left(c\\arcsin\\frac{{{1}c}}{{B}} + {1}\\frac{{q q'\\sqrt{{D}} + "
                        "c^2/\\sqrt{{D}}}}{{B^2}}\\right)",
                        front, f),
            fmt::format("{0}\\left(\\arcsin\\frac{{{1}c}}{{B}} + "
                        "\\frac{{{1}c}}{{\\sqrt{{D}}}}\\left(\\frac{{1}}{{1 + {1}q}} "
                        "+ \\frac{{1}}{{1 + {1}q'}} + \\frac{{1}}{{D}}\\right)\\right)",
                        front, f),
            "kernel of GELU"};
  }

  // --- the even and the odd part are uncorrelated: their kernels add

  std::optional<ClosedForm> two_parts(const NormalForm& form) {
    if (!std::ranges::all_of(form, &Term::has_parity)) return std::nullopt;
    NormalForm parts[2];
    for (const Term& term : form) parts[term.parity()].push_back(term);
    if (parts[0].empty() || parts[1].empty()) return std::nullopt;
    in_part_ = true;
    const std::optional<ClosedForm> odd = any(parts[1]);
    const std::optional<ClosedForm> even = any(parts[0]);
    in_part_ = false;
    // A symbol of both could mean two things.
    if (!odd || !even || (!odd->where.empty() && !even->where.empty() && odd->where != even->where))
      return std::nullopt;
    ClosedForm result{"The odd and the even part are uncorrelated, and their kernels add",
                      odd->where.empty() ? even->where : odd->where, odd->value + " + " + even->value,
                      even->slope == "0" ? odd->slope : odd->slope + " + " + even->slope,
                      odd->name + " + " + even->name};
    if (cited_.contains("tsuchida2021")) result.words += " \\cite{tsuchida2021}";
    return result;
  }

  // --- whatever the calculus writes without normal distributions

  std::optional<ClosedForm> calculus(const NormalForm& form) {
    const NormalForm slope = moments::derivative(form);
    const auto has_switch = [](const Term& term) { return term.s != Switch::none; };
    if (std::ranges::any_of(form, has_switch) || !passes::has_moment(form, form) ||
        !passes::has_moment(slope, slope))
      return std::nullopt;
    // A Gaussian factor that all terms have: 1/√D, and another covariance.
    const Constant g = form[0].g;
    const bool tilts = !g.is(0) && std::ranges::all_of(form, [&](const Term& term) { return term.g == g; });
    ClosedForm result{"By the calculus of Gaussian moments", {}, "", ""};
    if (tilts) {
      const std::string two_g = factor(Constant(2) * g);
      result.where = {
          fmt::format("D &= (1 + {0}q)(1 + {0}q') - {1}c^2, \\qquad C = \\frac{{c}}{{D}}", two_g,
                      factor(Constant(4) * g * g)),
          fmt::format("Q &= \\frac{{q + {0}(q q' - c^2)}}{{D}}, \\qquad Q' = \\frac{{q' + {0}(q q' - "
                      "c^2)}}{{D}}",
                      two_g)};
    }
    result.value = moment_text(form, tilts);
    result.slope = moment_text(slope, tilts);
    for (std::string* formula : {&result.value, &result.slope}) {
      if (formula->size() > longest_formula) return std::nullopt;
      const bool is_sum =
          formula->find(" + ") != std::string::npos || formula->find(" - ") != std::string::npos;
      if (tilts && is_sum) *formula = fmt::format("\\frac{{1}}{{\\sqrt{{D}}}}\\left({}\\right)", *formula);
      if (tilts && !is_sum) *formula = fmt::format("\\frac{{{}}}{{\\sqrt{{D}}}}", *formula);
    }
    return result;
  }

  /// E[f(s)f(t)] as the calculus has it, f without its common Gaussian factor if it `tilts`.
  std::string moment_text(NormalForm f, bool tilts) {
    if (tilts) {
      for (Term& term : f) term.g = {};
    }
    const auto first = static_cast<std::uint32_t>(program_.parameters.size());
    for (const char* name : tilts ? std::array{"Q", "Q'", "C"} : std::array{"q", "q'", "c"})
      program_.parameters.push_back({name, 1});
    const auto variable = [&](std::uint32_t i) {
      return passes::Expression(program_, program_.parameter(first + i));
    };
    const passes::Expression c = variable(2);
    const passes::GaussianPair pair = {variable(0), variable(1), c, variable(0) * variable(1) - square(c)};
    for (Term& term : f) {
      for (Constant* each : {&term.coefficient, &term.a, &term.g, &term.b}) *each = each->rounded();
    }
    const NodeId value = moment(f, f, pair).id();
    return ExpressionWriter(program_).expression(value);
  }

  Program& program_;
  std::set<std::string>& cited_;
  bool in_part_ = false;  // the formula stands in a sum
};

}  // namespace

Reach find_closed_form(Program& program, NodeId function, ClosedForm& result, std::set<std::string>& cited) {
  const auto form = moments::normal_form(program, function);
  if (!form) return Reach::none;
  std::set<std::string> of_this;
  if (std::optional<ClosedForm> found = Families(program, of_this).any(*form)) {
    result = std::move(*found);
    cited.merge(of_this);
    return Reach::shown;
  }
  const NormalForm slope = moments::derivative(*form);
  return passes::has_moment(*form, *form) && passes::has_moment(slope, slope) ? Reach::too_long : Reach::none;
}

std::vector<std::string> name_duals(const Program& program) {
  std::vector<std::string> result;
  for (const auto& [function, name] : program.function_names) {
    Program scratch = program;
    ClosedForm form;
    std::set<std::string> cited;
    const Reach reach = find_closed_form(scratch, function, form, cited);
    result.push_back(fmt::format("{}: {}", name,
                                 reach == Reach::shown      ? form.name
                                 : reach == Reach::too_long ? "calculus of Gaussian moments"
                                                            : "Hermite expansion"));
  }
  return result;
}

}  // namespace ntkc::latex
