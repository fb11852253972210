// Every layer and activation against finite networks, and kernels that are wrong on purpose.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "compiler/layer_graph/builtins.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/gram.hpp"
#include "ntkc/verification.hpp"
#include "tests/simulator/networks.hpp"

using namespace ntkc;

namespace {

constexpr int inputs = 3;
constexpr int size = 4;

std::string network(const std::string& body, const std::string& head = "") {
  return "network test\n" + head + "input x : vector(" + std::to_string(size) + ")\n" + body + "\n";
}

VerificationOptions small(std::int64_t samples = 64) {
  return {.widths = {64, 128, 256, 512}, .samples = samples, .seed = 1};
}

Matrix data() { return verification_inputs(inputs, size, 1); }

std::string describe(const KernelComparison& kernel) {
  return "slope " + std::to_string(kernel.slope.value_or(0)) + " ± " + std::to_string(kernel.slope_error) +
         ", z " + std::to_string(kernel.max_abs_z) + " of " + std::to_string(kernel.critical_z) + " at (" +
         std::to_string(kernel.row) + ", " + std::to_string(kernel.column) + ")";
}

void check_agrees(const std::string& text, const VerificationOptions& options = small()) {
  INFO(text);
  const Verification result = verify(text, data().view(), options);
  CHECK_MESSAGE(result.sigma.agrees(), describe(result.sigma));
  CHECK_MESSAGE(result.theta.agrees(), describe(result.theta));
}

/// The networks of `text` against the kernels of `other`.
Verification against(const std::string& text, const std::string& other) {
  const Matrix x = data();
  const KernelFunctions kernel = compile(other);
  return verify_against(gram(kernel, KernelKind::sigma, x).view(), gram(kernel, KernelKind::theta, x).view(),
                        text, x.view(), small(160));
}

}  // namespace

TEST_CASE("every built-in activation agrees with finite networks") {
  for (const std::string& activation : test::activations()) {
    check_agrees(network("output x |> dense(W_std = 0.6, b_std = 0.2) |> " + activation +
                         " |> dense(W_std = 1.2, b_std = 0.3)"));
  }
}

TEST_CASE("layers, sums and loops agree with finite networks") {
  for (const std::string body : {
           "output x |> dense",
           "output x |> dense(W_std = 1.4, b_std = 0.3, lr = 0.25) |> relu |> dense(b_std = 0.2, lr = 2)",
           "output x |> dense(W_std = 2) |> relu |> dense(frozen = true)",
           "output x |> dense(frozen = true) |> relu |> dense",
           "output x |> dense(frozen = true) |> erf |> dense(frozen = true)",
           "h = x |> dense(b_std = 0.1)\nrepeat 3 { h = h |> relu |> dense(W_std = sqrt(2), b_std = 0.1) "
           "}\noutput h",
           "h = x |> dense\nrepeat 2 { h = h + 0.5 * (h |> erf |> dense(W_std = 1.5)) }\noutput h |> relu |> "
           "dense",
           "a = x |> dense(b_std = 0.4)\nb = x |> dense\noutput (a - 2 * b) |> sin |> dense",
           "output x |> dense |> relu |> dense |> gelu",
       })
    check_agrees(network(body));
}

TEST_CASE("networks of the CNTK parametrization agree, and not with kernels of another") {
  const std::string text = "output x |> dense |> relu |> dense(W_std = 1.2, lr = 0.5) |> erf |> dense";
  check_agrees(network(text, "parametrization = cntk\n"));
  CHECK(!against(network(text, "parametrization = cntk\n"), network(text)).agrees());
}

TEST_CASE("networks of the standard parametrization agree at widths in proportion, planted errors do not") {
  const std::string head = "parametrization = standard\n";
  const std::string right =
      "a = x |> dense(W_std = 1.3, b_std = 0.2, width = 16)\n"
      "b = x |> dense(width = 8)\n"
      "h = concat(a |> relu, b |> erf) |> dense(W_std = 1.2, lr = 0.5, width = 20)\n"
      "output h |> erf |> dense(bias = true)";
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = right;
    return text.replace(text.find(from), from.size(), to);
  };
  CHECK(verify(network(right, head), data().view(), small(128)).in_proportion);
  check_agrees(network(right, head), small(128));
  for (const std::string& wrong : {changed("bias = true", ""), changed("width = 20", "width = 12"),
                                   changed("width = 8", "width = 16"), changed(", lr = 0.5", "")}) {
    INFO(wrong);
    CHECK(!against(network(right, head), network(wrong, head)).theta.agrees());
  }
  CHECK(against(network(right, head), network(right, head)).agrees());
}

TEST_CASE("a layer that is as wide as a concat grows with it") {
  check_agrees(
      network("h = x |> dense(W_std = 1.3)\ng = concat(h |> erf, h |> dense |> sin)\n"
              "output (g + (h |> relu |> dense)) |> dense"));
  check_agrees(
      network("a = x |> dense(width = 30)\nb = x |> dense(width = 10)\n"
              "output concat(a |> relu, b |> sin) |> dense"));
}

TEST_CASE("the mean over several outputs agrees too") {
  VerificationOptions options = small();
  options.outputs = 5;
  check_agrees(network("output x |> dense |> relu |> dense(b_std = 0.5)"), options);
}

TEST_CASE("biases that start at 0 and are trained agree, and not with those that are drawn") {
  for (const char* const parametrization : {"ntk", "standard"}) {
    const std::string head = std::string("parametrization = ") + parametrization + "\n";
    const std::string text = "output x |> dense(b_lr = 0.5, width = 16) |> relu |> dense(b_lr = 2, lr = 0.5)";
    const std::string right = parametrization == std::string("ntk")
                                  ? "output x |> dense(b_lr = 0.5) |> relu |> dense(b_lr = 2, lr = 0.5)"
                                  : text;
    check_agrees(network(right, head), small(128));
    std::string drawn = right;
    drawn.replace(drawn.find("b_lr = 2"), 8, "b_std = 1.4142135623730951");
    const Verification result = against(network(right, head), network(drawn, head));
    CHECK(result.sigma.verdict() == Verdict::disagree);
    std::string still = right;
    still.replace(still.find("b_lr = 0.5"), 10, "b_lr = 0");
    CHECK(against(network(right, head), network(still, head)).theta.verdict() == Verdict::disagree);
  }
}

TEST_CASE("kernels of another network are rejected") {
  struct Planted {
    std::string what;
    std::string network;
    std::string other;
    bool sigma_agrees;  ///< the error touches Θ alone
  };
  const std::string right =
      "x |> dense(W_std = 1.4, b_std = 0.5) |> leaky_relu(0.2) |> dense(W_std = 1.4, lr = 0.5) |> relu |> "
      "dense";
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = right;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const Planted& planted : {
           Planted{"a bias is missing", right, changed(", b_std = 0.5", ""), false},
           Planted{"a factor in one layer", right, changed("W_std = 1.4", "W_std = 1.5"), false},
           Planted{"the slope of an activation", right, changed("leaky_relu(0.2)", "relu"), false},
           Planted{"a learning rate is missing", right, changed(", lr = 0.5", ""), true},
           Planted{"a layer is frozen", right, changed("relu |> dense", "relu |> dense(frozen = true)"),
                   true},
           Planted{"an activation is another one", right, changed("|> relu |>", "|> gelu |>"), false},
       }) {
    REQUIRE(planted.other != planted.network);
    const Verification result =
        against(network("output " + planted.network), network("output " + planted.other));
    INFO(planted.what << "\nsigma: " << describe(result.sigma) << "\ntheta: " << describe(result.theta));
    CHECK(!result.agrees());
    CHECK(!result.theta.entries_agree());
    CHECK(result.sigma.entries_agree() == planted.sigma_agrees);
  }
  CHECK(against(network("output " + right), network("output " + right)).agrees());
}

TEST_CASE("a kernel that is off by the same small factor everywhere is rejected") {
  const std::string text = network("output x |> dense |> relu |> dense |> relu |> dense");
  const Matrix x = data();
  const KernelFunctions kernel = compile(text);
  const Matrix sigma = gram(kernel, KernelKind::sigma, x);
  Matrix theta = gram(kernel, KernelKind::theta, x);
  for (std::ptrdiff_t i = 0; i < inputs * inputs; ++i) theta.data()[i] *= 1.08;
  const Verification result =
      verify_against(sigma.view(), std::as_const(theta).view(), text, x.view(), small(160));
  CHECK(result.sigma.agrees());
  CHECK_MESSAGE(!result.theta.agrees(), describe(result.theta));
}

TEST_CASE("the same numbers for any number of threads, other numbers for another seed") {
  const std::string text = network("output x |> dense |> relu |> dense");
  VerificationOptions options = {.widths = {512, 300}, .samples = 5};
  const Verification one = verify(text, data().view(), options, {}, "<string>", {.threads = 1});
  const Verification four = verify(text, data().view(), options, {}, "<string>", {.threads = 4});
  CHECK(one.options.widths == std::vector<std::int64_t>{300, 512});
  CHECK(one.theta.relative_deviation == four.theta.relative_deviation);
  CHECK(one.sigma.relative_deviation == four.sigma.relative_deviation);
  CHECK(one.theta.max_abs_z == four.theta.max_abs_z);
  options.seed = 2;
  CHECK(verify(text, data().view(), options).theta.relative_deviation != one.theta.relative_deviation);
}

TEST_CASE("a network that has its kernel exactly, and one whose kernel vanishes") {
  const Verification linear =
      verify(network("output x |> dense(W_std = 1.3, b_std = 0.4)"), data().view(), small());
  CHECK(linear.theta.exact);
  CHECK(!linear.theta.slope);
  CHECK(linear.theta.agrees());
  CHECK(!linear.sigma.exact);
  const Verification frozen = verify(network("output x |> dense(frozen = true)"), data().view(), small());
  CHECK(frozen.theta.exact);
  CHECK(frozen.agrees());
  const Verification vanishing =
      against(network("output x |> dense"), network("output x |> dense(frozen = true)"));
  CHECK(!vanishing.theta.agrees());
}

TEST_CASE("what cannot be judged is refused or said") {
  const std::string text = network("output x |> dense |> relu |> dense");
  const auto message = [&](const std::string& network_text, const VerificationOptions& options,
                           const Matrix& x) -> std::string {
    try {
      static_cast<void>(verify(network_text, x.view(), options));
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const auto says = [](const std::string& text_, const std::string& part) {
    CHECK_MESSAGE(text_.find(part) != std::string::npos, text_);
  };
  says(message(text, {.widths = {}}, data()), "no width");
  says(message(text, {.widths = {0}}, data()), "at least one unit");
  says(message(text, {.widths = {1 << 21}}, data()), "at most 1048576");
  says(message(text, {.widths = {64, 64}}, data()), "64 is given twice");
  says(message(text, {.samples = 1}, data()), "no standard error");
  says(message(text, {.widths = {64}, .outputs = 65}, data()), "from 1 to the smallest width, 64");
  says(message(text, small(), Matrix(3, 5)), "5 values per sample, the network takes 4");
  says(message(network("output x |> dense(width = 9) |> relu |> dense"), small(), data()),
       "leave out `width`");
  says(message(network("output x |> dense(width = 9) |> relu |> dense"), small(), data()), "in line 3");
  says(message(network("h = x + (x |> dense |> relu |> dense)\noutput h |> dense |> relu |> dense"), small(),
               data()),
       "put a `dense` between");
  CHECK_THROWS_AS(static_cast<void>(verify("network n\noutput y", data().view(), small())), CompileError);

  const Verification single = verify(text, data().view(), {.widths = {300}, .samples = 20});
  CHECK(!single.theta.slope);
  CHECK(single.agrees());
  REQUIRE(single.caveats.size() == 1);
  says(single.caveats.front(), "one width");
  const Verification rough = verify(text, data().view(), {.widths = {50, 60}, .samples = 3});
  says(rough.caveats.at(0), "slope is uncertain");
  const Verification rectified =
      verify(text.substr(0, text.size() - 1) + " |> relu\n", data().view(), small());
  says(rectified.caveats.back(), "not linear in its last weights");
  // Stated widths of the output alone do no harm.
  check_agrees(network("output x |> dense |> relu |> dense(width = 3)"));
}
