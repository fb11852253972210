// A network with the files that it imports, each read once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/source.hpp"
#include "grammar/ast.hpp"
#include "grammar/parser.hpp"

namespace ntkc::modules {

struct Options {
  /// Where imports are looked for after the directory of the importing file, in this order.
  std::vector<std::string> include_directories = {};
  std::uint32_t import_depth = 16;  ///< files that import one another in a chain, the network not counted
  std::uint32_t imported_files = 1000;
  grammar::Limits source = {};         ///< `file_bytes` is for all files together
  std::size_t matrix_numbers = 16384;  ///< of all matrices in files together
  /// Told the path of each imported file before it is read; may throw.
  std::function<void(const std::string& path)> on_import = {};
};

struct Module {
  ast::File file;
  /// The module of each `import` of the file, in the order of the text: an index into Modules::modules,
  /// smaller than that of this module.
  std::vector<std::uint32_t> imports = {};
  /// What stands for a part of its text where other files are not at hand, in the order of the text: the numbers of a
  /// matrix for the name of its file.
  struct Replacement {
    SourceRange range;
    std::string text;
  };
  std::vector<Replacement> replacements = {};
};

/// Every module stands after those it imports; the last is the network.
struct Modules {
  std::vector<Module> modules;

  [[nodiscard]] const ast::File& network() const { return modules.back().file; }
};

/// Parses the network in file `source` of `sources` and what it imports; a matrix in a file, as in
/// `aggregate("adjacency.csv")`, becomes the list of its numbers. An import is looked for in the
/// directory of the file that it stands in and then in the include directories; the same file imported by two
/// routes is one module. Only regular files are opened. Reports every mistake it finds and returns nothing if
/// there was one.
std::optional<Modules> load(SourceManager& sources, std::uint32_t source, DiagnosticConsumer& diagnostics,
                            const Options& options = {});

/// The text of the network with each `import` replaced by the definitions it brings in, and each matrix in a file by
/// its numbers, for where the other files are not at hand. A network without either comes back as it is.
std::string self_contained_text(const Modules& modules, const SourceManager& sources);

}  // namespace ntkc::modules
