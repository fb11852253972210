// fit and predict, from files to files.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "ntkc/table_file.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A directory with a network, tables and a fitted classifier.
struct Fitted {
  TemporaryDirectory directory;
  std::string network = directory.write("n.arch", network_text(3));
  std::string train = directory.write("train.csv", table_text(90, 1));
  std::string test = directory.write("test.csv", table_text(30, 2));
  std::string model = directory.path("m.model");
  std::string predictions = directory.path("p.csv");

  Fitted() {
    const Result result =
        run_ntkc({"fit", network, train, "--target=kind", "-o", model, "--preprocess=standardize"});
    INFO(result.err);
    REQUIRE(result.exit == 0);
    CHECK(contains(result.out, "90 samples, 3 features, 3 classes"));
    CHECK(contains(result.out, "reciprocal condition"));
    CHECK(result.err.empty());
  }
};

TEST_CASE("a classifier is fitted, predicts the classes of a test table and scores itself") {
  const Fitted fitted;
  const Result result = run_ntkc({"predict", fitted.model, fitted.test, "-o", fitted.predictions});
  INFO(result.err);
  REQUIRE(result.exit == 0);
  CHECK(contains(result.out, "accuracy 1.0000 (30 of 30)"));
  CHECK(contains(result.out, "cat, black"));
  const Table truth = read_csv(fitted.test);
  const Table table = read_csv(fitted.predictions);
  REQUIRE(table.columns.size() == 4);
  CHECK(table.columns[0].name == "label");
  CHECK(table.columns[1].name == "ant");
  CHECK(table.columns[3].name == "cat, black");
  CHECK(table.columns[0].texts == truth.find("kind")->texts);
  for (std::size_t i = 0; i < 30; ++i) {
    const std::size_t best = table.columns[0].texts[i] == "ant"   ? 1
                             : table.columns[0].texts[i] == "bee" ? 2
                                                                  : 3;
    for (std::size_t j = 1; j < 4; ++j) CHECK(table.columns[j].numbers[i] <= table.columns[best].numbers[i]);
  }
}

TEST_CASE("fit and predict serve large inputs, and an expansion that falls short is told once") {
  const Fitted fitted;
  const auto network = [&](const std::string& activation) {
    return fitted.directory.write("n.arch",
                                  "activation kinked(z) = abs(z)^1.5\nnetwork n\ninput x : vector(3)\n"
                                  "output x |> dense |> " +
                                      activation + " |> dense\n");
  };
  std::string rows = "a,b,c,y\n";
  for (int i = 1; i <= 12; ++i)  // |x|²/d is up to 15, more than the 4 that is foreseen by default
    rows += fmt::format("{},{},{},{}\n", 0.5 * i, i % 3, i % 5, i * i % 7);
  const std::string train = fitted.directory.write("large.csv", rows);
  const std::vector<std::string> to_model = {train, "--target=y", "--task=regression",
                                             "-o",  fitted.model, "--json"};
  const auto fit = [&](const std::string& activation) {
    std::vector<std::string> command = {"fit", network(activation)};
    command.insert(command.end(), to_model.begin(), to_model.end());
    return run_ntkc(command);
  };
  const Result smooth = fit("tanh");
  REQUIRE(smooth.exit == 0);
  CHECK(smooth.err.empty());
  CHECK(json_of(smooth).at("accuracy").at("remainder") < 1.01e-12);
  const Result predict = run_ntkc({"predict", fitted.model, train, "-o", fitted.predictions, "--json"});
  CHECK(json_of(predict).at("accuracy").at("remainder") < 1.01e-12);

  const Result kinked = fit("kinked");
  REQUIRE(kinked.exit == 0);
  CHECK(json_of(kinked).at("accuracy").at("remainder") > 1e-10);
  const std::size_t told = kinked.err.find("leaves out");
  CHECK(told != std::string::npos);
  CHECK(kinked.err.find("leaves out", told + 1) == std::string::npos);
  CHECK_FALSE(contains(kinked.err, "note:"));
}

TEST_CASE("a model holds what its network imports") {
  const Fitted fitted;
  const std::string library =
      fitted.directory.write("block.arch", "def block(h) { return h |> dense |> relu }\n");
  const std::string network = fitted.directory.write(
      "imports.arch",
      "import \"block.arch\"\nnetwork n\ninput x : vector(3)\noutput x |> block |> block |> dense\n");
  const Result fit = run_ntkc({"fit", network, fitted.train, "--target=kind", "-o", fitted.model});
  INFO(fit.err);
  REQUIRE(fit.exit == 0);
  std::filesystem::remove(library);
  const Result result = run_ntkc({"predict", fitted.model, fitted.test, "-o", fitted.predictions});
  INFO(result.err);
  CHECK(result.exit == 0);
}

TEST_CASE(
    "a model whose network is beyond a limit is predicted from with the --limit that it was fitted with") {
  const Fitted fitted;
  std::string text = "network n\ninput x : vector(3)\ndef b0(h) { return h |> dense }\n";
  for (int i = 1; i <= 70; ++i)
    text += "def b" + std::to_string(i) + "(h) { return h |> b" + std::to_string(i - 1) + " }\n";
  const std::string network = fitted.directory.write("deep.arch", text + "output x |> b70\n");
  const std::vector<std::string> fit = {"fit", network, fitted.train, "--target=kind", "-o", fitted.model};
  CHECK(contains(run_ntkc(fit).err, "blocks apply one another more than 64 deep"));
  const auto with = [](std::vector<std::string> command, const std::string& option) {
    command.push_back(option);
    return run_ntkc(command);
  };
  REQUIRE(with(fit, "--limit=blocks=71").exit == 0);
  const std::vector<std::string> predict = {"predict", fitted.model, fitted.test, "-o", fitted.predictions};
  const Result refused = run_ntkc(predict);
  CHECK(refused.exit == 1);
  CHECK(contains(refused.err, "[expansion-too-large]"));
  CHECK(with(predict, "--limit=blocks=71").exit == 0);
  CHECK(with(predict, "-I.").exit == 2);
}

TEST_CASE("predict and fit report as JSON") {
  const Fitted fitted;
  const nlohmann::json fit = json_of(run_ntkc(
      {"fit", fitted.network, fitted.train, "--target=kind", "-o", fitted.model, "--json", "--ridge=1e-3"}));
  CHECK(fit.at("task") == "classification");
  CHECK(fit.at("classes") == nlohmann::json({"ant", "bee", "cat, black"}));
  CHECK(fit.at("shape") == nlohmann::json({90, 3}));
  CHECK(fit.at("ridge").at("value") == 1e-3);
  CHECK(fit.at("solve").at("ridge") > 0);
  CHECK(fit.at("solve").at("relative_residual") < 1e-10);
  for (const char* const phase : {"compile", "evaluate", "solve", "write"})
    CHECK(fit.at("seconds").at(phase) >= 0);
  const nlohmann::json predict =
      json_of(run_ntkc({"predict", fitted.model, fitted.test, "-o", fitted.predictions, "--json"}));
  CHECK(predict.at("accuracy") == 1.0);
  CHECK(predict.at("correct") == 30);
  CHECK(predict.at("confusion") == nlohmann::json({{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}));
  CHECK(predict.at("shape") == nlohmann::json({30, 3}));
}

TEST_CASE("fit and predict give the same bytes for any number of threads") {
  const Fitted fitted;
  const std::string other = fitted.directory.path("other.model");
  const std::string other_predictions = fitted.directory.path("other.csv");
  const auto fit = [&](const char* threads, const std::string& model) {
    CHECK(run_ntkc({"fit", fitted.network, fitted.train, "--target=kind", "-o", model, threads}).exit == 0);
  };
  fit("--threads=1", fitted.model);
  fit("--threads=3", other);
  CHECK(read_file(fitted.model) == read_file(other));
  CHECK(run_ntkc({"predict", other, fitted.test, "-o", fitted.predictions, "--threads=1"}).exit == 0);
  CHECK(run_ntkc({"predict", other, fitted.test, "-o", other_predictions, "--threads=3"}).exit == 0);
  CHECK(read_file(fitted.predictions) == read_file(other_predictions));
}

TEST_CASE("a test table needs neither the target nor the training order of columns") {
  const Fitted fitted;
  const std::string test = fitted.directory.write("t.csv", "c,id,a,b\n0,x,3,0\n3,y,0,0\n");
  const Result result = run_ntkc({"predict", fitted.model, test, "-o", fitted.predictions});
  REQUIRE(result.exit == 0);
  CHECK(contains(result.err, "column `id` is not a feature of the model: ignored"));
  CHECK(contains(result.out, "no targets to score against"));
  CHECK(read_csv(fitted.predictions).columns[0].texts == std::vector<std::string>{"ant", "cat, black"});
  CHECK(run_ntkc({"predict", fitted.model, test, "-o", fitted.predictions, "--quiet"}).err.empty());
  const Result demanded =
      run_ntkc({"predict", fitted.model, test, "-o", fitted.predictions, "--target=kind"});
  CHECK(demanded.exit == 1);
  CHECK(contains(demanded.err, "no column `kind` to score against"));
}

TEST_CASE("model, table and predictions go through standard input and output") {
  const Fitted fitted;
  REQUIRE(run_ntkc({"predict", fitted.model, fitted.test, "-o", fitted.predictions}).exit == 0);
  const Result fit =
      run_ntkc({"fit", fitted.network, "-", "--target=kind", "-o", "-", "--preprocess=standardize"},
               read_file(fitted.train));
  CHECK(fit.exit == 0);
  CHECK(fit.out == read_file(fitted.model));
  const Result predict = run_ntkc({"predict", "-", fitted.test, "-o", "-"}, fit.out);
  CHECK(predict.exit == 0);
  CHECK(predict.out == read_file(fitted.predictions));
  CHECK(contains(predict.err, "accuracy"));
}

TEST_CASE("a model carries its network and the parameters it was fitted with") {
  const Fitted fitted;
  const std::string wide = fitted.directory.path("w.model");
  REQUIRE(run_ntkc({"fit", fitted.network, fitted.train, "--target=kind", "-o", wide, "-D", "w=3"}).exit ==
          0);
  REQUIRE(run_ntkc({"predict", wide, fitted.test, "-o", fitted.predictions}).exit == 0);
  const std::string before = read_file(fitted.predictions);
  CHECK(run_ntkc({"fit", fitted.network, fitted.train, "--target=kind", "-o", fitted.model}).exit == 0);
  static_cast<void>(fitted.directory.write("n.arch", "this is no network"));
  REQUIRE(run_ntkc({"predict", wide, fitted.test, "-o", fitted.predictions}).exit == 0);
  CHECK(read_file(fitted.predictions) == before);
  REQUIRE(run_ntkc({"predict", fitted.model, fitted.test, "-o", fitted.predictions}).exit == 0);
  const bool same = read_file(fitted.predictions) == before;
  CHECK_FALSE(same);
}

TEST_CASE("regression predicts the column it was given, and a small ridge recovers the training targets") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(2));
  const std::string table = directory.write("t.csv", "a,y,b\n1,10,0\n0,20,1\n-1,35,2\n2,45,-1\n0.5,50,0.3\n");
  const std::string model = directory.path("m");
  const std::string out = directory.path("p.csv");
  REQUIRE(run_ntkc({"fit", network, table, "--target=y", "-o", model, "--ridge=1e-10", "--center"}).exit ==
          0);
  const nlohmann::json report = json_of(run_ntkc({"predict", model, table, "-o", out, "--json"}));
  CHECK(report.at("task") == "regression");
  CHECK(report.at("rmse") < 1e-4);
  CHECK(report.at("r2") > 0.999999);
  const Table predictions = read_csv(out);
  REQUIRE(predictions.columns.size() == 1);
  CHECK(predictions.columns[0].name == "y");
  CHECK(predictions.columns[0].numbers[3] == doctest::Approx(45).epsilon(1e-5));
  CHECK(contains(run_ntkc({"predict", model, table, "-o", out}).out, "RMSE"));
}

TEST_CASE("a ridge is chosen from several, and the path is told") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(2));
  const std::string table = directory.write(
      "t.csv", "a,y,b\n1,10,0\n0,20,1\n-1,35,2\n2,45,-1\n0.5,50,0.3\n0.7,12,0.2\n-0.3,31,1.1\n");
  const std::string model = directory.path("m");
  const std::vector<std::string> fit = {"fit", network, table,      "--target=y",
                                        "-o",  model,   "--center", "--json"};
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = fit;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  for (const std::string criterion : {"loo", "gcv", "evidence"}) {
    const nlohmann::json report = json_of(run_ntkc(with({"--ridge=auto", "--select=" + criterion})));
    const nlohmann::json& path = report.at("ridge_path");
    REQUIRE(path.at("judgements").size() == 25);
    CHECK(path.at("criterion") == criterion);
    const nlohmann::json& best = path.at("judgements").at(path.at("best").get<std::size_t>());
    CHECK(report.at("ridge").at("value") == best.at("value"));
    CHECK(report.at("solve").at("ridge").get<double>() == doctest::Approx(best.at("ridge").get<double>()));
    if (criterion == "loo")
      CHECK(report.at("leave_one_out").at("rmse").get<double>() ==
            doctest::Approx(best.at("leave_one_out").get<double>()).epsilon(1e-8));
  }
  CHECK(json_of(run_ntkc(with({"--ridge=1e-3,0.1,10"}))).at("ridge_path").at("judgements").size() == 3);
  CHECK(json_of(run_ntkc(with({"--ridge-absolute=0.1:10:5"}))).at("ridge_path").at("judgements").size() == 5);
  CHECK_FALSE(json_of(run_ntkc(with({"--ridge=0.1"}))).contains("ridge_path"));
  CHECK(contains(run_ntkc({"fit", network, table, "--target=y", "-o", model, "--ridge=auto"}).out, "*"));
  for (const auto& [options, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--ridge=1:2"}, "not a finite number"},
           {{"--ridge=1:2:1"}, "2 to 1000 ridges"},
           {{"--ridge=2:1:5"}, "0 < FROM < TO"},
           {{"--ridge=1,,2"}, "not a finite number"},
           {{"--ridge=automatic"}, "or auto"},
           {{"--ridge=0.1", "--select=gcv"}, "for several ridges"},
           {{"--ridge=auto", "--select=aic"}, "--select"},
           {{"--ridge-absolute=auto"}, "no usual values"}}) {
    const Result result = run_ntkc(with(options));
    CHECK(result.exit == 2);
    CHECK_MESSAGE(contains(result.err, message), result.err);
  }
}

TEST_CASE("standard deviations are 0 at the training samples without a ridge, and grow away from them") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(2));
  const std::string table = directory.write("t.csv", "a,y,b\n1,10,0\n0,20,1\n-1,35,2\n2,45,-1\n0.5,50,0.3\n");
  const std::string far = directory.write("f.csv", "a,b\n1,0\n30,40\n");
  const std::string model = directory.path("m");
  const std::string out = directory.path("p.csv");
  for (const std::string kernel : {"theta", "sigma"}) {
    REQUIRE(
        run_ntkc({"fit", network, table, "--target=y", "-o", model, "--ridge=1e-10", "--kernel=" + kernel})
            .exit == 0);
    REQUIRE(run_ntkc({"predict", model, far, "-o", out, "--std"}).exit == 0);
    const Table predictions = read_csv(out);
    REQUIRE(predictions.columns.size() == 2);
    CHECK(predictions.columns[1].name == "std");
    CHECK(predictions.columns[1].numbers[0] < 1e-3);
    CHECK(predictions.columns[1].numbers[1] > 1);
  }
  CHECK(contains(run_ntkc({"predict", model, far, "-o", directory.path("p.npy"), "--std"}).err,
                 "write a table"));
}

TEST_CASE("IDX images and labels, and arrays with several targets") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(4));
  const std::string images = directory.write(
      "i.gz", gzip(idx(8, {4, 2, 2},
                       std::string("\xff\x01\x01\x02\x01\xff\x02\x01\xf0\x02\x03\x01\x02\xf1\x01\x01"))));
  const std::string labels = directory.write("l.gz", gzip(idx(8, {4}, "\x07\x03\x07\x03")));
  const std::string model = directory.path("m");
  const std::string out = directory.path("p.csv");
  const std::string targets = "--targets=" + labels;
  REQUIRE(run_ntkc({"fit", network, images, targets, "-o", model, "--preprocess=unit-norm"}).exit == 0);
  const nlohmann::json report = json_of(run_ntkc({"predict", model, images, targets, "-o", out, "--json"}));
  CHECK(report.at("accuracy") == 1.0);
  CHECK(report.at("classes") == nlohmann::json({3, 7}));
  CHECK(read_csv(out, {.header = TableHeader::yes}).columns[0].numbers == std::vector<double>{7, 3, 7, 3});

  const std::string two = "--targets=" + directory.write("Y.npy", npy_of({1, 2, 3, 4, 5, 6, 7, 8}, 4, 2));
  REQUIRE(
      run_ntkc({"fit", network, images, two, "-o", model, "--preprocess=unit-norm", "--ridge=1e-10"}).exit ==
      0);
  const nlohmann::json several = json_of(run_ntkc({"predict", model, images, two, "-o", out, "--json"}));
  CHECK(several.at("outputs").size() == 2);
  CHECK(several.at("rmse") < 1e-3);
  CHECK(read_csv(out).columns[1].name == "output_1");
}

TEST_CASE("single precision reaches the same accuracy") {
  const Fitted fitted;
  REQUIRE(run_ntkc({"fit", fitted.network, fitted.train, "--target=kind", "-o", fitted.model, "--f32",
                    "--ridge=1e-3"})
              .exit == 0);
  const nlohmann::json report =
      json_of(run_ntkc({"predict", fitted.model, fitted.test, "-o", fitted.predictions, "--json"}));
  CHECK(report.at("precision") == "f32");
  CHECK(report.at("accuracy") == 1.0);
}

}  // namespace
}  // namespace ntkc::tests
