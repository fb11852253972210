#include "runtime/data/byte_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "ntkc/errors.hpp"

namespace ntkc::data {

namespace {

constexpr std::size_t read_ahead = std::size_t{1} << 16;
constexpr std::size_t peek_size = 16;
// Deflate codes at most 258 bytes in two bits (zlib's technical notes: 1032:1).
constexpr std::uint64_t largest_deflate_ratio = 1032;

bool starts_like_gzip(const char* bytes, std::size_t size) {
  return size >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

}  // namespace

std::string system_message(int error) { return std::system_category().message(error); }

std::string byte_text(std::uint64_t bytes) {
  static constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < std::size(units); ++unit) size /= 1024;
  return fmt::format("{:.1f} {}", size, units[unit]);
}

ByteSource::ByteSource(const std::string& path)
    : name_(path == "-" ? "standard input" : path), owns_descriptor_(path != "-"), input_(read_ahead) {
  if (path.empty()) throw InputError("the name of the file to read is empty");
  descriptor_ = owns_descriptor_ ? open(path.c_str(), O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
  if (descriptor_ < 0) {
    const int error = errno;
    const char* remedy = error == ENOENT || error == ENOTDIR ? "check the path"
                         : error == EACCES                   ? "check the permissions"
                                                             : "nothing was read";
    fail(fmt::format("cannot open for reading: {}; {}", system_message(error), remedy));
  }
  try {
    measure();
    refill();
    compressed_ = starts_like_gzip(input_.data(), input_end_);
    if (compressed_) start_unpacking();
  } catch (...) {
    if (owns_descriptor_) close(descriptor_);
    throw;
  }
}

ByteSource::~ByteSource() {
  if (compressed_) inflateEnd(&unpacker_);
  if (owns_descriptor_) close(descriptor_);
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

void ByteSource::start_unpacking() {
  constexpr int gzip_only = 16;
  if (inflateInit2(&unpacker_, MAX_WBITS + gzip_only) != Z_OK) {
    compressed_ = false;  // nothing to end
    fail("cannot be unpacked: no memory for gzip; free some");
  }
  exact_size_ = false;
  if (largest_size_ != unknown_size) largest_size_ *= largest_deflate_ratio;
}

std::size_t ByteSource::read_descriptor(char* out, std::size_t size) {
  while (true) {
    const ssize_t count = ::read(descriptor_, out, size);
    if (count >= 0) return static_cast<std::size_t>(count);
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
  return held + (compressed_ ? read_unpacked(out + held, size - held) : read_plain(out + held, size - held));
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

// A gzip file is a sequence of members (RFC 1952 §2.2). True if another one follows.
bool ByteSource::next_member() {
  if (!refill()) return false;
  if (static_cast<unsigned char>(input_[input_begin_]) != 0x1f) {
    fail("bytes follow the end of the compressed data; compress it anew");
  }
  inflateReset(&unpacker_);
  return true;
}

std::size_t ByteSource::read_unpacked(char* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size && !finished_) {
    if (!refill()) fail("the compressed data end early; the file is truncated, fetch or make it again");
    const std::size_t room =
        std::min<std::size_t>(size - done, std::size_t{1} << 30);  // zlib counts in 32 bits
    unpacker_.next_in = reinterpret_cast<Bytef*>(input_.data() + input_begin_);
    unpacker_.avail_in = static_cast<uInt>(input_end_ - input_begin_);
    unpacker_.next_out = reinterpret_cast<Bytef*>(out + done);
    unpacker_.avail_out = static_cast<uInt>(room);
    const int status = inflate(&unpacker_, Z_NO_FLUSH);
    input_begin_ = input_end_ - unpacker_.avail_in;
    done += room - unpacker_.avail_out;
    if (status == Z_STREAM_END) {
      finished_ = !next_member();
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      fail(fmt::format("the compressed data are damaged ({}); fetch or make the file again",
                       unpacker_.msg != nullptr ? unpacker_.msg : "gzip error"));
    }
  }
  return done;
}

}  // namespace ntkc::data
