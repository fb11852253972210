// The file of a checkpoint: finished tasks of one Gram matrix, one record behind the other.
//
//     offset  bytes  content
//     0       8      magic, the version in its last byte
//     8       8      identity of the matrix
//     16      …      records: task, size of the values, checksum (8 bytes each), values
//
// All numbers are those of this machine: nobody else reads the file. A record is appended by one call; the end of a run
// may cut the last one off, or a loss of power leave others wrong, which their checksums tell. What is behind the first
// wrong one is forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ntkc::runtime {

/// A number for a sequence of bytes, to recognise them by; not against malice.
class Fingerprint {
 public:
  Fingerprint& add(const void* data, std::size_t bytes);
  Fingerprint& add(std::string_view text);
  Fingerprint& add(std::int64_t number) { return add(&number, sizeof number); }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  void mix(std::uint64_t word);

  std::uint64_t state_ = 0x243f6a8885a308d3;  // π
};

class TileLog {
 public:
  /// Opens the file and reads what there is of `tasks` tasks. Throws InputError if it cannot be, or if another process
  /// is at it.
  TileLog(std::string path, std::uint64_t identity, std::int64_t tasks);
  TileLog(const TileLog&) = delete;
  TileLog& operator=(const TileLog&) = delete;
  ~TileLog();

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Tasks that were there when the file was opened, but for the first.
  [[nodiscard]] std::int64_t kept() const { return kept_; }
  /// Bytes of their values.
  [[nodiscard]] std::int64_t kept_bytes() const { return kept_bytes_; }
  /// The values of a task into `values`; false if they are not there. From any thread.
  bool read(std::int64_t task, std::span<std::byte> values) const;
  /// Keeps a task. From any thread. Throws InputError if the file cannot be written.
  void append(std::int64_t task, std::span<const std::byte> values);
  /// The task of the first record, if there is one: it is computed again to see whether the rest can be used.
  [[nodiscard]] std::optional<std::int64_t> first_task() const { return first_task_; }

 private:
  [[noreturn]] void fail(const char* action) const;
  void read_all();

  std::string path_;
  std::uint64_t identity_;
  int descriptor_ = -1;
  std::int64_t end_ = 0;
  std::int64_t kept_ = 0;
  std::int64_t kept_bytes_ = 0;
  std::optional<std::int64_t> first_task_;
  std::vector<std::int64_t> offsets_;  ///< of the values of each task; -1: not there
  std::vector<std::int64_t> sizes_;
  std::mutex mutex_;
};

}  // namespace ntkc::runtime
