#include "ntkc/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <filesystem>
#include <optional>
#include <random>
#include <stdexcept>

#include "ntkc/errors.hpp"
#include "runtime/data/byte_source.hpp"

namespace ntkc {

namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 18;

// What a signal handler must know, in memory that is never freed. A slot is claimed, filled, then published.
enum SlotState : int { slot_free, slot_claimed, slot_published };
struct CleanupSlot {
  std::atomic<int> state = slot_free;
  char path[PATH_MAX] = {};
};
constexpr std::size_t slot_count = 16;
std::array<CleanupSlot, slot_count> cleanup_slots;
static_assert(std::atomic<int>::is_always_lock_free, "handlers of signals may touch lock-free atomics only");

/// -1 if there is none left (or the path is too long): that file is then not removed on a signal, which is
/// all.
int publish_for_cleanup(const std::string& path) {
  if (path.size() >= PATH_MAX) return -1;
  for (std::size_t i = 0; i < slot_count; ++i) {
    int expected = slot_free;
    if (!cleanup_slots[i].state.compare_exchange_strong(expected, slot_claimed)) continue;
    std::memcpy(cleanup_slots[i].path, path.c_str(), path.size() + 1);
    cleanup_slots[i].state.store(slot_published);
    return static_cast<int>(i);
  }
  return -1;
}

void withdraw_from_cleanup(int& slot) {
  if (slot >= 0) cleanup_slots[static_cast<std::size_t>(slot)].state.store(slot_free);
  slot = -1;
}

/// N of /dev/fd/N, /dev/stdout, /dev/stderr and /proc/self/fd/N. Opening these anew would start a second file
/// offset and overwrite what a shell has collected there, so they are duplicated.
std::optional<int> named_descriptor(const std::string& path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    const char* const end = path.data() + path.size();
    int number = -1;
    const auto [rest, error] = std::from_chars(path.data() + folder.size(), end, number);
    if (error == std::errc() && rest == end && number >= 0) return number;
  }
  return std::nullopt;
}

/// The file that a chain of symbolic links ends in, whether it exists or not.
std::filesystem::path follow_links(std::filesystem::path path) {
  constexpr int longest_chain = 40;  // as the system's own limit
  std::error_code error;
  for (int i = 0; i < longest_chain && std::filesystem::is_symlink(path, error); ++i) {
    const std::filesystem::path link = std::filesystem::read_symlink(path, error);
    if (error) break;
    path = link.is_absolute() ? link : path.parent_path() / link;
  }
  return path;
}

std::string random_name() {
  std::random_device device;
  return fmt::format(".ntkc-{:08x}{:08x}", device(), device());
}

/// So that the new name itself survives a power failure. Best effort: not every file system can.
void synchronise_directory(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  const int descriptor = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  (void)fsync(descriptor);
  close(descriptor);
}

const char* remedy_for(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "create the directory first";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a place you may write to";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "free space or choose another disk";
    case EISDIR:
      return "name a file in it";
    case ENAMETOOLONG:
    case ELOOP:
      return "choose another name";
    case EPIPE:
      return "the reader of the pipe has gone";
    default:
      return "choose another place";
  }
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : name_(path == "-" ? "standard output" : path) {
  if (path.empty()) throw InputError("the name of the output file is empty");
  buffer_.reserve(buffer_size);
  if (const std::optional<int> descriptor = named_descriptor(path)) {
    descriptor_ = fcntl(*descriptor, F_DUPFD_CLOEXEC, 0);
    if (descriptor_ < 0) fail("cannot write", errno);
    return;
  }
  struct stat status = {};
  const bool exists = stat(path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail("cannot write", errno);
  if (exists && S_ISDIR(status.st_mode)) fail("cannot write", EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    descriptor_ = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor_ < 0) fail("cannot write", errno);
    return;
  }
  // Renaming needs no permission on the file it replaces; a file that is marked read-only is meant to stay.
  if (exists && faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) fail("cannot replace", errno);
  open_replacement(follow_links(path).string());
  if (exists) (void)fchmod(descriptor_, status.st_mode & 07777);  // else stays as the umask made it
}

void OutputFile::open_replacement(const std::string& target) {
  const std::filesystem::path target_path(target);
  if (!target_path.has_filename()) fail("cannot write", EISDIR);
  target_ = target;
  constexpr int attempts = 8;
  for (int i = 0; i < attempts; ++i) {
    temporary_ = (target_path.parent_path() / random_name()).string();
    cleanup_slot_ = publish_for_cleanup(temporary_);  // before it exists, so that no signal falls between
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) return;
    const int error = errno;
    withdraw_from_cleanup(cleanup_slot_);
    temporary_.clear();
    if (error != EEXIST) fail("cannot write into its directory", error);
  }
  fail("cannot write into its directory", EEXIST);
}

OutputFile::~OutputFile() { close_and_remove(); }

void OutputFile::close_and_remove() noexcept {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
  if (!temporary_.empty()) unlink(temporary_.c_str());
  temporary_.clear();
  withdraw_from_cleanup(cleanup_slot_);
}

void OutputFile::fail(const char* action, int error) const {
  throw InputError(
      fmt::format("{}: {}: {}; {}", name_, action, data::system_message(error), remedy_for(error)));
}

void OutputFile::append(std::string_view text) {
  if (descriptor_ < 0) throw std::logic_error("OutputFile::append after commit or a failure");
  if (buffer_.size() + text.size() > buffer_size) flush();
  if (text.size() >= buffer_size) {
    write_all(text.data(), text.size());
  } else {
    buffer_.insert(buffer_.end(), text.begin(), text.end());
  }
}

void OutputFile::append(std::span<const std::byte> bytes) {
  append(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void OutputFile::flush() {
  write_all(buffer_.data(), buffer_.size());
  buffer_.clear();
}

void OutputFile::write_all(const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::write(descriptor_, data, size);
    if (count < 0) {
      const int error = errno;
      if (error == EINTR) continue;
      close_and_remove();  // free the space at once: a full disk is everybody's trouble
      fail("writing failed", error);
    }
    data += count;
    size -= static_cast<std::size_t>(count);
  }
}

void OutputFile::commit() {
  if (descriptor_ < 0) throw std::logic_error("OutputFile::commit twice or after a failure");
  flush();
  const auto fail_and_remove = [this](const char* action) {
    const int error = errno;
    close_and_remove();
    fail(action, error);
  };
  // Pipes, terminals and some file systems cannot be synchronised and say EINVAL or the like: not a failure.
  if (fsync(descriptor_) != 0 && !temporary_.empty() && errno != EINVAL) fail_and_remove("writing failed");
  const int descriptor = descriptor_;
  descriptor_ = -1;
  // After EINTR the descriptor is closed on Linux all the same.
  if (close(descriptor) != 0 && errno != EINTR) fail_and_remove("writing failed");
  if (temporary_.empty()) return;
  if (rename(temporary_.c_str(), target_.c_str()) != 0) fail_and_remove("cannot take its name");
  temporary_.clear();
  withdraw_from_cleanup(cleanup_slot_);
  synchronise_directory(target_);
}

void remove_unfinished_outputs() noexcept {
  const int saved_error = errno;
  for (CleanupSlot& slot : cleanup_slots) {
    if (slot.state.load() == slot_published) unlink(slot.path);
  }
  errno = saved_error;
}

}  // namespace ntkc
