#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "ntkc/errors.hpp"
#include "ntkc/execution.hpp"
#include "runtime/gram/parallel.hpp"

using namespace ntkc;
using runtime::parallel_for;
using runtime::ProgressMeter;

TEST_CASE("there is at least one CPU, and 0 threads means all of them") {
  CHECK(available_cpus() >= 1);
  CHECK(runtime::thread_count({}) == std::min(available_cpus(), runtime::maximum_threads));
  CHECK(runtime::thread_count({3, {}}) == 3);
  CHECK(runtime::thread_count({1'000'000, {}}) == runtime::maximum_threads);
  CHECK_THROWS_WITH_AS(runtime::thread_count({-2, {}}),
                       "the number of threads is -2; give 0 (all available CPUs) or more", InputError);
}

TEST_CASE("every task runs exactly once, whatever the number of threads") {
  for (const int threads : {1, 2, 3, 7, 64}) {
    for (const std::ptrdiff_t tasks : {0, 1, 5, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(tasks));
      std::atomic<bool> worker_in_range = true;
      parallel_for(tasks, threads, [&](std::ptrdiff_t task, int worker) {
        ++runs[static_cast<std::size_t>(task)];
        if (worker < 0 || worker >= threads || worker >= tasks) worker_in_range = false;
      });
      int once = 0;
      for (const auto& count : runs) once += static_cast<int>(count == 1);
      CHECK(once == tasks);
      CHECK(worker_in_range);
    }
  }
}

TEST_CASE("the exception of the lowest task that throws is the one that comes out") {
  for (const int threads : {1, 2, 5}) {
    for (int repetition = 0; repetition < 20; ++repetition) {
      std::string message;
      try {
        parallel_for(200, threads, [&](std::ptrdiff_t task, int) {
          if (task % 7 == 3) throw std::runtime_error("task " + std::to_string(task));
        });
      } catch (const std::runtime_error& error) {
        message = error.what();
      }
      CHECK(message == "task 3");
    }
  }
}

TEST_CASE("progress grows to 1, and what is left is counted at the end") {
  std::vector<double> seen;
  const Execution execution{1, [&](double fraction) {
                              seen.push_back(fraction);
                              return true;
                            }};
  ProgressMeter progress(execution, 4);
  progress.add(1);
  progress.add(1);
  progress.finish();
  progress.add(1);
  CHECK(seen == std::vector<double>{0.25, 0.5, 1.0, 1.0});
}

TEST_CASE("cancelling stops all threads and the callback is not called again") {
  for (const int threads : {1, 2, 7}) {
    int calls = 0;  // unguarded on purpose: calls come from one thread at a time
    std::atomic<int> tasks_run = 0;
    const Execution execution{threads, [&](double) { return ++calls < 5; }};
    ProgressMeter progress(execution, 100'000);
    CHECK_THROWS_AS(parallel_for(100'000, threads,
                                 [&](std::ptrdiff_t, int) {
                                   ++tasks_run;
                                   progress.add(1);
                                 }),
                    Cancelled);
    CHECK(calls == 5);
    CHECK(tasks_run < 5 + threads);
  }
}
