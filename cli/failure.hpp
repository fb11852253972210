// Every failure has a kind, a message and an exit code.
#pragma once

#include <string>

#include "cli/console.hpp"

namespace ntkc::cli {

struct Failure {
  const char* kind;
  std::string message;
  int exit;
};

/// The exception in flight.
Failure describe_failure();
/// By a signal.
Failure interrupted(int signal);
/// As standard error shows it; "" for one that nobody needs to be told.
std::string message_of(const Failure& failure);
/// As --json shows it.
Json json_of(const Failure& failure);

}  // namespace ntkc::cli
