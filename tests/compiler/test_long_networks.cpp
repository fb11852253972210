// Networks whose machine code is long: in short blocks, and right.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"

namespace ntkc {
namespace {

std::string written_out(int layers) {
  std::string text = "network deep\ninput x : vector(3)\nh = x |> dense\n";
  for (int i = 0; i < layers; ++i) text += "h = h |> relu |> dense(W_std = 1.4)\n";
  return text + "output h\n";
}

std::string repeated(int layers) {
  return "network deep\ninput x : vector(3)\nh = x |> dense\nrepeat " + std::to_string(layers) +
         " { h = h |> relu |> dense(W_std = 1.4) }\noutput h\n";
}

/// Instructions of the longest block in LLVM's text.
int longest_block(const std::string& llvm) {
  std::istringstream lines(llvm);
  int longest = 0;
  int length = 0;
  for (std::string line; std::getline(lines, line);) {
    length = line.starts_with("  ") ? length + 1 : 0;
    longest = std::max(longest, length);
  }
  return longest;
}

Matrix inputs() {
  Matrix x(3, 3);
  for (int i = 0; i < 9; ++i) x.data()[i] = 0.25 * i - 0.7 + (i % 3 == 1 ? 1 : 0);
  return x;
}

/// Also where the module is so large that code is made by the fast register allocator.
TEST_CASE("layers written out by the hundred are short blocks, with the kernels of the repeat") {
  for (const int layers : {40, 300}) {
    CAPTURE(layers);
    const std::string text = written_out(layers);
    CHECK(longest_block(show(text, Stage::llvm)) < 600);
    const KernelFunctions long_one = compile(text);
    const KernelFunctions short_one = compile(repeated(layers));
    for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
      const Matrix expected = gram(short_one, kind, inputs());
      const Matrix result = gram(long_one, kind, inputs());
      for (int i = 0; i < 9; ++i)
        CHECK(result.data()[i] == doctest::Approx(expected.data()[i]).epsilon(1e-11));
    }
  }
}

}  // namespace
}  // namespace ntkc
