#include "runtime/data/memory_limit.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <vector>

namespace ntkc::data {

namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

std::uint64_t physical_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_size = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_size <= 0) return std::uint64_t{1} << 34;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_size);
}

std::uint64_t address_space() {
  rlimit limit = {};
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : unlimited;
}

/// The number in a file; none if it is missing or says "max".
std::uint64_t limit_in(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::uint64_t limit = 0;
  return stream >> limit ? limit : unlimited;
}

/// The least limit in a group and those above it, down from the mount. In a container the path may be that of the
/// host, of which only the mount itself is to be seen.
std::uint64_t least_limit(const std::filesystem::path& mount, const std::filesystem::path& group,
                          const char* file) {
  std::uint64_t least = limit_in(mount / file);
  std::filesystem::path folder = mount;
  for (const std::filesystem::path& part : group.relative_path()) {
    folder /= part;
    least = std::min(least, limit_in(folder / file));
  }
  return least;
}

}  // namespace

std::uint64_t control_group_limit(const std::string& groups, const std::string& mount) {
  std::uint64_t least = unlimited;
  std::istringstream lines(groups);
  // hierarchy:controllers:path; the controllers are empty in version 2 (cgroups(7)).
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") least = std::min(least, least_limit(mount, path, "memory.max"));
    if (controllers.find(",memory,") != controllers.npos)
      least = std::min(least, least_limit(mount + "/memory", path, "memory.limit_in_bytes"));
  }
  return least;
}

std::uint64_t memory_limit() {
  std::ifstream file("/proc/self/cgroup");
  const std::string groups{std::istreambuf_iterator<char>(file), {}};
  return std::min({physical_memory(), address_space(), control_group_limit(groups, "/sys/fs/cgroup")});
}

}  // namespace ntkc::data
