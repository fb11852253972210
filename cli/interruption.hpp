// A clean end on SIGINT, SIGTERM and SIGHUP, wherever the program happens to be.
#pragma once

#include <chrono>

#include "ntkc/cancellation.hpp"

namespace ntkc::cli {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP asks the work to stop; computations look now and then
/// (Interruptible::check). What does not end by itself within a quarter of a second, because it waits for the
/// reader of a pipe or is inside a library, is ended by a thread that watches: unfinished files are removed, the
/// message is written if there is room for it, and the process exits with 128 + signal. A second signal does not
/// wait. One object at a time, for the whole run of the program.
class Interruptible {
 public:
  /// `json`: the failure is also said as a JSON object on standard output.
  explicit Interruptible(bool json, std::chrono::milliseconds grace = std::chrono::milliseconds(250));
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

  /// The signal that arrived, 0 if none has.
  static int signal();
  /// Throws Cancelled if one has.
  static void check();

 private:
  CancellationScope scope_{[] { return signal() == 0; }};
};

/// The right to say why the program ends, which only one thread gets. The others wait for the end.
void claim_last_word();

}  // namespace ntkc::cli
