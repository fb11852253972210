// ntkc help [COMMAND] [--man]
#include <fmt/format.h>

#include <algorithm>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/manual_page.hpp"
#include "cli/option_table.hpp"
#include "cli/usage.hpp"
#include "ntkc/compiler.hpp"

namespace ntkc::cli {

namespace {

class Help final : public Command {
 public:
  [[nodiscard]] bool reads_network() const override { return false; }
  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"--threads", "--f32"}; }
  [[nodiscard]] std::vector<std::string> operands() const override {
    std::vector<std::string> names;
    for (const CommandInfo& command : commands()) names.emplace_back(command.name);
    return names;
  }

  void declare(Options& options) override {
    options.option("COMMAND", command_, "what to explain; without it all commands are listed");
    options.flag("--man", manual_, "as a manual page: ntkc help fit --man | man -l -");
  }

  int run(Console& console) override {
    std::string text = help_text(command_);
    if (manual_) text = manual();
    console.print(text);
    console.report["text"] = std::move(text);
    return exit_code::success;
  }

 private:
  [[nodiscard]] std::string manual() const {
    const std::vector<CommandTable> tables = command_tables();
    if (command_.empty()) return manual_page(tables, version_text());
    return manual_page(*std::ranges::find(tables, command_, &CommandTable::name), version_text());
  }

  std::string command_;
  bool manual_ = false;
};

}  // namespace

std::unique_ptr<Command> make_help() { return std::make_unique<Help>(); }

}  // namespace ntkc::cli
