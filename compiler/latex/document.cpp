#include <fmt/format.h>

#include <array>
#include <set>

#include "compiler/latex/activations.hpp"
#include "compiler/latex/expression.hpp"
#include "compiler/latex/latex.hpp"
#include "compiler/latex/recursion.hpp"

namespace ntkc::latex {
namespace {

struct Reference {
  std::string_view key;
  std::string_view entry;
};

constexpr std::array<Reference, 12> references = {{
    {"cho2009",
     "Y.~Cho and L.~K.~Saul. Kernel methods for deep learning. \\emph{Advances in Neural Information "
     "Processing "
     "Systems}~22, 2009."},
    {"daniely2016",
     "A.~Daniely, R.~Frostig and Y.~Singer. Toward deeper understanding of neural networks: the power of "
     "initialization and a dual view on expressivity. \\emph{Advances in Neural Information Processing "
     "Systems}~29, 2016."},
    {"drezner1990",
     "Z.~Drezner and G.~O.~Wesolowsky. On the computation of the bivariate normal integral. \\emph{Journal "
     "of "
     "Statistical Computation and Simulation}~35:101--107, 1990."},
    {"jacot2018",
     "A.~Jacot, F.~Gabriel and C.~Hongler. Neural tangent kernel: convergence and generalization in neural "
     "networks. "
     "\\emph{Advances in Neural Information Processing Systems}~31, 2018."},
    {"lee2018",
     "J.~Lee, Y.~Bahri, R.~Novak, S.~S.~Schoenholz, J.~Pennington and J.~Sohl-Dickstein. Deep neural "
     "networks as "
     "Gaussian processes. \\emph{International Conference on Learning Representations}, 2018."},
    {"owen1956",
     "D.~B.~Owen. Tables for computing bivariate normal probabilities. \\emph{Annals of Mathematical "
     "Statistics}~27(4):1075--1090, 1956."},
    {"price1958",
     "R.~Price. A useful theorem for nonlinear devices having Gaussian inputs. \\emph{IRE Transactions on "
     "Information "
     "Theory}~4(2):69--72, 1958."},
    {"rosenbaum1961",
     "S.~Rosenbaum. Moments of a truncated bivariate normal distribution. \\emph{Journal of the Royal "
     "Statistical Society~B}~23(2):405--408, 1961."},
    {"stein1981",
     "C.~M.~Stein. Estimation of the mean of a multivariate normal distribution. \\emph{Annals of "
     "Statistics}~9(6):1135--1151, 1981."},
    {"tsuchida2021",
     "R.~Tsuchida, T.~Pearce, C.~van~der~Heide, F.~Roosta and M.~Gallagher. Avoiding kernel fixed points: "
     "computing with "
     "ELU and GELU infinite networks. \\emph{AAAI Conference on Artificial Intelligence}, 2021."},
    {"williams1996",
     "C.~K.~I.~Williams. Computing with infinite networks. \\emph{Advances in Neural Information Processing "
     "Systems}~9, "
     "1996."},
    {"yang2019",
     "G.~Yang. Tensor programs I: wide feedforward or recurrent neural networks of any architecture are "
     "Gaussian "
     "processes. \\emph{Advances in Neural Information Processing Systems}~32, 2019."},
}};

/// A line that is too long for the page is broken in front of `|>`, or else at a blank.
void append_line(std::string& result, std::string line) {
  constexpr std::size_t longest = 84;
  while (line.size() > longest) {
    std::size_t at = line.rfind(" |>", longest - 3);
    const std::size_t start = line.find_first_not_of(' ');
    if (at == std::string::npos || at <= start + 4) at = line.rfind(' ', longest);
    if (at == std::string::npos || at <= start + 4) at = longest;
    result += line.substr(0, at) + '\n';
    line = std::string(start + 4, ' ') + line.substr(line[at] == ' ' ? at + 1 : at);
  }
  result += line + '\n';
}

/// The text as a verbatim environment takes it: ASCII only, and nothing that ends it.
std::string verbatim(std::string_view source) {
  std::string result;
  std::string line;
  for (const char c : source) {
    if (c == '\n') {
      append_line(result, std::move(line));
      line.clear();
    } else if (c == '\t') {
      line += "  ";
    } else if (c >= ' ' && c <= '~') {
      line += c;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U && c != '\r') {
      line += '?';  // the first byte of a character beyond ASCII
    }
  }
  append_line(result, std::move(line));
  for (std::size_t at = 0; (at = result.find("\\end{verbatim}", at)) != std::string::npos; ++at)
    result.replace(at, 1, "/");
  while (!result.empty() && result.back() == '\n') result.pop_back();
  return result;
}

std::string parameter_values(const kernel_ir::Program& program) {
  if (program.parameters.empty()) return "";
  std::string values;
  for (const auto& parameter : program.parameters) {
    const std::string shown = fmt::format("{:.6g}", parameter.value);
    const bool exact = std::stod(shown) == parameter.value;
    values += fmt::format("{}${} {} {}$", values.empty() ? "" : ", ", symbol(parameter.name),
                          exact ? "=" : "\\approx", number(std::stod(shown)));
  }
  return fmt::format("Its parameters are kept as symbols below; here {}.\n", values);
}

/// "32 \\times 32 \\times "
std::string positions_text(const kernel_ir::Program& program) {
  std::string result;
  for (const std::int64_t extent : program.input_positions) result += fmt::format("{} \\times ", extent);
  return result;
}

constexpr std::string_view preamble = R"(\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[margin=27mm]{geometry}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage{amsmath,amssymb}
\allowdisplaybreaks
\setlength{\emergencystretch}{3em}
)";

constexpr std::string_view conventions = R"(
\section*{Conventions}

As the widths of its layers go to infinity, the units of each layer become independent Gaussian processes with mean zero and
covariance $\Sigma(x, x')$, the NNGP kernel~\cite{lee2018,yang2019}. Training by gradient descent then follows the neural tangent
kernel $\Theta(x, x')$, the inner product of the gradients of the output by all trained parameters~\cite{jacot2018}. Below,
$\Sigma^{(n)}$ and $\Theta^{(n)}$ are those of the $n$-th value computed, at a pair of inputs $x$, $x'$; arguments are left out. With
\[
  q = \Sigma(x, x), \qquad q' = \Sigma(x', x'), \qquad c = \Sigma(x, x'), \qquad
  u = \cos\theta = \frac{c}{\sqrt{q q'}}, \quad 0 \le \theta \le \pi,
\]
an activation $\varphi$ acts by
\begin{equation}
  \mathcal{T}_\varphi[\Sigma](x, x') = \mathbb{E}\bigl[\varphi(s)\varphi(t)\bigr], \quad
  \dot{\mathcal{T}}_\varphi[\Sigma](x, x') = \mathbb{E}\bigl[\varphi'(s)\varphi'(t)\bigr], \quad
  (s, t) \sim \mathcal{N}\left(0, \begin{pmatrix} q & c \\ c & q' \end{pmatrix}\right).
  \label{eq:dual}
\end{equation}
$\dot{\mathcal{T}}_\varphi$ is the derivative of $\mathcal{T}_\varphi$ by $c$ at fixed $q$, $q'$~\cite{price1958}, so that $\Theta$ is the
derivative of the recursion for $\Sigma$ in the direction of what the parameters of each layer contribute.
)";

}  // namespace

std::string document(const kernel_ir::Program& sigma, std::string_view source,
                     const std::vector<duals::Use>& uses, double largest_input) {
  const Recursion recursion = write_recursion(sigma);
  std::set<std::string> cited = {"jacot2018", "lee2018", "price1958", "yang2019"};
  const std::string activations = write_activations(sigma, recursion.duals, uses, largest_input, cited);

  std::string result(preamble);
  result += "\\begin{document}\n\\thispagestyle{empty}\n";
  result +=
      fmt::format("\\begin{{center}}\\Large The infinite-width kernels of \\texttt{{{}}}\\end{{center}}\n\n",
                  text(sigma.name));
  result += fmt::format(
      "\\noindent The network, on inputs $x \\in "
      "\\mathbb{{R}}^{{{}{}}}$:\n{{\\small\n\\begin{{verbatim}}\n{}\n"
      "\\end{{verbatim}}\n}}\n\\noindent {}",
      positions_text(sigma), sigma.input_size, verbatim(source), parameter_values(sigma));
  result += conventions;
  result += recursion.maps;
  result += "\n\\section*{The recursion}\n\n" + recursion.equations;
  result += fmt::format("The kernels of the network are {}.\n", recursion.output);
  if (!activations.empty()) result += "\n\\section*{The activations}\n\n" + activations;
  result += "\\begin{thebibliography}{9}\n";
  for (const Reference& reference : references) {
    if (!cited.contains(std::string(reference.key))) continue;
    result += fmt::format("\\bibitem{{{}}} {}\n", reference.key, reference.entry);
  }
  return result + "\\end{thebibliography}\n\\end{document}\n";
}

}  // namespace ntkc::latex
