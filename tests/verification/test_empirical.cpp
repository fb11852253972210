// Derived kernels against what finite networks were measured to do (tests/golden/empirical.jsonl): every
// entry within its standard error, and deviations that fall as width^(-1/2).
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"
#include "simulator/verification/measurement.hpp"

using namespace ntkc;
using nlohmann::json;

namespace {

VerificationOptions options_of(const json& header) {
  return {.widths = header.at("widths").get<std::vector<std::int64_t>>(),
          .samples = header.at("samples"),
          .seed = header.at("seed"),
          .outputs = header.at("outputs")};
}

Matrix inputs_of(const json& golden) {
  const auto rows = golden.at("inputs").get<std::vector<std::vector<double>>>();
  Matrix x(std::ssize(rows), std::ssize(rows.front()));
  for (std::ptrdiff_t i = 0; i < x.rows(); ++i)
    std::ranges::copy(rows[static_cast<std::size_t>(i)], &x(i, 0));
  return x;
}

KernelComparison compare(const json& widths, const Matrix& kernel, const VerificationOptions& options) {
  const verification::ScaledKernel scaled(kernel.view());
  std::vector<verification::Measurement> measurements;
  for (const json& width : widths) {
    verification::Measurement& measurement = measurements.emplace_back();
    for (std::size_t i = 0; i < width.at("mean").size(); ++i) {
      const double error = width.at("standard_error")[i].get<double>() / scaled.unit;
      const auto samples = static_cast<double>(options.samples);
      measurement.entries.emplace_back(samples, width.at("mean")[i].get<double>() / scaled.unit,
                                       error * error * samples);
    }
  }
  return verification::compare(scaled, measurements, options);
}

struct Golden {
  VerificationOptions options;
  std::vector<json> cases;
};

Golden read() {
  std::ifstream file(NTKC_SOURCE_DIR "/tests/golden/empirical.jsonl");
  REQUIRE(file.is_open());
  std::string line;
  REQUIRE(std::getline(file, line));
  Golden golden = {options_of(json::parse(line)), {}};
  while (std::getline(file, line)) golden.cases.push_back(json::parse(line));
  return golden;
}

}  // namespace

TEST_CASE("kernels are those that finite networks were measured to have") {
  const Golden golden = read();
  CHECK(golden.cases.size() >= 7);
  for (const json& each : golden.cases) {
    const std::string text = each.at("arch");
    INFO(text);
    const KernelFunctions kernel = compile(text);
    const Matrix x = inputs_of(each);
    for (const auto& [name, kind] :
         {std::pair{"sigma", KernelKind::sigma}, std::pair{"theta", KernelKind::theta}}) {
      const KernelComparison result = compare(each.at(name), gram(kernel, kind, x), golden.options);
      INFO(name << ": slope " << result.slope.value_or(0) << ", z " << result.max_abs_z << " of "
                << result.critical_z);
      REQUIRE(result.slope.has_value());
      CHECK(result.slope_agrees());
      CHECK(result.allowed_slope() == slope_tolerance);
      CHECK(result.entries_agree());
      Matrix wrong = gram(kernel, kind, x);
      for (std::ptrdiff_t i = 0; i < wrong.rows() * wrong.columns(); ++i) wrong.data()[i] *= 1.08;
      CHECK(!compare(each.at(name), wrong, golden.options).agrees());
    }
  }
}
