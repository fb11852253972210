// ntkc completion SHELL: a script for the shell, made from the options that the commands declare.
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/option_table.hpp"

namespace ntkc::cli {

namespace {

/// In single quotes for a shell. fish knows `\'` inside of them; bash and zsh do not, but all three know
/// this.
std::string in_quotes(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string joined(const std::vector<std::string>& words, std::string_view separator = " ") {
  return fmt::format("{}", fmt::join(words, separator));
}

std::vector<std::string> option_words(const CommandTable& command) {
  std::vector<std::string> words;
  for (const OptionInfo& option : command.options)
    for (const std::string& name : option.names) words.push_back(name);
  return words;
}

// --- bash

/// `=` ends a word of COMP_WORDS: what is before it is the option.
constexpr std::string_view bash_head = R"(# bash completion of ntkc, written by `ntkc completion bash`
_ntkc() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
  local words= values= options= attached= equals=
  if [[ $cur == = ]]; then cur= equals=1; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]} equals=1; fi
  COMPREPLY=()
)";

constexpr std::string_view bash_tail = R"(  if [[ -n $values ]]; then
    [[ $values == files ]] || { COMPREPLY=($(compgen -W "$values" -- "$cur")); return; }
  elif [[ -n $equals && $prev == -W*error ]]; then
    COMPREPLY=($(compgen -W "$attached" -- "error=$cur")); COMPREPLY=("${COMPREPLY[@]#error=}"); return
  elif [[ $cur == -W* && -n $attached ]]; then
    COMPREPLY=($(compgen -P -W -W "$attached" -- "${cur#-W}")); return
  elif [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur")); return
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur")); return
  fi
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}
complete -F _ntkc ntkc
)";

std::string bash_case(const CommandTable& command) {
  std::string text =
      fmt::format("    {}) words={} options={}\n", command.name, in_quotes(joined(command.operands)),
                  in_quotes(joined(option_words(command))));
  std::string values;
  for (const OptionInfo& option : command.options) {
    if (option.attached)
      text += fmt::format("      attached={}\n", in_quotes(joined(option.values)));
    else if (option.takes_value)
      values += fmt::format("        {}) values={} ;;\n", joined(option.names, "|"),
                            in_quotes(option.values.empty() ? "files" : joined(option.values)));
  }
  if (!values.empty()) text += fmt::format("      case $prev in\n{}      esac\n", values);
  return text + "      ;;\n";
}

std::string bash_script(const std::vector<CommandTable>& commands) {
  std::vector<std::string> names;
  for (const CommandTable& command : commands) names.push_back(command.name);
  std::string text(bash_head);
  text += fmt::format(
      "  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W '{} --help --version' -- \"$cur\")); return; "
      "fi\n",
      joined(names));
  text += "  case $command in\n";
  for (const CommandTable& command : commands) text += bash_case(command);
  return text + "  esac\n" + std::string(bash_tail);
}

// --- zsh

/// Inside `[…]` of an option of _arguments.
std::string zsh_purpose(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_option(const OptionInfo& option, const std::string& name) {
  const bool is_long = name.starts_with("--");
  std::string text = "*" + name;
  if (option.takes_value) text += is_long ? "=" : option.attached ? "-" : "+";
  text += fmt::format("[{}]", zsh_purpose(option.purpose));
  if (option.takes_value)
    text += option.values.empty() ? ":value:_files" : fmt::format(":value:({})", joined(option.values));
  return in_quotes(text);
}

std::string zsh_script(const std::vector<CommandTable>& commands) {
  std::string names;
  std::string cases;
  for (const CommandTable& command : commands) {
    names += fmt::format("    {}\n", in_quotes(command.name + ":" + command.purpose));
    std::string options;
    for (const OptionInfo& option : command.options)
      for (const std::string& name : option.names) options += " \\\n        " + zsh_option(option, name);
    const std::string operands =
        command.operands.empty() ? "*:file:_files" : fmt::format("*:word:({})", joined(command.operands));
    cases += fmt::format("    {})\n      _arguments{} \\\n        {} ;;\n", command.name, options,
                         in_quotes(operands));
  }
  return fmt::format(
      "#compdef ntkc\n# zsh completion of ntkc, written by `ntkc completion zsh`\n_ntkc() {{\n"
      "  local -a commands\n  commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
      "  shift words\n  (( CURRENT-- ))\n  case $words[1] in\n{}  esac\n}}\ncompdef _ntkc ntkc\n",
      names, cases);
}

// --- fish

std::string fish_option(const CommandTable& command, const OptionInfo& option) {
  std::string text = fmt::format("complete -c ntkc -n '__fish_seen_subcommand_from {}'", command.name);
  for (const std::string& name : option.names)
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (option.takes_value)
    text += option.values.empty() ? std::string(" -r")
                                  : fmt::format(" -x -a {}", in_quotes(joined(option.values)));
  return text + fmt::format(" -d {}\n", in_quotes(option.purpose));
}

std::string fish_script(const std::vector<CommandTable>& commands) {
  std::string text = "# fish completion of ntkc, written by `ntkc completion fish`\n";
  for (const CommandTable& command : commands)
    text += fmt::format("complete -c ntkc -n __fish_use_subcommand -f -a {} -d {}\n", command.name,
                        in_quotes(command.purpose));
  for (const CommandTable& command : commands) {
    for (const OptionInfo& option : command.options) text += fish_option(command, option);
    if (!command.operands.empty())
      text += fmt::format("complete -c ntkc -n '__fish_seen_subcommand_from {}' -f -a {}\n", command.name,
                          in_quotes(joined(command.operands)));
  }
  return text;
}

const std::vector<std::string> shells = {"bash", "zsh", "fish"};

class Completion final : public Command {
 public:
  [[nodiscard]] bool reads_network() const override { return false; }
  [[nodiscard]] std::vector<std::string> operands() const override { return shells; }

  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"--threads", "--f32"}; }
  void declare(Options& options) override {
    options.choice("SHELL", shell_, "the shell that reads the script", shells).required();
  }

  int run(Console& console) override {
    const std::vector<CommandTable> commands = command_tables();
    const std::string script = shell_ == "bash"  ? bash_script(commands)
                               : shell_ == "zsh" ? zsh_script(commands)
                                                 : fish_script(commands);
    console.report["script"] = script;
    console.print(script);
    return exit_code::success;
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_completion() { return std::make_unique<Completion>(); }

}  // namespace ntkc::cli
