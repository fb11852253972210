// Every command that writes a file, ready to run: faults of the system are tried on all of them.
#pragma once

#include <string>
#include <vector>

#include "tests/data/support.hpp"

namespace ntkc::tests {

struct WritingCommand {
  std::vector<std::string> arguments;  ///< without `-o`
  std::vector<std::string> inputs;     ///< paths of all files that it reads
  std::string ending;                  ///< of what it writes; "" for models
  std::string wrong_ending;            ///< that means another format

  [[nodiscard]] const std::string& name() const { return arguments.front(); }
  [[nodiscard]] std::vector<std::string> with_output(const std::string& path) const;
};

/// With the files that they read. No command needs more than a moment.
class WritingCommands {
 public:
  WritingCommands();

  [[nodiscard]] const std::vector<WritingCommand>& all() const { return all_; }
  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }
  /// A path in a directory of results, which is empty at first.
  [[nodiscard]] std::string result(const std::string& name) const { return results_.path(name); }
  [[nodiscard]] std::vector<std::string> results() const { return results_.names(); }
  /// What the command writes into a file.
  [[nodiscard]] std::string expected(const WritingCommand& command) const;

 private:
  TemporaryDirectory directory_;
  TemporaryDirectory results_;
  std::vector<WritingCommand> all_;
};

}  // namespace ntkc::tests
