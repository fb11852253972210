#include "ntkc/checkpoint.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "ntkc/errors.hpp"

namespace ntkc {

Checkpoint::Checkpoint(std::string folder, Resumed resumed)
    : folder_(std::move(folder)), resumed_(std::move(resumed)) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error || !std::filesystem::is_directory(folder_, error))
    throw InputError(fmt::format("{}: cannot be made a folder for finished parts{}; name another one",
                                 folder_, error ? ": " + error.message() : ""));
  if (access(folder_.c_str(), W_OK | X_OK) != 0)
    throw InputError(fmt::format("{}: nothing may be written into this folder; name another one", folder_));
}

Checkpoint::~Checkpoint() = default;

void Checkpoint::note_file(const std::string& path) {
  const std::lock_guard lock(mutex_);
  files_.push_back(path);
}

void Checkpoint::finish() {
  const std::lock_guard lock(mutex_);
  std::error_code ignored;
  for (const std::string& file : files_) std::filesystem::remove(file, ignored);
  files_.clear();
  // Not if there is anything else in it.
  std::filesystem::remove(folder_, ignored);
}

}  // namespace ntkc
