// What a C++ program does with ntkc: prints numbers that tests/embedding compares with those of the command line.
#include <ntkc/compile_model.hpp>
#include <ntkc/compiler.hpp>
#include <ntkc/errors.hpp>
#include <ntkc/gram.hpp>
#include <ntkc/kernel.hpp>
#include <ntkc/model.hpp>
#include <ntkc/output_file.hpp>

#include <cstdio>
#include <iostream>
#include <vector>

int main() {
  const char* const text =
      "network small\ninput x : vector(2)\noutput x |> dense(b_std = 0.5) |> relu |> dense |> tanh |> "
      "dense\n";
  const ntkc::Kernel kernel = ntkc::compile(text);
  std::cout << kernel << "\n";

  const std::vector<double> x = {1, 0.5};
  const std::vector<double> y = {-0.25, 2};
  ntkc::Matrix inputs(2, 2);
  for (std::ptrdiff_t j = 0; j < 2; ++j) {
    inputs(0, j) = x[static_cast<std::size_t>(j)];
    inputs(1, j) = y[static_cast<std::size_t>(j)];
  }
  const ntkc::Matrix theta = kernel.theta(inputs);
  const ntkc::Matrix sigma = kernel.sigma(inputs);
  std::printf("sigma %.17g theta %.17g\n", kernel.sigma(x, y), kernel.theta(x, y));
  ntkc::Matrix into(2, 2);
  ntkc::gram<double>(kernel, ntkc::KernelKind::theta, inputs, into.view(), {.threads = 1});
  const bool is_same = into(0, 1) == theta(0, 1) && kernel.sigma(x, y) == sigma(0, 1) &&
                       kernel.theta(x, y) == theta(1, 0) && kernel.theta(x) == theta(0, 0) &&
                       kernel.diagonal(ntkc::KernelKind::theta, inputs)[1] == theta(1, 1);
  std::printf("pair and matrix: %s\n", is_same ? "same bits" : "different");

  ntkc::Matrix targets(2, 1);
  targets(0, 0) = 1;
  targets(1, 0) = -1;
  const ntkc::Model model = ntkc::fit(kernel, inputs, targets);
  {
    ntkc::OutputFile out("consumer.model");
    ntkc::write_model(out, model);
    out.commit();
  }
  const ntkc::Model loaded = ntkc::read_model("consumer.model");
  const ntkc::Matrix before = ntkc::predict(model, kernel, inputs);
  const ntkc::Matrix after = ntkc::predict(loaded, ntkc::compile_model(loaded), inputs);
  std::printf("predictions %.6f %.6f, loaded: %s\n", before(0, 0), before(1, 0),
              before(0, 0) == after(0, 0) && before(1, 0) == after(1, 0) ? "same bits" : "different");

  try {
    static_cast<void>(ntkc::compile("network n\ninput x : vector(2)\noutput x |> relu\n"));
  } catch (const ntkc::Error& error) {
    std::printf("error of kind %d\n", static_cast<int>(error.kind()));
  }
  try {
    static_cast<void>(kernel.theta(x, std::vector<double>{1}));
  } catch (const ntkc::InputError& error) {
    std::printf("%s\n", error.what());
  }
  return 0;
}
