// Compilation where memory runs out, or somebody interrupts, at any moment: what is thrown is what was caused,
// nothing is destroyed twice or lost (which the sanitizers see: `./dev sanitize`), and the next compilation is
// as if nothing had been.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "compiler/driver/stages.hpp"
#include "compiler/kernel_ir/text_form.hpp"
#include "ntkc/cancellation.hpp"

namespace {

/// Allocations of this thread until the one that fails; none fails while it is negative.
thread_local long until_failure = -1;
thread_local long allocations = 0;

void* allocate(std::size_t size) {
  ++allocations;
  if (until_failure >= 0 && until_failure-- == 0) throw std::bad_alloc();
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
// What asks this way has another way to go on, as std::stable_sort.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace ntkc::fuzz {
namespace {

/// How often each network is stopped; NTKC_FAILURES says otherwise.
long failures() {
  const char* const text = std::getenv("NTKC_FAILURES");
  return text == nullptr ? 150 : std::atol(text);
}

/// The optimized program as text; of a network that is refused, what is said of it.
std::string compiled(const std::string& network) {
  CompileOptions options;
  options.sigma = options.theta = true;
  driver::Compilation compilation(network, options, "random.arch");
  const auto optimized = driver::optimized_of(compilation);
  return optimized ? kernel_ir::print(optimized->program) : compilation.rendered().front().message;
}

const std::vector<std::string>& networks() {
  static const std::string head = "network n(depth = 2)\ninput x : vector(3)\n";
  static const std::vector<std::string> all = {
      "network n\ninput x : image(4, 4, 2)\noutput x |> conv(3) |> relu |> avg_pool(2) |> conv(2) |> flatten "
      "|> dense\n",
      head +
          "h = x |> dense(b_std = 0.1)\nrepeat depth { h = h + 0.3 * (h |> gelu |> dense) }\n"
          "output concat(h |> selu |> dense, h |> gabor |> dense) |> relu |> dense\n",
      "activation f(z) = where(z > 0.5, z, exp(-abs(z)))\n" + head + "output x |> dense |> f |> dense\n",
      head + "output x |> dense |> sigmoid |> dense(missing = 1)\n"};
  return all;
}

TEST_CASE("a compilation that runs out of memory anywhere throws, and the next one is as ever") {
  std::mt19937_64 random(1);
  for (const std::string& network : networks()) {
    const std::string expected = compiled(network);
    allocations = 0;
    CHECK(compiled(network) == expected);
    const long total = allocations;
    CAPTURE(network);
    for (long i = 0; i < failures(); ++i) {
      const long at = static_cast<long>(random() % static_cast<std::uint64_t>(total));
      CAPTURE(at);
      bool is_thrown = false;
      until_failure = at;
      try {
        (void)compiled(network);
      } catch (const std::bad_alloc&) {
        is_thrown = true;
      }
      const bool is_reached = until_failure < 0;
      until_failure = -1;
      CHECK(is_reached);
      CHECK(is_thrown);
    }
    CHECK(compiled(network) == expected);
  }
}

TEST_CASE("a compilation that is interrupted anywhere throws, and the next one is as ever") {
  std::mt19937_64 random(1);
  for (const std::string& network : networks()) {
    const std::string expected = compiled(network);
    long polls = 0;
    {
      const CancellationScope scope([&] { return ++polls, true; });
      (void)compiled(network);
    }
    CAPTURE(network);
    for (long i = 0; i < (polls == 0 ? 0 : failures()); ++i) {
      long left = static_cast<long>(random() % static_cast<std::uint64_t>(polls));
      const CancellationScope scope([&] { return left-- > 0; });
      CHECK_THROWS_AS((void)compiled(network), Cancelled);
    }
    CHECK(compiled(network) == expected);
  }
}

}  // namespace
}  // namespace ntkc::fuzz
