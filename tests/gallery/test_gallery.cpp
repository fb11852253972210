// examples/gallery: every network is checked, compiled, evaluated and drawn; what its comment claims is true.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"
#include "ntkc/matrix.hpp"
#include "tests/data/support.hpp"

namespace ntkc::tests {
namespace {

namespace fs = std::filesystem;

const fs::path folder = NTKC_SOURCE_DIR "/examples/gallery";

std::vector<fs::path> gallery() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".arch") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// The comment below the first line, `language 1`, without `# `.
std::vector<std::string> header(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = text.find('\n') + 1; text.compare(begin, 2, "# ") == 0;
       begin = text.find('\n', begin) + 1)
    lines.push_back(text.substr(begin + 2, text.find('\n', begin) - begin - 2));
  return lines;
}

std::string first_sentence(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : " ") + line;
  std::size_t end = text.find(". ");
  if (end == std::string::npos) end = text.size();
  return text.substr(0, end);
}

/// Inputs in general position, the same in every run; the last is the first times 2.5.
Matrix inputs(const KernelFunctions& kernel) {
  const auto columns = static_cast<std::ptrdiff_t>(kernel.input_size());
  Matrix x(6, columns);
  for (std::ptrdiff_t i = 0; i < 5; ++i)
    for (std::ptrdiff_t j = 0; j < columns; ++j)
      x(i, j) = std::sin(1.7 * static_cast<double>(i + 1) * static_cast<double>(j + 1) +
                         0.3 * static_cast<double>(i));
  for (std::ptrdiff_t j = 0; j < columns; ++j) x(5, j) = 2.5 * x(0, j);
  return x;
}

Matrix evaluate(const KernelFunctions& kernel, KernelKind kind) { return gram(kernel, kind, inputs(kernel)); }

double dot(const Matrix& x, std::ptrdiff_t i, std::ptrdiff_t j) {
  double sum = 0;
  for (std::ptrdiff_t k = 0; k < x.columns(); ++k) sum += x(i, k) * x(j, k);
  return sum;
}

/// Between rows, exact also where they are parallel: 2 atan2(|a - b|, |a + b|) for unit vectors a, b.
double angle(const Matrix& x, std::ptrdiff_t i, std::ptrdiff_t j) {
  double difference = 0;
  double sum = 0;
  for (std::ptrdiff_t k = 0; k < x.columns(); ++k) {
    const double a = x(i, k) / std::sqrt(dot(x, i, i));
    const double b = x(j, k) / std::sqrt(dot(x, j, j));
    difference += (a - b) * (a - b);
    sum += (a + b) * (a + b);
  }
  return 2 * std::atan2(std::sqrt(difference), std::sqrt(sum));
}

/// Networks on images and sequences at a small size, which their parameter `size` says.
KernelFunctions compiled(const std::string& name, CompileOptions options = {}) {
  if (read_file((folder / (name + ".arch")).string()).find("(size = ") != std::string::npos)
    options.definitions.emplace("size", "8");
  return compile_file((folder / (name + ".arch")).string(), options);
}

/// Theta or Sigma of a network is `expected(x, i, j)` for all pairs.
template <typename Function>
void check_kernel(const std::string& name, KernelKind kind, Function&& expected) {
  const KernelFunctions kernel = compiled(name);
  const Matrix x = inputs(kernel);
  const Matrix k = evaluate(kernel, kind);
  for (std::ptrdiff_t i = 0; i < k.rows(); ++i)
    for (std::ptrdiff_t j = 0; j < k.columns(); ++j)
      CHECK(std::abs(k(i, j) - expected(x, i, j)) <= 1e-13 * std::sqrt(k(i, i) * k(j, j)));
}

TEST_CASE("every network of the gallery compiles without a warning and has finite, symmetric kernels") {
  REQUIRE(gallery().size() >= 12);
  for (const fs::path& path : gallery()) {
    CAPTURE(path.filename().string());
    CompileOptions options;
    options.warnings = {"error"};
    for (const RenderedDiagnostic& diagnostic : check(read_file(path), options, path.string()))
      FAIL_CHECK(text_of(diagnostic));
    const KernelFunctions kernel = compiled(path.stem());
    CHECK(kernel.name == path.stem().string());
    CHECK(format_text(read_file(path), {}, path.string()) == read_file(path));
    for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
      const Matrix k = evaluate(kernel, kind);
      for (std::ptrdiff_t i = 0; i < k.rows(); ++i) {
        CHECK(k(i, i) > 0);
        for (std::ptrdiff_t j = 0; j < i; ++j) {
          CHECK(k(i, j) == k(j, i));
          CHECK(k(i, j) * k(i, j) <= k(i, i) * k(j, j) * (1 + 1e-13));  // false for NaN
        }
      }
    }
  }
}

TEST_CASE("every network says what it is and where it comes from, and docs/gallery.md lists it") {
  std::string table = "| network | what it is |\n|---|---|\n";
  for (const fs::path& path : gallery()) {
    CAPTURE(path.filename().string());
    const std::vector<std::string> lines = header(read_file(path));
    CHECK(lines.size() >= 2);
    if (lines.empty()) continue;
    const std::string& reference = lines.back();
    CHECK_MESSAGE(reference.find_first_of("12") != std::string::npos, "no year in: " << reference);
    table += "| [" + path.stem().string() + "](../examples/gallery/" + path.filename().string() + ") | " +
             first_sentence(lines) + " |\n";
  }
  const std::string page = read_file(NTKC_SOURCE_DIR "/docs/gallery.md");
  CHECK_MESSAGE(page.find(table) != std::string::npos, "docs/gallery.md has not this table:\n" << table);
}

TEST_CASE("every network is drawn by Graphviz") {
  const TemporaryDirectory directory;
  std::string files;
  for (const fs::path& path : gallery()) {
    CAPTURE(path.filename().string());
    const std::string dot_text = show(read_file(path), Stage::graph_dot, {}, path.string());
    const std::string dot_file = directory.write(path.stem().string() + ".dot", dot_text);
    const std::string svg = directory.path(path.stem().string() + ".svg");
    REQUIRE(std::system((DOT_PROGRAM " -Tsvg '" + dot_file + "' -o '" + svg + "' 2>&1").c_str()) == 0);
    const std::string text = read_file(svg);
    const auto count = [](const std::string& in, const std::string& part) {
      std::size_t found = 0;
      for (std::size_t at = in.find(part); at != std::string::npos; at = in.find(part, at + 1)) ++found;
      return found;
    };
    // As many boxes and arrows as there are in the text, and the name above.
    CHECK(count(text, "class=\"node\"") == count(dot_text, "tooltip=") + 1);
    CHECK(count(text, "class=\"edge\"") == count(dot_text, " -> "));
    CHECK(count(text, "class=\"cluster\"") == count(dot_text, "subgraph cluster_"));
    CHECK(text.find(">" + path.stem().string()) != std::string::npos);
    files += " '" + svg + "'";
  }
  const std::string parse =
      "python3 -c 'import sys, xml.dom.minidom as m; [m.parse(f) for f in sys.argv[1:]]'" + files;
  CHECK(std::system(parse.c_str()) == 0);
}

TEST_CASE("two_layer_frozen_output has the tangent kernel of the analyses") {
  check_kernel("two_layer_frozen_output", KernelKind::theta, [](const Matrix& x, auto i, auto j) {
    return dot(x, i, j) * (std::numbers::pi - angle(x, i, j)) / (2 * std::numbers::pi);
  });
}

TEST_CASE("random_fourier_features is the Gaussian kernel, as Sigma and as Theta") {
  for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta})
    check_kernel("random_fourier_features", kind, [](const Matrix& x, auto i, auto j) {
      return std::exp(-(dot(x, i, i) + dot(x, j, j) - 2 * dot(x, i, j)) / 2);
    });
}

TEST_CASE("deep_linear is linear: Sigma = x.x'/d, Theta = (depth + 1) Sigma") {
  check_kernel("deep_linear", KernelKind::sigma,
               [](const Matrix& x, auto i, auto j) { return dot(x, i, j) / 64; });
  check_kernel("deep_linear", KernelKind::theta,
               [](const Matrix& x, auto i, auto j) { return 9 * dot(x, i, j) / 64; });
}

TEST_CASE("arc_cosine_2 is the arc-cosine kernel of degree 2") {
  check_kernel("arc_cosine_2", KernelKind::sigma, [](const Matrix& x, auto i, auto j) {
    const double t = angle(x, i, j);
    const double cosine = std::cos(t);
    return dot(x, i, i) * dot(x, j, j) / std::numbers::pi *
           (3 * std::sin(t) * cosine + (std::numbers::pi - t) * (1 + 2 * cosine * cosine));
  });
}

TEST_CASE("snake has the moments of z + (1 - cos(2az))/(2a)") {
  check_kernel("snake", KernelKind::sigma, [](const Matrix& x, auto i, auto j) {
    constexpr double a = 0.5;
    const double q = dot(x, i, i) / 8;
    const double other = dot(x, j, j) / 8;
    const double c = dot(x, i, j) / 8;
    const auto decay = [](double variance) { return std::exp(-2 * a * a * variance); };
    const double cosines = 0.5 * (decay(q + other - 2 * c) + decay(q + other + 2 * c));
    return c + (1 - decay(q) - decay(other) + cosines) / (4 * a * a);
  });
}

TEST_CASE("preactivation_resnet: each imported block scales the variance as its sum says") {
  const KernelFunctions kernel = compiled("preactivation_resnet");
  const Matrix x = inputs(kernel);
  const Matrix k = evaluate(kernel, KernelKind::sigma);
  const double branch = std::pow(1.2 * 1.2 / 2, 2);  // two ReLU layers
  const double stage = (1 + branch) * std::pow(1 + 0.25 * branch, 2);
  for (std::ptrdiff_t i = 0; i < k.rows(); ++i)
    CHECK(k(i, i) == doctest::Approx(dot(x, i, i) / 64 * std::pow(stage, 3) / 2).epsilon(1e-13));
}

TEST_CASE("the other examples and what the gallery imports are in the canonical layout") {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(NTKC_SOURCE_DIR "/examples")) {
    if (entry.path().extension() != ".arch") continue;
    ++count;
    const std::string path = entry.path().string();
    CAPTURE(path);
    CHECK(format_text(read_file(path), {}, path) == read_file(path));
  }
  CHECK(count > gallery().size() + 4);
}

TEST_CASE("nngp_only has Theta = Sigma") {
  const KernelFunctions kernel = compiled("nngp_only");
  const Matrix sigma = evaluate(kernel, KernelKind::sigma);
  const Matrix theta = evaluate(kernel, KernelKind::theta);
  for (std::ptrdiff_t i = 0; i < sigma.rows(); ++i)
    for (std::ptrdiff_t j = 0; j < sigma.columns(); ++j)
      CHECK(theta(i, j) == doctest::Approx(sigma(i, j)).epsilon(1e-14));
}

TEST_CASE(
    "he_sweep keeps the variance at every depth with gain 1, and halves it a layer with gain sqrt(1/2)") {
  for (const std::string depth : {"1", "2", "5", "40"}) {
    CAPTURE(depth);
    const KernelFunctions kernel = compiled("he_sweep", {.definitions = {{"depth", depth}}});
    const Matrix x = inputs(kernel);
    const Matrix k = evaluate(kernel, KernelKind::sigma);
    for (std::ptrdiff_t i = 0; i < k.rows(); ++i)
      CHECK(k(i, i) == doctest::Approx(dot(x, i, i) / 64).epsilon(1e-13));
  }
  const KernelFunctions kernel =
      compiled("he_sweep", {.definitions = {{"depth", "5"}, {"gain", "sqrt(1/2)"}}});
  const Matrix x = inputs(kernel);
  CHECK(evaluate(kernel, KernelKind::sigma)(0, 0) == doctest::Approx(dot(x, 0, 0) / 64 / 32).epsilon(1e-13));
}

}  // namespace
}  // namespace ntkc::tests
