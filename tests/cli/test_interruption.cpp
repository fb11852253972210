// Signals and progress.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "cli/interruption.hpp"
#include "cli/progress.hpp"
#include "ntkc/errors.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"
#include "tests/cli/writing_commands.hpp"
#include "tests/support/searches.hpp"

namespace ntkc::tests {
namespace {

/// Reads until all writers have closed.
void drain(int descriptor) {
  std::array<char, 65536> bytes{};
  pollfd readable = {descriptor, POLLIN, 0};
  while (poll(&readable, 1, 60'000) == 1 && read(descriptor, bytes.data(), bytes.size()) > 0) {
  }
}

void interrupt_while_writing(int signal) {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(3));
  const std::string x = directory.write("X.npy", random_npy(300, 3, 1));
  // The 720 kB of the result do not fit a pipe: once the first bytes are there, the program waits to write
  // the rest.
  const std::string pipe = directory.path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const std::string err_path = directory.path("err");
  const int err = open(err_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const pid_t process = start_ntkc({"gram", network, x, "-o", pipe}, err, err);
  pollfd readable = {reader, POLLIN, 0};
  CHECK(poll(&readable, 1, 60'000) == 1);
  kill(process, signal);
  drain(reader);
  CHECK(wait_for(process) == 128 + signal);
  CHECK(read_file(err_path) == "ntkc: error: interrupted\n");
  close(reader);
  close(err);
}

TEST_CASE("an interrupted program ends with 128 + signal and says so") {
  interrupt_while_writing(SIGINT);
  interrupt_while_writing(SIGTERM);
}

TEST_CASE("the first signal asks the work to stop") {
  const cli::Interruptible interruptible(false, std::chrono::hours(1));  // ends nothing
  cli::ProgressBar progress("work", true);
  const Execution execution = progress.execution(3);
  CHECK(execution.threads == 3);
  CHECK(execution.progress(0.1));
  CHECK_NOTHROW(cli::Interruptible::check());
  REQUIRE(raise(SIGINT) == 0);
  CHECK(cli::Interruptible::signal() == SIGINT);
  CHECK_FALSE(execution.progress(0.2));
  CHECK_THROWS_AS(cli::Interruptible::check(), Cancelled);
}

TEST_CASE("the first signal ends a command that waits for a reader, and a second is not needed") {
  const WritingCommands commands;
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  const std::string pipe = commands.directory().path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  for (const WritingCommand& command : commands.all()) {
    CAPTURE(command.name());
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      const pid_t process = start_ntkc(command.with_output(pipe), nothing, nothing);
      // Wherever this finds it, or before main: it ends.
      usleep(30'000);
      kill(process, signal);
      CHECK(wait_for(process) == 128 + signal);
    }
  }
  close(nothing);
}

TEST_CASE("the reader of a result that leaves ends the program as SIGPIPE would, without a word") {
  const TemporaryDirectory directory;
  const std::string network = directory.write("n.arch", network_text(3));
  const std::string x = directory.write("X.npy", random_npy(300, 3, 1));
  const Result result = run_program(
      {"sh", "-c", "{ \"$0\" gram \"$1\" \"$2\" -o - --quiet; echo $? >&2; } | head -c 1 >/dev/null",
       NTKC_PROGRAM, network, x});
  CHECK(result.err == "141\n");
}

/// Runs of random commands that are ended by random signals at random moments: what was there stays, or what is
/// written is complete, and nothing else is left.
void kill_at_random_moments(int count) {
  const WritingCommands commands;
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  std::mt19937 random(1);
  std::vector<std::string> expected;
  std::vector<double> seconds;
  for (const WritingCommand& command : commands.all()) {
    const auto start = std::chrono::steady_clock::now();
    expected.push_back(commands.expected(command));
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  constexpr std::array<int, 6> signals = {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGXCPU};
  int finished = 0;
  for (int i = 0; i < count; ++i) {
    const std::size_t which = random() % commands.all().size();
    const WritingCommand& command = commands.all()[which];
    const int signal = signals[random() % signals.size()];
    const bool replaces = random() % 2 == 0;
    CAPTURE(command.name());
    CAPTURE(signal);
    const std::string name = "result" + command.ending;
    const std::string path = commands.result(name);
    if (replaces) std::ofstream(path) << "old";
    const pid_t process = start_ntkc(command.with_output(path), nothing, nothing);
    usleep(static_cast<useconds_t>(1.1e6 * seconds[which] * (random() % 1000) / 1000));
    kill(process, signal);
    const int exit = wait_for(process);
    CHECK((exit == 128 + signal || exit == 0 || (command.name() == "verify" && (exit == 3 || exit == 4))));
    const bool exists = std::filesystem::exists(path);
    if (exists && read_file(path) != "old") {
      ++finished;
      CHECK(read_file(path) == expected[which]);
    }
    CHECK(exists >= replaces);
    CHECK(commands.results() == (exists ? std::vector<std::string>{name} : std::vector<std::string>{}));
    std::filesystem::remove(path);
  }
  close(nothing);
  MESSAGE(count << " runs killed, " << finished << " had written their result");
}

TEST_CASE(
    "a command that is killed at a random moment leaves the old file or the new one, and nothing else") {
  kill_at_random_moments(count_of_search("NTKC_KILLS", 16));
}

TEST_CASE("the progress line has a bar, a percentage and the time that is left") {
  CHECK(cli::progress_line("fit", 0.5, 30) == "fit  [===============               ]  50 %, 0:30 left");
  CHECK(cli::progress_line("fit", 0.01, 100) == "fit  [                              ]   1 %, 2:45:00 left");
  CHECK(cli::progress_line("fit", 0, 5) == "fit  [                              ]   0 %");
  CHECK(cli::progress_line("fit", 1, 5) == "fit  [==============================] 100 %, 0:00 left");
}

}  // namespace
}  // namespace ntkc::tests
