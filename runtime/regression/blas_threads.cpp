#include "runtime/regression/blas_threads.hpp"

#include <sys/mman.h>

#include <cstddef>
#include <mutex>
#include <vector>

#include "ntkc/errors.hpp"

// OpenBLAS's own; weak, because another BLAS does not have them.
extern "C" {
__attribute__((weak)) void openblas_set_num_threads(int threads);
__attribute__((weak)) void* blas_memory_alloc(int purpose);
__attribute__((weak)) void blas_memory_free(void* buffer);
}

namespace ntkc::runtime {

namespace {

/// Whether the system would map so much. The answer may be outdated at once, if other threads allocate.
bool can_map(std::size_t bytes) {
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  munmap(memory, bytes);
  return true;
}

/// OpenBLAS maps a buffer of 128 MiB for each thread that calls it, keeps it for later calls, and asks for ever if it
/// does not get it. So it is made to map its buffers here, each after a look whether there is room.
int mapped_buffers(int wanted, int mapped) {
  constexpr std::size_t buffer_and_margin = std::size_t{160} << 20U;
  std::vector<void*> buffers;
  // Those that are mapped already are taken first.
  while (static_cast<int>(buffers.size()) < wanted &&
         (static_cast<int>(buffers.size()) < mapped || can_map(buffer_and_margin)))
    buffers.push_back(blas_memory_alloc(0));
  for (void* const buffer : buffers) blas_memory_free(buffer);
  return static_cast<int>(buffers.size());
}

}  // namespace

int blas_threads(int threads) {
  if (&openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
  if (&blas_memory_alloc == nullptr || &blas_memory_free == nullptr) return threads;
  static std::mutex mutex;
  static int mapped = 0;
  const std::lock_guard lock(mutex);
  if (threads > mapped) mapped = mapped_buffers(threads, mapped);
  if (mapped == 0)
    throw InputError(
        "out of memory: OpenBLAS needs 128 MiB of address space for each thread; allow the process more "
        "(`ulimit -v`)");
  return threads < mapped ? threads : mapped;
}

}  // namespace ntkc::runtime
