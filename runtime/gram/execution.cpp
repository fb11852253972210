#include "ntkc/execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>

#include <cerrno>
#endif

#include "ntkc/errors.hpp"
#include "runtime/gram/parallel.hpp"

namespace ntkc {

int available_cpus() {
#if defined(__linux__)
  // The kernel refuses a mask smaller than its own, which on large machines is longer than cpu_set_t.
  for (int capacity = CPU_SETSIZE; capacity <= (1 << 20); capacity *= 2) {
    std::vector<cpu_set_t> set(static_cast<std::size_t>(capacity) / CPU_SETSIZE);
    const std::size_t bytes = set.size() * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, set.data()) == 0) return std::max(1, CPU_COUNT_S(bytes, set.data()));
    if (errno != EINVAL) break;
  }
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace ntkc

namespace ntkc::runtime {

int thread_count(const Execution& execution) {
  if (execution.threads < 0) {
    throw InputError(
        fmt::format("the number of threads is {}; give 0 (all available CPUs) or more", execution.threads));
  }
  return std::min(execution.threads == 0 ? available_cpus() : execution.threads, maximum_threads);
}

ProgressMeter::ProgressMeter(const Execution& execution, double total_work)
    : report_(execution.progress), total_work_(total_work) {}

void ProgressMeter::add(double work) {
  const std::lock_guard lock(mutex_);
  if (cancelled_) throw Cancelled();
  done_ += work;
  if (!report_) return;
  reported_ = std::max(reported_, total_work_ > 0 ? std::min(done_ / total_work_, 1.0) : 1.0);
  if (!report_(reported_)) {
    cancelled_ = true;
    throw Cancelled();
  }
}

namespace {

/// The tasks of one parallel_for, drawn from a counter, and the failure to report.
class TaskQueue {
 public:
  TaskQueue(std::ptrdiff_t tasks, const std::function<void(std::ptrdiff_t, int)>& run)
      : tasks_(tasks), run_(run) {}

  void work(int worker) noexcept {
    while (!stopped_.load(std::memory_order_relaxed)) {
      const std::ptrdiff_t task = next_.fetch_add(1, std::memory_order_relaxed);
      if (task >= tasks_) return;
      try {
        run_(task, worker);
      } catch (...) {
        fail(task, std::current_exception());
      }
    }
  }

  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void fail(std::ptrdiff_t task, std::exception_ptr failure) noexcept {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (failure_ && failed_task_ < task) return;
    failure_ = std::move(failure);
    failed_task_ = task;
  }

  std::ptrdiff_t tasks_;
  const std::function<void(std::ptrdiff_t, int)>& run_;
  std::atomic<std::ptrdiff_t> next_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::ptrdiff_t failed_task_ = 0;
};

}  // namespace

void parallel_for(std::ptrdiff_t tasks, int threads, const std::function<void(std::ptrdiff_t, int)>& run) {
  TaskQueue queue(tasks, run);
  std::vector<std::thread> others;
  const int workers = static_cast<int>(std::min<std::ptrdiff_t>(threads, tasks));
  for (int worker = 1; worker < workers; ++worker) {
    try {
      others.emplace_back([&queue, worker] { queue.work(worker); });
    } catch (const std::system_error&) {
      break;  // The system refuses more threads: those that run do all the work.
    }
  }
  queue.work(0);
  for (std::thread& other : others) other.join();
  queue.rethrow_failure();
}

}  // namespace ntkc::runtime
