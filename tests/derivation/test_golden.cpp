// Reference values of 40 digits for networks over positions (README.md beside this file), from the text to the
// kernel IR: what is derived by its interpreter, and what the passes make of it in double precision.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>

#include "compiler/passes/pipeline.hpp"
#include "tests/golden/case_text.hpp"
#include "tests/support/derived.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/position_evaluator.hpp"

using namespace ntkc;
using kernel_ir::InputCovariances;
using kernel_ir::Program;
using nlohmann::json;

namespace {

std::vector<double> vector_of(const json& numbers) {
  std::vector<double> result;
  for (const json& number : numbers)
    result.push_back(std::strtod(number.get<std::string>().c_str(), nullptr));
  return result;
}

/// Of one kernel, over the cases of a group, in units of √(K(x,x) K(y,y)).
struct Worst {
  double interpreted = 0;
  double evaluated = 0;
  int cases = 0;
};

constexpr const char* entries[] = {"xx", "yy", "xy"};
constexpr const char* kernels[] = {"Sigma", "Theta"};

/// The largest error of the three entries.
double worst_error(const std::array<double, 3>& values, const json& expected) {
  std::array<long double, 3> exact{};
  for (std::size_t i = 0; i < 3; ++i)
    exact.at(i) = std::strtold(expected[entries[i]].get<std::string>().c_str(), nullptr);
  double worst = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const long double unit = i < 2 ? exact.at(i) : std::sqrt(exact[0] * exact[1]);
    const long double difference = std::fabs(values.at(i) - exact.at(i));
    worst = test::larger_error(worst, static_cast<double>(unit > 0 ? difference / unit : difference));
  }
  return worst;
}

void run_case(const json& c, const std::string& text, std::map<std::string, Worst>& worst) {
  const std::vector<double> x = vector_of(c["x"]);
  const std::vector<double> y = vector_of(c["y"]);
  const std::size_t positions = x.size() / c["channels"].get<std::size_t>();
  std::array<InputCovariances, 3> inputs = {kernel_ir::input_covariances(x, x, positions),
                                            kernel_ir::input_covariances(y, y, positions),
                                            kernel_ir::input_covariances(x, y, positions)};
  inputs[0].is_same = inputs[1].is_same = true;
  const Program derived = test::derived(text);
  const Program optimized = passes::run(derived);
  for (const Program* program : {&derived, &optimized}) {
    const Program read = kernel_ir::parse(kernel_ir::print(*program));
    CHECK(kernel_ir::verify(read) == "");
    if (program == &derived)
      CHECK(kernel_ir::interpret(read, inputs[2]) == kernel_ir::interpret(derived, inputs[2]));
  }
  std::array<std::array<double, 3>, 2> interpreted{};
  std::array<std::array<double, 3>, 2> evaluated{};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto planes = kernel_ir::interpret(derived, inputs.at(i));
    const test::PositionEvaluator evaluator(optimized, inputs.at(i));
    for (std::size_t k = 0; k < 2; ++k) {
      interpreted.at(k).at(i) = static_cast<double>(planes.at(k).at(0));
      evaluated.at(k).at(i) = evaluator.root(kernels[k]);
    }
  }
  const std::string where = "case " + c["id"].dump() + " (" + c["pair"].get<std::string>() + ")\n" + text;
  for (std::size_t k = 0; k < 2; ++k) {
    const json& expected = c[k == 0 ? "sigma" : "theta"];
    const double by_interpreter = worst_error(interpreted.at(k), expected);
    const double by_evaluator = worst_error(evaluated.at(k), expected);
    CHECK_MESSAGE(by_interpreter <= 1e-15,
                  kernels[k] << " derived off by " << by_interpreter << " in " << where);
    const double bound = k == 1 ? test::theta_bound(c) : 1e-13;
    CHECK_MESSAGE(by_evaluator <= bound, kernels[k] << " in f64 off by " << by_evaluator << " in " << where);
    Worst& group = worst[std::string(kernels[k]) + " " + c["pair"].get<std::string>()];
    group.interpreted = test::larger_error(group.interpreted, by_interpreter);
    group.evaluated = test::larger_error(group.evaluated, by_evaluator);
    ++group.cases;
  }
}

int run_file(const char* file) {
  std::ifstream lines(std::string(NTKC_SOURCE_DIR "/tests/golden/") + file);
  REQUIRE(lines.is_open());
  std::map<std::string, Worst> worst;
  int cases = 0;
  for (std::string line; std::getline(lines, line);) {
    const json c = json::parse(line);
    if (c["shape"].empty() || test::has_later_layer(c["layers"])) continue;
    run_case(c, test::CaseWriter::text(c), worst);
    ++cases;
  }
  for (const auto& [name, w] : worst)
    MESSAGE(name << ": " << w.cases << " cases, derived " << w.interpreted << ", in f64 " << w.evaluated);
  return cases;
}

}  // namespace

TEST_CASE("convolutional networks on sequences and images match 40-digit references") {
  CHECK(run_file("spatial.jsonl") == 84);
}

TEST_CASE("every layer on positions, alone and in mixed networks, matches 40-digit references") {
  CHECK(run_file("architectures.jsonl") == 113);
}
