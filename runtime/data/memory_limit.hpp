// How much memory there is for this process.
#pragma once

#include <cstdint>
#include <string>

namespace ntkc::data {

/// The least of: the memory of the machine, the limits of the control groups that the process is in (containers and
/// batch systems set them), and its own limit of address space. What claims to need more is refused.
std::uint64_t memory_limit();

/// The limit that control groups set, where `groups` is the text of /proc/self/cgroup and `mount` stands for
/// /sys/fs/cgroup. Every group above counts as well. The greatest number if there is none.
std::uint64_t control_group_limit(const std::string& groups, const std::string& mount);

}  // namespace ntkc::data
