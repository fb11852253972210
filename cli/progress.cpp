#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "cli/console.hpp"
#include "cli/interruption.hpp"

namespace ntkc::cli {

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
  if (drawn_) tell("\r\033[K");
}

bool ProgressBar::update(double fraction) {
  if (visible_) {
    if (!first_) first_ = {fraction, seconds()};
    constexpr double silent_seconds = 1.0;
    constexpr double redraw_seconds = 0.1;
    const double elapsed = seconds();
    if (elapsed > silent_seconds && elapsed - last_drawn_ > redraw_seconds) draw(fraction, elapsed);
  }
  return Interruptible::signal() == 0;
}

double ProgressBar::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void ProgressBar::draw(double fraction, double elapsed) {
  // The time that is left follows from the speed since the first report; what came before that was preparation.
  const auto [done, since] = *first_;
  const double at_this_speed = fraction > done ? (elapsed - since) / (fraction - done) * fraction : elapsed;
  tell(fmt::format("\r{}\033[K", progress_line(label_, fraction, at_this_speed)));
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
