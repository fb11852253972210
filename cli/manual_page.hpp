// Manual pages (man 7 man) of the commands, from the table of their options.
#pragma once

#include <string>
#include <vector>

#include "cli/option_table.hpp"

namespace ntkc::cli {

/// ntkc-COMMAND(1)
std::string manual_page(const CommandTable& command, const std::string& version);
/// ntkc(1): the commands.
std::string manual_page(const std::vector<CommandTable>& commands, const std::string& version);

}  // namespace ntkc::cli
