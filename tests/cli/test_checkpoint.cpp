// Runs that are killed and given again: `gram` and `fit` go on where they were, to the same bits.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"
#include "tests/support/searches.hpp"

namespace ntkc::tests {
namespace {

/// Some ten milliseconds for each row of the matrix.
constexpr const char* images =
    "network images\ninput x : image(8, 8, 1)\nh = x |> conv(3, b_std = 0.1)\n"
    "repeat 4 { h = h |> relu |> conv(3, b_std = 0.1) }\noutput h |> relu |> global_avg_pool |> dense\n";

using Arguments = std::vector<std::string>;

Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

double seconds_of(const Arguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const Result result = run_ntkc(arguments);
  INFO(result.err);
  REQUIRE(result.exit == 0);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Kills the command at random moments, and gives it again until it ends by itself.
void kill_and_resume(const Arguments& command, int kills, unsigned seed) {
  const TemporaryDirectory directory;
  const std::string ending = command.front() == "gram" ? ".npy" : "";
  const std::string expected = directory.path("expected" + ending);
  const double seconds = seconds_of(with(command, {"-o", expected}));
  const std::string result = directory.path("result" + ending);
  const std::string parts = directory.path("parts");
  const Arguments again = with(command, {"-o", result, "--checkpoint=" + parts});
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  std::mt19937 random(seed);
  int killed = 0;
  for (int i = 0; i < kills; ++i) {
    const pid_t process = start_ntkc(again, nothing, nothing);
    usleep(static_cast<useconds_t>(1e6 * seconds * (random() % 1000) / 1000));
    kill(process, SIGKILL);
    const bool has_ended = wait_for(process) == 0;
    if (!has_ended) ++killed;
    // Killed behind its last step a command has written everything, too.
    const bool has_result = std::filesystem::exists(result);
    CHECK((has_result || !has_ended));
    if (has_ended) CHECK_FALSE(std::filesystem::exists(parts));
    if (!has_result) continue;
    CHECK(read_file(result) == read_file(expected));
    std::filesystem::remove(result);
  }
  close(nothing);
  const Result last = run_ntkc(again);
  INFO(last.err);
  CHECK(last.exit == 0);
  CHECK(read_file(result) == read_file(expected));
  CHECK_FALSE(std::filesystem::exists(parts));
  MESSAGE(kills << " runs, " << killed << " killed before their end");
}

const int kills = count_of_search("NTKC_KILLS", 6);

TEST_CASE("gram of vectors that is killed at random moments goes on where it was, to the same bits") {
  const TemporaryDirectory directory;
  const std::string network = directory.write(
      "n.arch",
      "network n\ninput x : vector(6)\nh = x |> dense\nrepeat 3 { h = h |> tanh |> dense }\noutput h\n");
  const std::string x = directory.write("X.npy", random_npy(900, 6, 1));
  kill_and_resume({"gram", network, x}, kills, 1);
}

TEST_CASE(
    "gram and fit of images that are killed at random moments go on where they were, to the same bits") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", images);
  const std::string x = directory.write("X.npy", random_npy(60, 64, 1));
  const std::string y = directory.write("Y.npy", random_npy(60, 1, 2));
  kill_and_resume({"gram", network, x}, kills, 2);
  kill_and_resume({"gram", network, x, x, "--kernel=nngp"}, kills, 3);
  kill_and_resume({"fit", network, x, "--targets=" + y, "--preprocess=zca"}, kills, 4);
}

TEST_CASE("a run that goes on says how much is there, and an interrupted one how to go on") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", images);
  const std::string x = directory.write("X.npy", random_npy(120, 64, 1));
  const std::string err = directory.path("err");
  const Arguments command = {
      "gram", network, x, "-o", directory.path("K.npy"), "--checkpoint=" + directory.path("parts")};
  const int file = open(err.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const pid_t process = start_ntkc(command, file, file);
  // Once some tiles are there.
  for (int i = 0; i < 6000 && !std::filesystem::exists(directory.path("parts")); ++i) usleep(10'000);
  usleep(200'000);
  kill(process, SIGINT);
  const int exit = wait_for(process);
  close(file);
  if (exit == 0) return;  // a machine that is this fast had nothing to interrupt
  CHECK(exit == 128 + SIGINT);
  CHECK(read_file(err).find("the same command goes on where it was") != std::string::npos);
  const Result result = run_ntkc(command);
  CHECK(result.exit == 0);
  CHECK(result.err.find(" % of the Gram matrix is there from an earlier run") != std::string::npos);
}

TEST_CASE("a folder that cannot be made is refused before anything is computed") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(3));
  const std::string x = directory.write("X.npy", random_npy(9, 3, 1));
  const Result result = run_ntkc({"gram", network, x, "-o", directory.path("K.npy"), "--checkpoint=" + x});
  CHECK(result.exit == 1);
  CHECK(result.err.find("cannot be made a folder for finished parts") != std::string::npos);
  CHECK(run_ntkc({"fit", network, x, "--targets=" + x, "--precomputed=" + x, "--checkpoint=c", "-o", "m"})
            .exit == 2);
}

}  // namespace
}  // namespace ntkc::tests
