// Reference values of 40 digits for networks over positions (README.md beside this file), from the text to the Gram matrix.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>

#include "ntkc/compiler.hpp"
#include "ntkc/diagnostics.hpp"
#include "ntkc/gram.hpp"
#include "tests/golden/case_text.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;
using nlohmann::json;

namespace {

/// Rows x and y.
Matrix inputs_of(const json& c) {
  Matrix result(2, std::ssize(c["x"]));
  for (std::ptrdiff_t row = 0; row < 2; ++row) {
    const json& numbers = c[row == 0 ? "x" : "y"];
    for (std::size_t i = 0; i < numbers.size(); ++i)
      result(row, static_cast<std::ptrdiff_t>(i)) =
          std::strtod(numbers[i].get<std::string>().c_str(), nullptr);
  }
  return result;
}

/// The largest error of the three entries in units of √(K(x,x) K(y,y)).
template <typename T>
double worst_error(const KernelFunctions& kernel, KernelKind kind, const Matrix& x, const json& expected) {
  BasicMatrix<T> k(2, 2);
  gram<T>(kernel, kind, x.view(), k.view(), {.threads = 1});
  const auto exact = [&](const char* entry) {
    return std::strtold(expected[entry].get<std::string>().c_str(), nullptr);
  };
  const std::array<long double, 3> differences = {k(0, 0) - exact("xx"), k(1, 1) - exact("yy"),
                                                  k(0, 1) - exact("xy")};
  const long double scale = std::sqrt(exact("xx") * exact("yy"));
  const std::array<long double, 3> units = {exact("xx"), exact("yy"), scale};
  double worst = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const long double error = std::fabs(differences.at(i));
    worst = test::larger_error(worst, static_cast<double>(units.at(i) > 0 ? error / units.at(i) : error));
  }
  return worst;
}

/// Whether an activation comes behind pooling, which is off by a few roundings of z for near pairs
/// (docs/numerics.md).
bool pools_before_activation(const json& layers, bool& has_pooled) {
  for (const json& layer : layers) {
    const auto op = layer["op"].get<std::string>();
    if (op == "act" && has_pooled) return true;
    for (const char* branch : {"main", "shortcut"}) {
      if (layer.contains(branch) && pools_before_activation(layer[branch], has_pooled)) return true;
    }
    has_pooled = has_pooled || op == "avg_pool" || op == "sum_pool";
  }
  return false;
}

/// How many cases of the file have positions and compile.
int run_file(const char* file) {
  std::ifstream lines(std::string(NTKC_SOURCE_DIR "/tests/golden/") + file);
  REQUIRE(lines.is_open());
  std::map<std::string, double> worst;
  int cases = 0;
  for (std::string line; std::getline(lines, line);) {
    const json c = json::parse(line);
    if (c["shape"].empty()) continue;
    const std::string text = test::CaseWriter::text(c);
    const Matrix x = inputs_of(c);
    bool is_refused = false;
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      if (precision == Precision::f32 && cases % 4 != 0) continue;  // compiling takes its time
      CompileOptions options;
      options.precision = precision;
      KernelFunctions kernel;
      try {
        kernel = compile(text, options);
      } catch (const CompileError&) {  // a layer that is not there yet
        is_refused = true;
        break;
      }
      bool has_pooled = false;
      const bool is_lossy = c["pair"] == "near" && pools_before_activation(c["layers"], has_pooled);
      for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
        const bool f64 = precision == Precision::f64;
        const json& expected = c[kind == KernelKind::sigma ? "sigma" : "theta"];
        const double error = f64 ? worst_error<double>(kernel, kind, x, expected)
                                 : worst_error<float>(kernel, kind, x, expected);
        const double bound = f64 ? (is_lossy ? 5e-10 : 1e-13) : (is_lossy ? 1e-4 : 2e-5);
        CHECK_MESSAGE(error <= bound, (f64 ? "f64" : "f32")
                                          << " off by " << error << " in case " << c["id"].dump() << " ("
                                          << c["pair"].get<std::string>() << ")\n"
                                          << text);
        double& group = worst[std::string(f64 ? "f64 " : "f32 ") + c["pair"].get<std::string>()];
        group = test::larger_error(group, error);
      }
    }
    if (!is_refused) ++cases;
  }
  for (const auto& [name, error] : worst) MESSAGE(name << ": " << error);
  return cases;
}

}  // namespace

TEST_CASE("machine code of convolutional networks matches 40-digit references") {
  CHECK(run_file("spatial.jsonl") == 84);
}
