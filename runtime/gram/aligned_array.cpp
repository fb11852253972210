#include "runtime/gram/aligned_array.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstdint>
#include <mutex>
#include <utility>

namespace ntkc::runtime {

namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21;
constexpr std::size_t large = 2 * huge_page;
constexpr std::size_t kept_at_most = std::size_t{64} << 20;

std::align_val_t alignment(std::size_t bytes) { return std::align_val_t{bytes >= large ? huge_page : 64}; }

struct Block {
  void* data = nullptr;
  std::size_t bytes = 0;
};

/// The block that is kept. Never destroyed: arrays may be released while the process ends.
struct Kept {
  std::mutex mutex;
  Block block;
};
Kept& kept() {
  static auto* instance = new Kept;
  return *instance;
}

}  // namespace

void* allocate_aligned(std::size_t bytes) {
  if (bytes < large) return ::operator new(bytes, alignment(bytes));
  {
    const std::lock_guard lock(kept().mutex);
    // Of the same size only: it is released under the size that it was asked for.
    if (kept().block.bytes == bytes) return std::exchange(kept().block, {}).data;
  }
  void* data = ::operator new(bytes, alignment(bytes));
  advise_huge_pages(data, bytes);
  return data;
}

void advise_huge_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__)
  if (bytes < large) return;
  constexpr std::uintptr_t page = 4096;
  const std::uintptr_t skipped = (page - reinterpret_cast<std::uintptr_t>(data) % page) % page;
  // Only advice: where it is not taken, small pages serve.
  static_cast<void>(
      madvise(static_cast<char*>(data) + skipped, (bytes - skipped) / page * page, MADV_HUGEPAGE));
#endif
}

void release_aligned(void* data, std::size_t bytes) {
  Block released = {data, bytes};
  if (bytes >= large && bytes <= kept_at_most) {
    const std::lock_guard lock(kept().mutex);
    std::swap(released, kept().block);
  }
  if (released.data != nullptr) ::operator delete(released.data, alignment(released.bytes));
}

}  // namespace ntkc::runtime
