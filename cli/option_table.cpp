#include "cli/option_table.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/command.hpp"
#include "compiler/diagnostics/warnings.hpp"

namespace ntkc::cli {

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// `Options::choice` puts the values into the name of the type: "theta|sigma".
std::vector<std::string> values_of(const CLI::Option& option) {
  std::vector<std::string> values = split(option.get_type_name(), '|');
  return values.size() > 1 ? values : std::vector<std::string>{};
}

std::vector<std::string> warning_switches() {
  std::vector<std::string> switches = {"all", "no-all", "error", "no-error"};
  for (const std::string_view name : warning_names())
    for (const char* const prefix : {"", "no-", "error=", "no-error="})
      switches.push_back(prefix + std::string(name));
  return switches;
}

OptionInfo info_of(const CLI::Option& option) {
  OptionInfo info;
  for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
  info.purpose = option.get_description();
  info.group = option.get_group();
  info.value_name = option.get_type_name();
  info.takes_value = option.get_items_expected_max() > 0;
  info.values = values_of(option);
  if (option.get_name() == "-W") {
    info.attached = true;
    info.values = warning_switches();
  }
  return info;
}

}  // namespace

std::vector<CommandTable> command_tables() {
  std::vector<CommandTable> tables;
  for (const CommandInfo& command_info : commands()) {
    const std::unique_ptr<Command> command = command_info.make();
    CLI::App app;
    declare(*command, Options(app));
    CommandTable table{
        std::string(command_info.name), std::string(command_info.purpose), {}, {}, command->operands()};
    for (const CLI::Option* const option : app.get_options())
      if (option->get_group().empty())
        continue;
      else if (option->get_positional())
        table.arguments.push_back(
            {option->get_name(true, false), option->get_description(), option->get_required()});
      else
        table.options.push_back(info_of(*option));
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace ntkc::cli
