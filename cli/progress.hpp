// Progress of long work, on a terminal.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "ntkc/execution.hpp"

namespace ntkc::cli {

/// A line like `evaluate  [=====     ]  52 %, 0:12 left` on standard error, if that is a terminal and the
/// work has lasted more than a second.
class ProgressBar {
 public:
  ProgressBar(std::string label, bool quiet);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Takes the fraction done; false once the user has interrupted.
  bool update(double fraction);
  /// An execution on so many threads that reports its progress here. The bar must outlive it.
  Execution execution(int threads);

 private:
  [[nodiscard]] double seconds() const;
  void draw(double fraction, double elapsed);

  std::string label_;
  bool visible_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double last_drawn_ = 0;
  std::optional<std::pair<double, double>> first_;  ///< fraction and seconds of the first report
};

/// The line that ProgressBar draws; a function of its own so that it can be tested without a terminal.
std::string progress_line(const std::string& label, double fraction, double elapsed_seconds);

}  // namespace ntkc::cli
