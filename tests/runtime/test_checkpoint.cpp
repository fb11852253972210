// Gram matrices that are stopped and begun again: the same to the last bit, and nothing computed twice.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>

#include "ntkc/checkpoint.hpp"
#include "ntkc/gram.hpp"
#include "runtime/gram/tile_log.hpp"
#include "tests/data/support.hpp"
#include "tests/runtime/fake_kernels.hpp"

namespace ntkc {
namespace {

using test::fake_kernel;
using tests::error_of;
using tests::TemporaryDirectory;

constexpr std::ptrdiff_t rows = 700;  // 6 tiles of 128

Matrix whole(const KernelFunctions& kernel, const Matrix& x) {
  return gram(kernel, KernelKind::theta, x, {.threads = 1});
}

bool is_same(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.columns() == b.columns() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.rows() * a.columns()) * sizeof(double)) ==
             0;
}

/// Evaluates with a checkpoint, and gives up at a share of the work; nothing if it gave up. `first` becomes the share
/// that was reported first.
std::optional<Matrix> evaluate(const KernelFunctions& kernel, const Matrix& x, const std::string& folder,
                               double until, int threads, double* first = nullptr) {
  Checkpoint checkpoint(folder, [&](double share) {
    if (first != nullptr) *first = share;
  });
  Execution execution;
  execution.threads = threads;
  execution.checkpoint = &checkpoint;
  execution.progress = [until](double fraction) { return fraction < until; };
  try {
    Matrix result = gram(kernel, KernelKind::theta, x, execution);
    checkpoint.finish();
    return result;
  } catch (const Cancelled&) {
    return std::nullopt;
  }
}

std::string only_file(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path().string());
  REQUIRE(files.size() == 1);
  return files.front();
}

TEST_CASE("a Gram matrix that is stopped again and again becomes the same matrix") {
  const KernelFunctions kernel = fake_kernel<double>(5);
  const Matrix x = test::random_matrix(rows, 5, 1);
  const Matrix expected = whole(kernel, x);
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    const TemporaryDirectory directory;
    const std::string folder = directory.path("parts/of/it");
    double share = 0;
    double before = 0;
    for (double until = 0.2; until < 0.9; until += 0.2) {
      CHECK_FALSE(evaluate(kernel, x, folder, until, threads, &share));
      CHECK(share >= before);
      before = share;
    }
    const std::optional<Matrix> result = evaluate(kernel, x, folder, 2, threads, &share);
    CHECK(share > 0.5);
    REQUIRE(result);
    CHECK(is_same(*result, expected));
    CHECK_FALSE(std::filesystem::exists(folder));
  }
}

TEST_CASE("what was cut off or damaged is computed again") {
  const KernelFunctions kernel = fake_kernel<double>(5);
  const Matrix x = test::random_matrix(rows, 5, 1);
  const Matrix expected = whole(kernel, x);
  std::mt19937 random(7);
  for (int i = 0; i < 24; ++i) {
    CAPTURE(i);
    const TemporaryDirectory directory;
    CHECK_FALSE(evaluate(kernel, x, directory.path("parts"), 0.7, 2));
    const std::string file = only_file(directory.path("parts"));
    const auto size = static_cast<std::uint64_t>(std::filesystem::file_size(file));
    const std::uint64_t at = i == 0 ? 0 : random() % size;
    if (i % 2 == 0) {
      std::filesystem::resize_file(file, at);
    } else {
      std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
      stream.seekg(static_cast<std::streamoff>(at));
      const int byte = stream.get();
      stream.seekp(static_cast<std::streamoff>(at));
      stream.put(static_cast<char>(byte ^ 0x10));
    }
    const std::optional<Matrix> result = evaluate(kernel, x, directory.path("parts"), 2, 2);
    REQUIRE(result);
    CHECK(is_same(*result, expected));
  }
}

TEST_CASE("parts of another kernel, or of other inputs, are not taken") {
  const KernelFunctions kernel = fake_kernel<double>(5);
  const Matrix x = test::random_matrix(rows, 5, 1);
  const TemporaryDirectory directory;
  const std::string folder = directory.path("parts");
  CHECK_FALSE(evaluate(kernel, x, folder, 0.7, 1));
  Matrix others = x;
  others(rows - 1, 4) += 1e-12;
  double share = 0;
  CHECK(is_same(*evaluate(kernel, others, folder, 2, 1, &share), whole(kernel, others)));
  CHECK(share == 0);
  KernelFunctions renamed = kernel;
  renamed.network.text += " ";
  CHECK(is_same(*evaluate(renamed, x, folder, 2, 1, &share), whole(kernel, x)));
  CHECK(share == 0);
  CHECK(is_same(*evaluate(kernel, x, folder, 2, 1, &share), whole(kernel, x)));
  CHECK(share > 0.5);
}

/// Half of what relu_pair gives: the same kernel by another program.
void other_pair(const PairArguments* a) {
  test::for_each_pair<double>(a, [](double h, double g) { return test::relu_value(h, g) / 2; });
}

TEST_CASE("parts that this program would not compute to the same bits are refused") {
  const KernelFunctions kernel = fake_kernel<double>(5);
  const KernelFunctions other = fake_kernel<double>(5, test::linear_pair<double>, other_pair);
  const Matrix x = test::random_matrix(rows, 5, 1);
  const TemporaryDirectory directory;
  CHECK_FALSE(evaluate(other, x, directory.path("parts"), 0.7, 1));
  CHECK(error_of([&] {
          evaluate(kernel, x, directory.path("parts"), 2, 1);
        }).find("are not the same to the last bit; remove the file") != std::string::npos);
}

TEST_CASE("cross Gram matrices and stacks of planes are kept, too, and one folder holds several") {
  const KernelFunctions kernel = fake_kernel<double>(5);
  const Matrix x = test::random_matrix(300, 5, 1);
  const Matrix y = test::random_matrix(500, 5, 2);
  Matrix expected(300, 500);
  cross_gram<double>(kernel, KernelKind::theta, x.view(), y.view(), expected.view());
  const TemporaryDirectory directory;
  double share = 0;
  Checkpoint checkpoint(directory.path("parts"), [&](double found) { share = found; });
  Execution execution;
  execution.threads = 1;
  execution.checkpoint = &checkpoint;
  Matrix result(300, 500);
  execution.progress = [](double fraction) { return fraction < 0.6; };
  CHECK_THROWS_AS(cross_gram<double>(kernel, KernelKind::theta, x.view(), y.view(), result.view(), execution),
                  Cancelled);
  CHECK_THROWS_AS(gram<double>(kernel, KernelKind::theta, x.view(), Matrix(300, 300).view(), execution),
                  Cancelled);
  execution.progress = {};
  cross_gram<double>(kernel, KernelKind::theta, x.view(), y.view(), result.view(), execution);
  CHECK(is_same(result, expected));
  CHECK(share > 0.4);
  CHECK(share < 1);
  const Matrix square = gram(kernel, KernelKind::sigma, x, execution);
  CHECK(is_same(square, gram(kernel, KernelKind::sigma, x)));
  checkpoint.finish();
  CHECK_FALSE(std::filesystem::exists(directory.path("parts")));
}

TEST_CASE("in single precision the parts are those of single precision") {
  const KernelFunctions kernel = fake_kernel<float>(5);
  const Matrix x = test::random_matrix(rows, 5, 1);
  BasicMatrix<float> expected(rows, rows);
  gram<float>(kernel, KernelKind::theta, x.view(), expected.view());
  const TemporaryDirectory directory;
  Checkpoint checkpoint(directory.path("parts"));
  Execution execution;
  execution.checkpoint = &checkpoint;
  BasicMatrix<float> result(rows, rows);
  execution.progress = [](double fraction) { return fraction < 0.5; };
  CHECK_THROWS_AS(gram<float>(kernel, KernelKind::theta, x.view(), result.view(), execution), Cancelled);
  execution.progress = {};
  gram<float>(kernel, KernelKind::theta, x.view(), result.view(), execution);
  CHECK(std::memcmp(result.data(), expected.data(), sizeof(float) * rows * rows) == 0);
}

TEST_CASE("a folder that cannot be made, or is in use, is refused") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("file", "x");
  CHECK(error_of([&] { const Checkpoint checkpoint(file); }).find("cannot be made a folder") !=
        std::string::npos);
  CHECK(error_of([&] { const Checkpoint checkpoint(file + "/sub"); }).find("cannot be made a folder") !=
        std::string::npos);
  const runtime::TileLog log(directory.path("log"), 1, 5);
  CHECK(error_of([&] {
          const runtime::TileLog again(directory.path("log"), 1, 5);
        }).find("another process is computing the same Gram matrix") != std::string::npos);
}

}  // namespace
}  // namespace ntkc
