// Every layer on positions, and random compositions of them, against finite networks.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"
#include "ntkc/verification.hpp"

using namespace ntkc;

namespace {

const VerificationOptions options = {.widths = {16, 32, 64, 128}, .samples = 40, .seed = 1};

std::string network(const std::string& input, const std::string& body, const std::string& head = "") {
  return "network test\n" + head + "input x : " + input + "\n" + body + "\n";
}

std::string describe(const KernelComparison& kernel) {
  return "slope " + std::to_string(kernel.slope.value_or(0)) + " ± " + std::to_string(kernel.slope_error) +
         ", z " + std::to_string(kernel.max_abs_z) + " of " + std::to_string(kernel.critical_z);
}

void check_agrees(const std::string& text) {
  INFO(text);
  const Matrix x = verification_inputs(3, compile(text).input_size(), 1);
  const Verification result = verify(text, x.view(), options);
  CHECK_MESSAGE(result.sigma.agrees(), describe(result.sigma));
  CHECK_MESSAGE(result.theta.agrees(), describe(result.theta));
}

/// The networks of `text` against the kernels of `other`.
bool agrees_with(const std::string& text, const std::string& other) {
  const KernelFunctions kernel = compile(other);
  const Matrix x = verification_inputs(3, kernel.input_size(), 1);
  return verify_against(gram(kernel, KernelKind::sigma, x).view(), gram(kernel, KernelKind::theta, x).view(),
                        text, x.view(), options)
      .agrees();
}

std::string either(std::mt19937_64& random, const std::vector<std::string>& names) {
  return names[random() % names.size()];
}

/// Layers whose output is Gaussian with positions, then activations and layers with weights in turn.
std::string random_network(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string body = "h = x |> conv(2, W_std = 1.3, b_std = 0.3)\n";
  for (int i = 0; i < 2; ++i) {
    body +=
        "h = h |> " + either(random, {"relu", "erf", "gelu"}) + " |> " +
        either(random, {"conv(3, b_std = 0.2)", "conv_transpose(2, stride = 2)", "conv_local(2, b_std = 0.4)",
                        "conv(2, stride = 2, padding = valid)", "conv(3, padding = circular, lr = 0.5)"}) +
        "\n";
    body += "h = h |> " +
            either(random, {"avg_pool(2)", "slice(start = 1)", "resize(5)", "layer_norm(eps = 0.1)",
                            "sum_pool(2, stride = 1)", "resize(3, method = nearest)"}) +
            "\n";
  }
  return body + "output h |> relu |> " + either(random, {"flatten", "global_avg_pool"}) +
         " |> dense(b_std = 0.1)";
}

}  // namespace

TEST_CASE("every layer on positions agrees with finite networks") {
  const std::string sequence = "sequence(5, 2)";
  for (const std::string body : {
           "output x |> conv(3, W_std = 1.3, b_std = 0.3) |> relu |> flatten |> dense",
           "output x |> conv(2, padding = circular, b_lr = 0.3) |> erf |> global_avg_pool |> dense(lr = 0.5)",
           "output x |> conv(2, stride = 2) |> relu |> avg_pool(2, stride = 1, normalize_edges = true) |> "
           "flatten |> dense",
           "output x |> conv_transpose(3, stride = 2, b_std = 0.2) |> relu |> sum_pool(2) |> global_sum_pool "
           "|> dense",
           "output x |> conv_local(2, b_std = 0.3) |> relu |> conv(2) |> erf |> global_avg_pool |> dense",
           "output x |> conv(3) |> layer_norm(eps = 0.2) |> relu |> flatten |> dense |> layer_norm |> erf |> "
           "dense",
           "output x |> conv(3) |> resize(8) |> relu |> slice(stop = 6, step = 2) |> flatten |> dense",
           "output x |> conv(1) |> aggregate([[1, 0.5, 0, 0, 0], [0, -1, 0, 0, 2]]) |> relu |> dense |> "
           "flatten |> dense",
           "a = x |> conv(2)\nb = x |> conv(3, b_std = 0.2)\n"
           "output concat(a, b, axis = positions) |> relu |> conv(2) |> relu |> global_avg_pool |> dense",
           "output x |> conv(3, b_std = 0.2) |> relu |> dropout(0.7) |> conv(2) |> erf |> dropout(0.9) |> "
           "global_avg_pool |> dense",
           "h = x |> conv(3)\nrepeat 2 { h = h + (h |> relu |> conv(3, W_std = sqrt(2))) }\noutput h |> "
           "flatten |> dense",
       })
    check_agrees(network(sequence, body));
  check_agrees(network("image(3, 4, 2)",
                       "h = x |> conv([2, 3], dilation = [1, 2], b_std = 0.2) |> relu\n"
                       "output h |> avg_pool([2, 1]) |> conv(2) |> relu |> global_avg_pool |> dense"));
}

TEST_CASE("the other parametrizations agree on positions") {
  const std::string body = "output x |> conv(3) |> relu |> conv(3) |> relu |> flatten |> dense";
  check_agrees(network("sequence(5, 2)", body, "parametrization = cntk\n"));
  check_agrees(
      network("sequence(5, 2)",
              "output x |> conv(3, b_std = 0.2, width = 64) |> relu |> flatten |> dense(bias = true)",
              "parametrization = standard\n"));
}

TEST_CASE("random compositions of layers on positions agree") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed)
    check_agrees(network("sequence(6, 2)", random_network(seed)));
}

TEST_CASE("kernels of another layer are rejected") {
  const auto with = [](const std::string& layer) {
    return network("sequence(5, 2)",
                   "output x |> conv(3) |> relu |> " + layer + " |> relu |> flatten |> dense");
  };
  CHECK(agrees_with(with("conv(3)"), with("conv(3)")));
  for (const std::string wrong :
       {"conv(3, padding = circular)", "conv(3, dilation = 2)", "conv(3, W_std = 1.2)", "dense"})
    CHECK_MESSAGE(!agrees_with(with("conv(3)"), with(wrong)), wrong);
}
