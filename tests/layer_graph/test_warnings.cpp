// Every warning: when it is given, where, and when not.
#include <doctest/doctest.h>

#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

/// Warnings about statements after `input x : vector(3)`.
std::string warnings_of_body(const std::string& body) {
  return warnings_of("network n\ninput x : vector(3)\n" + body);
}

TEST_CASE("A value that nothing reads is unused-value") {
  CHECK(warnings_of_body("h = x |> dense\ng = h |> relu\nk = 2 * 3\noutput h\n") ==
        "4:1: nothing uses this value of `g` [unused-value] at <g>\n"
        "5:1: nothing uses this value of `k` [unused-value] at <k>\n");
  CHECK(warnings_of_body("h = x |> dense\nh = x |> dense |> relu\noutput h |> dense\n") ==
        "3:1: nothing uses this value of `h` [unused-value] at <h>\n");
  CHECK(warnings_of_body("h = x |> dense\nh = h |> relu\noutput h |> dense\n") == "");
}

TEST_CASE("What the next iteration or what follows a repeat reads is used") {
  CHECK(warnings_of_body("a = x |> dense\nb = x |> dense\n"
                         "repeat 3 { a = b |> relu |> dense\n b = a |> relu |> dense }\noutput b\n") ==
        "3:1: nothing uses this value of `a` [unused-value] at <a>\n");
  CHECK(warnings_of_body("s = 1.0\nh = x\nrepeat 2 { g = h |> dense(W_std = s)\n h = g }\noutput h\n") == "");
  CHECK(warnings_of_body("h = x |> dense\nrepeat 3 { h = h |> relu |> dense\n g = h }\noutput h\n") ==
        "5:2: nothing uses this value of `g` [unused-value] at <g>\n");
  CHECK(warnings_of_body("h = x |> dense\nrepeat 0 { h = h |> relu |> dense }\noutput h\n") == "");
}

TEST_CASE("Values of nested repeats, also of many") {
  CHECK(warnings_of_body(
            "h = x |> dense\ng = h\nrepeat 2 { repeat 2 { g = h |> relu |> dense\n h = g } }\noutput h\n") ==
        "4:1: nothing uses this value of `g` [unused-value] at <g>\n");
  std::string open;
  std::string close;
  for (int i = 0; i < 200; ++i) {
    open += "repeat 1 { ";
    close += " }";
  }
  CHECK(warnings_of_body("h = x |> dense\n" + open + "h = h |> relu |> dense" + close + "\noutput h\n") ==
        "");
}

TEST_CASE("A parameter that nothing reads is unused-parameter") {
  CHECK(warnings_of("network n(w = 1, b = 0, d = 3)\ninput x : vector(d)\noutput x |> dense(W_std = w)\n") ==
        "1:18: nothing uses the parameter `b` of this network [unused-parameter] at <b>\n"
        "  help: remove it; `-D b=…` has no effect\n");
  CHECK(warnings_of("network n(w = 1, v = 2 * w, depth = 3)\ninput x : vector(3)\nh = x\n"
                    "repeat depth { h = h |> dense(W_std = if w > 0 then v else -w) }\noutput h\n") == "");
}

TEST_CASE("A network that lets nothing through has a degenerate-kernel") {
  CHECK(warnings_of_body("output x |> dense(W_std = 0) |> relu |> dense\n") ==
        "3:41: Sigma of `n` is the same for all inputs [degenerate-kernel] at <dense>\n"
        "  3:13: `W_std` is 0 here: nothing of the input goes through at <dense(W_std = 0)>\n");
}

TEST_CASE("Constant kernels are found through sums and repeats") {
  CHECK(warnings_of_body("h = x |> dense(W_std = 0, b_std = 1)\nrepeat 5 { h = h |> relu |> dense }\n"
                         "output h |> erf |> dense\n")
            .find("the same for all inputs [degenerate-kernel]") != std::string::npos);
  CHECK(warnings_of_body("h = x\nrepeat 5 { h = h |> dense(W_std = 0) }\noutput h\n").find("is zero") !=
        std::string::npos);
  CHECK(warnings_of_body("h = x |> dense(W_std = 0, b_std = 1)\noutput h + (x |> dense)\n") == "");
  CHECK(warnings_of_body("h = x |> dense(W_std = 0, b_std = 1)\noutput h * (x |> dense)\n") == "");
  CHECK(warnings_of_body("h = x |> dense(W_std = 0)\noutput h * (x |> dense)\n").find("is zero") !=
        std::string::npos);
  CHECK(
      warnings_of_body(
          "h = x |> dense(W_std = 0.1)\nrepeat 5 { h = h + (h |> relu |> dense(W_std = 0)) }\noutput h\n") ==
      "");
  CHECK(warnings_of("network n(w = 1)\ninput x : vector(3)\noutput x |> dense(W_std = w)\n", {{"w", "0"}})
            .find("is zero") != std::string::npos);
}

TEST_CASE("An activation that jumps is told, built-in or one's own, with the place of the jump") {
  const auto place_of = [](const std::string& definition, const std::string& call) {
    const std::string warnings = warnings_of(
        "network n\n" + definition + "\ninput x : vector(3)\noutput x |> dense |> " + call + " |> dense\n");
    const std::size_t found = warnings.find(" jumps at z = ");
    if (found == std::string::npos) return std::string(warnings.empty() ? "none" : warnings);
    CHECK(warnings.find("[jump]") != std::string::npos);
    return warnings.substr(found + 14, warnings.find(';', found) - found - 14);
  };
  CHECK(place_of("", "sign") == "0");
  CHECK(place_of("", "step") == "0");
  CHECK(place_of("", "polynomial(1, 2)") == "none");
  for (const auto& [function, place] :
       std::vector<std::pair<std::string, std::string>>{{"where(z < 1, 0, z)", "1"},
                                                        {"where(1 > z, 0, z)", "1"},
                                                        {"sign(z - 3)", "3"},
                                                        {"sign(2 * z + 5) + z", "-2.5"},
                                                        {"where(z <= -5.5, 1, 0)", "-5.5"},
                                                        {"z + 0.001 * where(z < 0.3, 0, 1)", "0.3"},
                                                        {"where(exp(z) < 2, 0, 1)", "0.693147"},
                                                        {"where(abs(z) < 2, z, 0)", "-2"},
                                                        {"where(z < 0, 0, where(z < 1, z, 0))", "1"},
                                                        {"max(sign(z - 1), -0.5)", "1"},
                                                        {"tanh(z) * sign(z + 1)", "-1"}}) {
    CAPTURE(function);
    CHECK(place_of("activation f(z) = " + function, "f") == place);
  }
  CHECK(place_of("activation f(z, s = 2) = where(z < s, 0, z)", "f") == "2");
  CHECK(place_of("activation f(z, s = 2) = where(z < s, 0, z)", "f(0)") == "none");
}

TEST_CASE("Kinks, steep slopes and conditions that make no jump are no false alarms") {
  for (const std::string call : {"relu", "leaky_relu(0.1)", "abs", "elu", "selu", "hard_tanh", "softplus",
                                 "gelu", "rectified_monomial(1)", "rectified_monomial(2)", "mish", "swish"}) {
    CAPTURE(call);
    CHECK(warnings_of_body("output x |> dense |> " + call + " |> dense\n") == "");
  }
  for (const std::string function :
       {"min(max(z, -1), 1)", "max(min(z + 3, 6), 0) * z / 6", "where(z < 0, 0, z)", "where(z < 1, z, 1)",
        "sign(z) * z", "sign(z - 2) * (z - 2)", "where(z < 1, 0, 100000000.0 * (z - 1))",
        "tanh(1000000.0 * z)", "where(abs(z) < 2, 4 - z^2, 0)", "where(z < 0, z, exp(z) - 1)",
        "where(z < -1, -1, where(z < 1, z, 1))", "abs(sign(z)) * z",
        "where(z < 0, 0, z) * where(z < 0, 0, 1)", "sqrt(abs(z) + 1)"}) {
    CAPTURE(function);
    CHECK(warnings_of("network n\nactivation f(z) = " + function +
                      "\ninput x : vector(3)\noutput x |> dense |> f |> dense\n") == "");
  }
}

}  // namespace
}  // namespace ntkc::layer_graph
