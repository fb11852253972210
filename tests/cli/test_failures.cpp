// Wrong input: exit code 1, a message that names file and place, nothing written. Numerical failure: 3.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmath>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A directory with good input, and the bad input of each test.
struct Files {
  TemporaryDirectory directory;
  std::string network = directory.write("n.arch", network_text(3));
  std::string train = directory.write("train.csv", table_text(30, 1));
  std::string output = directory.path("output");

  /// The arguments are refused as wrong input: exit code 1, a message with all the parts, and the directory
  /// left as it was, no temporary file either.
  void check_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& parts,
                     int exit = 1) const {
    const std::vector<std::string> before = directory.names();
    const Result result = run_ntkc(arguments);
    INFO(result.err);
    CHECK(result.exit == exit);
    CHECK(result.out.empty());
    for (const std::string& part : parts) {
      CAPTURE(part);
      CHECK(contains(result.err, part));
    }
    CHECK(directory.names() == before);
  }
  void check_gram_refused(const std::string& x, const std::vector<std::string>& parts) const {
    check_refused({"gram", network, x, "-o", output}, parts);
  }
  void check_fit_refused(const std::string& table, const std::vector<std::string>& parts) const {
    check_refused({"fit", network, table, "--target=kind", "-o", output}, parts);
  }
};

std::string header(const std::string& descr, const std::string& shape) {
  return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }";
}

TEST_CASE("gram refuses arrays of the wrong shape and with NaN") {
  const Files files;
  files.check_gram_refused(files.directory.write("X.npy", random_npy(5, 4, 1)),
                           {"X.npy", "(5, 4)", "`small`", "vector(3)"});
  files.check_gram_refused(files.directory.write("X.npy", npy_of({1, 2, 3, 4, std::nan(""), 6}, 2, 3)),
                           {"X.npy", "(1, 1)", "nan"});
  files.check_gram_refused(files.directory.path("none.npy"), {"none.npy", "No such file"});
  files.check_gram_refused(files.train, {"train.csv"});
}

TEST_CASE("gram refuses .npy files that are truncated, claim 32 GiB, hold objects or compute their shape") {
  const Files files;
  const std::string good = random_npy(5, 3, 1);
  files.check_gram_refused(files.directory.write("X.npy", good.substr(0, good.size() - 8)), {"X.npy"});
  files.check_gram_refused(files.directory.write("X.npy", good.substr(0, 20)), {"X.npy"});
  files.check_gram_refused(
      files.directory.write("X.npy", npy(header("'<f8'", "(1431655765, 3)"), "12345678")), {"X.npy"});
  files.check_gram_refused(files.directory.write("X.npy", npy(header("'|O'", "(1, 3)"), "12345678")),
                           {"X.npy"});
  files.check_gram_refused(
      files.directory.write("X.npy", npy(header("'<f8'", "(1, __import__('os').getpid())"), "12345678")),
      {"X.npy"});
}

TEST_CASE("fit refuses tables that are ragged, hold NaN or text, or lack the target") {
  const Files files;
  files.check_fit_refused(files.directory.write("t.csv", "a,b,c,kind\n1,2,3,x\n1,2,y\n"), {"t.csv:3"});
  files.check_fit_refused(files.directory.write("t.csv", "a,b,c,kind\n1,2,3,x\n1,nan,3,y\n"),
                          {"t.csv:3", "`b`", "nan"});
  files.check_fit_refused(files.directory.write("t.csv", "a,b,c,kind\n1,2,3,x\n1,2,red,y\n"),
                          {"t.csv:3", "`c`", "red"});
  files.check_fit_refused(files.directory.write("t.csv", "a,b,c,sort\n1,2,3,x\n1,2,3,y\n"),
                          {"t.csv", "no column `kind`", "`sort`"});
  files.check_fit_refused(files.directory.write("t.csv", "a,b,kind\n1,2,x\n1,2,y\n"),
                          {"t.csv: 2 feature columns", "vector(3)"});
  files.check_fit_refused(files.directory.write("t.csv", "a,b,c,kind\n1,2,3,x\n1,2,4,x\n"),
                          {"every row has the label"});
  files.check_fit_refused(files.directory.write("t.csv", ""), {"t.csv"});
  files.check_refused(
      {"fit", files.network, files.train, "--target=kind", "--task=regression", "-o", files.output},
      {"train.csv:2", "`kind`", "`ant`"});
  files.check_refused({"fit", files.network, files.train, "--target=kind", "--center", "-o", files.output},
                      {"--center is for regression"});
}

TEST_CASE("a network that does not compile stops fit and gram with its diagnostics") {
  const Files files;
  const std::string wrong =
      files.directory.write("w.arch", "network n\ninput x : vector(3)\noutput x |> densse\n");
  files.check_refused({"fit", wrong, files.train, "--target=kind", "-o", files.output},
                      {"w.arch:3:13: error: "});
  const std::string x = files.directory.write("X.npy", random_npy(5, 3, 1));
  files.check_refused({"gram", wrong, x, "-o", files.output}, {"w.arch:3:13: error: "});
  files.check_refused(
      {"fit", files.network, files.train, "--target=kind", "-o", files.output, "-D", "nope=1"}, {"`nope`"});
  const Result result = run_ntkc({"fit", wrong, files.train, "--target=kind", "-o", files.output, "--json"});
  CHECK(json_of(result).at("error").at("kind") == "compile");
}

TEST_CASE("predict refuses inputs that do not match the model") {
  const Files files;
  const std::string model = files.directory.path("m");
  REQUIRE(run_ntkc({"fit", files.network, files.train, "--target=kind", "-o", model}).exit == 0);
  const auto check = [&](const std::string& test, const std::vector<std::string>& parts) {
    files.check_refused({"predict", model, test, "-o", files.output}, parts);
  };
  check(files.directory.write("t.csv", "a,b,kind\n1,2,ant\n"), {"t.csv", "no column `c`"});
  check(files.directory.write("t.csv", "a,b,c\n1,2,red\n"), {"t.csv:2", "`c`", "red"});
  check(files.directory.write("X.npy", random_npy(2, 3, 1)), {"X.npy", "table"});
  check(files.directory.path("none.csv"), {"none.csv", "No such file"});
  const std::string labels = files.directory.write("l.gz", "");
  files.check_refused({"predict", model, files.train, "--targets=" + labels, "-o", files.output}, {"table"});
}

TEST_CASE("predict refuses models that are cut, changed or none") {
  const Files files;
  const std::string model = files.directory.path("m");
  REQUIRE(run_ntkc({"fit", files.network, files.train, "--target=kind", "-o", model}).exit == 0);
  std::string bytes = read_file(model);
  const auto check = [&](const std::string& content, const std::string& part) {
    const std::string path = files.directory.write("bad", content);
    files.check_refused({"predict", path, files.train, "-o", files.output}, {path, part});
  };
  check(bytes.substr(0, bytes.size() - 8), "truncated");
  bytes[bytes.size() - 100] = static_cast<char>(bytes[bytes.size() - 100] ^ 1);
  check(bytes, "checksum");
  check("a,b\n", "not a model");
  check("", "not a model");
}

TEST_CASE("an output that cannot be written is found before anything is computed, and leaves nothing") {
  const Files files;
  const std::string x = files.directory.write("X.npy", random_npy(200, 3, 1));
  const std::string nowhere = files.directory.path("none/k");
  files.check_refused({"gram", files.network, x, "-o", nowhere}, {nowhere});
  files.check_refused({"fit", files.network, files.train, "--target=kind", "-o", nowhere}, {nowhere});
  files.check_refused({"gram", files.network, x, "-o", files.directory.path()}, {files.directory.path()});
  files.check_refused({"gram", files.network, x, "-o", "/dev/full"},
                      {"/dev/full", "No space left on device"});
}

TEST_CASE("a disk that fills up on the way leaves the old file and no temporary one") {
  const Files files;
  const std::string x = files.directory.write("X.npy", random_npy(200, 3, 1));  // 320 kB of result
  const std::string output = files.directory.write("k.npy", "old");
  const std::vector<std::string> before = files.directory.names();
  const Result result = run_program({"sh", "-c", "ulimit -f 64; exec \"$0\" gram \"$1\" \"$2\" -o \"$3\"",
                                     NTKC_PROGRAM, files.network, x, output});
  INFO(result.err);
  CHECK(result.exit == 1);
  CHECK(contains(result.err, output));
  CHECK(read_file(output) == "old");
  CHECK(files.directory.names() == before);
}

TEST_CASE("a command that is given little address space ends, with a message if it was too little") {
  const Files files;
  const std::string x = files.directory.write("X.npy", random_npy(300, 3, 1));
  const std::string y = files.directory.write("Y.npy", random_npy(300, 1, 2));
  const auto run_with = [&](int kibibytes, const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {
        "sh", "-c", "ulimit -v " + std::to_string(kibibytes) + "; exec \"$0\" \"$@\"", NTKC_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_program(command);
  };
  for (const int kibibytes : {250'000, 320'000, 430'080, 500'000, 700'000, 2'000'000}) {
    CAPTURE(kibibytes);
    if (run_with(kibibytes, {"check", files.network}).exit != 0)
      continue;  // not enough to be loaded, or a sanitizer
    const Result result =
        run_with(kibibytes, {"fit", files.network, x, "--targets=" + y, "-o", files.output});
    INFO(result.err);
    CHECK((result.exit == 0 || (result.exit == 1 && contains(result.err, "memory"))));
  }
}

TEST_CASE("text that standard output does not take is an error; a reader that has left is none to speak of") {
  const Files files;
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  const std::string err_path = files.directory.path("err");
  const int err = open(err_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  CHECK(wait_for(start_ntkc({"layers"}, full, err)) == 1);
  CHECK(contains(read_file(err_path), "standard output: cannot be written: No space left on device"));
  close(full);
  int ends[2] = {};
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  close(ends[0]);
  REQUIRE(ftruncate(err, 0) == 0);
  CHECK(wait_for(start_ntkc({"layers"}, ends[1], err)) == 141);
  CHECK(read_file(err_path).empty());
  close(ends[1]);
  close(err);
}

TEST_CASE("a kernel that is zero is a numerical failure, exit code 3") {
  const Files files;
  const std::string network =
      files.directory.write("z.arch", "network z\ninput x : vector(3)\noutput x |> dense\n");
  const std::string zeros = files.directory.write("zeros.csv", "a,b,c,kind\n0,0,0,x\n0,0,0,y\n");
  files.check_refused({"fit", network, zeros, "--target=kind", "-o", files.output}, {"ntkc: error: "}, 3);
  const Result result = run_ntkc({"fit", network, zeros, "--target=kind", "-o", files.output, "--json"});
  CHECK(result.exit == 3);
  CHECK(json_of(result).at("error").at("kind") == "numerical");
  CHECK(json_of(result).at("error").at("exit") == 3);
}

TEST_CASE("a kernel that may be off by more than 1e-3 of an entry is refused, --quiet or not") {
  const Files files;
  const std::string network = files.directory.write("wave.arch",
                                                    "activation f(z) = sin(3*z)*tanh(z)\nnetwork wave\ninput "
                                                    "x : vector(3)\noutput x |> dense |> f |> dense\n");
  const std::string x = files.directory.write("X.npy", npy_of({1, 2, 3, 100, 200, 300}, 2, 3));
  for (const char* option : {"--f32", "--quiet"})
    files.check_refused({"gram", network, x, "--kernel=sigma", option, "-o", files.output},
                        {"at most 1e-03", "|x|²/d is", "--preprocess"}, 3);
}

TEST_CASE("wrong input under --json is a JSON object, and the message is on standard error all the same") {
  const Files files;
  const Result result =
      run_ntkc({"gram", files.network, files.directory.path("none.npy"), "-o", files.output, "--json"});
  CHECK(result.exit == 1);
  const nlohmann::json error = json_of(result).at("error");
  CHECK(error.at("kind") == "input");
  CHECK(error.at("exit") == 1);
  CHECK(contains(error.at("message"), "none.npy"));
  CHECK(contains(result.err, "none.npy"));
}

}  // namespace
}  // namespace ntkc::tests
