// A result file that appears complete or not at all.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace ntkc {

/// Whether bytes written to this path arrive on standard output: "-", /dev/stdout and its aliases, links to them,
/// and the file, pipe or terminal that standard output has been redirected to. (/dev/null is nothing that two
/// writers could spoil for one another.)
bool names_standard_output(const std::string& path);

/// Collects a file without a name beside its target and gives it the name in commit(). Open it before a long
/// computation: whatever can be known beforehand (directory missing, not permitted, target is a directory) is
/// thrown by the constructor. Every failure is an InputError that names the path, the system's reason and what
/// to do.
///
/// - Without commit() nothing is left, however the process ends, and a file that was at the target before stays
///   as it was: a file that has no name (O_TMPFILE) ends with its descriptor.
/// - What remains: Linux links a nameless file to a free name only. A file that exists is replaced by linking
///   the new one to a name `.ntkc-…` beside it and renaming that, with all signals held back; SIGKILL or a
///   power failure in these microseconds leaves the new file, complete, under that name. And some file systems
///   (NFS, FAT) have no nameless files. There the whole file is collected under such a name, which goes when the
///   object does or when remove_unfinished_outputs() is called; any other end of the process leaves it.
/// - Standard output (names_standard_output), descriptors by name (/dev/fd/N) and anything that is not a
///   regular file (pipe, terminal, /dev/null) cannot be replaced: the bytes are written to them as they come.
/// - Symbolic links are followed: the file they point to is replaced, and keeps its permissions, its owner
///   where that is permitted (root) and its group. At no time can anybody read it who could not before.
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
  /// Text belongs on standard error then.
  [[nodiscard]] bool is_standard_output() const { return standard_output_; }

 private:
  void write_through(int descriptor);
  void open_replacement(const std::string& target, bool exists);
  bool open_nameless(const std::string& folder, unsigned mode);
  void open_named(const std::string& folder, unsigned mode);
  [[nodiscard]] bool take_name();
  void claim_temporary_name(const std::string& folder);
  void write_all(const char* data, std::size_t size);
  void flush();
  void close_and_remove() noexcept;
  [[noreturn]] void fail(const char* action, int error) const;

  std::string name_;
  std::string target_;     // what commit() replaces; empty when writing through
  std::string temporary_;  // a name that exists and has to go; empty if there is none
  std::vector<char> buffer_;
  int descriptor_ = -1;
  bool standard_output_ = false;
  int cleanup_slot_ = -1;  // in the table remove_unfinished_outputs() walks
};

/// Deletes the temporary files of all OutputFiles of this process that were not committed, and lets no further
/// file take its name: the process is about to end. Async-signal-safe.
void remove_unfinished_outputs() noexcept;

}  // namespace ntkc
#pragma GCC visibility pop
