// ntkc fmt F.arch… [--check]
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/output_file.hpp"

namespace ntkc::cli {

namespace {

class Fmt final : public Command {
 public:
  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"--threads", "--f32"}; }
  void declare(Options& options) override {
    options.option("F.arch", files_, "files, rewritten in place; `-` is standard input to standard output")
        .required();
    options.flag("--check", check_, "write nothing; name the files that are not in canonical layout");
  }

  [[nodiscard]] std::vector<std::string> inputs() const override { return files_; }

  int run(Console& console) override {
    bool complaint = false;
    console.report["files"] = Json::array();
    for (const std::string& file : files_) {
      const NetworkSource source = read_network(file, common);
      const std::string text =
          format_text(source.text, compile_options(source, common, console), source.file);
      const bool changed = text != source.text;
      console.report["files"].push_back({{"file", source.file}, {"changed", changed}});
      if (check_) {
        complaint = complaint || changed;
        if (changed) console.print(source.file + "\n");
      } else if (file == "-") {
        console.report["files"].back()["text"] = text;
        console.print(text);
      } else if (changed) {
        OutputFile out(file);
        out.append(std::string_view(text));
        out.commit();
      }
    }
    return complaint ? exit_code::wrong_input : exit_code::success;
  }

 private:
  std::vector<std::string> files_;
  bool check_ = false;
};

}  // namespace

std::unique_ptr<Command> make_fmt() { return std::make_unique<Fmt>(); }

}  // namespace ntkc::cli
