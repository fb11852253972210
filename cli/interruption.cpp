#include "cli/interruption.hpp"

#include <poll.h>
#include <semaphore.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/failure.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/output_file.hpp"

namespace ntkc::cli {

namespace {

constexpr std::array<int, 3> caught_signals = {SIGINT, SIGTERM, SIGHUP};

// What the handler touches: lock-free atomics and a semaphore, as POSIX allows it to.
std::atomic<int> received_signal = 0;
std::atomic<bool> watched = false;
sem_t signalled;
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");

std::atomic<bool> last_word_taken = false;
std::atomic<bool> stopping = false;
bool says_json = false;
std::chrono::milliseconds grace = {};
std::thread watcher;
std::array<struct sigaction, caught_signals.size()> previous_actions;

void handle_signal(int number) {
  int expected = 0;
  received_signal.compare_exchange_strong(expected, number);
  if (watched) {
    sem_post(&signalled);
    return;
  }
  // The system gave no thread to watch: nobody could end what does not end by itself.
  remove_unfinished_outputs();
  _exit(exit_code::signal_base + number);
}

/// Writes a short text if that needs no waiting.
void write_without_waiting(int descriptor, std::string_view text) {
  pollfd writable = {descriptor, POLLOUT, 0};
  if (poll(&writable, 1, 0) != 1 || (writable.revents & POLLOUT) == 0) return;
  // A pipe that can be written to takes PIPE_BUF bytes at least, more than there are.
  (void)!write(descriptor, text.data(), text.size());
}

[[noreturn]] void end_process() {
  remove_unfinished_outputs();
  const Failure failure = interrupted(received_signal);
  if (!last_word_taken.exchange(true)) {
    if (isatty(STDERR_FILENO) == 1) write_without_waiting(STDERR_FILENO, "\r\033[K");  // the progress bar
    write_without_waiting(STDERR_FILENO, message_of(failure));
    if (says_json) write_without_waiting(STDOUT_FILENO, json_text(json_of(failure)));
  }
  _exit(failure.exit);
}

void watch() {
  while (sem_wait(&signalled) != 0) {
  }
  if (stopping) return;
  const auto deadline = std::chrono::system_clock::now() + grace;
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(deadline);
  const timespec until = {std::chrono::system_clock::to_time_t(seconds),
                          std::chrono::nanoseconds(deadline - seconds).count()};
  while (sem_timedwait(&signalled, &until) != 0 && errno == EINTR) {
  }
  if (!stopping) end_process();
}

/// A thread that takes no signals itself: while others hold them back, they wait.
void start_watcher() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    watcher = std::thread(watch);
    watched = true;
  } catch (const std::system_error&) {
    watched = false;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

Interruptible::Interruptible(bool json, std::chrono::milliseconds time_to_end) {
  received_signal = 0;
  stopping = false;
  says_json = json;
  grace = time_to_end;
  sem_init(&signalled, 0, 0);
  start_watcher();
  struct sigaction action = {};
  action.sa_handler = handle_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < caught_signals.size(); ++i) {
    sigaction(caught_signals[i], nullptr, &previous_actions[i]);
    // What the parent ignores (nohup) stays ignored.
    if (previous_actions[i].sa_handler != SIG_IGN) sigaction(caught_signals[i], &action, nullptr);
  }
}

Interruptible::~Interruptible() {
  for (std::size_t i = 0; i < caught_signals.size(); ++i)
    sigaction(caught_signals[i], &previous_actions[i], nullptr);
  stopping = true;
  sem_post(&signalled);
  if (watched) watcher.join();
  watched = false;
  sem_destroy(&signalled);
}

int Interruptible::signal() { return received_signal; }

void Interruptible::check() {
  if (signal() != 0) throw Cancelled();
}

void claim_last_word() {
  if (!last_word_taken.exchange(true)) return;
  while (true) pause();
}

}  // namespace ntkc::cli
