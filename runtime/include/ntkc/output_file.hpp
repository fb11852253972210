// A result file that appears complete or not at all.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ntkc {

/// Collects a file under a temporary name beside its target and renames it in commit(). Open it before a long
/// computation: whatever can be known beforehand (directory missing, not permitted, target is a directory) is
/// thrown by the constructor. Every failure is an InputError that names the path, the system's reason and what
/// to do.
///
/// - Without commit() the destructor removes the temporary file; a file that was at the target before stays
///   as it was.
/// - "-", /dev/stdout, /dev/fd/N and anything that is not a regular file (pipe, terminal, /dev/null) cannot
///   be replaced by renaming: the bytes are written to them as they come.
/// - Symbolic links are followed: the file they point to is replaced, and keeps its permissions.
/// - A process killed by a signal runs no destructors: call remove_unfinished_outputs() in its handler. Only
///   SIGKILL and a power failure leave a `.ntkc-…` file behind.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void append(std::string_view text);
  void append(std::span<const std::byte> bytes);

  /// Writes what is buffered, waits until the disk has it, and gives the file its name. Call it once, last.
  void commit();

  /// As given; "standard output" for "-".
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  void open_replacement(const std::string& target);
  void write_all(const char* data, std::size_t size);
  void flush();
  void close_and_remove() noexcept;
  [[noreturn]] void fail(const char* action, int error) const;

  std::string name_;
  std::string target_;     // what commit() replaces; empty when writing through
  std::string temporary_;  // empty when writing through, and once renamed or removed
  std::vector<char> buffer_;
  int descriptor_ = -1;
  int cleanup_slot_ = -1;  // in the table remove_unfinished_outputs() walks
};

/// Deletes the temporary files of all OutputFiles of this process that were not committed. Async-signal-safe;
/// meant for handlers of SIGINT, SIGTERM and SIGHUP that end the process afterwards.
void remove_unfinished_outputs() noexcept;

}  // namespace ntkc
