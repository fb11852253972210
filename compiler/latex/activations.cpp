#include "compiler/latex/activations.hpp"

#include <fmt/format.h>

#include <string>

#include "compiler/latex/closed_forms.hpp"
#include "compiler/latex/expression.hpp"

namespace ntkc::latex {
namespace {

using kernel_ir::NodeId;

std::string equations(const std::string& of, const std::string& slope_of, const ClosedForm& form) {
  std::string lines;
  for (const std::string& definition : form.where) lines += fmt::format("  {}, \\\\\n", definition);
  return fmt::format(" {}:\n\\begin{{align*}}\n{}  {} &= {}, \\\\\n  {} &= {}.\n\\end{{align*}}\n\n",
                     form.words, lines, of, broken(form.value), slope_of, broken(form.slope));
}

/// Mehler's series, with what is computed of it.
std::string series(const std::string& name, const std::string& of, const std::string& slope_of,
                   const std::string& diagonal, const Expansion& expansion) {
  const char* degrees = expansion.parity == hermite::Parity::odd    ? " of odd degree"
                        : expansion.parity == hermite::Parity::even ? " of even degree"
                                                                    : "";
  return fmt::format(
             " No closed form is known; with $t \\sim \\mathcal{{N}}(0, 1)$, by Mehler's formula "
             "\\cite{{daniely2016}}:\n\\begin{{align*}}\n  a_k(q) &= "
             "\\frac{{1}}{{\\sqrt{{k!}}}}\\,\\mathbb{{E}}\\bigl[{0}"
             "(\\sqrt{{q}}\\,t)\\,\\mathrm{{He}}_k(t)\\bigr], \\\\\n  {1} &= \\sum_{{k=0}}^{{\\infty}} "
             "a_k(q)\\,a_k(q')\\,u^k, \\\\\n  {2} &= \\frac{{1}}{{\\sqrt{{q q'}}}}\\sum_{{k=1}}^{{\\infty}} "
             "k\\,a_k(q)\\,a_k(q')\\,u^{{k-1}}.\n\\end{{align*}}\n",
             name, of, slope_of) +
         fmt::format(
             "The first {} terms{} of $\\mathcal{{T}}$ are computed. For $|x|^2/d \\le {}$ the others are at "
             "most ${}$ "
             "of ${}$.\n\n",
             expansion.terms, degrees, number(expansion.largest_input),
             number(std::stod(fmt::format("{:.1e}", expansion.remainder))), diagonal);
}

}  // namespace

std::string write_activations(const kernel_ir::Program& program, const std::map<NodeId, std::string>& duals,
                              const std::map<std::string, Expansion>& expansions,
                              std::set<std::string>& cited) {
  const ExpressionWriter expressions(program);
  std::string result;
  for (const auto& [function, name] : duals) {
    kernel_ir::Program scratch = program;  // takes the nodes of constants
    ClosedForm form;
    const Reach reach = find_closed_form(scratch, function, form, cited);
    const auto at = [&](const char* symbol, const char* inputs) {
      return fmt::format("{}_{{{}}}[\\Sigma]({})", symbol, name, inputs);
    };
    const std::string of = at("\\mathcal{T}", "x, x'");
    const std::string slope_of = at("\\dot{\\mathcal{T}}", "x, x'");
    result += fmt::format("\\paragraph{{${0}$.}} $\\displaystyle {0}(z) = {1}$.", name,
                          expressions.expression(function));
    const auto named = program.function_names.find(function);
    const auto expansion =
        named == program.function_names.end() ? expansions.end() : expansions.find(named->second);
    if (reach == Reach::shown) {
      result += equations(of, slope_of, form);
    } else if (reach == Reach::too_long) {
      result +=
          " The expectations~\\eqref{eq:dual} have a closed form in the normal distribution functions of one "
          "and "
          "two variables, or one that is too long to be read.\n\n";
    } else if (expansion != expansions.end()) {
      cited.insert("daniely2016");
      const std::string diagonal =
          fmt::format("\\sqrt{{{}\\,{}}}", at("\\mathcal{T}", "x, x"), at("\\mathcal{T}", "x', x'"));
      result += series(name, of, slope_of, diagonal, expansion->second);
    } else {
      result += " The expectations~\\eqref{eq:dual} are what is meant.\n\n";
    }
  }
  return result;
}

}  // namespace ntkc::latex
