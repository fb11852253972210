#include "runtime/data/byte_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "runtime/data/unpacker.hpp"

namespace ntkc::data {

namespace {

constexpr std::size_t read_ahead = std::size_t{1} << 16;
constexpr std::size_t peek_size = 16;

}  // namespace

std::string system_message(int error) { return std::system_category().message(error); }

std::string byte_text(std::uint64_t bytes) {
  static constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return counted(static_cast<std::int64_t>(bytes), "byte");
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < std::size(units); ++unit) size /= 1024;
  return fmt::format("{:.1f} {}", size, units[unit]);
}

ByteSource::ByteSource(const std::string& path)
    : name_(path == "-" ? "standard input" : path), owns_descriptor_(path != "-"), input_(read_ahead) {
  open_file(path);
  try {
    measure();
    refill();
    unpacker_ = unpacker_for({input_.data(), input_end_});
  } catch (...) {
    if (owns_descriptor_) close(descriptor_);
    throw;
  }
  if (!unpacker_) return;
  exact_size_ = false;
  if (largest_size_ != unknown_size) largest_size_ *= unpacker_->largest_ratio();
}

ByteSource::ByteSource(const std::string& path, const Extent& extent)
    : name_(fmt::format("{}:{}", path, extent.name)), owns_descriptor_(true), input_(read_ahead) {
  open_file(path);
  try {
    measure();
    choose_extent(extent);
    refill();
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

ByteSource::~ByteSource() {
  if (owns_descriptor_) close(descriptor_);
}

void ByteSource::open_file(const std::string& path) {
  if (path.empty()) throw InputError("the name of the file to read is empty");
  descriptor_ = owns_descriptor_ ? open(path.c_str(), O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
  if (descriptor_ >= 0) return;
  const int error = errno;
  const char* help = error == ENOENT || error == ENOTDIR ? "check the path"
                     : error == EACCES                   ? "check the permissions"
                                                         : "nothing was read";
  fail(fmt::format("cannot open for reading: {}; {}", system_message(error), help));
}

void ByteSource::choose_extent(const Extent& extent) {
  if (!exact_size_ || extent.offset > largest_size_ || extent.size > largest_size_ - extent.offset)
    fail("lies outside of its archive; the archive is damaged");
  if (lseek(descriptor_, static_cast<off_t>(extent.offset), SEEK_SET) < 0)
    fail(fmt::format("cannot be read: {}; nothing was read", system_message(errno)));
  remaining_ = extent.size;
  largest_size_ = extent.size;
  has_checksum_ = true;
  expected_checksum_ = extent.checksum;
  if (!extent.deflated) return;
  unpacker_ = raw_deflate_unpacker();
  exact_size_ = false;
  largest_size_ = std::min(extent.unpacked, extent.size * unpacker_->largest_ratio());
}

void ByteSource::fail(const std::string& message) const { throw InputError(name_ + ": " + message); }

void ByteSource::measure() {
  struct stat status = {};
  if (fstat(descriptor_, &status) != 0) {
    fail(fmt::format("cannot be read: {}; check that it is open", system_message(errno)));
  }
  if (S_ISDIR(status.st_mode)) fail("is a directory; name a file in it");
  // Files of /proc call themselves regular and of size 0: treated as streams.
  if (!S_ISREG(status.st_mode) || status.st_size <= 0) return;
  const off_t offset = lseek(descriptor_, 0, SEEK_CUR);
  if (offset < 0) return;
  largest_size_ = static_cast<std::uint64_t>(std::max<off_t>(status.st_size - offset, 0));
  exact_size_ = true;
}

std::size_t ByteSource::read_descriptor(char* out, std::size_t size) {
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, remaining_));
  while (true) {
    const ssize_t count = ::read(descriptor_, out, size);
    if (count >= 0) {
      if (remaining_ != unknown_size) remaining_ -= static_cast<std::uint64_t>(count);
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) fail(fmt::format("reading failed: {}; nothing was used", system_message(errno)));
  }
}

// Fills the read-ahead buffer once it is used up. False at the end of the file.
bool ByteSource::refill() {
  if (input_begin_ < input_end_) return true;
  input_begin_ = input_end_ = 0;
  // A pipe may deliver its bytes one by one; the start is needed whole, to be told by its magic number.
  while (input_end_ < peek_size) {
    const std::size_t count = read_descriptor(input_.data() + input_end_, input_.size() - input_end_);
    if (count == 0) break;
    input_end_ += count;
  }
  return input_end_ > 0;
}

std::size_t ByteSource::read(char* out, std::size_t size) {
  const std::size_t held = std::min(size, peeked_.size() - peeked_begin_);
  std::memcpy(out, peeked_.data() + peeked_begin_, held);
  peeked_begin_ += held;
  if (held == size) return size;
  const std::size_t wanted = size - held;
  const std::size_t received = unpacker_ ? read_unpacked(out + held, wanted) : read_plain(out + held, wanted);
  if (has_checksum_) check_sum(out + held, received, received < wanted);
  return held + received;
}

void ByteSource::check_sum(const char* bytes, std::size_t size, bool at_end) {
  checksum_ = static_cast<std::uint32_t>(crc32_z(checksum_, reinterpret_cast<const Bytef*>(bytes), size));
  if (at_end && checksum_ != expected_checksum_)
    fail("does not match its checksum; the archive is damaged, fetch or make it again");
}

std::string_view ByteSource::peek() {
  if (peeked_.empty()) {
    char start[peek_size];
    peeked_.assign(start, read(start, sizeof start));
    peeked_begin_ = 0;
  }
  return peeked_;
}

std::size_t ByteSource::read_plain(char* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    if (input_begin_ < input_end_ || size - done < read_ahead) {
      if (!refill()) break;
      const std::size_t count = std::min(size - done, input_end_ - input_begin_);
      std::memcpy(out + done, input_.data() + input_begin_, count);
      input_begin_ += count;
      done += count;
    } else {
      const std::size_t count = read_descriptor(out + done, size - done);
      if (count == 0) break;
      done += count;
    }
  }
  return done;
}

std::size_t ByteSource::read_unpacked(char* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size && !finished_) {
    if (!refill()) {
      if (!unpacker_->may_end())
        fail("the compressed data end early; the file is truncated, fetch or make it again");
      finished_ = true;
      break;
    }
    const std::string_view packed(input_.data() + input_begin_, input_end_ - input_begin_);
    const Unpacker::Step step = unpacker_->unpack(packed, out + done, size - done);
    if (step.error != nullptr)
      fail(fmt::format("the compressed data are damaged ({}); fetch or make the file again", step.error));
    if (step.consumed == 0 && step.produced == 0 && unpacker_->may_end())
      fail("bytes follow the end of the compressed data; compress it anew");
    input_begin_ += step.consumed;
    done += step.produced;
  }
  return done;
}

}  // namespace ntkc::data
