// How much memory the kernel lets this process have.
#pragma once

#include <cstdint>
#include <filesystem>

namespace penstock::inline base {

// Bytes: the machine's memory, or less where a memory cgroup of version 1 or 2 (a container's, a service's) allows less; 0 when
// the kernel does not tell. `root`: where /proc and /sys are found. Source: proc(5), cgroups(7).
std::uint64_t usable_memory(const std::filesystem::path& root = "/");

}  // namespace penstock::inline base
