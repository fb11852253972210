#include "cli/manual_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace ntkc::cli {

namespace {

/// Text as roff shows it: backslashes and hyphens are escaped, and no line begins a request.
std::string roff(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      if ((c == '.' || c == '\'') && (result.empty() || result.back() == '\n')) result += "\\&";
      result += c;
    }
  }
  return result;
}

std::string capitals(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string heading(const std::string& name, const std::string& version) {
  return fmt::format(".TH {} 1 \"\" \"{}\"\n", roff(capitals(name)),
                     roff(version.substr(0, version.find(','))));
}

std::string option_entry(const OptionInfo& option) {
  std::string names;
  for (const std::string& name : option.names)
    names += fmt::format("{}\\fB{}\\fR", names.empty() ? "" : ", ", roff(name));
  const char* const between = option.attached ? "" : option.names.front().starts_with("--") ? "=" : " ";
  if (option.takes_value) names += fmt::format("{}\\fI{}\\fR", between, roff(option.value_name));
  return fmt::format(".TP\n{}\n{}\n", names, roff(option.purpose));
}

constexpr std::string_view exit_status =
    ".SH EXIT STATUS\n0 done, 1 the input is wrong, 2 the command line is, 3 numerical failure, 4 undecided "
    "(\\fBntkc verify\\fR), 70 internal error, 130 interrupted.\n";

}  // namespace

std::string manual_page(const CommandTable& command, const std::string& version) {
  std::string text = heading("ntkc-" + command.name, version);
  text += fmt::format(".SH NAME\nntkc\\-{} \\- {}\n", roff(command.name), roff(command.purpose));
  text += fmt::format(".SH SYNOPSIS\n\\fBntkc {}\\fR", roff(command.name));
  for (const ArgumentInfo& argument : command.arguments)
    text += argument.required ? fmt::format(" \\fI{}\\fR", roff(argument.name))
                              : fmt::format(" [\\fI{}\\fR]", roff(argument.name));
  text += " [options]\n";
  if (!command.arguments.empty()) text += ".SH OPERANDS\n";
  for (const ArgumentInfo& argument : command.arguments)
    text += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(argument.name), roff(argument.purpose));
  std::string group;
  for (const OptionInfo& option : command.options) {
    if (option.group != group) text += fmt::format(".SH \"{}\"\n", roff(capitals(option.group)));
    group = option.group;
    text += option_entry(option);
  }
  text += exit_status;
  return text + ".SH SEE ALSO\n\\fBntkc\\fR(1)\n";
}

std::string manual_page(const std::vector<CommandTable>& commands, const std::string& version) {
  std::string text = heading("ntkc", version);
  text += ".SH NAME\nntkc \\- kernels of infinitely wide neural networks, compiled\n";
  text += ".SH SYNOPSIS\n\\fBntkc\\fR \\fICOMMAND\\fR [options]\n.SH COMMANDS\n";
  for (const CommandTable& command : commands)
    text += fmt::format(".TP\n\\fBntkc\\-{}\\fR(1)\n{}\n", roff(command.name), roff(command.purpose));
  return text + std::string(exit_status);
}

}  // namespace ntkc::cli
