#include "agent/sampler.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "temporary_folder.hpp"

namespace penstock::test {
namespace {

using agent::Sample;
using agent::Sampler;
using Time = std::chrono::steady_clock::time_point;

std::string fixture(const std::string& stage) { return std::string(PENSTOCK_SOURCE_DIR) + "/tests/data/agent/" + stage; }

bool space(const std::string& mount, agent::SpaceOfMount& out) {
  out = mount == "/" ? agent::SpaceOfMount{1'000, 600, 300} : agent::SpaceOfMount{100, 10, 90};
  return true;
}

std::map<std::string, double> by_name(const std::vector<Sample>& samples) {
  std::map<std::string, double> found;
  for (const Sample& sample : samples) {
    std::string name = sample.name;
    for (const auto& [label, text] : sample.labels) name += " " + label + "=" + text;
    EXPECT_TRUE(found.emplace(name, sample.value).second) << name << " twice";
  }
  return found;
}

// The same machine ten seconds later: the tree that the sampler looks at is exchanged.
class TwoMoments {
 public:
  TwoMoments() : sampler_(folder_.path("now"), space) {}
  std::map<std::string, double> at(const std::string& stage, std::chrono::seconds time) {
    std::filesystem::remove(folder_.path("now"));
    std::filesystem::create_directory_symlink(fixture(stage), folder_.path("now"));
    return by_name(sampler_.sample(Time(time)));
  }

 private:
  TemporaryFolder folder_;
  Sampler sampler_;
};

TEST(Sampler, FirstSampleHasWhatNeedsNoDifference) {
  const auto found = TwoMoments().at("first", std::chrono::seconds(100));
  const std::map<std::string, double> expected{
      {"load.1", 0.52},
      {"load.5", 0.31},
      {"load.15", 0.10},
      {"ram.used", 400'000.0 * 1024},
      {"ram.total", 941'352.0 * 1024},
      {"ram.usage", 100.0 * 400'000 / 941'352},
      {"swap.used", 2'396.0 * 1024},
      {"swap.total", 102'396.0 * 1024},
      {"storage.used mount=/ device=/dev/root", 600},
      {"storage.total mount=/ device=/dev/root", 1'000},
      {"storage.usage mount=/ device=/dev/root", 100.0 * 600 / 900},
      {"storage.used mount=/boot/firm ware device=/dev/mmcblk0p1", 10},
      {"storage.total mount=/boot/firm ware device=/dev/mmcblk0p1", 100},
      {"storage.usage mount=/boot/firm ware device=/dev/mmcblk0p1", 10},
      {"temperature.celsius sensor=cpu-thermal", 48.25},
      {"temperature.celsius sensor=nvme/Composite", 35.85},
      {"temperature.celsius sensor=nvme/temp2", 30},
      {"gpu.usage gpu=card0", 17},
      {"gpu.memory.used gpu=card0", 268'435'456},
      {"processes.total", 3},
      {"processes.running", 3},
      {"uptime.seconds", 12'345.67},
  };
  EXPECT_EQ(found, expected);
}

TEST(Sampler, SecondSampleHasUsagesAndRates) {
  TwoMoments machine;
  machine.at("first", std::chrono::seconds(100));
  const auto found = machine.at("second", std::chrono::seconds(110));
  // 900 ticks passed in all, 300 of them busy; idle and waiting for disks are not busy.
  EXPECT_NEAR(found.at("cpu.usage"), 100.0 * 300 / 900, 1e-9);
  EXPECT_NEAR(found.at("cpu.core.usage core=0"), 100.0 * 150 / 450, 1e-9);
  EXPECT_NEAR(found.at("cpu.core.usage core=1"), 100.0 * 150 / 450, 1e-9);
  EXPECT_NEAR(found.at("disk.read device=mmcblk0"), 4'096 * 512 / 10.0, 1e-9);
  EXPECT_NEAR(found.at("disk.write device=mmcblk0"), 0, 1e-9);
  EXPECT_FALSE(found.contains("disk.read device=mmcblk0p1"));
  EXPECT_NEAR(found.at("net.in interface=eth0"), 1'000, 1e-9);
  EXPECT_NEAR(found.at("net.out interface=eth0"), 0, 1e-9);
  EXPECT_FALSE(found.contains("net.in interface=lo"));
  EXPECT_NEAR(found.at("gpu.usage gpu=v3d"), 25, 1e-9);
}

TEST(Sampler, ACounterThatBeganAnewGivesNoRate) {
  TwoMoments machine;
  machine.at("second", std::chrono::seconds(100));
  const auto found = machine.at("first", std::chrono::seconds(110));
  EXPECT_FALSE(found.contains("net.in interface=eth0"));
  EXPECT_FALSE(found.contains("disk.read device=mmcblk0"));
  EXPECT_FALSE(found.contains("cpu.usage"));
}

TEST(Sampler, AMachineWithoutAnythingGivesNothing) {
  const TemporaryFolder folder;
  Sampler sampler(folder.path(), space);
  EXPECT_TRUE(sampler.sample(Time(std::chrono::seconds(1))).empty());
}

TEST(Sampler, MountsAndInterfacesAreThoseOfTheFirstProcess) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("proc/1/net"));
  std::filesystem::create_directories(folder.path("proc/net"));
  folder.append("proc/1/mounts", "/dev/root / ext4 rw 0 0\n");
  folder.append("proc/mounts", "overlay / overlay rw 0 0\n/dev/root /etc/hosts ext4 rw 0 0\n");
  const std::string interface = ": 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n";
  folder.append("proc/1/net/dev", "eth0" + interface);
  folder.append("proc/net/dev", "veth7" + interface);
  Sampler sampler(folder.path(), space);
  sampler.sample(Time(std::chrono::seconds(1)));
  const auto found = by_name(sampler.sample(Time(std::chrono::seconds(2))));
  EXPECT_EQ(found.count("storage.used mount=/ device=/dev/root"), 1u);
  EXPECT_EQ(found.count("storage.used mount=/ device=overlay"), 0u);
  EXPECT_EQ(found.count("net.in interface=eth0"), 1u);
  EXPECT_EQ(found.count("net.in interface=veth7"), 0u);
}

TEST(Sampler, ThisMachineCanBeSampled) {
  Sampler sampler("/");
  const auto found = by_name(sampler.sample(Time(std::chrono::seconds(1))));
  EXPECT_GT(found.at("ram.total"), 0);
  EXPECT_GE(found.at("processes.total"), 1);
}

}  // namespace
}  // namespace penstock::test
