#include "base/usable_memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace penstock::inline base {
namespace {

namespace fs = std::filesystem;

// Whether `word` is one of those that commas separate.
bool lists(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    if (list.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

fs::path below(const fs::path& root, const fs::path& absolute) { return root / absolute.relative_path(); }

std::optional<std::uint64_t> memory_of_machine(const fs::path& root) {
  std::ifstream file(root / "proc/meminfo");
  for (std::string name, unit; file >> name;) {
    std::uint64_t kib = 0;
    if (name == "MemTotal:" && file >> kib) return kib * 1024;
    std::getline(file, unit);
  }
  return std::nullopt;
}

// Where the hierarchy that accounts for memory is mounted, and the name of its files with a limit.
struct Hierarchy {
  fs::path mount;
  const char* limit_file;
  bool unified;
};

std::optional<Hierarchy> memory_hierarchy(const fs::path& root) {
  std::ifstream file(root / "proc/self/mounts");
  std::optional<Hierarchy> unified;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string device, mount, kind, options;
    words >> device >> mount >> kind >> options;
    if (kind == "cgroup" && lists(options, "memory")) return Hierarchy{below(root, mount), "memory.limit_in_bytes", false};
    if (kind == "cgroup2") unified = Hierarchy{below(root, mount), "memory.max", true};
  }
  return unified;
}

// This process's group in it; "" when it is in none.
std::string group_in(const Hierarchy& hierarchy, const fs::path& root) {
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
    if (hierarchy.unified ? controllers.empty() : lists(controllers, "memory")) return line.substr(second + 1);
  }
  return "";
}

}  // namespace

std::uint64_t usable_memory(const fs::path& root) {
  constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t least = memory_of_machine(root).value_or(kNoLimit);
  if (const auto hierarchy = memory_hierarchy(root)) {
    // A group's limit holds for all below it. In a container the path may be that of the host, where only the mount itself is found.
    fs::path group = fs::path(group_in(*hierarchy, root)).relative_path();
    for (bool more = true; more;) {
      std::ifstream file(hierarchy->mount / group / hierarchy->limit_file);
      std::uint64_t limit = 0;
      if (file >> limit) least = std::min(least, limit);  // "max" is no number
      more = !group.empty();
      group = group.parent_path();
    }
  }
  return least == kNoLimit ? 0 : least;
}

}  // namespace penstock::inline base
