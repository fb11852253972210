#include "runtime/gram/tile_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "ntkc/errors.hpp"

namespace ntkc::runtime {

namespace {

constexpr std::uint64_t magic = 0x014c49544b544eff;  // 0xff "NTKTIL" 0x01
constexpr std::int64_t header_bytes = 16;

struct RecordHead {
  std::int64_t task;
  std::int64_t size;
  std::uint64_t checksum;
};

std::uint64_t checksum(std::int64_t task, std::span<const std::byte> values) {
  return Fingerprint().add(task).add(values.data(), values.size()).value();
}

bool read_fully(int descriptor, void* data, std::size_t size, std::int64_t offset) {
  auto* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t count = pread(descriptor, at, size, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += count;
    offset += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

void Fingerprint::mix(std::uint64_t word) {
  // Multiplication moves information up, the shift down again; both can be undone, so that no two words give one state.
  state_ = (state_ ^ word) * 0x9e3779b97f4a7c15;
  state_ ^= state_ >> 29U;
}

Fingerprint& Fingerprint::add(const void* data, std::size_t bytes) {
  const auto* at = static_cast<const char*>(data);
  mix(bytes);
  for (; bytes > 0; bytes -= std::min<std::size_t>(bytes, 8), at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, std::min<std::size_t>(bytes, 8));
    mix(word);
  }
  return *this;
}

Fingerprint& Fingerprint::add(std::string_view text) { return add(text.data(), text.size()); }

void TileLog::fail(const char* action) const {
  const int error = errno;
  throw InputError(fmt::format("{}: {}: {}; make room, or name another folder (--checkpoint)", path_, action,
                               std::generic_category().message(error)));
}

TileLog::TileLog(std::string path, std::uint64_t identity, std::int64_t tasks)
    : path_(std::move(path)),
      identity_(identity),
      offsets_(static_cast<std::size_t>(tasks), -1),
      sizes_(static_cast<std::size_t>(tasks), 0) {
  descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) fail("cannot open");
  try {
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0)
      throw InputError(
          fmt::format("{}: another process is computing the same Gram matrix with this checkpoint", path_));
    read_all();
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

TileLog::~TileLog() { close(descriptor_); }

void TileLog::read_all() {
  struct stat status = {};
  if (fstat(descriptor_, &status) != 0) fail("cannot read");
  std::array<std::uint64_t, 2> head{};
  if (!read_fully(descriptor_, head.data(), sizeof head, 0) || head[0] != magic || head[1] != identity_) {
    // New, or begun by a run that ended at once.
    head = {magic, identity_};
    if (ftruncate(descriptor_, 0) != 0 || pwrite(descriptor_, head.data(), sizeof head, 0) != sizeof head)
      fail("cannot write");
    end_ = header_bytes;
    return;
  }
  end_ = header_bytes;
  std::vector<std::byte> values;
  RecordHead record{};
  while (read_fully(descriptor_, &record, sizeof record, end_)) {
    const std::int64_t begin = end_ + static_cast<std::int64_t>(sizeof record);
    if (record.task < 0 || record.task >= std::ssize(offsets_) || record.size < 0 ||
        record.size > status.st_size - begin)
      break;
    values.resize(static_cast<std::size_t>(record.size));
    if (!read_fully(descriptor_, values.data(), values.size(), begin) ||
        checksum(record.task, values) != record.checksum)
      break;
    const auto task = static_cast<std::size_t>(record.task);
    if (!first_task_) {
      first_task_ = record.task;
    } else if (offsets_[task] < 0) {
      ++kept_;
      kept_bytes_ += record.size;
    }
    offsets_[task] = begin;
    sizes_[task] = record.size;
    end_ = begin + record.size;
  }
  if (end_ < status.st_size && ftruncate(descriptor_, end_) != 0) fail("cannot write");
}

bool TileLog::read(std::int64_t task, std::span<std::byte> values) const {
  const auto index = static_cast<std::size_t>(task);
  if (offsets_[index] < 0) return false;
  if (sizes_[index] != static_cast<std::int64_t>(values.size()) ||
      !read_fully(descriptor_, values.data(), values.size(), offsets_[index]))
    throw InputError(fmt::format("{}: cannot be read again, or has changed; remove it", path_));
  return true;
}

void TileLog::append(std::int64_t task, std::span<const std::byte> values) {
  RecordHead record{task, static_cast<std::int64_t>(values.size()), checksum(task, values)};
  const std::array<iovec, 2> parts = {iovec{&record, sizeof record},
                                      iovec{const_cast<std::byte*>(values.data()), values.size()}};
  const std::lock_guard lock(mutex_);
  const auto size = static_cast<std::int64_t>(sizeof record + values.size());
  ssize_t written = -1;
  do {
    written = pwritev(descriptor_, parts.data(), static_cast<int>(parts.size()), end_);
  } while (written < 0 && errno == EINTR);
  if (written >= 0 && written < size) errno = ENOSPC;
  if (written < size) fail("cannot write");
  end_ += size;
}

}  // namespace ntkc::runtime
