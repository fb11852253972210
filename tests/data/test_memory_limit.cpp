#include <doctest/doctest.h>

#include <filesystem>
#include <limits>
#include <string>

#include "runtime/data/memory_limit.hpp"
#include "tests/data/support.hpp"

namespace ntkc::tests {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

TEST_CASE("the limit of control groups is the least on the way down, in both versions") {
  const TemporaryDirectory mount;
  std::filesystem::create_directories(mount.path("slice/job"));
  std::filesystem::create_directories(mount.path("memory/slice/job"));
  const auto limit = [&](const std::string& groups) {
    return data::control_group_limit(groups, mount.path());
  };
  CHECK(limit("0::/slice/job\n") == unlimited);
  mount.write("slice/job/memory.max", "max\n");
  CHECK(limit("0::/slice/job\n") == unlimited);
  mount.write("slice/memory.max", "3000000\n");
  CHECK(limit("0::/slice/job\n") == 3'000'000);
  mount.write("slice/job/memory.max", "2000000\n");
  CHECK(limit("0::/slice/job\n") == 2'000'000);
  CHECK(limit("0::/slice\n") == 3'000'000);
  // In a container the path may be that of the host; the mount is the container's.
  mount.write("memory.max", "5000000\n");
  CHECK(limit("0::/../elsewhere/job\n") == 5'000'000);
  mount.write("memory/slice/memory.limit_in_bytes", "1000000\n");
  CHECK(limit("5:cpu,cpuacct:/x\n4:memory:/slice/job\n0::/slice/job\n") == 1'000'000);
  CHECK(limit("4:memory:/slice/job\n") == 1'000'000);
  CHECK(limit("4:cpu:/slice/job\nnonsense\n\n") == unlimited);
}

TEST_CASE("there is memory, and no more than the machine has") {
  CHECK(data::memory_limit() > std::uint64_t{1} << 20);
  CHECK(data::memory_limit() < unlimited);
}

}  // namespace
}  // namespace ntkc::tests
