// What ntkc throws. Every message names the place, the cause and a way to fix it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#pragma GCC visibility push(default)
namespace ntkc {

enum class ErrorKind : std::uint8_t {
  compile,    ///< CompileError: the text of a network is wrong
  input,      ///< InputError
  numerical,  ///< NumericalError
  cancelled,  ///< Cancelled
};

/// What all of them are. Beside these there is std::invalid_argument for options that no text or data can make wrong, and
/// std::bad_alloc.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// The data are wrong: a file that cannot be read, a shape that does not fit, NaN. Exit code 1 on the command
/// line.
class InputError : public Error {
 public:
  explicit InputError(const std::string& message) : Error(ErrorKind::input, message) {}
};

/// Whoever read the pipe or socket that is written to has gone. No mistake, and nothing to say to anybody: the
/// program ends as SIGPIPE would end it.
class BrokenPipe : public InputError {
 public:
  using InputError::InputError;
};

/// The arithmetic failed: a matrix that is not positive definite, a result that is not finite. Exit code 3.
class NumericalError : public Error {
 public:
  explicit NumericalError(const std::string& message) : Error(ErrorKind::numerical, message) {}
};

/// The caller asked to stop: Execution::progress or CancellationScope's function returned false.
class Cancelled : public Error {
 public:
  Cancelled() : Error(ErrorKind::cancelled, "cancelled") {}
};

}  // namespace ntkc
#pragma GCC visibility pop
