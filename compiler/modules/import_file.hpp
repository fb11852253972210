// Files to be imported: where they are, and their bytes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace ntkc::modules {

/// Tells files apart, whatever names lead to them.
using FileIdentity = std::pair<dev_t, ino_t>;

struct ImportFile {
  std::string path;  ///< as it is shown
  FileIdentity identity;
};
struct ImportError {
  DiagnosticKind kind;
  std::string message;
  std::string help;
};

/// The regular file that `import "path"` means: the first that exists of `path` in the given directories.
std::variant<ImportFile, ImportError> find_import(const std::string& path,
                                                  const std::vector<std::string>& directories);

/// Nothing of a path that is no regular file.
std::optional<FileIdentity> identity_of(const std::string& path);

/// Its text, if it has at most `most_bytes`, what is left of `limit`. Never waits: what has become something
/// else than a regular file is not read.
std::variant<std::string, ImportError> read_import(const ImportFile& file, std::uint32_t most_bytes,
                                                   std::uint32_t limit);

}  // namespace ntkc::modules
