#include "cli/written_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "cli/command.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/output_file.hpp"

namespace ntkc::cli {

namespace {

using Identity = std::pair<dev_t, ino_t>;

/// Of a regular file.
std::optional<Identity> identity_of(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return Identity{status.st_dev, status.st_ino};
}

std::optional<Identity> identity_of(int descriptor) {
  struct stat status = {};
  return fstat(descriptor, &status) == 0 ? identity_of(status) : std::nullopt;
}

std::optional<Identity> identity_of(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 ? identity_of(status) : std::nullopt;
}

/// Endings that somebody who writes them means.
constexpr auto meant_endings = std::to_array<std::string_view>(
    {".npy",  ".npz",  ".csv", ".tsv",  ".txt",     ".dat",  ".json",  ".svg", ".svgz",
     ".png",  ".pdf",  ".jpg", ".jpeg", ".gif",     ".webp", ".tiff",  ".eps", ".ps",
     ".html", ".tex",  ".md",  ".arch", ".gz",      ".bz2",  ".xz",    ".zst", ".zip",
     ".h5",   ".hdf5", ".mat", ".xlsx", ".parquet", ".pkl",  ".joblib"});

}  // namespace

WrittenFiles::WrittenFiles(const std::string& output) {
  if (const auto redirected = identity_of(STDOUT_FILENO)) files_.push_back({*redirected, "standard output"});
  if (output.empty() || names_standard_output(output)) return;
  if (const auto replaced = identity_of(output)) files_.push_back({*replaced, "-o " + output});
}

void WrittenFiles::require_other(const std::string& input) const {
  if (input.empty()) return;
  const auto identity = input == "-" ? identity_of(STDIN_FILENO) : identity_of(input);
  if (!identity) return;
  for (const File& file : files_) {
    if (file.identity != *identity) continue;
    throw InputError(
        fmt::format("{}: is the same file as {}: the result would destroy its own input; write it to "
                    "another file",
                    input == "-" ? "standard input" : input, file.name));
  }
}

bool has_ending(std::string_view path, std::string_view ending) {
  return path.size() > ending.size() &&
         std::equal(ending.begin(), ending.end(), path.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [](char wanted, char given) {
                      return wanted == std::tolower(static_cast<unsigned char>(given));
                    });
}

void require_format(const std::string& output, const std::vector<std::string_view>& written) {
  const auto ends = [&](std::string_view ending) { return has_ending(output, ending); };
  if (std::ranges::any_of(written, ends) || std::ranges::none_of(meant_endings, ends)) return;
  throw UsageError(fmt::format(
      "-o {}: this command does not write that format; {}", output,
      written.empty() ? "leave out the ending" : fmt::format("it writes {}", fmt::join(written, ", "))));
}

}  // namespace ntkc::cli
