// The LaTeX of a network: what it says, and that TeX takes it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "ntkc/compiler.hpp"

using namespace ntkc;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string document(const std::string& network) { return show(network, Stage::latex); }

constexpr const char* deep_relu =
    "network deep_relu(depth = 5, w = sqrt(2), b = 0.1)\ninput x : vector(3)\nh = x\n"
    "repeat depth { h = h |> dense(W_std = w, b_std = b) |> relu }\noutput h |> dense\n";
constexpr const char* residual_gelu =
    "network residual_gelu(depth = 6, w = sqrt(2))\ninput x : vector(32)\nh = x |> dense(W_std = w)\n"
    "repeat depth { h = h + 0.5 * (h |> gelu |> dense(W_std = w)) }\noutput h |> gelu |> dense(W_std = w)\n";
constexpr const char* nested =
    "network nested(inner = 3, alpha = 0.3, w_out = 2)\ninput x : vector(5)\nh = x |> dense\nrepeat 4 {\n  g "
    "= h\n"
    "  repeat inner { h = h + (h |> cos |> dense(b_std = 0.2)) }\n"
    "  h = (h |> leaky_relu(alpha) |> dense) - 0.3 * (g |> abs |> dense)\n}\noutput h |> sin |> dense(W_std "
    "= w_out)\n";
constexpr const char* standard =
    "# \\end{verbatim} % & é _ must do no harm\nnetwork wide_net(w = 1.25)\nparametrization = standard\n"
    "input x : vector(8)\noutput x |> dense(W_std = w, b_std = 0.1, width = 512) |> leaky_relu(0.2)"
    " |> dense(W_std = 3, frozen = true, width = 64) |> erf |> dense(bias = true, lr = 0.5)\n";
constexpr const char* cntk =
    "network arora(w = 1.25)\nparametrization = cntk\ninput x : vector(8)\n"
    "output x |> dense(W_std = w) |> erf |> dense\n";

/// An activation of each family that has a closed form.
constexpr const char* families =
    "activation bump(z, beta) = z*exp(-beta*z^2)\nnetwork families(alpha = 0.3, beta = 0.7, gamma = 0.5)\n"
    "input x : vector(4)\noutput x |> dense(b_std = alpha) |> relu |> dense |> leaky_relu(alpha) |> dense |> "
    "step |> "
    "dense\n  |> rectified_monomial(2) |> dense |> rbf(gamma) |> dense |> sinusoid(1, beta, alpha) |> "
    "dense\n  |> "
    "exp(alpha) |> dense |> gaussian(1, -beta) |> dense |> polynomial([0, 1, alpha]) |> dense |> erf\n  |> "
    "dense |> "
    "gelu |> dense |> bump(beta) |> dense |> hermite(3) |> dense |> sigmoid_like |> dense |> tanh |> dense\n";

}  // namespace

TEST_CASE("layers are shown with their symbols, Theta as the derivative of Sigma") {
  const std::string text = document(
      "network two_layer(w = 2, b_1 = 1)\ninput x : vector(2)\noutput x |> dense(W_std = w, b_std = b_1) |> "
      "erf |> "
      "dense(W_std = 2, frozen = true)\n");
  CHECK(contains(text, "\\Sigma^{(0)} &= \\frac{x^{\\top} x'}{2} \\\\"));
  CHECK(contains(text, "\\Sigma^{(1)} &= w^2\\,\\Sigma^{(0)} + b_{\\mathrm{1}}^2 \\\\"));
  CHECK(contains(text, "\\Theta^{(1)} &= \\Sigma^{(1)} \\\\"));
  CHECK(contains(text, "\\Sigma^{(2)} &= \\mathcal{T}_{\\mathrm{erf}}\\bigl[\\Sigma^{(1)}\\bigr]"));
  CHECK(contains(
      text,
      "\\Theta^{(2)} &= \\Theta^{(1)}\\,\\dot{\\mathcal{T}}_{\\mathrm{erf}}\\bigl[\\Sigma^{(1)}\\bigr]"));
  CHECK(contains(text, "\\Sigma^{(3)} &= 4\\,\\Sigma^{(2)} \\\\"));
  CHECK(contains(text, "\\Theta^{(3)} &= 4\\,\\Theta^{(2)}"));
  CHECK(contains(text, "$\\Sigma = \\Sigma^{(3)}$ and $\\Theta = \\Theta^{(3)}$."));
  CHECK(contains(text, "\\bibitem{williams1996}"));
  CHECK_FALSE(contains(text, "\\bibitem{cho2009}"));
}

TEST_CASE("a repeat is a recursion, not written out") {
  const std::string text = document(residual_gelu);
  CHECK(contains(text, "and for $\\ell = 1, \\dots, 6$"));
  CHECK(
      contains(text, "\\Sigma^{(2)}_{\\ell} &= \\Sigma^{(2)}_{\\ell-1} + 0.25\\,\\Sigma^{(4)}_{\\ell} \\\\"));
  CHECK(contains(text, "\\Theta^{(2)}_{\\ell} &= \\Theta^{(2)}_{\\ell-1} + 0.25\\,\\Theta^{(4)}_{\\ell}"));
  CHECK(contains(text, "\\mathcal{T}_{\\mathrm{gelu}}\\bigl[\\Sigma^{(2)}_{6}\\bigr]"));
  const auto deeper = show(residual_gelu, Stage::latex, {.definitions = {{"depth", "600"}}});
  CHECK(deeper.size() < text.size() + 20);
  CHECK(contains(document(nested), "\\Sigma^{(3)}_{\\ell,m} &="));
}

TEST_CASE("the normalisation of the CNTK parametrization is shown as an expectation") {
  CHECK(contains(document(cntk),
                 "\\frac{1}{\\mathbb{E}_{z \\sim \\mathcal{N}(0, 1)}\\left[\\left("
                 "\\operatorname{erf}\\left(z\\right)\\right)^2\\right]}"));
}

TEST_CASE("seeds of the standard parametrization and learning rates are shown") {
  const std::string text = document(standard);
  CHECK(contains(text, "\\Theta^{(1)} &= 8\\,\\Sigma^{(0)} + 1 \\\\"));
  CHECK(contains(text, "0.5\\,\\left(64\\,\\Sigma^{"));
  CHECK(contains(text, "$\\alpha = 0.2$ and $\\beta = 1$"));
}

TEST_CASE("closed forms are named and written with the parameters as symbols") {
  const std::string text = document(families);
  for (const char* part :
       {// relu, leaky_relu(alpha), step
        "\\kappa_0(u) &= \\frac{\\pi - \\theta}{\\pi}", "\\frac{\\sqrt{q q'}}{2}\\,\\kappa_1(u)",
        "\\sqrt{q q'}\\left(\\frac{(1 - \\alpha)^2}{2}\\,\\kappa_1(u) + \\alpha\\,u\\right)",
        "\\frac{(1 - \\alpha)^2}{2}\\,\\kappa_0(u) + \\alpha",
        // rectified_monomial(2)
        "\\frac{1}{2\\pi}\\,q q'\\,J_2(\\theta)",
        // rbf(gamma), sinusoid, exp, gaussian
        "e^{-\\gamma\\,(q + q' - 2c)}", "2\\,\\gamma\\,e^{-\\gamma\\,(q + q' - 2c)}", "\\cosh(\\beta^2\\,c)",
        "e^{0.5\\,\\alpha^2\\,(q + q' + 2c)}",
        "D &= (1 + 2\\,\\beta\\,q)(1 + 2\\,\\beta\\,q') - 4\\,\\beta^2\\,c^2",
        "\\frac{4\\,\\beta^2\\,c}{D^{3/2}}",
        // polynomial
        "m_{0}(q) &= \\alpha\\,q, \\quad m_{1}(q) = 1, \\quad m_{2}(q) = 2\\,\\alpha",
        // erf, gelu, the user's
        "\\frac{2}{\\pi}\\arcsin\\frac{2\\,c}{\\sqrt{(1 + 2\\,q)(1 + 2\\,q')}}",
        "\\frac{c}{4} + \\frac{1}{2\\pi}\\left(c\\arcsin\\frac{c}{B}", "\\frac{C}{\\sqrt{D}}",
        "z\\,e^{-\\beta\\,z^{2}}"}) {
    CHECK_MESSAGE(contains(text, part), part);
  }
  CHECK_FALSE(contains(text, "\\left(-"));
  CHECK_FALSE(contains(text, "0.69999"));
}

TEST_CASE("expansions are shown as series with their terms and what they leave out") {
  const std::string text = document(
      "network n(beta = 1.5)\ninput x : vector(2)\noutput x |> dense |> swish(beta) |> dense |> hard_tanh |> "
      "dense\n");
  CHECK(contains(
      text,
      "\\mathcal{T}_{\\mathrm{swish}}[\\Sigma](x, x') &= \\sum_{k=0}^{\\infty} a_k(q)\\,a_k(q')\\,u^k"));
  CHECK(
      contains(text, " terms of $\\mathcal{T}$ are computed. For $|x|^2/d \\le 4$ the others are at most $"));
  CHECK(contains(text, "\\cdot 10^{-13}$ of $\\sqrt{\\mathcal{T}_{\\mathrm{swish}}"));
  CHECK(contains(text, "normal distribution functions of one and two variables"));
  CHECK(contains(text, "\\bibitem{daniely2016}"));
}

TEST_CASE("what has no kernel has no document") {
  const auto with = [](const std::string& activation) {
    return document("network n\ninput x : vector(2)\noutput x |> dense(W_std = 1e200) |> " + activation +
                    " |> dense(W_std = 1e200)\n");
  };
  CHECK_THROWS_AS(static_cast<void>(with("relu")), CompileError);
  CHECK_THROWS_AS(static_cast<void>(document("network n\ninput x : vector(2)\nactivation f(z) = exp(z*z)\n"
                                             "output x |> dense |> f |> dense\n")),
                  CompileError);
}

TEST_CASE("TeX makes a document of it, with nothing undefined and nothing beyond the margin") {
  const auto directory = std::filesystem::temp_directory_path() / fmt::format("ntkc-latex-{}", getpid());
  std::filesystem::create_directory(directory);
  for (const char* network : {deep_relu, residual_gelu, nested, standard, cntk, families}) {
    std::ofstream(directory / "network.tex") << document(network);
    const std::string command = fmt::format(
        "cd '{}' && pdflatex -interaction=nonstopmode -halt-on-error -no-shell-escape network.tex >/dev/null "
        "&& "
        "pdflatex -interaction=nonstopmode -halt-on-error -no-shell-escape network.tex >/dev/null",
        directory.string());
    REQUIRE_MESSAGE(std::system(command.c_str()) == 0, "pdflatex (Debian: texlive-latex-base) failed on\n"
                                                           << network);
    std::ifstream stream(directory / "network.log");
    const std::string log{std::istreambuf_iterator<char>(stream), {}};
    CHECK_FALSE(contains(log, "undefined"));
    CHECK_FALSE(contains(log, "Overfull"));
    CHECK(std::filesystem::file_size(directory / "network.pdf") > 10'000);
  }
  std::filesystem::remove_all(directory);
}
