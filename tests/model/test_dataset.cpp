#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "ntkc/dataset.hpp"
#include "tests/data/support.hpp"

namespace ntkc {
namespace {

using tests::error_of;
using tests::TemporaryDirectory;

const std::string table = "a,colour,b\n1,red,2\n3,blue,4\n";

FeatureEncoding numbers(const std::vector<std::string>& names) {
  FeatureEncoding encoding;
  for (const std::string& name : names) encoding.columns.push_back({.name = name, .categories = {}});
  encoding.table_columns = static_cast<std::int64_t>(names.size()) + 1;
  return encoding;
}

KernelFunctions network(std::vector<std::int64_t> input_shape) {
  KernelFunctions kernel;
  kernel.name = "net";
  kernel.input_shape = std::move(input_shape);
  return kernel;
}

Dataset with_shape(std::vector<std::int64_t> shape) {
  Dataset dataset;
  dataset.path = "X.npy";
  dataset.inputs.shape = std::move(shape);
  dataset.inputs.values.resize(static_cast<std::size_t>(dataset.inputs.rows() * dataset.inputs.columns()));
  return dataset;
}

std::string doubles(const std::vector<double>& values) {
  std::string bytes(values.size() * sizeof(double), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST_CASE("a training table's features are all columns but the target, in order") {
  const TemporaryDirectory directory;
  const Dataset dataset = read_dataset(directory.write("t.csv", table), {.target = {"colour"}});
  CHECK(dataset.feature_names == std::vector<std::string>{"a", "b"});
  CHECK(dataset.inputs.shape == std::vector<std::int64_t>{2, 2});
  CHECK(dataset.inputs.values == std::vector<double>{1, 2, 3, 4});
  REQUIRE(dataset.targets);
  CHECK(dataset.targets->texts == std::vector<std::string>{"red", "blue"});
  CHECK(dataset.targets->discrete);
  CHECK(dataset.targets->place(1) == directory.path("t.csv") + ":3");
}

TEST_CASE("a missing target column is named together with the columns there are") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("t.csv", table);
  CHECK(error_of([&] { read_dataset(path, {.target = {"color"}}); }) ==
        path +
            ": no column `color` to take as the target; did you mean `colour`? The columns are `a`, "
            "`colour`, `b`");
}

TEST_CASE("a feature that holds text is named by column and line") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("t.csv", table);
  const std::string error = error_of([&] { read_dataset(path, {.target = {"a"}}); });
  CHECK(error.find("t.csv:2") != std::string::npos);
  CHECK(error.find("`colour`") != std::string::npos);
  CHECK(error.find("`red`") != std::string::npos);
}

TEST_CASE("NaN in a table is refused by line and column") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("t.csv", "a,y\n1,2\nnan,3\n");
  const std::string error = error_of([&] { read_dataset(path, {.target = {"y"}}); });
  CHECK(error.find("t.csv:3") != std::string::npos);
  CHECK(error.find("`a`") != std::string::npos);
}

TEST_CASE("tables without rows or features are refused") {
  const TemporaryDirectory directory;
  CHECK(error_of([&] {
          read_dataset(directory.write("t.csv", "a,y\n"), {.target = {"y"}});
        }).find("no samples") != std::string::npos);
  CHECK(error_of([&] {
          read_dataset(directory.write("t.csv", "y\n1\n"), {.target = {"y"}});
        }).find("no columns besides the target") != std::string::npos);
}

TEST_CASE("a test table's features are found by name, whatever the order, and other columns are ignored") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("t.csv", "id,b,colour,a\nx,2,red,1\ny,4,blue,3\n");
  const Dataset dataset = read_dataset_as(numbers({"a", "b"}), path, {"colour"});
  CHECK(dataset.inputs.values == std::vector<double>{1, 2, 3, 4});
  CHECK(dataset.ignored_columns == std::vector<std::string>{"id"});
  REQUIRE(dataset.targets);
  CHECK(dataset.targets->texts == std::vector<std::string>{"red", "blue"});
}

TEST_CASE("a test table may lack the target, unless it was asked for, and no feature") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("t.csv", "b,a\n2,1\n");
  CHECK_FALSE(read_dataset_as(numbers({"a", "b"}), path, {"colour"}).targets);
  CHECK(error_of([&] {
          read_dataset_as(numbers({"a", "b"}), path, {}, {.target = {"colour"}});
        }).find("no column `colour`") != std::string::npos);
  CHECK(error_of([&] {
          read_dataset_as(numbers({"a", "c"}), path, {"colour"});
        }).find("no column `c`, which the model was trained on") != std::string::npos);
  CHECK(error_of([&] {
          read_dataset_as(numbers({"a", "b"}), path, {}, {.target = {"b"}});
        }).find("is a feature") != std::string::npos);
}

TEST_CASE("an array in place of a table is recognised by its bytes") {
  const TemporaryDirectory directory;
  const std::string path = directory.write(
      "t.csv", tests::npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }", doubles({1})));
  CHECK(error_of([&] { read_dataset(path, {.target = {"y"}}); }).find("--targets=FILE") != std::string::npos);
}

TEST_CASE("IDX images and labels make a data set") {
  const TemporaryDirectory directory;
  const std::string images =
      directory.write("i.gz", tests::gzip(tests::idx(8, {2, 2, 1}, "\x01\x02\x03\xff")));
  const std::string labels = directory.write("l", tests::idx(8, {2}, "\x07\x09"));
  const Dataset dataset = read_dataset(images, {.targets = labels});
  CHECK(dataset.inputs.shape == std::vector<std::int64_t>{2, 2, 1});
  CHECK(dataset.inputs.values == std::vector<double>{1, 2, 3, 255});
  REQUIRE(dataset.targets);
  CHECK(dataset.targets->discrete);
  CHECK(dataset.targets->numbers == std::vector<double>{7, 9});
  CHECK(dataset.targets->place(1) == labels + "[1]");
}

TEST_CASE("samples and targets must be as many, and targets have at most two axes") {
  const TemporaryDirectory directory;
  const std::string images = directory.write("i", tests::idx(8, {2, 1}, "\x01\x02"));
  const std::string three = directory.write("l", tests::idx(8, {3}, "\x01\x02\x03"));
  const std::string cube = directory.write("c", tests::idx(8, {2, 1, 1}, "\x01\x02"));
  CHECK(error_of([&] { read_dataset(images, {.targets = three}); }) ==
        images + " has 2 samples but " + three + " has 3 targets; they must be as many");
  CHECK(error_of([&] {
          read_dataset(images, {.targets = cube});
        }).find("(2, 1, 1) is not a set of targets") != std::string::npos);
  CHECK(error_of([&] { read_dataset(three); }).find("(3,) is not a set of samples") != std::string::npos);
}

TEST_CASE("NaN in an array is refused by file and index") {
  const TemporaryDirectory directory;
  const std::string path =
      directory.write("X.npy", tests::npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }",
                                          doubles({1, 2, 3, std::nan("")})));
  const std::string error = error_of([&] { read_dataset(path); });
  CHECK(error.find("X.npy") != std::string::npos);
  CHECK(error.find("(1, 1)") != std::string::npos);
}

TEST_CASE("images flatten into a vector and grey images have one channel; nothing else fits by force") {
  CHECK_NOTHROW(require_input_shape(with_shape({5, 6}), network({6})));
  CHECK_NOTHROW(require_input_shape(with_shape({5, 2, 3}), network({6})));
  CHECK_NOTHROW(require_input_shape(with_shape({5, 2, 3, 2}), network({12})));
  CHECK_NOTHROW(require_input_shape(with_shape({5, 2, 3}), network({2, 3, 1})));
  CHECK_NOTHROW(require_input_shape(with_shape({5, 2, 3}), network({2, 3})));
  CHECK(error_of([] { require_input_shape(with_shape({5, 2, 3}), network({7})); }) ==
        "X.npy: samples of shape (2, 3) (the array is (5, 2, 3)) do not fit the input of network `net`, "
        "vector(7); wanted (n, 7)");
  // Position by position, the channels of each together.
  CHECK_NOTHROW(require_input_shape(with_shape({5, 6}), network({2, 3})));
  CHECK_NOTHROW(require_input_shape(with_shape({5, 12}), network({2, 2, 3})));
  CHECK_NOTHROW(require_input_shape(with_shape({5, 4}), network({4, 1})));
  CHECK(error_of([] { require_input_shape(with_shape({5, 7}), network({2, 3})); }) ==
        "X.npy: samples of shape (7,) (the array is (5, 7)) do not fit the input of network `net`, "
        "sequence(2, 3); wanted (n, 2, 3), or (n, 6), position by position");
  CHECK(
      error_of([] { require_input_shape(with_shape({5, 3, 8, 9}), network({8, 9, 3})); }) ==
      "X.npy: samples of shape (3, 8, 9) (the array is (5, 3, 8, 9)) do not fit the input of network `net`, "
      "image(8, 9, 3); channels come last: `np.moveaxis(x, 1, -1)`");
  CHECK(error_of([] { require_input_shape(with_shape({5, 3, 2}), network({2, 3})); }) != "no error");
  Dataset from_table = with_shape({5, 2});
  from_table.path = "t.csv";
  from_table.feature_names = {"a", "b"};
  CHECK(error_of([&] { require_input_shape(from_table, network({3})); }) ==
        "t.csv: 2 feature columns do not fit the input of network `net`, vector(3); write `vector(2)`, or "
        "`vector(*)`, which takes its size from the data");
  CHECK_NOTHROW(require_input_shape(from_table, network({2, 1, 1})));
  CHECK(error_of([&] { require_input_shape(from_table, network({2, 2, 1})); }) ==
        "t.csv: 2 feature columns do not fit the input of network `net`, image(2, 2, 1); it takes 4 of them, "
        "position by position");
}

TEST_CASE("what exceeds the machine's memory is refused before it is allocated") {
  CHECK_NOTHROW(require_memory(1e6, "the matrix"));
  CHECK(error_of([] { require_memory(1e18, "the matrix"); }).find("the matrix takes 1000000000.0 GB") == 0);
}

}  // namespace
}  // namespace ntkc
