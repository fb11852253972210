// Runs the commands of a page as a reader would: in an empty folder with `examples` in it and the programs on
// PATH.
#pragma once

#include <string>
#include <vector>

namespace ntkc::docs {

struct CommandResult {
  int exit_code = 0;               ///< -1 if a signal ended it
  std::vector<std::string> lines;  ///< standard output and standard error
};

class Shell {
 public:
  Shell();
  ~Shell();
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  /// Runs a command of /bin/sh. Files that it leaves are there for the next one.
  CommandResult run(const std::string& command);

 private:
  std::string folder_;
};

}  // namespace ntkc::docs
