// Writes tests/golden/empirical.jsonl: what finite networks of several widths were measured to do (`./dev
// goldens`).
//   ntkc_goldens OUTPUT [THREADS]
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compiler/driver/elaborate_text.hpp"
#include "ntkc/output_file.hpp"
#include "ntkc/verification.hpp"
#include "simulator/verification/measurement.hpp"

namespace {

using namespace ntkc;
using Json = nlohmann::ordered_json;

constexpr int samples_of_data = 4;
constexpr int channels = 6;

/// What follows `input x : vector(6)`, by name.
const std::vector<std::pair<std::string, std::string>> networks = {
    {"deep relu",
     "h = x |> dense(W_std = sqrt(2), b_std = 0.1)\n"
     "repeat 3 { h = h |> relu |> dense(W_std = sqrt(2), b_std = 0.1) }\n"
     "output h |> relu |> dense"},
    {"leaky relu, learning rates",
     "output x |> dense(lr = 0.5) |> leaky_relu(0.2) |> dense(W_std = 1.4, b_std = 0.3, lr = 2) |> "
     "leaky_relu(-0.5) |> dense(b_std = 0.2)"},
    {"erf, chaotic",
     "output x |> dense(W_std = 2, b_std = 0.5) |> erf |> dense(W_std = 2, b_std = 0.5) |> erf |> dense"},
    {"gelu", "output x |> dense(W_std = 1.5) |> gelu |> dense(W_std = 1.5) |> gelu |> dense"},
    {"frozen ends",
     "output x |> dense(W_std = 2, frozen = true) |> relu |> dense(W_std = 1.4) |> abs |> dense(frozen = "
     "true)"},
    {"residual",
     "h = x |> dense(b_std = 0.2)\n"
     "repeat 3 { h = h + 0.5 * (h |> relu |> dense(W_std = 1.2) |> erf |> dense) }\n"
     "output h |> relu |> dense"},
    {"trigonometric",
     "a = x |> dense(b_std = 0.4)\nb = x |> dense(W_std = 0.5)\noutput (a - 2 * b) |> sin |> dense |> cos |> "
     "dense"},
};

Json measured(const verification::Measurement& measurement, double samples) {
  Json object;
  for (const auto& entry : measurement.entries) {
    object["mean"].push_back(std::stod(fmt::format("{:.9g}", entry.mean())));
    object["standard_error"].push_back(
        std::stod(fmt::format("{:.6g}", std::sqrt(entry.variance() / samples))));
  }
  return object;
}

Json measure_network(const std::string& name, const std::string& body, const VerificationOptions& options,
                     int threads) {
  const std::string text = fmt::format("network golden\ninput x : vector({})\n{}\n", channels, body);
  const Matrix x = verification_inputs(samples_of_data, channels, options.seed);
  // The kernels that deviations are taken from are the test's business: zeros here.
  const Matrix nothing(samples_of_data, samples_of_data);
  const verification::ScaledKernel scaled(nothing.view());
  const verification::Measurements measurements = verification::measure(
      driver::elaborate_text(text), {scaled, scaled}, x.view(), options, {.threads = threads});
  Json object = {{"name", name}, {"arch", text}};
  for (std::ptrdiff_t i = 0; i < x.rows(); ++i)
    object["inputs"].push_back(std::vector(&x(i, 0), &x(i, 0) + channels));
  for (std::size_t i = 0; i < options.widths.size(); ++i) {
    object["sigma"].push_back(measured(measurements.sigma[i], static_cast<double>(options.samples)));
    object["theta"].push_back(measured(measurements.theta[i], static_cast<double>(options.samples)));
  }
  return object;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2 || count > 3) {
    fmt::print(stderr, "usage: ntkc_goldens OUTPUT [THREADS]\n");
    return 2;
  }
  const VerificationOptions options = {
      .widths = {128, 256, 512, 1024}, .samples = 256, .seed = 20261122, .outputs = 1};
  OutputFile out(arguments[1]);
  const Json header = {
      {"what", "empirical NNGP and tangent kernels of finite networks: lower triangle, row by row, by width"},
      {"generator", "./dev goldens (tests/golden/generate/empirical.cpp)"},
      {"seed", options.seed},
      {"widths", options.widths},
      {"samples", options.samples},
      {"outputs", options.outputs}};
  out.append(header.dump() + "\n");
  for (const auto& [name, body] : networks) {
    fmt::print(stderr, "{}\n", name);
    out.append(measure_network(name, body, options, count == 3 ? std::stoi(arguments[2]) : 0).dump() + "\n");
  }
  out.commit();
}
