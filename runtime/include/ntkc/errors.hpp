// What the runtime throws. Every message names the place, the cause and a way to fix it.
#pragma once

#include <stdexcept>

namespace ntkc {

/// The data are wrong: a file that cannot be read, a shape that does not fit, NaN. Exit code 1 on the command
/// line.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Whoever read the pipe or socket that is written to has gone. No mistake, and nothing to say to anybody: the
/// program ends as SIGPIPE would end it.
class BrokenPipe : public InputError {
 public:
  using InputError::InputError;
};

/// The arithmetic failed: a matrix that is not positive definite, a result that is not finite. Exit code 3.
class NumericalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The caller asked to stop (Progress::cancel returned true).
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("cancelled") {}
};

}  // namespace ntkc
