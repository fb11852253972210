// The public interface: every stage can be printed, every mistake is a CompileError with its place.
#include <doctest/doctest.h>

#include <regex>
#include <set>
#include <string>

#include "ntkc/compiler.hpp"

using namespace ntkc;

namespace {

const std::string three_layers =
    "network three(depth = 3, w = sqrt(2))\n"
    "input x : vector(4)\n"
    "h = x\n"
    "repeat depth { h = h |> dense(W_std = w) |> relu }\n"
    "output h |> dense(W_std = w, b_std = 0.5)\n";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What compiling throws.
std::string error_of(const std::string& text, const CompileOptions& options = {}) {
  try {
    static_cast<void>(compile(text, options, "test.arch"));
  } catch (const CompileError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the graph keeps the repeat as a loop behind the iteration that changes the type") {
  CHECK(show(three_layers, Stage::graph) ==
        "network three(depth = 3, w = 1.4142135623730951)\n"
        "%0 x = input : vector(4)\n"
        "%1 = dense(%0, W_std = w) : vector(inf) gaussian\n"
        "%2 h = relu(%1) : vector(inf)\n"
        "%3 = loop 2 {\n"
        "  %4 h = carried(%2) : vector(inf)\n"
        "  %5 = dense(%4, W_std = w) : vector(inf) gaussian\n"
        "  %6 h = relu(%5) : vector(inf)\n"
        "  next(%6)\n"
        "}\n"
        "%7 h = result(%3, 0) : vector(inf)\n"
        "%8 = dense(%7, W_std = w, b_std = 0.5) : vector(inf) gaussian\n"
        "output %8\n");
}

TEST_CASE("the kernel is the recursion, with the network's parameters as symbols") {
  CHECK(show(three_layers, Stage::kernel) ==
        "kernel three\n"
        "  parameter depth = 3\n"
        "  parameter w = 1.4142135623730951\n"
        "  input vector(4)\n"
        "  # relu: arc-cosine kernels of order 1 and 0 (kappa_1, kappa_0)\n"
        "\n"
        "  relu(z) = max(z, 0)\n"
        "  q0 = |x|^2/4\n"
        "  c0 = x.x'/4\n"
        "  q1 = w^2*q0\n"
        "  c1 = w^2*c0\n"
        "  q2 = dual(relu; q1)\n"
        "  c2 = dual(relu; q1, q1', c1)\n"
        "  d2 = dual'(relu; q1, q1', c1)\n"
        "  t1 = c1*d2\n"
        "  loop 2 carrying q3 = q2, c3 = c2, t2 = t1 {\n"
        "    q4 = w^2*q3\n"
        "    c4 = w^2*c3\n"
        "    q5 = dual(relu; q4)\n"
        "    c5 = dual(relu; q4, q4', c4)\n"
        "    d5 = dual'(relu; q4, q4', c4)\n"
        "    t3 = (w^2*t2 + c4)*d5\n"
        "    next q3 = q5, c3 = c5, t2 = t3\n"
        "  } giving q6, c6, t4\n"
        "  c7 = w^2*c6 + 0.5^2\n"
        "  t5 = w^2*t4 + c7\n"
        "  Sigma = c7\n"
        "  Theta = t5\n");
}

TEST_CASE("optimised kernels are arithmetic, machine code has a function for each kernel") {
  const std::string optimised = show(three_layers, Stage::kernel_opt);
  CHECK(contains(optimised, "arccosine_ratio("));
  CHECK_FALSE(contains(optimised, "dual("));
  CHECK_FALSE(contains(optimised, "parameter"));
  const std::string llvm = show(three_layers, Stage::llvm);
  for (const char* function : {"_sample", "_pair_Sigma", "_pair_Theta"})
    CHECK(std::regex_search(
        llvm, std::regex("define void @ntkc_three_[0-9a-f]{16}" + std::string(function) + "\\(")));
  CHECK_FALSE(contains(show(three_layers, Stage::llvm, {.sigma = false}), "_pair_Sigma"));
  CHECK(contains(show(three_layers, Stage::llvm, {.lanes = 2}), "<2 x double>"));
  CHECK(
      contains(show(three_layers, Stage::llvm, {.precision = Precision::f32, .lanes = 16}), "<16 x float>"));
  CHECK(contains(show(three_layers, Stage::assembly), "_pair_Theta:"));
  CHECK(contains(show(three_layers, Stage::ast), "network"));
}

TEST_CASE("functions of different networks, or of one compiled differently, have different names") {
  const auto sample_name = [](const std::string& text, const CompileOptions& options) {
    const std::string llvm = show(text, Stage::llvm, options);
    std::smatch match;
    REQUIRE(std::regex_search(llvm, match, std::regex("@ntkc_[A-Za-z0-9_]*_sample")));
    return match.str();
  };
  std::string other = three_layers;
  other.replace(other.find("relu"), 4, "erf");
  const std::set<std::string> names = {sample_name(three_layers, {}),
                                       sample_name(three_layers, {.definitions = {{"depth", "4"}}}),
                                       sample_name(three_layers, {.lanes = 2}),
                                       sample_name(three_layers, {.precision = Precision::f32}),
                                       sample_name(other, {}),
                                       sample_name(three_layers, {.theta = false})};
  CHECK(names.size() == 6);
  CHECK(names.contains(sample_name(three_layers, {})));
}

TEST_CASE("-D overrides a parameter, in the graph and in what is compiled") {
  CHECK(contains(show(three_layers, Stage::graph, {.definitions = {{"depth", "21"}}}), "loop 20"));
  CHECK(contains(show(three_layers, Stage::kernel, {.definitions = {{"w", "sqrt(3) / 2"}}}),
                 "parameter w = 0.8660254037844386"));
  CHECK(contains(error_of(three_layers, {.definitions = {{"deepth", "3"}}}), "did you mean `depth`"));
  CHECK(contains(error_of(three_layers, {.definitions = {{"w", "1 +"}}}), "<-D w>:1:"));
}

TEST_CASE("a mistake is reported with its place, the line and a caret") {
  const std::string error = error_of("network n\ninput x : vector(4)\noutput x |> dense(W_sdt = 2)\n");
  CHECK(contains(error, "test.arch:3:19: error: "));
  CHECK(contains(error, "output x |> dense(W_sdt = 2)"));
  CHECK(contains(error, "                  ^~~~~"));
  CHECK(contains(error, "W_std"));
}

TEST_CASE("a file that cannot be read is an error that names it [unreadable-file]") {
  for (const char* path : {"/nonexistent/network.arch", "/"}) {
    CAPTURE(path);
    CHECK_THROWS_WITH_AS(static_cast<void>(compile_file(path)),
                         (std::string(path) + ": error: the file cannot be read [unreadable-file]\n").c_str(),
                         CompileError);
  }
  CHECK_THROWS_AS(static_cast<void>(compile_file("/dev/zero")), CompileError);
}

TEST_CASE("check lists the diagnostics and is silent about what compiles") {
  CHECK(check(three_layers).empty());
  const auto list = check("network n\ninput x : vector(4)\noutput x |> relu\n", {}, "n.arch");
  REQUIRE(list.size() == 1);
  CHECK(list[0].kind == "non-gaussian-input");
  CHECK(list[0].error);
  CHECK(list[0].place.file == "n.arch");
  CHECK(list[0].place.line == 3);
  CHECK(list[0].place.column == 13);
  CHECK(list[0].place.end_line == 3);
  CHECK(list[0].place.end_column == 17);
  CHECK(list[0].help == "put a `dense` between");
}

TEST_CASE("only the kernels that are asked for are compiled") {
  const KernelFunctions sigma = compile(three_layers, {.theta = false});
  CHECK((sigma.find(KernelKind::sigma) != nullptr));
  CHECK((sigma.find(KernelKind::theta) == nullptr));
  CHECK(sigma.name == "three");
  CHECK(sigma.input_shape == std::vector<std::int64_t>{4});
}

TEST_CASE("passes can be switched off by name, but not the ones that code generation needs") {
  CHECK_NOTHROW(static_cast<void>(compile(three_layers, {.disabled_passes = {"simplify", "peel"}})));
  CHECK_THROWS_WITH_AS(static_cast<void>(compile(three_layers, {.disabled_passes = {"expand"}})),
                       "pass `expand` cannot be switched off", std::invalid_argument);
  CHECK_THROWS_WITH_AS(static_cast<void>(compile(three_layers, {.disabled_passes = {"inline"}})),
                       "no pass is called `inline`", std::invalid_argument);
}

TEST_CASE("a kernel's text names its closed forms, shares the angle and has nothing of frozen layers") {
  const std::string head = "network n(w = 1.5)\ninput x : vector(4)\noutput x |> dense(W_std = w";
  const std::string text = show(head + ") |> relu |> dense\n", Stage::kernel);
  CHECK(contains(text, "\n  # relu: arc-cosine kernels of order 1 and 0 (kappa_1, kappa_0)\n"));
  CHECK(contains(text, "dual'(relu"));
  const std::string optimized = show(head + ") |> relu |> dense\n", Stage::kernel_opt);
  CHECK(contains(optimized, "\n  # relu: arc-cosine kernels of order 1 and 0 (kappa_1, kappa_0)\n"));
  // One polynomial each of one argument, of Σ and of its derivative.
  const auto argument = [&](const std::string& function) {
    const std::size_t at = optimized.find(function + "(") + function.size() + 1;
    CHECK(optimized.find(function + "(", at) == std::string::npos);
    return optimized.substr(at, optimized.find(';', at) - at);
  };
  CHECK(argument("arccosine_ratio") == argument(" arcsine_ratio"));
  for (const Stage stage : {Stage::kernel, Stage::kernel_opt}) {
    const std::string frozen = show(head + ", frozen = true) |> relu |> dense\n", stage);
    CHECK_FALSE(contains(frozen, "dual'"));
    CHECK_FALSE(contains(frozen, "arcsine_ratio"));
  }
}

TEST_CASE("a kernel's text says where rounding leaves a closed form less than was asked") {
  const auto comment = [](const std::string& activation, double tolerance) {
    CompileOptions options;
    options.tolerance = tolerance;
    const std::string text =
        show("network f\ninput x : vector(3)\noutput x |> dense |> " + activation + " |> dense\n",
             Stage::kernel, options);
    const std::size_t first = text.find("# " + activation) + 2;
    return text.substr(first, text.find('\n', first) - first);
  };
  CHECK(comment("elu", 1e-12).starts_with("elu: calculus of Gaussian moments, to 1e-12 for q from "));
  CHECK(comment("elu", 1e-16).ends_with(" at best"));
  CHECK(comment("hard_tanh", 1e-12).find("for q up to ") != std::string::npos);
  CHECK(comment("erf", 1e-12) == "erf: arcsine kernel of Williams 1996");
}

TEST_CASE("the version names LLVM and what the processor offers") {
  CHECK(contains(version_text(), "ntkc 0.1.0, LLVM 19.1."));
  CHECK(contains(version_text(), "-bit vectors"));
}
