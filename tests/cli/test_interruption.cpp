// Signals and progress.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "cli/progress.hpp"
#include "ntkc/errors.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

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
  const cli::Interruptible interruptible;
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

TEST_CASE("the progress line has a bar, a percentage and the time that is left") {
  CHECK(cli::progress_line("fit", 0.5, 30) == "fit  [===============               ]  50 %, 0:30 left");
  CHECK(cli::progress_line("fit", 0.01, 100) == "fit  [                              ]   1 %, 2:45:00 left");
  CHECK(cli::progress_line("fit", 0, 5) == "fit  [                              ]   0 %");
  CHECK(cli::progress_line("fit", 1, 5) == "fit  [==============================] 100 %, 0:00 left");
}

}  // namespace
}  // namespace ntkc::tests
