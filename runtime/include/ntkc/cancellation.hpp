// Long computations that report no progress, such as compilation and analysis, ask here whether to go on.
#pragma once

#include <functional>
#include <utility>

#include "ntkc/errors.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// While it lives, long computations on this thread call `keep_going` many times a second, and throw Cancelled
/// once it returns false. Machine code is made without asking.
class CancellationScope {
 public:
  explicit CancellationScope(std::function<bool()> keep_going)
      : keep_going_(std::move(keep_going)), around_(std::exchange(current(), this)) {}
  ~CancellationScope() { current() = around_; }
  CancellationScope(const CancellationScope&) = delete;
  CancellationScope& operator=(const CancellationScope&) = delete;

  /// Throws Cancelled if the innermost scope of this thread is not to go on.
  static void poll() {
    if (const CancellationScope* const scope = current(); scope != nullptr && !scope->keep_going_())
      throw Cancelled();
  }

 private:
  static CancellationScope*& current() {
    thread_local CancellationScope* scope = nullptr;
    return scope;
  }

  std::function<bool()> keep_going_;
  CancellationScope* around_;
};

}  // namespace ntkc
#pragma GCC visibility pop
