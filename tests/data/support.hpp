// What the tests of runtime/data share: a directory that vanishes, bytes put together by hand, messages of
// errors.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ntkc/errors.hpp"

namespace ntkc::tests {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Writes a file and returns its path.
  std::string write(std::string_view name, std::string_view bytes) const;  // NOLINT(modernize-use-nodiscard)
  /// Names of all there is, sorted, hidden ones too.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

/// Standard input comes from a pipe that holds these bytes (at most 64 KiB) as long as this lives.
class StandardInput {
 public:
  explicit StandardInput(std::string_view bytes);
  ~StandardInput();
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int saved_;
};

std::string from_hexadecimal(std::string_view digits);

/// A .npy file of version 1.0 with this dictionary and these elements.
std::string npy(std::string_view dictionary, std::string_view elements, char version = 1);

/// An IDX file.
std::string idx(unsigned char type, const std::vector<std::uint32_t>& shape, std::string_view elements);

/// Compressed as gzip does.
std::string gzip(std::string_view bytes);

/// A few random changes: bytes cut off, changed, inserted, erased; pieces that headers and tables are sensitive to.
std::string mutated(std::string bytes, std::mt19937_64& random);

/// The message of the InputError that the function throws; "no error" if it throws none.
template <typename Function>
std::string error_of(Function&& function) {
  try {
    std::forward<Function>(function)();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace ntkc::tests
