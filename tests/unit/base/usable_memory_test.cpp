#include "base/usable_memory.hpp"

#include <unistd.h>

#include <fstream>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// A machine of 4 GiB, as far as it tells.
class UsableMemory : public ::testing::Test {
 protected:
  UsableMemory() : root_(std::filesystem::path(testing::TempDir()) / ("usable_memory_" + std::to_string(getpid()))) {
    file("proc/meminfo", "MemTotal:        4194304 kB\nMemFree:          100000 kB\n");
  }
  ~UsableMemory() override { std::filesystem::remove_all(root_); }
  void file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  std::uint64_t mib() const { return usable_memory(root_) >> 20; }

  const std::filesystem::path root_;
};

TEST_F(UsableMemory, IsThatOfTheMachineWithoutACgroup) {
  EXPECT_EQ(mib(), 4096u);
  file("proc/self/mounts", "proc /proc proc rw 0 0\n");
  EXPECT_EQ(mib(), 4096u);
}

TEST_F(UsableMemory, IsBoundByTheNarrowestCgroupOfVersion2AboveTheProcess) {
  file("proc/self/mounts", "proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n");
  file("proc/self/cgroup", "0::/system.slice/penstock.service\n");
  EXPECT_EQ(mib(), 4096u) << "no limit is told";
  file("sys/fs/cgroup/system.slice/penstock.service/memory.max", "max\n");
  EXPECT_EQ(mib(), 4096u);
  file("sys/fs/cgroup/system.slice/memory.max", "536870912\n");
  EXPECT_EQ(mib(), 512u);
  file("sys/fs/cgroup/system.slice/penstock.service/memory.max", "134217728\n");
  EXPECT_EQ(mib(), 128u);
}

TEST_F(UsableMemory, IsBoundByACgroupOfVersion1) {
  file("proc/self/mounts", "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu,cpuacct 0 0\n"
                           "cgroup /sys/fs/cgroup/memory cgroup rw,nosuid,memory 0 0\n");
  file("proc/self/cgroup", "5:cpu,cpuacct:/elsewhere\n4:memory:/box\n0::/unified\n");
  file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(mib(), 4096u);
  file("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "134217728\n");
  EXPECT_EQ(mib(), 128u);
}

TEST_F(UsableMemory, InAContainerTheMountIsItsOwnGroup) {
  file("proc/self/mounts", "cgroup /sys/fs/cgroup/memory cgroup ro,memory 0 0\n");
  file("proc/self/cgroup", "4:memory:/docker/0123456789\n");
  file("sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n");
  EXPECT_EQ(mib(), 128u);
}

TEST_F(UsableMemory, IsUnknownWhereNothingTells) {
  std::filesystem::remove_all(root_);
  EXPECT_EQ(mib(), 0u);
  EXPECT_GT(usable_memory(), 0u) << "this machine tells";
}

}  // namespace
}  // namespace penstock
