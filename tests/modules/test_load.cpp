// Imports: where they are found, in which order they come, and every mistake.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "compiler/diagnostics/render.hpp"
#include "compiler/modules/modules.hpp"
#include "ntkc/array_file.hpp"

namespace ntkc::modules {
namespace {

namespace fs = std::filesystem;

/// A folder with files in it, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "ntkc-modules-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

struct Loaded {
  std::optional<Modules> modules;
  std::string text;         ///< self-contained
  std::string diagnostics;  ///< `FOLDER` for the folder
  std::string order;        ///< file names of the modules, each with the numbers of those it imports
};

std::string without(std::string text, const std::string& folder) {
  for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
    text.replace(at, folder.size(), "FOLDER/");
  }
  return text;
}

/// Loads `network` as the file n.arch of the folder.
Loaded load_text(const Folder& folder, const std::string& network, const Options& options = {}) {
  folder.write("n.arch", network);
  SourceManager sources;
  DiagnosticList diagnostics;
  Loaded result;
  result.modules = load(sources, sources.add(folder.path("n.arch"), network), diagnostics, options);
  for (const Diagnostic& diagnostic : diagnostics.diagnostics()) {
    result.diagnostics += without(text_of(render(diagnostic, sources, Severity::error)), folder.path(""));
  }
  CHECK(result.modules.has_value() != diagnostics.has_errors());
  if (!result.modules) return result;
  result.text = self_contained_text(*result.modules, sources);
  for (const Module& module : result.modules->modules) {
    result.order += fs::path(sources.file(module.file.source).name()).filename().string();
    for (const std::uint32_t import : module.imports) result.order += fmt::format(" {}", import);
    result.order += "\n";
  }
  return result;
}

std::string mistakes(const Folder& folder, const std::string& import, const Options& options = {}) {
  return load_text(folder, fmt::format("network n\nimport \"{}\"\ninput x : vector(3)\noutput x\n", import),
                   options)
      .diagnostics;
}

TEST_CASE("imports come before what imports them, each once") {
  const Folder folder;
  folder.write("a.arch", "import \"c.arch\"\ndef a(h) { return c(h) }\n");
  folder.write("b.arch", "def b(h) { return h }\nimport \"sub/../c.arch\"\n");
  folder.write("c.arch", "# both use it\ndef c(h) { return h }");
  fs::create_directory(folder.path("sub"));
  const Loaded loaded = load_text(folder,
                                  "language 1\nimport \"a.arch\"  # first\nnetwork n\nimport \"b.arch\"\n"
                                  "import \"a.arch\"\ninput x : vector(3)\noutput x |> a |> b\n");
  CHECK(loaded.diagnostics == "");
  CHECK(loaded.order == "c.arch\na.arch 0\nb.arch 0\nn.arch 1 2 1\n");
  CHECK(loaded.text ==
        "language 1\ndef c(h) { return h }\ndef a(h) { return c(h) }  # first\nnetwork n\n"
        "def b(h) { return h }\n\ninput x : vector(3)\noutput x |> a |> b\n");
  const Loaded again = load_text(folder, loaded.text);
  CHECK(again.order == "n.arch\n");
  CHECK(again.text == loaded.text);
}

TEST_CASE("a matrix in a file becomes the list of its numbers, also in the text that stands alone") {
  const Folder folder;
  folder.write("a.csv", "0, 1\n0.5, -2e-3\n");
  folder.write("lib/b.txt", "\xEF\xBB\xBF 1  0\t 30000000000 \r\n\n");
  folder.write("lib/block.arch", "def block(h) { return aggregate(h, matrix = \"b.txt\") }\n");
  const std::string text =
      "network n\nimport \"lib/block.arch\"\ninput x : sequence(2, 1)\noutput x |> aggregate(\"a.csv\") |> "
      "aggregate([[1, 0]])\n";
  std::vector<std::string> read;
  Options options;
  options.on_import = [&](const std::string& path) { read.push_back(fs::path(path).filename().string()); };
  const Loaded loaded = load_text(folder, text, options);
  CHECK(loaded.diagnostics == "");
  CHECK(read == std::vector<std::string>{"a.csv", "block.arch", "b.txt"});
  REQUIRE(loaded.modules.has_value());
  CHECK(loaded.text ==
        "network n\ndef block(h) { return aggregate(h, matrix = [[1, 0, 30000000000.0]]) }\n"
        "input x : sequence(2, 1)\noutput x |> aggregate([[0, 1], [0.5, -0.002]]) |> aggregate([[1, 0]])\n");
  CHECK(ast::print(loaded.modules->network()).find("text") == std::string::npos);
  const Loaded again = load_text(folder, loaded.text);
  CHECK(again.diagnostics == "");
  CHECK(again.text == loaded.text);
}

TEST_CASE("arrays are matrices, too") {
  const Folder folder;
  const double numbers[] = {0, 0.1, 1e300, -1, 2, 3};
  OutputFile out(folder.path("m.npy"));
  write_npy(out, MatrixView<const double>(numbers, 2, 3));
  out.commit();
  const Loaded loaded =
      load_text(folder, "network n\ninput x : sequence(3, 1)\noutput x |> aggregate(\"m.npy\")\n");
  CHECK(loaded.text.find("aggregate([[0, 0.1, 1e+300], [-1, 2, 3]])") != std::string::npos);
}

TEST_CASE("files that hold no matrix are refused") {
  const Folder folder;
  fs::create_directory(folder.path("folder.csv"));
  folder.write("empty.csv", "");
  folder.write("words.csv", "a, b\n1, c\n");
  folder.write("ragged.csv", "1, 2\n3\n");
  folder.write("nan.csv", "1, nan\n3, 4\n");
  folder.write("hole.csv", "1,,2\n");
  folder.write("large.csv", "1, 2, 3\n4, 5, 6\n7, 8, 9\n");
  folder.write("not.npy", "1, 2\n");
  const double cube[8] = {};
  OutputFile out(folder.path("cube.npy"));
  write_npy(out, MatrixView<const double>(cube, 4, 2), 2);
  out.commit();
  CHECK(::mkfifo(folder.path("pipe.csv").c_str(), 0600) == 0);
  const auto mistakes_of = [&](const std::string& file, const Options& options = {}) {
    return load_text(folder, "network n\ninput x : sequence(2, 1)\noutput x |> aggregate(\"" + file + "\")\n",
                     options)
        .diagnostics;
  };
  const auto contains = [](const std::string& text, const char* part) {
    INFO(text);
    return text.find(part) != std::string::npos && text.find("3:23") != std::string::npos;
  };
  CHECK(contains(mistakes_of("none.csv"), "there is no file `none.csv` [import-not-found]"));
  CHECK(contains(mistakes_of("folder.csv"), "is a directory [import-not-regular]"));
  CHECK(contains(mistakes_of("pipe.csv"), "is a pipe [import-not-regular]"));
  CHECK(contains(mistakes_of("empty.csv"), "empty.csv"));
  CHECK(contains(mistakes_of("words.csv"), "line 1: `a` is not a finite number [unreadable-file]"));
  CHECK(contains(mistakes_of("ragged.csv"), "line 1 has 2 numbers, line 2 has 1 [shape-mismatch]"));
  CHECK(contains(mistakes_of("nan.csv"), "[unreadable-file]"));
  CHECK(contains(mistakes_of("hole.csv"), "line 1: `` is not a finite number"));
  CHECK(contains(mistakes_of("not.npy"), "[unreadable-file]"));
  CHECK(contains(mistakes_of("cube.npy"), "holds an array of shape (2, 2, 2) [shape-mismatch]"));
  Options few;
  few.matrix_numbers = 8;
  CHECK(contains(mistakes_of("large.csv", few), "more than 8 numbers"));
  CHECK(contains(mistakes_of("cube.npy", few), "[shape-mismatch]"));
  Options closed;
  closed.import_depth = 0;
  CHECK(contains(mistakes_of("large.csv", closed), "[import-too-deep]"));
}

TEST_CASE("an import is looked for beside the importing file, then in the include directories") {
  const Folder folder;
  folder.write("lib/a.arch", "import \"near.arch\"\nimport \"far.arch\"\n");
  folder.write("lib/near.arch", "");
  folder.write("near.arch", "def wrong(h) { return h }\n");
  folder.write("second/far.arch", "def wrong(h) { return h }\n");
  folder.write("first/far.arch", "");
  Options options;
  options.include_directories = {folder.path("first"), folder.path("second")};
  const Loaded loaded =
      load_text(folder, "import \"lib/a.arch\"\nnetwork n\ninput x : vector(3)\noutput x\n", options);
  CHECK(loaded.order == "near.arch\nfar.arch\na.arch 0 1\nn.arch 2\n");
  CHECK(loaded.text.find("wrong") == std::string::npos);
  const Loaded absolute =
      load_text(folder, fmt::format("import \"{}\"\nnetwork n\ninput x : vector(3)\noutput x\n",
                                    folder.path("first/far.arch")));
  CHECK(absolute.order == "far.arch\nn.arch 0\n");
}

TEST_CASE("a file that is not there: import-not-found") {
  const Folder folder;
  Options options;
  options.include_directories = {folder.path("lib")};
  CHECK(mistakes(folder, "no.arch", options) ==
        R"(FOLDER/n.arch:2:8: error: there is no file `no.arch` [import-not-found]
import "no.arch"
       ^~~~~~~~~
  help: looked for `FOLDER/no.arch`, `FOLDER/lib/no.arch`; `-I DIR` adds a directory
)");
  CHECK(mistakes(folder, "") ==
        R"(FOLDER/n.arch:2:8: error: the path of an import names no file [import-not-found]
import ""
       ^~
)");
}

TEST_CASE("what is no regular file is not opened: import-not-regular") {
  const Folder folder;
  REQUIRE(mkfifo(folder.path("pipe.arch").c_str(), 0600) == 0);
  CHECK(mistakes(folder, "/dev/zero") ==
        R"(FOLDER/n.arch:2:8: error: `/dev/zero` is a device [import-not-regular]
import "/dev/zero"
       ^~~~~~~~~~~
  help: import a regular file
)");
  CHECK(mistakes(folder, ".").find("is a directory [import-not-regular]") != std::string::npos);
  CHECK(mistakes(folder, "pipe.arch").find("is a pipe [import-not-regular]") != std::string::npos);
}

TEST_CASE("files that import one another: import-cycle") {
  const Folder folder;
  folder.write("a.arch", "import \"b.arch\"\n");
  folder.write("b.arch", "\nimport \"./a.arch\"\n");
  folder.write("self.arch", "import \"self.arch\"\n");
  folder.write("back.arch", "import \"n.arch\"\n");
  CHECK(
      mistakes(folder, "a.arch") ==
      R"(FOLDER/b.arch:2:8: error: `FOLDER/b.arch` imports `FOLDER/a.arch`, which imports it in turn [import-cycle]
import "./a.arch"
       ^~~~~~~~~~
FOLDER/a.arch:1:8: note: `FOLDER/a.arch` imports `FOLDER/b.arch` here
import "b.arch"
       ^~~~~~~~
  help: move what both need to a file of its own
)");
  CHECK(mistakes(folder, "self.arch").find("`FOLDER/self.arch` imports itself [import-cycle]") !=
        std::string::npos);
  CHECK(mistakes(folder, "back.arch")
            .find("`FOLDER/back.arch` imports `FOLDER/n.arch`, which imports it in turn") !=
        std::string::npos);
}

TEST_CASE("a long chain of imports: import-too-deep") {
  const Folder folder;
  for (int i = 0; i < 17; ++i) {
    folder.write(fmt::format("f{}.arch", i), i == 16 ? "" : fmt::format("import \"f{}.arch\"\n", i + 1));
  }
  CHECK(mistakes(folder, "f1.arch") == "");
  CHECK(mistakes(folder, "f0.arch") ==
        R"(FOLDER/f15.arch:1:8: error: a chain of more than 16 imports [import-too-deep]
import "f16.arch"
       ^~~~~~~~~~
FOLDER/n.arch:2:8: note: it begins here
import "f0.arch"
       ^~~~~~~~~
  help: let fewer files import one another
)");
  Options options;
  options.import_depth = 17;
  CHECK(mistakes(folder, "f0.arch", options) == "");
}

TEST_CASE("the limit on bytes is for all files together") {
  const Folder folder;
  folder.write("large.arch", "# " + std::string(500, '-'));
  folder.write("both.arch", "import \"large.arch\"\n# " + std::string(500, '-'));
  Options options;
  options.source.file_bytes = 1000;
  CHECK(mistakes(folder, "large.arch", options) == "");
  CHECK(
      mistakes(folder, "both.arch", options)
          .find("with `FOLDER/large.arch` the network has more than 1000 bytes, the limit for all its files "
                "[file-too-large]") != std::string::npos);
}

TEST_CASE("mistakes in an imported file say where it was imported, once") {
  const Folder folder;
  folder.write("network.arch", "network other\ninput x : vector(3)\noutput x\n");
  folder.write("two.arch", "def f(h) { return }\ndef g(h) { return }\n");
  CHECK(mistakes(folder, "network.arch").find("`network` in an imported file [misplaced-statement]") !=
        std::string::npos);
  const std::string twice = mistakes(folder, "two.arch");
  const std::size_t note = twice.find("note: imported here");
  CHECK(note != std::string::npos);
  CHECK(twice.find("note: imported here", note + 1) == std::string::npos);
}

TEST_CASE("a file that cannot be read: unreadable-file") {
  const Folder folder;
  folder.write("link.arch", "");
  fs::remove(folder.path("link.arch"));
  fs::create_symlink("link.arch", folder.path("link.arch"));
  CHECK(mistakes(folder, "link.arch")
            .find("cannot be read: Too many levels of symbolic links [unreadable-file]") !=
        std::string::npos);
}

}  // namespace
}  // namespace ntkc::modules
