#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <random>

#include "ntkc/errors.hpp"
#include "ntkc/model.hpp"
#include "ntkc/score.hpp"
#include "tests/data/support.hpp"
#include "tests/runtime/fake_kernels.hpp"
#include "tests/runtime/residual_bound.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/searches.hpp"

namespace ntkc {
namespace {

using test::fake_kernel;
using tests::error_of;
using tests::read_file;
using tests::TemporaryDirectory;

/// y0 = 2 a − b + 3 c, y1 = a + 100: what a linear kernel can learn, the second one only after centring.
Dataset linear_data(std::int64_t rows, unsigned seed, std::int64_t outputs = 2) {
  const Matrix x = test::random_matrix(rows, 3, seed);
  Dataset dataset;
  dataset.path = "X.npy";
  dataset.inputs.shape = {rows, 3};
  dataset.inputs.values.assign(x.data(), x.data() + rows * 3);
  RawTargets targets;
  targets.source = targets.path = "Y.npy";
  targets.shape = {rows, outputs};
  for (std::int64_t i = 0; i < rows; ++i) {
    targets.numbers.push_back(2 * x(i, 0) - x(i, 1) + 3 * x(i, 2));
    if (outputs > 1) targets.numbers.push_back(x(i, 0) + 100);
  }
  dataset.targets = targets;
  return dataset;
}

Model fitted(const KernelFunctions& kernel, Dataset dataset, const FitOptions& options) {
  Model model = fit(prepare_regression(std::move(dataset), options), kernel).model;
  model.network = {"net.arch", "network net\n# größe \"quoted\"\n", {{"depth", "8"}}};
  return model;
}

FitOptions linear_options() {
  FitOptions options;
  options.kernel = KernelKind::sigma;
  options.ridge = {1e-12, true};
  return options;
}

TEST_CASE("a linear kernel learns a linear function, and predicts it where it was not trained") {
  const KernelFunctions kernel = fake_kernel<double>(3);
  FitOptions options = linear_options();
  options.ridge = {1e-9, true};
  const Dataset training = linear_data(50, 1, 1);
  const Model model = fitted(kernel, training, options);
  const double trace = 50 * model.solve.ridge / options.ridge.value;
  CHECK(model.solve.relative_residual <=
        test::residual_bound(trace, model.solve, model.dual_coefficients, training.targets->numbers));
  // 3000 test rows are three blocks.
  const Dataset test = linear_data(3000, 2, 1);
  const RawTargets truth = *test.targets;
  const Matrix predictions = predict(model, kernel, test.inputs.matrix());
  REQUIRE(predictions.rows() == 3000);
  // K has rank 3, and its other eigenvalues are at least 0.1 tr(K). The ridge therefore shrinks the weights
  // (2, −1, 3), whose length is √14, by a fraction of at most λ/(0.1 tr(K)) = 2e-10. Rounding adds less: the
  // eigenvectors of the small eigenvalues of K + λI are orthogonal to what predictions are made of.
  double worst = 0;
  for (std::ptrdiff_t i = 0; i < 3000; ++i) {
    const double* const row = test.inputs.values.data() + 3 * i;
    const double error = std::abs(predictions(i, 0) - truth.numbers[static_cast<std::size_t>(i)]);
    worst = test::larger_error(worst, error / std::hypot(row[0], row[1], row[2]));
  }
  CHECK(worst <= 2e-10 * std::sqrt(14.0));
}

TEST_CASE("numbers from memory give the model that a data set gives; predict preprocesses what it is given") {
  const KernelFunctions kernel = fake_kernel<double>(3);
  FitOptions options = linear_options();
  options.preprocessing.kind = PreprocessingKind::standardize;
  const Dataset dataset = linear_data(50, 1);
  const MatrixView<const double> targets(dataset.targets->numbers.data(), 50, 2);
  const Model model = fit(kernel, dataset.inputs.matrix(), targets, options);
  const Model same = fit(prepare_regression(dataset, options), kernel).model;
  CHECK(model.inputs.values == same.inputs.values);
  CHECK(model.targets.outputs == same.targets.outputs);
  CHECK(std::equal(model.dual_coefficients.data(), model.dual_coefficients.data() + 100,
                   same.dual_coefficients.data()));
  CHECK(error_of([&] { fit(kernel, dataset.inputs.matrix(), {targets.data, 49, 2}, options); }) ==
        "there are 50 inputs and 49 targets; they must be as many");

  Model plain = model;
  plain.preprocessing = {};
  Dataset test = linear_data(1500, 2);
  const Matrix predictions = predict(model, kernel, test.inputs.matrix());
  apply_preprocessing(model.preprocessing, {test.inputs.values.data(), 1500, 3});
  const Matrix expected = predict(plain, kernel, test.inputs.matrix());
  CHECK(std::equal(predictions.data(), predictions.data() + 3000, expected.data()));
  CHECK(error_of([&] { predict(model, kernel, {test.inputs.values.data(), 100, 2}); }) ==
        "the inputs have 2 values each, those that the model was trained on 3");
}

TEST_CASE("a row predicted alone gives what it gives among others, to the last bit") {
  FitOptions options = linear_options();
  options.ridge = {1e-2, true};
  const auto check = [&](const KernelFunctions& kernel) {
    for (const std::ptrdiff_t samples : {3, 100, 403}) {
      const Model model = fitted(kernel, linear_data(samples, 1, samples == 100 ? 2 : 1), options);
      const Dataset test = linear_data(29, 2);
      const MatrixView<const double> rows = test.inputs.matrix();
      const Matrix predictions = predict(model, kernel, rows);
      for (std::ptrdiff_t i = 0; i < rows.rows; ++i) {
        const Matrix alone = predict(model, kernel, {&rows(i, 0), 1, rows.columns});
        CHECK(std::equal(alone.data(), alone.data() + alone.columns(), &predictions(i, 0)));
      }
    }
  };
  check(fake_kernel<double>(3));
  check(fake_kernel<float>(3));
}

TEST_CASE("centred targets get their mean back in predictions") {
  const KernelFunctions kernel = fake_kernel<double>(3);
  FitOptions options = linear_options();
  options.center = true;
  options.preprocessing.kind = PreprocessingKind::standardize;
  const Model model = fitted(kernel, linear_data(500, 1), options);
  const Dataset test = linear_data(40, 2);
  const RawTargets truth = *test.targets;
  const Matrix predictions = predict(model, kernel, test.inputs.matrix());
  for (std::ptrdiff_t i = 0; i < 40; ++i)
    CHECK(predictions(i, 1) ==
          doctest::Approx(truth.numbers[static_cast<std::size_t>(2 * i + 1)]).epsilon(1e-5));
}

TEST_CASE("in single precision predictions are close to those in double precision") {
  FitOptions options;
  options.ridge = {1e-3, true};
  const KernelFunctions kernel = fake_kernel<double>(3);
  const KernelFunctions narrow = fake_kernel<float>(3);
  const Model model = fitted(kernel, linear_data(100, 1), options);
  const Model narrow_model = fitted(narrow, linear_data(100, 1), options);
  CHECK(narrow_model.precision == Precision::f32);
  const Dataset test = linear_data(20, 2);
  const Matrix predictions = predict(model, kernel, test.inputs.matrix());
  const Matrix narrow_predictions = predict(narrow_model, narrow, test.inputs.matrix());
  for (std::ptrdiff_t i = 0; i < 20; ++i)
    CHECK(narrow_predictions(i, 0) == doctest::Approx(predictions(i, 0)).epsilon(1e-3).scale(10));
}

TEST_CASE("training is refused without targets, with a wrong shape, with more samples than memory") {
  Dataset dataset = linear_data(5, 1);
  dataset.targets.reset();
  CHECK(error_of([&] { prepare_regression(dataset); }).find("no targets") != std::string::npos);
  CHECK(error_of([&] {
          fit(prepare_regression(linear_data(5, 1)), fake_kernel<double>(4));
        }).find("do not fit the input") != std::string::npos);
}

TEST_CASE("a cancelled training or prediction throws Cancelled") {
  const KernelFunctions kernel = fake_kernel<double>(3);
  Execution cancelled;
  cancelled.progress = [](double) { return false; };
  CHECK_THROWS_AS(fit(prepare_regression(linear_data(600, 1), linear_options()), kernel, cancelled),
                  Cancelled);
  const Model model = fitted(kernel, linear_data(600, 1), linear_options());
  const Dataset test = linear_data(600, 2);
  CHECK_THROWS_AS(predict(model, kernel, test.inputs.matrix(), cancelled), Cancelled);
}

TEST_CASE("progress of a fit never goes back and ends at 1") {
  const KernelFunctions kernel = fake_kernel<double>(3);
  std::vector<double> fractions;
  Execution watched;
  watched.progress = [&](double fraction) {
    fractions.push_back(fraction);
    return true;
  };
  fit(prepare_regression(linear_data(700, 1), linear_options()), kernel, watched);
  REQUIRE_FALSE(fractions.empty());
  CHECK(std::is_sorted(fractions.begin(), fractions.end()));
  CHECK(fractions.back() == doctest::Approx(1));
}

/// A small model that has something in every member.
Model small_model() {
  FitOptions options = linear_options();
  options.preprocessing.kind = PreprocessingKind::standardize;
  options.center = true;
  Model model = fitted(fake_kernel<double>(3), linear_data(4, 3), options);
  model.features.columns = {{.name = "a", .categories = {}, .boolean = true, .mean = 0.1},
                            {.name = "b,\"", .categories = {"", "größe"}}};
  model.targets.name = "y";
  return model;
}

std::string written(const TemporaryDirectory& directory, const Model& model) {
  const std::string path = directory.path("m.model");
  OutputFile out(path);
  write_model(out, model);
  out.commit();
  return path;
}

TEST_CASE("a model with whitened inputs, or standardized channels, reads back and predicts the same") {
  const TemporaryDirectory directory;
  const KernelFunctions kernel = fake_kernel<double>(3);
  for (const PreprocessingKind kind : {PreprocessingKind::zca, PreprocessingKind::standardize}) {
    FitOptions options = linear_options();
    options.preprocessing = {.kind = kind, .channels = 1};
    const Model model = fitted(kernel, linear_data(20, 3), options);
    CHECK(model.preprocessing.means.size() == (kind == PreprocessingKind::zca ? 3U : 1U));
    const std::string path = written(directory, model);
    CHECK(read_file(path).find("\"schema\":2") != std::string::npos);
    const Model read = read_model(path);
    const Dataset test = linear_data(7, 4);
    const Matrix before = predict(model, kernel, test.inputs.matrix());
    const Matrix after = predict(read, kernel, test.inputs.matrix());
    for (std::ptrdiff_t i = 0; i < 7; ++i)
      for (std::ptrdiff_t j = 0; j < before.columns(); ++j) CHECK(before(i, j) == after(i, j));
  }
  CHECK(read_file(written(directory, small_model())).find("\"schema\":1") != std::string::npos);
}

TEST_CASE("a model reads back exactly as it was written") {
  const TemporaryDirectory directory;
  const Model model = small_model();
  const std::string path = written(directory, model);
  const Model read = read_model(path);
  CHECK(read.network.file == model.network.file);
  CHECK(read.network.text == model.network.text);
  CHECK(read.network.definitions == model.network.definitions);
  CHECK(read.kernel == model.kernel);
  CHECK(read.precision == model.precision);
  CHECK(read.features.input_names() == model.features.input_names());
  CHECK(read.features.columns[0].mean == 0.1);
  CHECK(read.features.columns[1].categories == std::vector<std::string>{"", "größe"});
  CHECK(read.features.columns[0].boolean);
  CHECK(read.preprocessing.kind == model.preprocessing.kind);
  CHECK(read.preprocessing.means == model.preprocessing.means);
  CHECK(read.preprocessing.scales == model.preprocessing.scales);
  CHECK(read.targets.task == model.targets.task);
  CHECK(read.targets.name == model.targets.name);
  CHECK(read.targets.outputs == model.targets.outputs);
  CHECK(read.targets.offsets == model.targets.offsets);
  CHECK(read.ridge.value == model.ridge.value);
  CHECK(read.ridge.relative == model.ridge.relative);
  CHECK(read.solve.ridge == model.solve.ridge);
  CHECK(read.solve.rank == model.solve.rank);
  CHECK(read.solve.reciprocal_condition == model.solve.reciprocal_condition);
  CHECK(read.inputs.shape == model.inputs.shape);
  CHECK(read.inputs.values == model.inputs.values);
  REQUIRE(read.dual_coefficients.rows() == 4);
  REQUIRE(read.dual_coefficients.columns() == 2);
  CHECK(std::memcmp(read.dual_coefficients.data(), model.dual_coefficients.data(), 8 * sizeof(double)) == 0);
  // Writing is deterministic, so what was read writes the same bytes.
  const std::string bytes = read_file(path);
  CHECK(read_file(written(directory, read)) == bytes);
}

TEST_CASE("classes and numeric labels read back") {
  const TemporaryDirectory directory;
  Dataset dataset = linear_data(6, 3);
  dataset.targets->shape = {6};
  dataset.targets->numbers = {3, 1, 3, 2, 1, 2};
  FitOptions options = linear_options();
  options.task = Task::classification;
  const Model read = read_model(written(directory, fitted(fake_kernel<double>(3), dataset, options)));
  CHECK(read.targets.task == Task::classification);
  CHECK(read.targets.numeric_labels);
  CHECK(read.targets.label_values == std::vector<double>{1, 2, 3});
  CHECK(class_indices(read.targets, *dataset.targets) == std::vector<std::int32_t>{2, 0, 2, 1, 0, 1});
}

TEST_CASE("a model cut off anywhere is refused") {
  const TemporaryDirectory directory;
  const std::string bytes = read_file(written(directory, small_model()));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    const std::string path = directory.write("cut.model", bytes.substr(0, size));
    CHECK(error_of([&] { read_model(path); }).find(path + ": ") == 0);
  }
  const std::string error =
      error_of([&] { read_model(directory.write("cut.model", bytes.substr(0, bytes.size() - 20))); });
  CHECK(error.find("truncated") != std::string::npos);
}

TEST_CASE("a model with any byte changed is refused") {
  const TemporaryDirectory directory;
  std::string bytes = read_file(written(directory, small_model()));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    const char original = bytes[i];
    bytes[i] = static_cast<char>(original ^ 0x11);
    const std::string path = directory.write("changed.model", bytes);
    CHECK(error_of([&] { read_model(path); }) != "no error");
    bytes[i] = original;
  }
  CHECK(error_of([&] { read_model(directory.write("longer.model", bytes + "x")); }).find("damaged") !=
        std::string::npos);
}

TEST_CASE("mutated models with a right checksum are read consistently or refused") {
  const TemporaryDirectory directory;
  const std::string good = read_file(written(directory, small_model()));
  const std::string head = good.substr(0, 8);
  const std::string body = good.substr(16, good.size() - 20);
  const auto as_bytes = [](const auto& value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  };
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, good.data() + 8, sizeof header_size);
  std::mt19937_64 random(4);
  const int cases = tests::count_of_search("NTKC_MUTATIONS", 1000);
  int accepted = 0;
  for (int i = 0; i < cases; ++i) {
    CAPTURE(i);
    // The header by itself, so that its stated size stays right; the arrays by themselves.
    const std::string header = tests::mutated(body.substr(0, header_size), random);
    const std::string arrays =
        random() % 4 == 0 ? tests::mutated(body.substr(header_size), random) : body.substr(header_size);
    std::string bytes = head + as_bytes(std::uint64_t{header.size()}) + header + arrays;
    const auto checksum = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
    const std::string path = directory.write("mutated.model", bytes + as_bytes(checksum));
    try {
      const Model model = read_model(path);
      ++accepted;
      REQUIRE(model.dual_coefficients.rows() == model.inputs.rows());
      REQUIRE(std::ssize(model.inputs.values) == model.inputs.rows() * model.inputs.columns());
      REQUIRE(model.dual_coefficients.columns() == std::ssize(model.targets.outputs));
    } catch (const InputError& error) {
      CHECK(std::string_view(error.what()).starts_with(path + ": "));
    }
  }
  MESSAGE(cases << " mutations, " << accepted << " read");
  CHECK(accepted > cases / 100);
  CHECK(accepted < cases * 9 / 10);
}

TEST_CASE("foreign files and later schemas are told apart from damage") {
  const TemporaryDirectory directory;
  CHECK(error_of([&] { read_model(directory.write("t.csv", "a,b\n1,2\n")); }) ==
        directory.path("t.csv") + ": not a model that `ntkc fit` wrote");
  CHECK(error_of([&] { read_model(directory.path("none")); }).find(directory.path("none")) == 0);
  std::string bytes = read_file(written(directory, small_model()));
  const std::size_t schema = bytes.find("\"schema\":1");
  REQUIRE(schema != std::string::npos);
  bytes[schema + 9] = '3';
  const std::string error = error_of([&] { read_model(directory.write("later.model", bytes)); });
  CHECK(error.find("schema 3") != std::string::npos);
  CHECK(error.find("later version") != std::string::npos);
}

TEST_CASE("a header that claims more than there is is refused before anything is allocated") {
  const TemporaryDirectory directory;
  std::string bytes = read_file(written(directory, small_model()));
  const std::size_t shape = bytes.find("\"shape\":[4,3]");
  REQUIRE(shape != std::string::npos);
  bytes.replace(shape, 13, "\"shape\":[9,9]");
  CHECK(error_of([&] { read_model(directory.write("m", bytes)); }).find("truncated") != std::string::npos);
  std::string huge =
      bytes.substr(0, 8) + std::string("\xff\xff\xff\xff\xff\xff\xff\x7f", 8) + bytes.substr(16);
  CHECK(error_of([&] { read_model(directory.write("m", huge)); }).find("size of its header") !=
        std::string::npos);
}

}  // namespace
}  // namespace ntkc
