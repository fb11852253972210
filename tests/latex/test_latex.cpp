// The LaTeX of a network: what it says, and that TeX takes it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/layer_graph/builtins.hpp"
#include "ntkc/compiler.hpp"
#include "tests/latex/activations.hpp"

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

/// One after the other, with their default arguments or p.
std::string every_activation() {
  std::string result = "network every_activation(p = 0.4)\ninput x : vector(4)\noutput x |> dense";
  for (const layer_graph::BuiltinInfo& activation : layer_graph::builtins()) {
    if (activation.kind == layer_graph::BuiltinKind::activation && activation.name != "identity")
      result += " |> " + test::application(activation) + " |> dense";
  }
  return result + "\n";
}

constexpr const char* normal_forms =
    "activation f1(z) = relu(z) + exp(0.25*z)\nactivation f2(z) = z*cos(z)\nactivation f3(z) = "
    "abs(z)*exp(-0.5*z^2)\n"
    "activation f4(z) = exp(0.5*z)*erf(z)\nactivation f5(z) = min(max(z, 0), 6)\n"
    "activation f6(z) = where(z > 1, 2*z - 1, z)\nactivation f7(z) = exp(-abs(z))\n"
    "activation f8(z, p) = z*exp(p*z)*cos(2*z)\nactivation f9(z) = z^2*erf(z) + max(z - 0.5, 0)^2\n"
    "activation g1(z, p) = gelu(z) + p*abs(z)\nactivation g2(z) = max(z, 0.5)*exp(-0.5*z^2) + erf(2*z)\n"
    "activation g3(z) = where(z < -1, 0, where(z > 1, 1, 0.5*z^3 + z))\n"
    "activation g4(z, p) = 1.2345678901*exp(p*z)*z + 2.345678901*relu(z - 1.23456789)\n"
    "network normal_forms(p = 0.3)\ninput x : vector(4)\noutput x |> dense |> f1 |> dense |> f2 |> dense |> "
    "f3 |> "
    "dense |> f4 |> dense |> f5 |> dense |> f6 |> dense |> f7 |> dense |> f8(p) |> dense |> f9 |> dense |> "
    "g1(p) |> "
    "dense |> g2 |> dense |> g3 |> dense |> g4(p) |> dense\n";

}  // namespace

TEST_CASE("layers are shown with their symbols, Theta as the derivative of Sigma") {
  const std::string text = document(
      "network two_layer(w = 2, b_1 = 1)\ninput x : vector(2)\noutput x |> dense(W_std = w, b_std = b_1) |> "
      "erf |> "
      "dense(W_std = 2, frozen = true)\n");
  for (const char* part :
       {"\\Sigma^{(0)} &= \\frac{x^{\\top} x'}{2} \\\\",
        "\\Sigma^{(1)} &= w^2\\,\\Sigma^{(0)} + b_{\\mathrm{1}}^2 & \\Theta^{(1)} &= \\Sigma^{(1)} \\\\",
        "\\Sigma^{(2)} &= \\mathcal{T}_{\\mathrm{erf}}[\\Sigma^{(1)}] & ",
        "\\Theta^{(2)} &= \\Theta^{(1)}\\,\\dot{\\mathcal{T}}_{\\mathrm{erf}}[\\Sigma^{(1)}] \\\\",
        "\\Sigma^{(3)} &= 4\\,\\Sigma^{(2)} & \\Theta^{(3)} &= 4\\,\\Theta^{(2)}\n",
        "$\\Sigma = \\Sigma^{(3)}$ and $\\Theta = \\Theta^{(3)}$.", "\\bibitem{williams1996}"}) {
    CHECK_MESSAGE(contains(text, part), std::string(part));
  }
  CHECK_FALSE(contains(text, "\\bibitem{cho2009}"));
}

TEST_CASE("a repeat is a recursion, not written out") {
  const std::string text = document(residual_gelu);
  CHECK(contains(text, "and for $\\ell = 1, \\dots, 6$"));
  CHECK(contains(text, "\\Sigma^{(2)}_{\\ell} &= \\Sigma^{(2)}_{\\ell-1} + 0.25\\,\\Sigma^{(4)}_{\\ell}"));
  CHECK(contains(text, "\\Theta^{(2)}_{\\ell} &= \\Theta^{(2)}_{\\ell-1} + 0.25\\,\\Theta^{(4)}_{\\ell}"));
  CHECK(contains(text, "\\mathcal{T}_{\\mathrm{gelu}}[\\Sigma^{(2)}_{6}]"));
  const auto deeper = show(residual_gelu, Stage::latex, {.definitions = {{"depth", "600"}}});
  CHECK(deeper.size() < text.size() + 20);
  CHECK(contains(document(nested), "\\Sigma^{(3)}_{\\ell,m} &="));
}

TEST_CASE("the normalisation of the CNTK parametrization is shown as an expectation") {
  CHECK(contains(document(cntk),
                 "\\frac{\\Sigma^{(2)}}{\\mathbb{E}_{z \\sim \\mathcal{N}(0, "
                 "1)}\\bigl[\\operatorname{erf}(z)^2\\bigr]}"));
}

TEST_CASE("seeds of the standard parametrization and learning rates are shown") {
  const std::string text = document(standard);
  CHECK(contains(text, "\\Theta^{(1)} &= 8\\,\\Sigma^{(0)} + 1 \\\\"));
  CHECK(contains(text, "0.5\\,(64\\,\\Sigma^{"));
  CHECK(contains(text, "\\sqrt{q\\,q'}\\,\\bigl(0.32\\,\\kappa_1(u) + 0.2\\,u\\bigr)"));
}

TEST_CASE("biases with a learning rate of their own are added to Theta") {
  const std::string text = document(
      "network n(beta = 0.5)\ninput x : vector(3)\noutput x |> dense(b_lr = beta^2) |> relu |> dense(b_lr = "
      "beta^2)\n");
  INFO(text);
  CHECK(contains(text, "\\Theta^{(1)} &= \\Sigma^{(1)} + \\beta^2"));
}

TEST_CASE("numbers that are multiplied are one, a sum that is used twice has a name") {
  const std::string text = document(
      "network n(w = 1.5, s = 0.25)\nparametrization = standard\ninput x : vector(2)\nh = x |> dense(width = "
      "512) |> "
      "relu\na = h |> dense(W_std = 3, lr = 0.05, width = 32)\nb = h |> dense(W_std = sqrt(2)*w, lr = s, "
      "width = 96)\n"
      "output concat(a, b) |> dense(lr = 3)\n");
  CHECK(contains(text, "\\Theta^{(3)} &= 9\\,\\Theta^{(2)} + 25.6\\,\\Sigma^{(2)}"));
  CHECK(contains(text, "2\\,w^2\\,\\Theta^{(2)} + 512\\,\\mathsf{s}\\,\\Sigma^{(2)}"));
  CHECK(contains(text, "\\Sigma^{(5)} &= 0.25\\,\\Sigma^{(3)} + 0.75\\,\\Sigma^{(4)}"));
  CHECK(contains(text, "\\Theta^{(6)} &= \\Theta^{(5)} + 384\\,\\Sigma^{(5)}"));
}

TEST_CASE("closed forms are named and written with the parameters as symbols") {
  const std::string text = document(families);
  for (const char* part :
       {// relu, leaky_relu(alpha), step
        "\\kappa_0(u) &= \\frac{\\pi - \\theta}{\\pi}", "\\frac{\\sqrt{q\\,q'}}{2}\\,\\kappa_1(u)",
        "\\sqrt{q\\,q'}\\,\\Bigl(\\frac{(1 - \\alpha)^2}{2}\\,\\kappa_1(u) + \\alpha\\,u\\Bigr)",
        "\\frac{(1 - \\alpha)^2}{2}\\,\\kappa_0(u) + \\alpha",
        // rectified_monomial(2)
        "\\frac{q\\,q'}{2\\,\\pi}\\,J_{2}(\\theta)",
        "J_{2}(\\theta) &= 3\\,\\cos\\theta\\,\\sin\\theta + (\\pi - \\theta)\\,(1 + 2\\,\\cos^2\\theta)",
        // rbf(gamma), sinusoid, exp, gaussian
        "e^{-\\gamma\\,(q + q' - 2\\,c)}", "2\\,\\gamma\\,e^{-\\gamma\\,(q + q' - 2\\,c)}",
        "\\cosh(\\beta^2\\,c)", "e^{\\alpha^2\\,(q + q' + 2\\,c)/2}",
        "D &= (1 + 2\\,\\beta\\,q)\\,(1 + 2\\,\\beta\\,q') - 4\\,\\beta^2\\,c^2",
        "\\frac{4\\,\\beta^2\\,c}{D^{3/2}}",
        // polynomial
        "m_{0}(q) &= \\alpha\\,q", "m_{0}(q)\\,m_{0}(q') + c + 2\\,\\alpha^2\\,c^2",
        // erf, gelu, the user's
        "\\frac{2}{\\pi}\\,\\arcsin\\frac{2\\,c}{\\sqrt{(1 + 2\\,q)\\,(1 + 2\\,q')}}",
        "\\frac{c}{4} + \\frac{1}{2\\,\\pi}\\,\\Bigl(c\\,\\arcsin\\frac{c}{B}", "\\frac{C}{\\sqrt{D}}",
        "z\\,e^{-\\beta\\,z^2}"}) {
    CHECK_MESSAGE(contains(text, part), std::string(part));
  }
  CHECK_FALSE(contains(text, "\\left(-"));
  CHECK_FALSE(contains(text, "0.69999"));
}

TEST_CASE("functions with thresholds are written in the normal distribution, pair by pair") {
  const std::string text =
      document("network n(a = 1.5)\ninput x : vector(2)\noutput x |> dense |> elu(a) |> dense\n");
  for (const char* part :
       {"f_{1}(z) &= z_+, \\qquad f_{2}(z) = e^{z}\\,\\mathbf{1}_{z < 0}",
        "it is $f_{1} + \\mathsf{a}\\,f_{2} - \\mathsf{a}\\,f_{3}$ and its derivative almost everywhere is "
        "$\\mathsf{a}\\,f_{2} + f_{4}$",
        "M_{11} &= \\sqrt{q\\,q'}\\,L_{11}(0, 0; u)",
        "M_{22} &= e^{(q + q' + 2\\,c)/2}\\,L\\Bigl(\\frac{q + c}{\\sqrt{q}}, \\frac{c + q'}{\\sqrt{q'}}; "
        "u\\Bigr)",
        "$M_{ji}$ being $M_{ij}$ with $q$ and $q'$ exchanged", "\\paragraph{Gaussian moments.}",
        "L_{11}(h, k; \\rho) &= \\rho\\,L(h, k; \\rho) - h\\,L_{10}(k, h; \\rho)", "\\bibitem{owen1956}",
        "\\bibitem{rosenbaum1961}", "\\bibitem{stein1981}"}) {
    CHECK_MESSAGE(contains(text, part), std::string(part));
  }
}

TEST_CASE("a closed form of hundreds of terms is stated, not printed") {
  const std::string text = document(
      "activation f(z) = (z + z^2)^12*exp(z - z^2)\nnetwork n\ninput x : vector(2)\noutput x |> dense |> f "
      "|> "
      "dense\n");
  CHECK(contains(text, "a closed form, of more terms than one would read."));
  CHECK(text.size() < 20'000);
}

TEST_CASE("expansions are shown as series with their terms and what they leave out") {
  const std::string text =
      document("network n(beta = 1.5)\ninput x : vector(2)\noutput x |> dense |> swish(beta) |> dense\n");
  CHECK(contains(
      text,
      "\\mathcal{T}_{\\mathrm{swish}}[\\Sigma](x, x') &= \\sum_{k=0}^{\\infty} a_k(q)\\,a_k(q')\\,u^k"));
  CHECK(
      contains(text, " terms of $\\mathcal{T}$ are computed. For $|x|^2/d \\le 4$ the others are at most $"));
  CHECK(contains(text, "\\cdot 10^{-13}$ of $\\sqrt{\\mathcal{T}_{\\mathrm{swish}}"));
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
  for (const std::string& network :
       {std::string(deep_relu), std::string(residual_gelu), std::string(nested), std::string(standard),
        std::string(cntk), std::string(families), every_activation(), std::string(normal_forms)}) {
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
    const std::size_t overfull = log.find("Overfull");
    CHECK_MESSAGE(overfull == std::string::npos, network << log.substr(std::min(overfull, log.size()), 400));
    CHECK(std::filesystem::file_size(directory / "network.pdf") > 10'000);
  }
  std::filesystem::remove_all(directory);
}
