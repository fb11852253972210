#include "tests/cli/writing_commands.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace ntkc::tests {

std::vector<std::string> WritingCommand::with_output(const std::string& path) const {
  std::vector<std::string> result = arguments;
  result.insert(result.end(), {"-o", path});
  return result;
}

WritingCommands::WritingCommands() {
  const std::string blocks = directory_.write("blocks.arch", "def block(h) { return h |> relu |> dense }\n");
  const std::string network = directory_.write(
      "n.arch", "import \"blocks.arch\"\nnetwork n\ninput x : vector(3)\noutput x |> dense |> block\n");
  const std::string deep = directory_.write(
      "deep.arch",
      "network deep\ninput x : vector(3)\nh = x |> dense\nrepeat 3 { h = h |> relu |> dense }\noutput h\n");
  const std::string table = directory_.write("train.csv", table_text(12, 1));
  const std::string x = directory_.write("X.npy", random_npy(9, 3, 1));
  const std::string y = directory_.write("Y.npy", random_npy(4, 3, 2));
  const std::string targets = directory_.write("targets.npy", random_npy(9, 1, 3));
  const std::string model = directory_.path("m");
  REQUIRE(run_ntkc({"fit", network, table, "--target=kind", "-o", model}).exit == 0);
  all_ = {
      {{"gram", network, x, y}, {network, blocks, x, y}, ".npy", ".csv"},
      {{"fit", network, x, "--targets=" + targets}, {network, blocks, x, targets}, "", ".npy"},
      {{"fit", network, table, "--target=kind"}, {network, blocks, table}, "", ".svg"},
      {{"predict", model, table}, {model, table}, ".csv", ".svg"},
      {{"plot", network}, {network, blocks}, ".svg", ".png"},
      {{"analyze", deep}, {deep}, ".svg", ".pdf"},
      {{"verify", network, x, "--width=8,16", "--samples=2"}, {network, blocks, x}, ".svg", ".npy"},
      {{"train", network, x, "--targets=" + targets, "--test=" + y, "--width=8", "--steps=4", "--records=2"},
       {network, blocks, x, targets, y},
       ".svg",
       ".csv"}};
}

std::string WritingCommands::expected(const WritingCommand& command) const {
  const std::string path = result("expected" + command.ending);
  const Result written = run_ntkc(command.with_output(path));
  INFO(written.err);
  // Two draws decide little: `verify` may disagree.
  CHECK((written.exit == 0 || command.name() == "verify"));
  std::string bytes = read_file(path);
  CHECK(!bytes.empty());
  std::filesystem::remove(path);
  return bytes;
}

}  // namespace ntkc::tests
