// The command line as data, for completion: commands, their options, and the words that each may be given.
#pragma once

#include <string>
#include <vector>

namespace ntkc::cli {

struct OptionInfo {
  std::vector<std::string> names;  ///< "--kernel", "-o"
  std::string purpose;
  std::string group;       ///< title under which help shows it
  std::string value_name;  ///< "N"
  bool takes_value = false;
  bool attached = false;            ///< the value stands right behind the name: -Wjump
  std::vector<std::string> values;  ///< all there are; none: a file, or anything
};

struct ArgumentInfo {
  std::string name;
  std::string purpose;
  bool required = false;
};

struct CommandTable {
  std::string name;
  std::string purpose;
  std::vector<ArgumentInfo> arguments;
  std::vector<OptionInfo> options;
  std::vector<std::string> operands;  ///< the words an operand may be; none: files
};

/// Read from what the commands declare.
std::vector<CommandTable> command_tables();

}  // namespace ntkc::cli
