#include "runtime/data/zip_archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "ntkc/array_file.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"

namespace ntkc::data {

namespace {

constexpr std::uint64_t max_directory_bytes = std::uint64_t{16} << 20U;

/// Reads pieces of a file anywhere in it; every offset is compared with its size.
class ArchiveFile {
 public:
  explicit ArchiveFile(const std::string& path) : path_(path) {
    descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status = {};
    if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) {
      const int error = errno;
      if (descriptor_ >= 0) close(descriptor_);
      throw InputError(fmt::format("{}: cannot open for reading: {}", path, system_message(error)));
    }
    size_ = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  }
  ~ArchiveFile() { close(descriptor_); }
  ArchiveFile(const ArchiveFile&) = delete;
  ArchiveFile& operator=(const ArchiveFile&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }

  [[nodiscard]] std::string bytes(std::uint64_t offset, std::uint64_t count) const {
    if (offset > size_ || count > size_ - offset) refuse("its directory points outside of it");
    std::string result(count, '\0');
    for (std::uint64_t done = 0; done < count;) {
      const ssize_t received =
          pread(descriptor_, result.data() + done, count - done, static_cast<off_t>(offset + done));
      if (received < 0 && errno == EINTR) continue;
      if (received <= 0) refuse("it cannot be read to its end");
      done += static_cast<std::uint64_t>(received);
    }
    return result;
  }

  [[noreturn]] void refuse(std::string_view what) const {
    throw InputError(fmt::format("{}: the archive is damaged ({}); fetch or make it again", path_, what));
  }

 private:
  const std::string& path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Unsigned little-endian number of so many bytes.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

Directory find_directory(const ArchiveFile& file) {
  constexpr std::uint64_t record = 22;   // end of central directory, without its comment
  constexpr std::uint64_t locator = 20;  // of the ZIP64 record, before it
  constexpr std::uint64_t large_record = 56;
  constexpr std::uint64_t longest_comment = 0xffff;
  constexpr std::uint64_t unknown = 0xffffffff;
  if (file.size() < record) file.refuse("it is too short");
  const std::uint64_t tail = std::min(file.size(), record + longest_comment);
  const std::string end = file.bytes(file.size() - tail, tail);
  const std::size_t at = end.rfind("PK\x05\x06");
  if (at == std::string::npos || end.size() - at < record) file.refuse("it has no directory at its end");
  Directory directory{number(end, at + 16, 4), number(end, at + 12, 4)};
  if (directory.offset != unknown && directory.size != unknown) return directory;
  const std::uint64_t position = file.size() - tail + at;
  if (position < locator) file.refuse("it has no ZIP64 directory");
  const std::string pointer = file.bytes(position - locator, locator);
  if (!pointer.starts_with("PK\x06\x07")) file.refuse("it has no ZIP64 directory");
  const std::string large = file.bytes(number(pointer, 8, 8), large_record);
  if (!large.starts_with("PK\x06\x06")) file.refuse("it has no ZIP64 directory");
  return {number(large, 48, 8), number(large, 40, 8)};
}

/// Sizes and offset that do not fit in 32 bits are in the extra field 1, in this order.
void read_large_sizes(const ArchiveFile& file, std::string_view extra, Extent& member) {
  constexpr std::uint64_t unknown = 0xffffffff;
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const auto length = static_cast<std::size_t>(number(extra, at + 2, 2));
    if (length > extra.size() - at - 4) file.refuse("a field of its directory is too long");
    if (number(extra, at, 2) == 1) {
      std::string_view values = extra.substr(at + 4, length);
      for (std::uint64_t* const value : {&member.unpacked, &member.size, &member.offset}) {
        if (*value != unknown) continue;
        if (values.size() < 8) file.refuse("a size is missing");
        *value = number(values, 0, 8);
        values.remove_prefix(8);
      }
      return;
    }
    at += 4 + length;
  }
}

}  // namespace

std::vector<Extent> zip_members(const std::string& path) {
  const ArchiveFile file(path);
  const Directory directory = find_directory(file);
  if (directory.size > max_directory_bytes) file.refuse("its directory is too long");
  const std::string entries = file.bytes(directory.offset, directory.size);
  std::vector<Extent> members;
  constexpr std::size_t fixed = 46;
  for (std::size_t at = 0; at + fixed <= entries.size();) {
    const std::string_view entry = std::string_view(entries).substr(at);
    if (!entry.starts_with("PK\x01\x02")) file.refuse("an entry of its directory is none");
    const auto name_size = static_cast<std::size_t>(number(entry, 28, 2));
    const auto extra_size = static_cast<std::size_t>(number(entry, 30, 2));
    const auto comment_size = static_cast<std::size_t>(number(entry, 32, 2));
    if (fixed + name_size + extra_size + comment_size > entry.size()) file.refuse("its directory ends early");
    Extent member;
    member.name = entry.substr(fixed, name_size);
    const std::uint64_t flags = number(entry, 8, 2);
    const std::uint64_t method = number(entry, 10, 2);
    member.checksum = static_cast<std::uint32_t>(number(entry, 16, 4));
    member.size = number(entry, 20, 4);
    member.unpacked = number(entry, 24, 4);
    member.offset = number(entry, 42, 4);
    if ((flags & 1U) != 0 || (method != 0 && method != 8))
      throw InputError(fmt::format(
          "{}: the member `{}` is {}; write the archive with `np.savez`", path, shown(member.name),
          (flags & 1U) != 0 ? "encrypted" : "compressed by another method than deflate"));
    member.deflated = method == 8;
    read_large_sizes(file, entry.substr(fixed + name_size, extra_size), member);
    members.push_back(std::move(member));
    at += fixed + name_size + extra_size + comment_size;
  }
  constexpr std::size_t local = 30;
  for (Extent& member : members) {
    const std::string header = file.bytes(member.offset, local);
    if (!header.starts_with("PK\x03\x04")) file.refuse("a member is not where its directory says");
    member.offset += local + number(header, 26, 2) + number(header, 28, 2);
  }
  return members;
}

ArchivePath split_archive_path(const std::string& path) {
  constexpr std::string_view ending = ".npz:";
  const std::size_t colon = path.rfind(ending);
  if (colon == std::string::npos || access(path.c_str(), F_OK) == 0) return {path, ""};
  return {path.substr(0, colon + ending.size() - 1), path.substr(colon + ending.size())};
}

}  // namespace ntkc::data

namespace ntkc {

std::string file_of(const std::string& path) { return data::split_archive_path(path).file; }

}  // namespace ntkc
