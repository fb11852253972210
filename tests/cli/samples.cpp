#include "tests/cli/samples.hpp"

#include <fmt/format.h>

#include <cstring>
#include <random>

namespace ntkc::tests {

std::string network_text(int size) {
  return fmt::format(
      "network small(w = sqrt(2))\n"
      "input x : vector({})\n"
      "output x |> dense(W_std = w, b_std = 0.1) |> relu |> dense\n",
      size);
}

std::string table_text(int rows, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> noise(0, 0.3);
  const char* const kinds[] = {"ant", "bee", "cat, black"};
  std::string text = "a,b,c,kind\n";
  for (int i = 0; i < rows; ++i) {
    const int kind = i % 3;
    const double a = kind == 0 ? 3 : 0;
    const double b = kind == 1 ? 3 : 0;
    const double c = kind == 2 ? 3 : 0;
    text += fmt::format("{},{},{},\"{}\"\n", a + noise(generator), b + noise(generator), c + noise(generator),
                        kinds[kind]);
  }
  return text;
}

std::string npy_of(const std::vector<double>& values, int rows, int columns) {
  std::string bytes(values.size() * sizeof(double), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return npy(fmt::format("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns),
             bytes);
}

std::string random_npy(int rows, int columns, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  for (double& value : values) value = normal(generator);
  return npy_of(values, rows, columns);
}

}  // namespace ntkc::tests
