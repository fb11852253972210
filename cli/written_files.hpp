// An output is never an input: files are compared by device and inode, whatever names and links lead to them.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ntkc::cli {

/// The files that a command writes: what `-o` names, if it exists, and what standard output was redirected to.
class WrittenFiles {
 public:
  WrittenFiles() = default;
  /// `output` is the operand of `-o`; "" if there is none.
  explicit WrittenFiles(const std::string& output);

  /// Throws InputError if the input, "-" for standard input, is one of them. Only regular files can be lost: pipes,
  /// terminals and devices may be both.
  void require_other(const std::string& input) const;

 private:
  struct File {
    std::pair<dev_t, ino_t> identity;
    std::string name;  ///< as messages say it
  };

  std::vector<File> files_;
};

/// Throws UsageError if the ending of the file belongs to a format that is not among those that the command writes.
/// An ending that means nothing, or none, is fine.
void require_format(const std::string& output, const std::vector<std::string_view>& written);
/// Whether a path ends so, in small letters or capitals.
bool has_ending(std::string_view path, std::string_view ending);

}  // namespace ntkc::cli
