#include "cli/command.hpp"

#include <array>

#include "cli/written_files.hpp"

namespace ntkc::cli {

std::span<const CommandInfo> commands() {
  static constexpr auto table = std::to_array<CommandInfo>({
      {"check", "report what is wrong with a network, and nothing else", make_check},
      {"fmt", "give source files their canonical layout", make_fmt},
      {"show", "print any stage of the compilation", make_show},
      {"analyze", "fixed points, phases and depth scales of a deep network", make_analyze},
      {"plot", "draw both kernels against the correlation of the inputs, by depth", make_plot},
      {"gram", "evaluate a kernel on data: the Gram matrix", make_gram},
      {"fit", "kernel regression on training data: the infinitely wide network, trained", make_fit},
      {"predict", "what a fitted model says of test data, and how good that is", make_predict},
      {"verify", "compare the kernels with networks of finite width", make_verify},
      {"train", "train a finite network beside its linearisation and its infinite limit", make_train},
      {"layers", "list the built-in layers and activations", make_layers},
      {"explain", "what a diagnostic means, with an example and its correction", make_explain},
      {"help", "what a command does and takes, as text or as a manual page", make_help},
      {"completion", "a script that completes command lines in bash, zsh or fish", make_completion},
  });
  return table;
}

void declare(Command& command, Options options) {
  command.declare(options);
  if (command.reads_network()) command.common.declare_network(options);
  command.common.declare(options);
  for (const std::string& name : command.inapplicable()) options.hide(name);
}

void validate(const Command& command) {
  command.validate();
  require_one_standard_input(command.inputs());
  require_one_standard_output(command.common, command.output());
  if (!command.output().empty()) require_format(command.output(), command.formats());
}

}  // namespace ntkc::cli
