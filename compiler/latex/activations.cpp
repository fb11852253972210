#include "compiler/latex/activations.hpp"

#include <fmt/format.h>

#include <functional>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/latex/closed_forms.hpp"
#include "compiler/latex/expression.hpp"

namespace ntkc::latex {
namespace {

using kernel_ir::NodeId;

std::string lines_of(const std::vector<Equation>& equations) {
  std::string result;
  for (const std::string& line : print_equations(equations))
    result += fmt::format("{}  {}", result.empty() ? "" : ", \\\\\n", line);
  return result + '.';
}

std::string equations(const Formula& of, const Formula& slope_of, const WrittenDual& form) {
  std::vector<Equation> all = form.where;
  all.push_back({of, form.value, true});
  all.push_back({slope_of, form.slope, true});
  const char* colon = form.words.ends_with(',') ? "" : ":";
  std::string result =
      fmt::format(" {}{}\n\\begin{{align*}}\n{}\n\\end{{align*}}\n", form.words, colon, lines_of(all));
  if (!form.details.empty())
    result +=
        fmt::format("{},\n\\begin{{align*}}\n{}\n\\end{{align*}}\n", form.more_words, lines_of(form.details));
  return result + "\n";
}

/// What the closed forms of any normal form follow from, and what they call.
std::string gaussian_moments(const NormalFunctions& functions, std::set<std::string>& cited) {
  if (!functions.has_calculus()) return "";
  std::string result =
      "\\paragraph{Gaussian moments.} A factor $e^{a s + a' t - g s^2 - g' t^2}$ makes the distribution of "
      "$(s, t)$ a multiple of another normal distribution: with $D = (1 + 2gq)(1 + 2g'q') - 4gg'c^2$, of "
      "variances $Q = (q + 2g'(q q' - c^2))/D$ and $Q' = (q' + 2g(q q' - c^2))/D$, covariance $C = c/D$, "
      "means "
      "$aQ + a'C$ and $aC + a'Q'$ and mass $e^{(a^2 Q + a'^2 Q' + 2aa'C)/2}/\\sqrt{D}$. Powers go by Stein's "
      "lemma~\\cite{stein1981}.";
  cited.insert("stein1981");
  if (functions.has_noise())
    result += " $\\operatorname{erf}(kz)$ is the mean of the sign of $z$ and noise of variance $1/(2k^2)$.";
  if (functions.has_dawson()) result += " $F(x) = e^{-x^2}\\int_0^x e^{y^2}\\,dy$ is Dawson's integral.";
  if (!functions.has_normal()) return result + "\n\n";
  result +=
      " Let $U$ and $V$ be standard normal variables of correlation $\\rho$; $\\Phi(x) = \\mathbb{P}(U \\le "
      "x)$.";
  if (functions.has_orthant()) {
    cited.insert({"owen1956", "drezner1990", "rosenbaum1961"});
    result +=
        " Where thresholds are, in units of standard deviations, $L(h, k; \\rho) = \\mathbb{P}(U > h, V > "
        "k)$ is "
        "left~\\cite{owen1956,drezner1990}, with $L(0, 0; \\rho) = \\frac{1}{4} + "
        "\\frac{1}{2\\pi}\\arcsin\\rho$, "
        "and $L_{nm}(h, k; \\rho) = \\mathbb{E}[(U - h)_+^n (V - k)_+^m] = L_{mn}(k, h; "
        "\\rho)$~\\cite{rosenbaum1961}.";
  }
  if (functions.has_tail()) result += " $\\Lambda_n(x) = \\mathbb{E}[(U - x)_+^n]$.";
  const std::vector<Equation> definitions = functions.definitions();
  if (definitions.empty()) return result + "\n\n";
  return fmt::format("{} They are\n\\begin{{align*}}\n{}\n\\end{{align*}}\n\n", result,
                     lines_of(definitions));
}

/// Mehler's series, with what is computed of it.
std::string series(const std::string& name, const std::string& of, const std::string& slope_of,
                   const std::function<std::string(const char*)>& diagonal, const duals::Statement& statement,
                   double largest_input) {
  const auto rounded = [](double a) { return number(std::stod(fmt::format("{:.1e}", a))); };
  const char* degrees = statement.parity == hermite::Parity::odd    ? " of odd degree"
                        : statement.parity == hermite::Parity::even ? " of even degree"
                                                                    : "";
  return fmt::format(
             " With $t \\sim \\mathcal{{N}}(0, 1)$, by Mehler's formula "
             "\\cite{{daniely2016}}:\n\\begin{{align*}}\n  a_k(q) &= "
             "\\frac{{1}}{{\\sqrt{{k!}}}}\\,\\mathbb{{E}}\\bigl[{0}"
             "(\\sqrt{{q}}\\,t)\\,\\mathrm{{He}}_k(t)\\bigr], \\\\\n  {1} &= \\sum_{{k=0}}^{{\\infty}} "
             "a_k(q)\\,a_k(q')\\,u^k, \\\\\n  {2} &= \\frac{{1}}{{\\sqrt{{q q'}}}}\\sum_{{k=1}}^{{\\infty}} "
             "k\\,a_k(q)\\,a_k(q')\\,u^{{k-1}}.\n\\end{{align*}}\n",
             name, of, slope_of) +
         fmt::format(
             "The first {} terms{} of $\\mathcal{{T}}$ are computed{}. For $|x|^2/d \\le {}$ the others are "
             "at "
             "most ${}$ of ${}$",
             statement.terms, degrees, statement.is_sparse ? ", and sums of those beyond by few of them" : "",
             number(largest_input), rounded(statement.remainder_of_value), diagonal("\\mathcal{T}")) +
         (statement.remainder_of_slope > 0
              ? fmt::format(", and those of $\\dot{{\\mathcal{{T}}}}$ at most ${}$ of ${}$.\n\n",
                            rounded(statement.remainder_of_slope), diagonal("\\dot{\\mathcal{T}}"))
              : std::string(".\n\n"));
}

/// What is compiled of a function, by its name.
struct Compiled {
  const duals::Use* closed = nullptr;    ///< a use that has a closed form
  const duals::Use* expanded = nullptr;  ///< of those that have not, the one that leaves out most
  std::vector<std::string> texts = {};
};

Compiled compiled(const std::vector<duals::Use>& uses, const std::string& name) {
  Compiled result = {.texts = duals::texts_of(uses, name)};
  for (const duals::Use& use : uses) {
    if (std::ranges::find(use.names, name) == use.names.end()) continue;
    const duals::Statement& each = use.statement;
    if (each.is_closed()) {
      result.closed = &use;
    } else if (result.expanded == nullptr ||
               !(each.remainder_of_value <= result.expanded->statement.remainder_of_value)) {
      result.expanded = &use;
    }
  }
  return result;
}

}  // namespace

std::string write_activations(const kernel_ir::Program& program, const std::map<NodeId, std::string>& duals,
                              const std::vector<duals::Use>& uses, double largest_input,
                              std::set<std::string>& cited) {
  std::string result;
  NormalFunctions functions;
  for (const auto& [function, name] : duals) {
    const auto named = program.function_names.find(function);
    const Compiled is = named == program.function_names.end() ? Compiled{} : compiled(uses, named->second);
    kernel_ir::Program scratch = program;  // takes the nodes of constants
    const auto form =
        is.closed == nullptr ? std::nullopt : find_closed_form(scratch, function, functions, cited);
    const auto at = [&](const char* symbol, const char* inputs) {
      return fmt::format("{}_{{{}}}[\\Sigma]({})", symbol, name, inputs);
    };
    const std::string of = at("\\mathcal{T}", "x, x'");
    const std::string slope_of = at("\\dot{\\mathcal{T}}", "x, x'");
    const Formula phi = formula(program, function);
    const Formula left = Formula::symbol(name + "(z)");
    const bool is_named = name.starts_with("\\mathrm{");
    const std::string title = is_named ? name.substr(8, name.size() - 9) : fmt::format("${}$", name);
    const kernel_ir::Node& node = program[function];
    const bool is_elementary = node.operands.size() == 1 && kernel_ir::info(node.operation).name == title &&
                               program[node.operands[0]].operation == kernel_ir::Operation::variable;
    if (is_elementary) {
      result += fmt::format("\\paragraph{{{}.}}", title);
    } else if (width(left) + width(phi) < line_width - 20) {
      result += fmt::format("\\paragraph{{{}.}} $\\displaystyle {} = {}$.", title, print(left), print(phi));
    } else {
      result += fmt::format("\\paragraph{{{}}} is\n\\begin{{align*}}\n  {} &= {}.\n\\end{{align*}}\n", title,
                            print(left), print_lines(phi, width(left) + relation_width));
    }
    for (std::size_t i = 0; i < is.texts.size(); ++i)
      result += (i == 0 ? " It is compiled as: " : "; ") + text(is.texts[i]);
    if (!is.texts.empty()) result += ".";
    if (form && form->is_too_long) {
      result +=
          " The expectations~\\eqref{eq:dual} have a closed form, of more terms than one would read.\n\n";
    } else if (form) {
      result += equations(Formula::symbol(of), Formula::symbol(slope_of), *form);
    }
    if (is.expanded != nullptr) {
      cited.insert("daniely2016");
      const auto diagonal = [&](const char* symbol) {
        return fmt::format("\\sqrt{{{}\\,{}}}", at(symbol, "x, x"), at(symbol, "x', x'"));
      };
      result += series(name, of, slope_of, diagonal, is.expanded->statement, largest_input);
    } else if (!form) {
      result += " The expectations~\\eqref{eq:dual} are what is meant.\n\n";
    }
  }
  return result + gaussian_moments(functions, cited);
}

}  // namespace ntkc::latex
