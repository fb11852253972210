#include <doctest/doctest.h>

#include <algorithm>

#include "ntkc/errors.hpp"
#include "ntkc/targets.hpp"
#include "tests/data/support.hpp"

namespace ntkc {
namespace {

using tests::error_of;

RawTargets texts(std::vector<std::string> values) {
  RawTargets targets;
  targets.path = "t.csv";
  targets.source = "t.csv: column `y`";
  targets.name = std::string("y");  // NOTE: = "y" meets a false -Wrestrict of GCC 12 (gcc.gnu.org PR105651)
  targets.text = targets.discrete = true;
  targets.shape = {static_cast<std::int64_t>(values.size())};
  for (std::size_t i = 0; i < values.size(); ++i) targets.lines.push_back(static_cast<std::int64_t>(i) + 2);
  targets.texts = std::move(values);
  targets.first_text_line = 2;
  targets.first_text = targets.texts.front();
  return targets;
}

RawTargets numbers(std::vector<double> values, std::int64_t columns = 1, bool discrete = false) {
  RawTargets targets;
  targets.source = targets.path = "Y.npy";
  targets.discrete = discrete;
  targets.shape = {static_cast<std::int64_t>(values.size()) / columns};
  if (columns > 1) targets.shape.push_back(columns);
  targets.numbers = std::move(values);
  return targets;
}

Task chosen(std::optional<Task> asked, const RawTargets& targets) { return choose_task(asked, targets).task; }

TEST_CASE("the task is classification for texts and integer arrays, regression for other numbers") {
  CHECK(chosen(std::nullopt, texts({"a", "b"})) == Task::classification);
  CHECK(chosen(std::nullopt, numbers({1, 2}, 1, true)) == Task::classification);
  CHECK(chosen(std::nullopt, numbers({1, 2})) == Task::regression);
  CHECK(chosen(Task::classification, numbers({1, 2})) == Task::classification);
  CHECK(chosen(Task::regression, numbers({1, 2}, 1, true)) == Task::regression);
}

TEST_CASE("what was decided is said where the targets leave room for doubt, and nowhere else") {
  const auto note = [](std::optional<Task> asked, const RawTargets& targets) {
    return choose_task(asked, targets).note;
  };
  CHECK(note(std::nullopt, numbers({3, 4, 5, 3, 4, 5, 3}, 1, true)) ==
        "Y.npy: 3 classes, one for each value; --task=regression takes them as numbers");
  CHECK(note(std::nullopt, numbers({3, 4, 5, 3, 4, 5, 3})) ==
        "Y.npy: regression on whole numbers; --task=classification makes each a class");
  CHECK(note(std::nullopt, numbers({3, 4.5})).empty());
  CHECK(note(std::nullopt, numbers({1e180, 2e180, 3e180})).empty());
  CHECK(note(std::nullopt, numbers({3, 4, 5, 6}, 2)).empty());
  CHECK(note(std::nullopt, texts({"a", "b", "a"})).empty());
  CHECK(note(Task::classification, numbers({3, 4, 5})).empty());
  CHECK(note(Task::regression, numbers({3, 4, 5}, 1, true)).empty());
}

TEST_CASE("as many labels as half the samples are an error, unless they were asked for") {
  std::vector<double> prices;
  for (int i = 0; i < 60; ++i) prices.push_back(1000 + 7 * (i / 2));
  CHECK(error_of([&] { choose_task(std::nullopt, numbers(prices, 1, true)); }) ==
        "Y.npy: 30 different integers in 60 rows are hardly classes; say --task=regression if they are "
        "numbers, "
        "--task=classification if they are labels all the same");
  CHECK(chosen(Task::classification, numbers(prices, 1, true)) == Task::classification);
  prices.push_back(1000);
  CHECK(chosen(std::nullopt, numbers(prices, 1, true)) == Task::classification);
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back(std::string(1, static_cast<char>('a' + i / 2)));
  CHECK(error_of([&] { choose_task(std::nullopt, texts(names)); }).find("5 different texts in 10 rows") !=
        std::string::npos);
  names.pop_back();
  CHECK(chosen(std::nullopt, texts(names)) == Task::classification);  // of a few rows one cannot tell
  // Two classes leave no doubt, however few the samples.
  CHECK(chosen(std::nullopt, texts({"a", "b"})) == Task::classification);
}

TEST_CASE("numbers in other notations are no labels, unless they were asked for") {
  for (const char* const number : {"1,234", "$12.5", "12%", "12,5", "1.234,50 €", "-€3", "1'000", "12 %",
                                   "£1,200", "1 234", "+7,5", "CHF 10"}) {
    CAPTURE(number);
    const RawTargets targets = texts({number, number, "x", number});
    CHECK(error_of([&] { choose_task(std::nullopt, targets); }) ==
          "t.csv:2: column `y` holds `" + std::string(number) +
              "` where a number as 1234.5 is wanted; correct it, or say --task=classification if these are "
              "labels");
    CHECK(chosen(Task::classification, targets) == Task::classification);
  }
  for (const char* const label :
       {"a", "1a", "2020-01-01", "12:30", "1/2", "3-4", "x,y", "%", "-", "1e", "v1.2"}) {
    CAPTURE(label);
    CHECK(chosen(std::nullopt, texts({label, "b", label, label, "b"})) == Task::classification);
  }
}

TEST_CASE("one text among numbers is not silently a class") {
  RawTargets targets = texts({"1", "2", "oops", "3"});
  targets.numeric_fields = 3;
  targets.first_text_line = 4;
  targets.first_text = "oops";
  CHECK(
      error_of([&] { choose_task(std::nullopt, targets); }) ==
      "t.csv:4: column `y` holds `oops` among numbers; correct it, or say --task=classification if these are "
      "labels");
  CHECK(chosen(Task::classification, targets) == Task::classification);
}

TEST_CASE("classes are sorted: numbers by value, texts by their letters") {
  const TargetEncoding by_number = learn_encoding(Task::classification, false, numbers({10, 9, 10, -1}));
  CHECK(by_number.outputs == std::vector<std::string>{"-1", "9", "10"});
  CHECK(by_number.label_values == std::vector<double>{-1, 9, 10});
  const TargetEncoding by_text = learn_encoding(Task::classification, false, texts({"10", "9", "b", "a"}));
  CHECK(by_text.outputs == std::vector<std::string>{"10", "9", "a", "b"});
}

TEST_CASE("class labels become one-hot rows minus 1/classes") {
  const RawTargets targets = texts({"b", "a", "b", "c"});
  const Matrix rows = encode(learn_encoding(Task::classification, false, targets), targets);
  REQUIRE(rows.rows() == 4);
  REQUIRE(rows.columns() == 3);
  const std::vector<std::ptrdiff_t> classes = {1, 0, 1, 2};
  for (std::ptrdiff_t i = 0; i < 4; ++i)
    for (std::ptrdiff_t c = 0; c < 3; ++c)
      CHECK(rows(i, c) == (c == classes[static_cast<std::size_t>(i)] ? 1.0 : 0.0) - 1.0 / 3);
}

TEST_CASE("a label that training did not have is named with its place") {
  const TargetEncoding encoding = learn_encoding(Task::classification, false, texts({"cat", "dog"}));
  CHECK(error_of([&] { class_indices(encoding, texts({"dog", "cow"})); }) ==
        "t.csv:3: label `cow` was not seen in training; the classes are `cat`, `dog`");
  const TargetEncoding digits = learn_encoding(Task::classification, false, numbers({0, 1}));
  CHECK(error_of([&] { class_indices(digits, numbers({0, 1, 7})); }) ==
        "Y.npy[2]: label `7` was not seen in training; the classes are `0`, `1`");
}

TEST_CASE("labels match however the test file's column happens to be read") {
  const TargetEncoding encoding = learn_encoding(Task::classification, false, texts({"01", "02", "1a"}));
  CHECK(class_indices(encoding, numbers({2, 1})) == std::vector<std::int32_t>{1, 0});
  const TargetEncoding digits = learn_encoding(Task::classification, false, numbers({3, 4}));
  CHECK(class_indices(digits, texts({"4", "3"})) == std::vector<std::int32_t>{1, 0});
  const TargetEncoding twins = learn_encoding(Task::classification, false, texts({"1", "1.0", "x"}));
  CHECK(class_indices(twins, numbers({1})) == std::vector<std::int32_t>{0});
}

TEST_CASE("classification refuses one class, missing labels, several columns and centring") {
  CHECK(error_of([] {
          learn_encoding(Task::classification, false, texts({"a", "a"}));
        }).find("every row has the label `a`") != std::string::npos);
  CHECK(error_of([] { learn_encoding(Task::classification, false, texts({"a", ""})); }).find("t.csv:3") == 0);
  CHECK(error_of([] {
          learn_encoding(Task::classification, false, numbers({1, 2, 3, 4}, 2));
        }).find("one label per row") != std::string::npos);
  CHECK(error_of([] {
          learn_encoding(Task::classification, true, texts({"a", "b"}));
        }).find("--center is for regression") != std::string::npos);
  std::vector<double> many(max_classes + 1);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i);
  CHECK(error_of([&] {
          learn_encoding(Task::classification, false, numbers(many));
        }).find("--task=regression") != std::string::npos);
}

TEST_CASE("regression takes targets as given, or less their mean") {
  const RawTargets targets = numbers({1, 10, 3, 30}, 2);
  const TargetEncoding plain = learn_encoding(Task::regression, false, targets);
  CHECK(plain.outputs == std::vector<std::string>{"output_0", "output_1"});
  CHECK(encode(plain, targets)(1, 1) == 30);
  const TargetEncoding centred = learn_encoding(Task::regression, true, targets);
  CHECK(centred.offsets == std::vector<double>{2, 20});
  CHECK(encode(centred, targets)(1, 1) == 10);
}

TEST_CASE("regression refuses texts, and test targets of another width") {
  CHECK(error_of([] { learn_encoding(Task::regression, false, texts({"a", "b"})); }) ==
        "t.csv:2: column `y` holds the text `a`; regression takes numbers only");
  const TargetEncoding two = learn_encoding(Task::regression, false, numbers({1, 2}, 2));
  CHECK(error_of([&] { regression_targets(two, numbers({1, 2})); }) ==
        "Y.npy: 1 values per row, the model has 2 outputs");
}

}  // namespace
}  // namespace ntkc
