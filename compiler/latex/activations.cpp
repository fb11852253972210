#include "compiler/latex/activations.hpp"

#include <fmt/format.h>

#include "compiler/kernel_ir/function.hpp"
#include "compiler/latex/expression.hpp"

namespace ntkc::latex {
namespace {

using kernel_ir::Function;
using kernel_ir::NodeId;
using kernel_ir::Operation;

struct ClosedForm {
  std::string words;  ///< in front of the formulas
  std::string value;  ///< E[φ(s)φ(t)]
  std::string slope;  ///< E[φ'(s)φ'(t)]
};

/// α min(z, 0) + β max(z, 0). Cho and Saul 2009, eq. 3 and 6.
ClosedForm piecewise_linear(double below, double above, std::set<std::string>& cited) {
  cited.insert("cho2009");
  if (below == 0 && above == 1) {
    return {"The arc-cosine kernels of order one and zero \\cite{cho2009}:",
            "\\frac{\\sqrt{q q'}}{2\\pi}\\bigl(\\sin\\theta + (\\pi - \\theta)\\cos\\theta\\bigr)",
            "\\frac{\\pi - \\theta}{2\\pi}"};
  }
  return {
      fmt::format("It is $\\alpha\\min(z, 0) + \\beta\\max(z, 0)$ with $\\alpha = {}$ and $\\beta = {}$, so "
                  "that, from the "
                  "arc-cosine kernels of order one and zero \\cite{{cho2009}},",
                  number(below), number(above)),
      "\\sqrt{q q'}\\left(\\tfrac{\\alpha^2 + \\beta^2}{2}\\cos\\theta + \\tfrac{(\\beta - \\alpha)^2}{2\\pi}"
      "(\\sin\\theta - \\theta\\cos\\theta)\\right)",
      "\\tfrac{\\alpha^2 + \\beta^2}{2} - \\tfrac{(\\beta - \\alpha)^2}{2\\pi}\\,\\theta"};
}

/// b erf(kz). Williams 1996, eq. 11.
ClosedForm error_function(double scale, double k, std::set<std::string>& cited) {
  cited.insert("williams1996");
  const std::string two = k == 1 ? "2" : fmt::format("{}", number(2 * k * k));
  const std::string front = scale == 1 ? "" : fmt::format("{}\\,", number(scale * scale));
  const std::string product = fmt::format("(1 + {0}q)(1 + {0}q')", two);
  const std::string squared = k == 1 ? "4" : number(4 * k * k * k * k);
  const std::string top = k == 1 ? "4" : number(4 * k * k);
  return {"The kernel of Williams \\cite{williams1996}:",
          fmt::format("{}\\frac{{2}}{{\\pi}}\\arcsin\\frac{{{}c}}{{\\sqrt{{{}}}}}", front, two, product),
          fmt::format("{}\\frac{{{}}}{{\\pi\\sqrt{{{} - {}c^2}}}}", front, top, product, squared)};
}

/// z (1 + erf(z/√2))/2.
ClosedForm gelu(std::set<std::string>& cited) {
  cited.insert("tsuchida2021");
  return {"With $B^2 = (1 + q)(1 + q')$ and $D = B^2 - c^2$ \\cite{tsuchida2021}:",
          "\\frac{c}{4} + \\frac{1}{2\\pi}\\left(c\\arcsin\\frac{c}{B} + \\frac{q q'\\sqrt{D} + "
          "c^2/\\sqrt{D}}{B^2}"
          "\\right)",
          "\\frac14 + \\frac{1}{2\\pi}\\left(\\arcsin\\frac{c}{B} + \\frac{c}{\\sqrt{D}}\\left(\\frac{1}{1 + "
          "q} + "
          "\\frac{1}{1 + q'} + \\frac{1}{D}\\right)\\right)"};
}

ClosedForm trigonometric(bool sine) {
  const std::string odd = "e^{-(q + q')/2}\\sinh c";
  const std::string even = "e^{-(q + q')/2}\\cosh c";
  return {"From the characteristic function of the Gaussian:", sine ? odd : even, sine ? even : odd};
}

/// Nothing in `value` where no formula is recognised.
ClosedForm closed_form(const Function& phi, std::set<std::string>& cited) {
  const auto real = [](kernel_ir::Quad value) { return static_cast<double>(value); };
  if (const auto f = phi.homogeneous(); f && f->degree == 1)
    return piecewise_linear(real(f->below), real(f->above), cited);
  const auto f = phi.single();
  if (!f || f->a0 != 0 || f->p != 0) return {};
  if (f->operation == Operation::erf && f->a1 == 0 && f->b1 == 0)
    return error_function(real(f->b0), real(f->k), cited);
  const bool is_gelu = f->operation == Operation::erf && f->b0 == 0 && real(f->a1) == 0.5 &&
                       real(f->b1) == 0.5 && real(f->k * f->k) > 0.5 - 1e-15 &&
                       real(f->k * f->k) < 0.5 + 1e-15;
  if (is_gelu) return gelu(cited);
  const bool plain = f->a1 == 0 && f->b1 == 0 && f->b0 == 1 && f->k == 1;
  if (plain && f->operation == Operation::sin) return trigonometric(true);
  if (plain && f->operation == Operation::cos) return trigonometric(false);
  return {};
}

}  // namespace

std::string write_activations(const kernel_ir::Program& program, const std::map<NodeId, std::string>& duals,
                              std::set<std::string>& cited) {
  const ExpressionWriter expressions(program);
  std::string result;
  for (const auto& [function, name] : duals) {
    const ClosedForm form = closed_form(Function(program, function), cited);
    const std::string of = fmt::format("\\mathcal{{T}}_{{{}}}[\\Sigma](x, x')", name);
    const std::string slope_of = fmt::format("\\dot{{\\mathcal{{T}}}}_{{{}}}[\\Sigma](x, x')", name);
    result += fmt::format("\\paragraph{{${0}$.}} $\\displaystyle {0}(z) = {1}$.", name,
                          expressions.expression(function));
    if (form.value.empty()) {
      result +=
          " The expectations~\\eqref{eq:dual} are what is meant; this document has no shorter form for "
          "them.\n\n";
      continue;
    }
    result += fmt::format(" {}\n\\begin{{align*}}\n  {} &= {}, \\\\\n  {} &= {}.\n\\end{{align*}}\n\n",
                          form.words, of, form.value, slope_of, form.slope);
  }
  return result;
}

}  // namespace ntkc::latex
