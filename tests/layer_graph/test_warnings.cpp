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
        "  remedy: remove it; `-D b=…` has no effect\n");
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

}  // namespace
}  // namespace ntkc::layer_graph
