// Reference values of 50 and more digits (README.md beside this file), through the public interface: .arch
// text → machine code → Gram matrix of the two inputs.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"
#include "tests/golden/case_text.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;
using nlohmann::json;

namespace {

/// The accuracy that is promised of f64 (docs/numerics.md): on every pair, relative to √(K(x,x) K(y,y)).
constexpr double closed_form_bound = 1e-13;
/// What expansions are asked to leave out at most, in each layer.
constexpr double tolerance = 1e-12;
/// The largest |x|²/d in the files is 12.2.
constexpr double largest_input = 12.5;

const std::vector<std::string> closed_forms = {
    "relu",     "leaky_relu", "abs",      "erf",  "gelu", "sin",      "cos",
    "identity", "exp",        "gaussian", "sign", "step", "monomial", "rectified_monomial"};
const std::vector<std::string> expanded = {"tanh", "sigmoid", "softplus", "swish"};

bool is_one_of(const std::vector<std::string>& names, const std::string& activation) {
  return std::ranges::find(names, activation.substr(0, activation.find('('))) != names.end();
}
bool is_supported(const std::string& activation) {
  return is_one_of(closed_forms, activation) || is_one_of(expanded, activation);
}

/// The bound on the errors of a case. Where the activation is expanded, each of its `depth` layers adds the
/// tolerance; these networks do not magnify it by more than 2.
double bound_of(const json& c) {
  const bool is_expanded = c.contains("activation") && is_one_of(expanded, c["activation"]);
  return is_expanded ? 2 * tolerance * c["depth"].get<double>() : closed_form_bound;
}

std::string dense(const json& layer) {
  std::string arguments;
  for (const char* name : {"W_std", "b_std", "lr", "frozen", "width"}) {
    if (!layer.contains(name)) continue;
    const json& value = layer[name];
    arguments += (arguments.empty() ? "" : ", ") + std::string(name) + " = " +
                 (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return "dense(" + arguments + ")";
}

/// The .arch text of a case of fully_connected.jsonl.
std::string depth_network(const json& c) {
  const std::string layer = dense(c);
  return "network golden\ninput x : vector(" + std::to_string(c["x"].size()) + ")\nh = x\nrepeat " +
         c["depth"].dump() + " { h = h |> " + layer + " |> " + c["activation"].get<std::string>() +
         " }\noutput h |> " + layer + "\n";
}

/// The branches of a layer that joins some; nothing of others.
json branches_of(const json& layer) {
  if (layer["op"] == "residual") return {layer["main"], layer["shortcut"]};
  if (layer["op"] == "product" || (layer["op"] == "concat" && layer["axis"] == "channels"))
    return layer["branches"];
  return json::array();
}

/// Appends layers to a chain; false if it meets one that is not supported. What joins branches is bound to a
/// name.
bool append(const json& layers, std::string& statements, std::string& chain, int& names) {
  for (const json& layer : layers) {
    if (layer["op"] == "dense") {
      chain += " |> " + dense(layer);
    } else if (layer["op"] == "act" && is_supported(layer["name"])) {
      chain += " |> " + layer["name"].get<std::string>();
    } else if (layer["op"] == "dropout") {
      chain += " |> dropout(" + layer["keep"].get<std::string>() + ")";
    } else if (const json branches = branches_of(layer); !branches.empty()) {
      const std::string value = "h" + std::to_string(names++);
      statements += value + " = " + chain + "\n";
      const std::string joint = layer["op"] == "residual" ? " + " : layer["op"] == "product" ? " * " : ", ";
      std::string joined;
      for (const json& layers_of_branch : branches) {
        std::string branch = value;
        if (!append(layers_of_branch, statements, branch, names)) return false;
        joined += (joined.empty() ? "(" : joint + "(") + branch + ")";
      }
      chain = "h" + std::to_string(names++);
      statements += chain + " = " + (layer["op"] == "concat" ? "concat(" + joined + ")" : joined) + "\n";
    } else {
      return false;
    }
  }
  return true;
}

/// The .arch text of a vector network; "" if it holds a layer that is not supported.
std::string chain_network(const json& c) {
  std::string text = "network golden\n";
  if (c.contains("parametrization"))
    text += "parametrization = " + c["parametrization"].get<std::string>() + "\n";
  text += "input x : vector(" + std::to_string(c["x"].size()) + ")\n";
  std::string chain = "x";
  int names = 0;
  return append(c["layers"], text, chain, names) ? text + "output " + chain + "\n" : "";
}

bool has_positions(const json& c) { return !c.value("shape", json::array()).empty(); }

/// The .arch text of every third network on positions; "" of another, and of one with a layer that is not supported.
/// (tests/derivation/test_golden.cpp evaluates all of them, without compiling each.)
std::string position_network(const json& c) {
  const bool is_taken = has_positions(c) && c["id"].get<int>() % 3 == 1;
  return is_taken && !test::has_later_layer(c["layers"]) ? test::CaseWriter::text(c) : "";
}

struct Worst {
  double sigma = 0;
  double theta = 0;
  int cases = 0;
};

/// The largest error of the three entries in units of √(K(x,x) K(y,y)); of a zero kernel the absolute one.
double worst_error(const Matrix& gram, const json& expected) {
  const auto reference = [&](const char* entry) {
    return std::strtold(expected[entry].get<std::string>().c_str(), nullptr);
  };
  const long double scale = std::sqrt(reference("xx") * reference("yy"));
  const auto error = [](double value, long double exact, long double unit) {
    const long double difference = std::fabs(value - exact);
    return static_cast<double>(unit > 0 ? difference / unit : difference);
  };
  double worst = 0;
  for (const double e :
       {error(gram(0, 0), reference("xx"), reference("xx")),
        error(gram(1, 1), reference("yy"), reference("yy")), error(gram(0, 1), reference("xy"), scale)}) {
    worst = test::larger_error(worst, e);
  }
  return worst;
}

void run_case(const json& c, const std::string& arch, Worst& worst) {
  const double bound = bound_of(c);
  const KernelFunctions kernel = compile(arch, {.tolerance = tolerance, .largest_input = largest_input});
  const auto size = static_cast<std::ptrdiff_t>(c["x"].size());
  Matrix inputs(2, size);
  for (std::ptrdiff_t k = 0; k < size; ++k) {
    inputs(0, k) = std::strtod(c["x"][static_cast<std::size_t>(k)].get<std::string>().c_str(), nullptr);
    inputs(1, k) = std::strtod(c["y"][static_cast<std::size_t>(k)].get<std::string>().c_str(), nullptr);
  }
  const double sigma = worst_error(gram(kernel, KernelKind::sigma, inputs), c["sigma"]);
  const double theta = worst_error(gram(kernel, KernelKind::theta, inputs), c["theta"]);
  const std::string where = "case " + c["id"].dump() + " (" + c["pair"].get<std::string>() + ")\n" + arch;
  CHECK_MESSAGE(sigma <= bound, "Sigma off by " << sigma << " in " << where);
  const double of_theta = has_positions(c) ? test::theta_bound(c) : bound;
  CHECK_MESSAGE(theta <= of_theta, "Theta off by " << theta << " in " << where);
  worst.sigma = test::larger_error(worst.sigma, sigma);
  worst.theta = test::larger_error(worst.theta, theta);
  ++worst.cases;
}

/// Runs the supported cases of a file, grouped by `group`, and prints the worst error of each group.
template <typename Text, typename Group>
int run_file(const char* file, Text text, Group group) {
  std::ifstream lines(std::string(NTKC_SOURCE_DIR "/tests/golden/") + file);
  REQUIRE(lines.is_open());
  std::map<std::string, Worst> worst;
  for (std::string line; std::getline(lines, line);) {
    const json c = json::parse(line);
    const std::string arch = text(c);
    if (!arch.empty()) run_case(c, arch, worst[group(c)]);
  }
  int cases = 0;
  for (const auto& [name, w] : worst) {
    MESSAGE(name << ": " << w.cases << " cases, worst error Sigma " << w.sigma << ", Theta " << w.theta);
    cases += w.cases;
  }
  return cases;
}

}  // namespace

TEST_CASE("fully connected networks of every supported activation match 60-digit references") {
  const int cases = run_file(
      "fully_connected.jsonl",
      [](const json& c) { return is_supported(c["activation"]) ? depth_network(c) : ""; },
      [](const json& c) { return c["activation"].get<std::string>(); });
  CHECK(cases == (12 + 4) * 12);
}

TEST_CASE("networks that mix activations match, nearly opposite, tiny, zero and far scaled inputs included") {
  const int cases =
      run_file("mixed.jsonl", chain_network, [](const json& c) { return c["pair"].get<std::string>(); });
  CHECK(cases == 120);
}

TEST_CASE(
    "vector networks with frozen layers, learning rates and other parametrizations match 40-digit "
    "references") {
  const int cases = run_file(
      "architectures.jsonl", [](const json& c) { return c["layout"] == "vector" ? chain_network(c) : ""; },
      [](const json& c) { return c["kind"].get<std::string>(); });
  CHECK(cases == 14);
}

TEST_CASE("networks on sequences and images match 40-digit references") {
  const auto by_pair = [](const json& c) { return c["pair"].get<std::string>(); };
  CHECK(run_file("spatial.jsonl", position_network, by_pair) == 28);
  CHECK(run_file("architectures.jsonl", position_network, by_pair) == 38);
}
