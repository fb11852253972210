#include "compiler/modules/import_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace ntkc::modules {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

std::string_view what_it_is(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

ImportError not_regular(const std::string& path, mode_t mode) {
  return {DiagnosticKind::import_not_regular, fmt::format("`{}` is {}", path, what_it_is(mode)),
          "import a regular file"};
}

ImportError unreadable(const std::string& path) {
  return {DiagnosticKind::unreadable_file, fmt::format("`{}` cannot be read: {}", path, std::strerror(errno)),
          ""};
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

std::variant<ImportFile, ImportError> find_import(const std::string& path,
                                                  const std::vector<std::string>& directories) {
  // A NUL would end the path for the system, not for the reader.
  if (path.empty() || path.find('\0') != std::string::npos) {
    return ImportError{DiagnosticKind::import_not_found, "the path of an import names no file", ""};
  }
  std::string places;
  for (const std::string& directory : directories) {
    const std::string candidate = (std::filesystem::path(directory) / path).lexically_normal().string();
    struct stat status{};
    if (::stat(candidate.c_str(), &status) == 0) {
      if (!S_ISREG(status.st_mode)) return not_regular(candidate, status.st_mode);
      return ImportFile{candidate, {status.st_dev, status.st_ino}};
    }
    if (errno != ENOENT && errno != ENOTDIR) return unreadable(candidate);
    places += fmt::format("{}`{}`", places.empty() ? "" : ", ", candidate);
    if (path.starts_with('/')) break;  // the directories do not matter
  }
  return ImportError{DiagnosticKind::import_not_found, fmt::format("there is no file `{}`", path),
                     fmt::format("looked for {}; `-I DIR` adds a directory", places)};
}

std::variant<std::string, ImportError> read_import(const ImportFile& file, std::uint32_t most_bytes,
                                                   std::uint32_t limit) {
  // Not blocking: the path may have become a pipe since it was looked at.
  const Descriptor descriptor(::open(file.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (descriptor.get() < 0) return unreadable(file.path);
  struct stat status{};
  if (::fstat(descriptor.get(), &status) != 0) return unreadable(file.path);
  if (!S_ISREG(status.st_mode)) return not_regular(file.path, status.st_mode);
  const ImportError too_large = {
      DiagnosticKind::file_too_large,
      fmt::format("with `{}` the network has more than {} bytes, the limit for all its files", file.path,
                  limit),
      ""};
  if (status.st_size > static_cast<off_t>(most_bytes)) return too_large;
  // One byte more than the file says that it has, to see whether it has grown since.
  std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    if (size == text.size()) text.resize(std::min<std::size_t>(2 * size, std::size_t{most_bytes} + 1));
    const ssize_t count = ::read(descriptor.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(file.path);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size > most_bytes) return too_large;
  }
  text.resize(size);
  text.shrink_to_fit();
  return text;
}

}  // namespace ntkc::modules
