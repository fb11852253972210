#include "ntkc/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <optional>
#include <random>
#include <stdexcept>

#include "ntkc/errors.hpp"
#include "runtime/data/byte_source.hpp"
#include "runtime/data/nameless_files.hpp"

namespace ntkc {

std::atomic<bool> data::use_nameless_files = true;

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

/// Held while a file takes its name. Whoever ends the process takes it and keeps it: no name appears behind its
/// back.
std::atomic<bool> naming = false;

void wait_a_millisecond() {
  const timespec millisecond = {0, 1'000'000};
  nanosleep(&millisecond, nullptr);
}

/// Holds back signals in this thread, and the end of the process (remove_unfinished_outputs), for as long as a
/// name exists that must not stay.
class NamingScope {
 public:
  NamingScope() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
    while (naming.exchange(true)) wait_a_millisecond();
  }
  ~NamingScope() {
    naming = false;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NamingScope(const NamingScope&) = delete;
  NamingScope& operator=(const NamingScope&) = delete;

 private:
  sigset_t before_ = {};
};

/// N if the path is entry N of this process's table of descriptors, by whichever name (/dev/fd, /proc/self/fd).
/// Opening that anew would start a second file offset and overwrite what a shell has collected there, so the
/// descriptor is duplicated.
std::optional<int> descriptor_entry(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  int number = -1;
  const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || rest != name.data() + name.size() || number < 0) return std::nullopt;
  std::error_code failure;
  const auto folder = std::filesystem::canonical(path.parent_path(), failure);
  if (failure || folder != std::filesystem::canonical("/proc/self/fd", failure) || failure)
    return std::nullopt;
  return number;
}

/// Where a chain of symbolic links ends: a file, whether it exists or not, or a descriptor of this process.
struct LinkEnd {
  std::filesystem::path path;
  std::optional<int> descriptor;
};

LinkEnd follow_links(std::filesystem::path path) {
  constexpr int longest_chain = 40;  // as the system's own limit
  std::error_code error;
  for (int i = 0; i < longest_chain; ++i) {
    if (const std::optional<int> descriptor = descriptor_entry(path)) return {path, descriptor};
    if (!std::filesystem::is_symlink(path, error)) break;
    const std::filesystem::path link = std::filesystem::read_symlink(path, error);
    if (error) break;
    path = link.is_absolute() ? link : path.parent_path() / link;
  }
  return {path, std::nullopt};
}

bool is_null_device(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

/// The name of an open file under /proc, by which a nameless one can be linked.
std::string link_source(int descriptor) { return fmt::format("/proc/self/fd/{}", descriptor); }

/// Owner, group and permissions of the file that is replaced. Only root can give a file away. Where the group
/// cannot be kept, its rights are cut to those that everybody has.
void take_ownership(int descriptor, const struct stat& old) {
  mode_t mode = old.st_mode & 07777;
  struct stat made = {};
  if (fstat(descriptor, &made) != 0) return;
  const bool same = made.st_uid == old.st_uid && made.st_gid == old.st_gid;
  if (!same && fchown(descriptor, old.st_uid, old.st_gid) != 0 &&
      fchown(descriptor, static_cast<uid_t>(-1), old.st_gid) != 0)
    mode &= ~static_cast<mode_t>(070) | (mode & 07) << 3;
  (void)fchmod(descriptor, mode);
}

/// Extended attributes of the file that is replaced, its access control list among them. Best effort: those of the
/// system that are not ours to set, and file systems without, are left out.
void take_attributes(int descriptor, const std::string& old) {
  const ssize_t size = listxattr(old.c_str(), nullptr, 0);
  if (size <= 0) return;
  std::string names(static_cast<std::size_t>(size), '\0');
  const ssize_t listed = listxattr(old.c_str(), names.data(), names.size());
  if (listed <= 0) return;
  names.resize(static_cast<std::size_t>(listed));
  for (std::size_t begin = 0; begin < names.size();) {
    const std::string name = names.c_str() + begin;
    begin += name.size() + 1;
    const ssize_t length = getxattr(old.c_str(), name.c_str(), nullptr, 0);
    if (length < 0) continue;
    std::string value(static_cast<std::size_t>(length), '\0');
    const ssize_t received = getxattr(old.c_str(), name.c_str(), value.data(), value.size());
    if (received >= 0)
      (void)fsetxattr(descriptor, name.c_str(), value.data(), static_cast<std::size_t>(received), 0);
  }
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

const char* help_for(int error) {
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
    default:
      return "choose another place";
  }
}

}  // namespace

bool names_standard_output(const std::string& path) {
  if (path == "-") return true;
  if (path.empty()) return false;
  if (follow_links(path).descriptor == STDOUT_FILENO) return true;
  struct stat named = {};
  struct stat output = {};
  return stat(path.c_str(), &named) == 0 && fstat(STDOUT_FILENO, &output) == 0 && !is_null_device(output) &&
         named.st_dev == output.st_dev && named.st_ino == output.st_ino;
}

OutputFile::OutputFile(const std::string& path) : name_(path == "-" ? "standard output" : path) {
  if (path.empty()) throw InputError("the name of the output file is empty");
  buffer_.reserve(buffer_size);
  standard_output_ = names_standard_output(path);
  const LinkEnd end = follow_links(path);
  const std::optional<int> descriptor = standard_output_ ? STDOUT_FILENO : end.descriptor;
  if (descriptor) {
    write_through(*descriptor);
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
  // Replacing needs no permission on the file that goes; one that is marked read-only is meant to stay.
  if (exists && faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) fail("cannot replace", errno);
  open_replacement(end.path.string(), exists);
  if (!exists) return;  // it stays as the umask made it
  take_ownership(descriptor_, status);
  take_attributes(descriptor_, path);
}

void OutputFile::write_through(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY) fail("cannot write", EBADF);
  descriptor_ = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (descriptor_ < 0) fail("cannot write", errno);
}

void OutputFile::open_replacement(const std::string& target, bool exists) {
  const std::filesystem::path target_path(target);
  if (!target_path.has_filename()) fail("cannot write", EISDIR);
  target_ = target;
  const std::string folder = target_path.parent_path().empty() ? "." : target_path.parent_path().string();
  // What replaces a file that not everybody may read is not for everybody either, from the first moment.
  const unsigned mode = exists ? 0600 : 0666;
  if (!open_nameless(folder, mode)) open_named(folder, mode);
}

/// False where the file system has no nameless files, or /proc is missing, by which they are linked.
bool OutputFile::open_nameless(const std::string& folder, unsigned mode) {
  if (!data::use_nameless_files) return false;
  descriptor_ = open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  if (descriptor_ < 0) return false;
  if (access(link_source(descriptor_).c_str(), F_OK) == 0) return true;
  close(descriptor_);
  descriptor_ = -1;
  return false;
}

void OutputFile::open_named(const std::string& folder, unsigned mode) {
  constexpr int attempts = 8;
  for (int i = 0; i < attempts; ++i) {
    claim_temporary_name(folder);  // before it exists, so that no signal falls between
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor_ >= 0) return;
    const int error = errno;
    withdraw_from_cleanup(cleanup_slot_);
    temporary_.clear();
    if (error != EEXIST) fail("cannot write into its directory", error);
  }
  fail("cannot write into its directory", EEXIST);
}

void OutputFile::claim_temporary_name(const std::string& folder) {
  temporary_ = (std::filesystem::path(folder) / random_name()).string();
  cleanup_slot_ = publish_for_cleanup(temporary_);
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
      fmt::format("{}: {}: {}; {}", name_, action, data::system_message(error), help_for(error)));
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
      if (error == EPIPE) throw BrokenPipe(name_ + ": its reader has gone");
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
  if (fsync(descriptor_) != 0 && !target_.empty() && errno != EINVAL) fail_and_remove("writing failed");
  if (!target_.empty()) {
    const NamingScope scope;
    if (!take_name()) fail_and_remove("cannot take its name");
    temporary_.clear();
    withdraw_from_cleanup(cleanup_slot_);
  }
  const int descriptor = descriptor_;
  descriptor_ = -1;
  // After EINTR the descriptor is closed on Linux all the same.
  if (close(descriptor) != 0 && errno != EINTR) fail_and_remove("writing failed");
  if (!target_.empty()) synchronise_directory(target_);
}

/// Gives the file its name; false, and errno, if that fails.
bool OutputFile::take_name() {
  const std::string source = link_source(descriptor_);
  const auto link_to = [&](const std::string& name) {
    return linkat(AT_FDCWD, source.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
  };
  if (temporary_.empty()) {
    if (link_to(target_)) return true;
    if (errno != EEXIST) return false;
    claim_temporary_name(std::filesystem::path(target_).parent_path().string());
    if (!link_to(temporary_)) return false;
  }
  return rename(temporary_.c_str(), target_.c_str()) == 0;
}

void remove_unfinished_outputs() noexcept {
  const int saved_error = errno;
  // Naming takes microseconds. It is not waited for without end: this may be a handler that interrupted it, and
  // a file server may be gone.
  constexpr int longest_wait = 100;
  for (int i = 0; i < longest_wait && naming.exchange(true); ++i) wait_a_millisecond();
  for (CleanupSlot& slot : cleanup_slots) {
    if (slot.state.load() == slot_published) unlink(slot.path);
  }
  errno = saved_error;
}

}  // namespace ntkc
