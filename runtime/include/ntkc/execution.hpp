// How long-running work is run: threads, progress, cancellation.
#pragma once

#include <functional>

#pragma GCC visibility push(default)
namespace ntkc {

class Checkpoint;

struct Execution {
  /// 0: as many as the CPUs available to the process. Results do not depend on it, to the last bit.
  int threads = 0;
  /// Called now and then from one thread at a time with the fraction done, 0…1; returning false cancels (the
  /// call then throws Cancelled). May be empty.
  std::function<bool(double fraction)> progress = {};
  /// Where finished parts of Gram matrices are kept (ntkc/checkpoint.hpp). May be null.
  Checkpoint* checkpoint = nullptr;
};

/// The CPUs that this process may use (its affinity mask), at least 1.
int available_cpus();

}  // namespace ntkc
#pragma GCC visibility pop
