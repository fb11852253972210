// What is said of a dual, in the comments of the printed kernel, in the document and in warnings, is what is
// compiled.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/driver/stages.hpp"
#include "compiler/driver/statements.hpp"
#include "compiler/layer_graph/builtins.hpp"
#include "ntkc/compiler.hpp"
#include "tests/latex/activations.hpp"

using namespace ntkc;

namespace {

std::string figure(double remainder) { return fmt::format("{:.1e}", remainder); }

/// NaN wins.
double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

struct Comment {
  std::string name;
  std::string text;

  [[nodiscard]] bool is_expansion() const { return text.find("Hermite expansion") != std::string::npos; }
  /// What it says is left out.
  [[nodiscard]] double remainder() const {
    if (!is_expansion()) return 0;
    const std::size_t at = text.find(", to ");
    return at == std::string::npos ? std::nan("") : std::strtod(text.c_str() + at + 5, nullptr);
  }
  friend bool operator==(const Comment&, const Comment&) = default;
};

std::vector<Comment> comments_of(const std::string& kernel) {
  std::vector<Comment> result;
  std::istringstream lines(kernel);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  # ")) continue;
    const std::size_t colon = line.find(": ");
    result.push_back({line.substr(4, colon - 4), line.substr(colon + 2)});
  }
  return result;
}

std::string in_latex(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '_' ? std::string("\\_") : std::string(1, c);
  return result;
}

std::vector<Comment> check_statements(const std::string& text, bool as_derived = true,
                                      const std::string& file = "test.arch") {
  CAPTURE(text);
  const CompileOptions options;
  driver::Compilation compilation(text, options, file);
  const auto optimized = driver::optimized_of(compilation);
  for (const RenderedDiagnostic& diagnostic : compilation.rendered())
    if (diagnostic.error) FAIL_CHECK(diagnostic.message);
  REQUIRE(optimized);

  double left_out = 0;
  int series = 0;
  for (const kernel_ir::Node& node : optimized->program.nodes()) {
    if (node.operation != kernel_ir::Operation::hermite_series) continue;
    left_out = larger(optimized->program.expansion(node).remainder, left_out);
    ++series;
  }

  const std::vector<Comment> comments = comments_of(driver::print(*optimized));
  double said = 0;
  for (const Comment& comment : comments) said = larger(comment.remainder(), said);
  CHECK((series > 0) == std::ranges::any_of(comments, &Comment::is_expansion));
  CHECK(figure(said) == figure(left_out));
  if (as_derived) CHECK(comments_of(show(text, Stage::kernel, options, file)) == comments);

  std::string warned;
  for (const RenderedDiagnostic& diagnostic : compilation.rendered()) {
    if (diagnostic.kind == "inexact-dual") warned = diagnostic.message;
  }
  CHECK(!warned.empty() == (left_out > 1e-12));
  if (!warned.empty()) CHECK(warned.find("leaves out up to " + figure(left_out)) != std::string::npos);

  const std::string document = driver::document(compilation, *optimized);
  for (const Comment& comment : comments) {
    CAPTURE(comment.text);
    CHECK(document.find(in_latex(comment.text)) != std::string::npos);
  }
  const bool has_series = document.find("a_k(q)\\,a_k(q')") != std::string::npos;
  CHECK(has_series == (series > 0));
  return comments;
}

std::string network(const std::string& layers, const std::string& definition = "") {
  return definition + "network n(p = 0.4)\ninput x : vector(3)\noutput x |> " + layers + " |> dense\n";
}

std::vector<Comment> check_activation(const std::string& function, const std::string& weight,
                                      bool as_derived = true) {
  return check_statements(
      network(fmt::format("dense(W_std = {}) |> f", weight), fmt::format("activation f(z) = {}\n", function)),
      as_derived);
}

class RandomFunctions {
 public:
  explicit RandomFunctions(unsigned seed) : random_(seed) {}

  std::string next() {
    switch (below(5)) {
      case 0:
        return fmt::format("{}*{} + {}", number(), piece(), piece());
      case 1:
        return fmt::format("where(z > {}, {}, {})", number(), piece(), piece());
      case 2:
        return fmt::format("max({}, {}*{})", piece(), number(), piece());
      case 3:
        return fmt::format("{}*{}", piece(), bounded());
      default:
        return piece();
    }
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::string pick(const std::vector<const char*>& choices) { return choices[below(choices.size())]; }
  std::string number() { return pick({"0.5", "-0.75", "1.5", "0.2", "-1", "2"}); }
  std::string bounded() {
    return pick(
        {"tanh(z)", "sigmoid(z)", "erf(z)", "sin(2*z)", "cos(z)", "exp(-abs(z))", "exp(-z^2)", "sign(z)"});
  }
  std::string piece() {
    if (below(3) == 0) return bounded();
    return pick({"relu(z)", "relu(z - 0.5)", "abs(z)", "z", "z^2", "z*exp(-z)", "gelu(z)", "softplus(z)",
                 "min(max(z, -1), 0.5)", "z*cos(z)", "where(z > 0.25, z*exp(-2*z), 0.5)", "swish(z)"});
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("of every built-in activation") {
  int count = 0;
  for (const layer_graph::BuiltinInfo& activation : layer_graph::builtins()) {
    if (activation.kind != layer_graph::BuiltinKind::activation || activation.name == "identity") continue;
    const std::vector<Comment> comments =
        check_statements(network("dense(W_std = 0.5) |> " + test::application(activation) +
                                 " |> dense(W_std = 2) |> " + test::application(activation)));
    CHECK(!comments.empty());
    ++count;
  }
  CHECK(count > 20);
}

TEST_CASE("of the gallery") {
  for (const auto& entry : std::filesystem::directory_iterator(NTKC_SOURCE_DIR "/examples/gallery")) {
    if (entry.path().extension() != ".arch") continue;
    std::ifstream file(entry.path());
    check_statements({std::istreambuf_iterator<char>(file), {}}, false, entry.path());
  }
}

namespace {

void check_random_activations(unsigned seed, const std::string& weight) {
  RandomFunctions functions(seed);
  int expanded = 0;
  for (int i = 0; i < 40; ++i) {
    const std::vector<Comment> comments = check_activation(functions.next(), weight, i % 8 == 0);
    if (std::ranges::any_of(comments, &Comment::is_expansion)) ++expanded;
  }
  CHECK(expanded > 8);
  CHECK(expanded < 34);
}

}  // namespace

TEST_CASE("of random activations at small q") { check_random_activations(12, "0.5"); }
TEST_CASE("of random activations at q up to 4") { check_random_activations(13, "1"); }
TEST_CASE("of random activations at large q") { check_random_activations(14, "2"); }

TEST_CASE("a closed form that loses too much where inputs are large is not said to be compiled there") {
  for (const char* function : {"where(z > -0.5, z*exp(-z), 0)", "where(z < 1.5, z^2*exp(z), 1)",
                               "where(z > 0.75, z*exp(-2*z), z)"}) {
    const std::vector<Comment> small = check_activation(function, "1");
    REQUIRE(small.size() == 1);
    CHECK(small[0].text.starts_with("calculus of Gaussian moments"));
    const std::vector<Comment> large = check_activation(function, "2");
    REQUIRE(large.size() == 1);
    CHECK(large[0].is_expansion());
  }
}

TEST_CASE("each use of an activation has a decision of its own") {
  const std::vector<Comment> comments =
      check_statements(network("dense(W_std = 0.5) |> f |> dense(W_std = 40) |> f",
                               "activation f(z) = where(z > -0.5, z*exp(-z), 0)\n"));
  REQUIRE(comments.size() == 2);
  CHECK(comments[0].name == "f");
  CHECK(comments[1].name == "f");
  CHECK(comments[0].is_expansion() != comments[1].is_expansion());
}

TEST_CASE("functions of one name that differ have names of their own, and are told at their place") {
  const std::string text =
      "activation f(z, a = 1) = sin(a*z)*tanh(z)\nnetwork n\ninput x : vector(3)\n"
      "output x |> dense |> f |> dense |> f(1000) |> dense\n";
  const std::vector<Comment> comments = check_statements(text);
  REQUIRE(comments.size() == 2);
  CHECK(comments[0].name == "f");
  CHECK(comments[1].name == "f_2");
  CHECK(comments[0].remainder() <= 1e-12);
  CHECK(comments[1].remainder() > 1e-3);
  const auto diagnostics = check(text);
  REQUIRE(diagnostics.size() == 1);
  CHECK(diagnostics[0].place.line == 4);
  CHECK(diagnostics[0].place.column == 36);
  const std::string kernel = show(text, Stage::kernel);
  CHECK(kernel.find("\n  f_2(z) = tanh(z)*sin(1000*z)\n") != std::string::npos);
  CHECK(show(text, Stage::latex).find("\\mathrm{f\\_2}") != std::string::npos);
}
