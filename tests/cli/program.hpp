// Runs the program as a user would.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ntkc::tests {

struct Result {
  int exit = -1;  ///< exit code, or 128 + the signal that ended it
  std::string out;
  std::string err;
};

/// Standard output and error are caught in files, so nothing can block.
Result run_ntkc(const std::vector<std::string>& arguments, const std::string& standard_input = "");

/// The same for any program, found in PATH.
Result run_program(const std::vector<std::string>& command, const std::string& standard_input = "");

/// Starts ntkc with these descriptors and returns its process id.
pid_t start_ntkc(const std::vector<std::string>& arguments, int standard_output, int standard_error);
/// Waits for a process: exit code, or 128 + signal.
int wait_for(pid_t process);

/// Parses standard output, which must be one JSON object.
nlohmann::json json_of(const Result& result);

}  // namespace ntkc::tests
