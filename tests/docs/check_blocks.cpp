#include "tests/docs/check_blocks.hpp"

#include <algorithm>
#include <exception>

#include "ntkc/compiler.hpp"
#include "tests/docs/output_pattern.hpp"
#include "tests/docs/shell.hpp"

namespace ntkc::docs {
namespace {

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

struct Command {
  std::string text;
  std::vector<std::string> expected;
};

/// The commands of a console block; empty if it does not begin with one.
std::vector<Command> commands_of(const Block& block) {
  std::vector<Command> commands;
  for (const std::string& line : block.lines) {
    if (line.starts_with("$ ")) {
      commands.push_back({line.substr(2), {}});
    } else if (commands.empty()) {
      return {};
    } else if (line.starts_with("> ") && commands.back().expected.empty()) {
      commands.back().text += '\n' + line.substr(2);
    } else {
      commands.back().expected.push_back(line);
    }
  }
  return commands;
}

class BlockChecker {
 public:
  explicit BlockChecker(const Page& page) : page_(page) {}

  std::vector<std::string> run() {
    for (const Block& block : page_.blocks) check(block);
    return problems_;
  }

 private:
  void complain(const Block& block, const std::string& what) {
    problems_.push_back(page_.name + ":" + std::to_string(block.line) + ": " + what);
  }

  void check(const Block& block) {
    const std::string kind =
        block.attribute.empty() ? block.language : block.language + " " + block.attribute;
    if (kind == "console" || kind == "console fails") return run_commands(block, kind == "console fails");
    if (kind == "console no-run") return check_dev_commands(block);
    if (kind == "arch") return compile_network(block);
    if (kind == "arch error") return check_mistakes(block);
    if (kind == "c" || kind == "cpp" || kind == "cmake") return compare_file(block);
    complain(block, "a block `" + kind + "` that nothing can run");
  }

  void run_commands(const Block& block, bool fails) {
    const std::vector<Command> commands = commands_of(block);
    if (commands.empty()) complain(block, "a console block that does not begin with `$ `");
    for (const Command& command : commands) {
      if (command.text.starts_with("./dev")) complain(block, "`./dev` belongs in a block `console no-run`");
      if (says_nothing(command.expected))
        complain(block, "`" + command.text + "` is shown with no output but `…`");
      const CommandResult result = shell_.run(command.text);
      if ((result.exit_code != 0) != fails) {
        complain(block, "`" + command.text + "` ends with exit code " + std::to_string(result.exit_code));
      }
      if (!matches(command.expected, result.lines)) {
        complain(block, "`" + command.text + "` is shown to print\n" + join(command.expected) +
                            "but prints\n" + join(result.lines));
      }
    }
  }

  void check_dev_commands(const Block& block) {
    const std::string dev = read_file("dev");
    for (const std::string& line : block.lines) {
      const std::string start = "$ ./dev ";
      const std::string command = line.starts_with(start) ? line.substr(start.size()) : "";
      const std::string name = command.substr(0, command.find(' '));
      if (name.empty()) {
        complain(block, "`" + line + "` is no command of ./dev");
      } else if (dev.find("\n./dev " + name + " ") == std::string::npos) {
        complain(block, "`./dev help` does not know `" + name + "`");
      }
    }
  }

  void compile_network(const Block& block) {
    const auto diagnostics = ntkc::check(join(block.lines));
    for (const RenderedDiagnostic& diagnostic : diagnostics) complain(block, text_of(diagnostic));
    if (!diagnostics.empty()) return;
    try {
      show(join(block.lines), Stage::kernel_opt);
    } catch (const std::exception& error) {
      complain(block, error.what());
    }
  }

  void check_mistakes(const Block& block) {
    const std::string start = "# error: ";
    std::vector<std::string> expected;
    for (const std::string& line : block.lines) {
      const std::size_t comment = line.find(start);
      if (comment != std::string::npos) expected.push_back(line.substr(comment + start.size()));
    }
    std::vector<std::string> seen;
    for (const RenderedDiagnostic& diagnostic : ntkc::check(join(block.lines)))
      seen.push_back(diagnostic.message);
    if (expected.empty()) complain(block, "an `arch error` without a comment `" + start + "…`");
    if (expected != seen) complain(block, "the messages are\n" + join(seen) + "not\n" + join(expected));
  }

  void compare_file(const Block& block) {
    const std::string start = "<!-- file: ";
    const std::string end = " -->";
    if (!block.above.starts_with(start) || !block.above.ends_with(end)) {
      return complain(block, "a block of a file without `<!-- file: PATH -->` above it");
    }
    const std::string path = block.above.substr(start.size(), block.above.size() - start.size() - end.size());
    if (join(block.lines) != read_file(path)) complain(block, "the block differs from " + path);
  }

  const Page& page_;
  Shell shell_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> problems_of_blocks(const Page& page) { return BlockChecker(page).run(); }

}  // namespace ntkc::docs
