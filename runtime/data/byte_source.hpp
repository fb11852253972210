// Bytes of a file, of standard input, of a pipe or of a member of an archive, unpacked if they are compressed with
// gzip or zstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ntkc::data {

/// The system's words for an errno value, e.g. "No such file or directory".
std::string system_message(int error);

/// "512 bytes", "1.5 GiB".
std::string byte_text(std::uint64_t bytes);

class Unpacker;

/// A piece of a file: a member of a ZIP archive.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;      ///< as stored
  std::uint64_t unpacked = 0;  ///< as claimed
  bool deflated = false;       ///< else stored as it is
  std::uint32_t checksum = 0;  ///< CRC32 of the unpacked bytes
  std::string name;            ///< of the member, for messages
};

class ByteSource {
 public:
  static constexpr std::uint64_t unknown_size = std::numeric_limits<std::uint64_t>::max();

  /// "-" is standard input. Throws InputError if there is nothing to read from.
  explicit ByteSource(const std::string& path);
  /// A piece of a regular file.
  ByteSource(const std::string& path, const Extent& extent);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Up to `size` bytes; fewer only at the end. At the end of compressed bytes their checksum has been
  /// compared.
  std::size_t read(char* out, std::size_t size);

  /// The first bytes (at most 16), without taking them. Before the first read only.
  std::string_view peek();

  /// An upper bound on the bytes there are in all, before any was read: exact if exact_size(), unknown_size
  /// for a stream. It costs nothing and holds against any header.
  [[nodiscard]] std::uint64_t largest_size() const { return largest_size_; }
  [[nodiscard]] bool exact_size() const { return exact_size_; }

  /// As messages name it.
  [[nodiscard]] const std::string& name() const { return name_; }

  /// Throws InputError "name: message".
  [[noreturn]] void fail(const std::string& message) const;

 private:
  void open_file(const std::string& path);
  void measure();
  void choose_extent(const Extent& extent);
  std::size_t read_descriptor(char* out, std::size_t size);
  bool refill();
  std::size_t read_plain(char* out, std::size_t size);
  std::size_t read_unpacked(char* out, std::size_t size);
  void check_sum(const char* bytes, std::size_t size, bool at_end);

  std::string name_;
  int descriptor_ = -1;
  bool owns_descriptor_ = false;
  std::unique_ptr<Unpacker> unpacker_;  // null: the bytes are not compressed
  bool finished_ = false;               // compressed bytes only: all have been unpacked
  bool exact_size_ = false;
  std::uint64_t largest_size_ = unknown_size;
  std::vector<char> input_;  // read ahead
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  std::string peeked_;
  std::size_t peeked_begin_ = 0;
  std::uint64_t remaining_ = unknown_size;  // of an extent, as stored
  bool has_checksum_ = false;
  std::uint32_t expected_checksum_ = 0;
  std::uint32_t checksum_ = 0;
};

}  // namespace ntkc::data
