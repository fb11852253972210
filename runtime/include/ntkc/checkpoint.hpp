// Finished parts of Gram matrices, kept in files: a run that ends early goes on where it was, to the same bits.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#pragma GCC visibility push(default)
namespace ntkc {

/// A folder of parts. What evaluates a Gram matrix with it (Execution::checkpoint) keeps each tile when it is done, and
/// takes those that an earlier run of the same kernel on the same inputs has kept. A kill at any moment loses only the
/// tiles that were being computed. The first tile is computed again, and has to be the same to the last bit: parts of
/// another processor or version are refused.
class Checkpoint {
 public:
  /// Told once for each matrix that was begun before, with the share of it that is there.
  using Resumed = std::function<void(double share)>;

  /// Makes the folder if it is not there. Throws InputError.
  explicit Checkpoint(std::string folder, Resumed resumed = {});
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;
  ~Checkpoint();

  [[nodiscard]] const std::string& folder() const { return folder_; }
  /// Removes what this run has kept, since the result is safe elsewhere, and the folder if nothing else is in it.
  void finish();

  /// For the runtime: a file of the folder is in use.
  void note_file(const std::string& path);
  void note_resumed(double share) const {
    if (resumed_) resumed_(share);
  }

 private:
  std::string folder_;
  Resumed resumed_;
  std::mutex mutex_;
  std::vector<std::string> files_;
};

}  // namespace ntkc
#pragma GCC visibility pop
