// Threads for the runtime: independent tasks on a few threads, progress and cancellation.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>

#include "ntkc/execution.hpp"

namespace ntkc::runtime {

/// More threads than this are never started: OpenBLAS keeps a fixed number of work buffers.
inline constexpr int maximum_threads = 256;

/// The number of threads that `execution` asks for; throws InputError if that is negative.
int thread_count(const Execution& execution);

/// Counts work done by several threads and reports it to Execution::progress, one call at a time, never
/// decreasing.
class ProgressMeter {
 public:
  ProgressMeter(const Execution& execution, double total_work);

  /// Throws Cancelled if the caller wants to stop, now or at an earlier call.
  void add(double work);
  /// Counts work that an earlier run has done, and reports it if there is any.
  void resume(double work) {
    if (work > 0) add(work);
  }
  /// Counts what is left: at least that, and more than all is reported as all.
  void finish() { add(total_work_); }

 private:
  const std::function<bool(double)>& report_;
  double total_work_;
  std::mutex mutex_;
  double done_ = 0;
  double reported_ = 0;
  bool cancelled_ = false;
};

/// Runs run(task, worker) for task = 0 … tasks - 1 in increasing order of start on at most `threads` threads
/// (the calling one among them); 0 <= worker < min(threads, tasks) tells which. Tasks must be independent, so
/// that results do not depend on who runs them. If tasks throw, no further ones start, and the exception of
/// the lowest task that threw is rethrown: since every lower task had been started, it is the same one for
/// any number of threads.
void parallel_for(std::ptrdiff_t tasks, int threads,
                  const std::function<void(std::ptrdiff_t task, int worker)>& run);

}  // namespace ntkc::runtime
