#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "ntkc/errors.hpp"
#include "ntkc/output_file.hpp"

namespace ntkc::cli {

namespace {

constexpr std::array<int, 3> caught_signals = {SIGINT, SIGTERM, SIGHUP};

std::atomic<int> received_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");

std::array<struct sigaction, caught_signals.size()> previous_actions;

void handle_signal(int number) {
  int expected = 0;
  if (received_signal.compare_exchange_strong(expected, number)) return;
  remove_unfinished_outputs();
  _exit(128 + number);
}

}  // namespace

Interruptible::Interruptible() {
  received_signal = 0;
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
}

int Interruptible::signal() { return received_signal; }

void Interruptible::check() {
  if (signal() != 0) throw Cancelled();
}

std::string progress_line(const std::string& label, double fraction, double elapsed_seconds) {
  constexpr int width = 30;
  const double done = std::clamp(fraction, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(std::floor(done * width));
  std::string line =
      fmt::format("{}  [{:<{}}] {:3.0f} %", label, std::string(filled, '='), width, done * 100);
  if (done > 0) {
    const auto left = std::llround(elapsed_seconds * (1 - done) / done);
    line += left < 3600 ? fmt::format(", {}:{:02} left", left / 60, left % 60)
                        : fmt::format(", {}:{:02}:{:02} left", left / 3600, left / 60 % 60, left % 60);
  }
  return line;
}

ProgressBar::ProgressBar(std::string label, bool quiet)
    : label_(std::move(label)), visible_(!quiet && isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

bool ProgressBar::update(double fraction) {
  if (visible_) {
    constexpr double silent_seconds = 1.0;
    constexpr double redraw_seconds = 0.1;
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    if (elapsed > silent_seconds && elapsed - last_drawn_ > redraw_seconds) draw(fraction, elapsed);
  }
  return Interruptible::signal() == 0;
}

void ProgressBar::draw(double fraction, double elapsed) {
  fmt::print(stderr, "\r{}\033[K", progress_line(label_, fraction, elapsed));
  std::fflush(stderr);
  drawn_ = true;
  last_drawn_ = elapsed;
}

Execution ProgressBar::execution(int threads) {
  Execution execution;
  execution.threads = threads;
  execution.progress = [this](double fraction) { return update(fraction); };
  return execution;
}

}  // namespace ntkc::cli
