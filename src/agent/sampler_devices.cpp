// The samples that come from devices: file systems, disks, sensors, graphics.
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "agent/descriptor.hpp"
#include "agent/proc_text.hpp"
#include "agent/sampler.hpp"

namespace penstock::agent {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> entries(const std::string& folder, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string trimmed(const fs::path& file) {
  std::string text = read_small_file(file.string());
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// /proc/mounts writes blanks and the like as \040.
std::string unescape_mount(std::string_view word) {
  std::string text;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto digit = [&](std::size_t at) { return at < word.size() && word[at] >= '0' && word[at] <= '7' ? word[at] - '0' : -1; };
    if (word[i] == '\\' && digit(i + 1) >= 0 && digit(i + 2) >= 0 && digit(i + 3) >= 0) {
      text += static_cast<char>(digit(i + 1) * 64 + digit(i + 2) * 8 + digit(i + 3));
      i += 3;
    } else {
      text += word[i];
    }
  }
  return text;
}

// A disk of this machine, or what a container sees in its place. Not the network's: statvfs on those may hang.
bool is_real(std::string_view device, std::string_view mount, std::string_view type) {
  constexpr std::string_view kNetwork[] = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "ceph", "9p"};
  if (std::find(std::begin(kNetwork), std::end(kNetwork), type) != std::end(kNetwork)) return false;
  if (type == "squashfs" || type == "iso9660" || device.starts_with("/dev/loop")) return false;
  return device.starts_with("/dev/") || type == "zfs" || (type == "overlay" && mount == "/");
}

bool read_space(const std::string& mount, SpaceOfMount& out) {
  struct statvfs status {};
  if (::statvfs(mount.c_str(), &status) != 0 || status.f_blocks == 0) return false;
  out.total = static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize;
  out.used = (static_cast<std::uint64_t>(status.f_blocks) - status.f_bfree) * status.f_frsize;
  out.available = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  return true;
}

}  // namespace

void Sampler::storage() {
  const std::string text = read_of_init("mounts");
  std::set<std::string, std::less<>> seen;
  for (const std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    if (words.size() < 3) continue;
    const std::string mount = unescape_mount(words[1]);
    const std::string device = unescape_mount(words[0]);
    if (!is_real(device, mount, words[2]) || seen.contains(device)) continue;
    SpaceOfMount space;
    if (space_ ? !space_(mount, space) : !read_space(root_ + mount, space)) continue;
    seen.insert(device);
    const std::vector<std::pair<std::string, std::string>> labels{{"mount", mount}, {"device", device}};
    samples_.push_back({"storage.used", labels, static_cast<double>(space.used)});
    samples_.push_back({"storage.total", labels, static_cast<double>(space.total)});
    const double reachable = static_cast<double>(space.used) + static_cast<double>(space.available);
    if (reachable > 0) samples_.push_back({"storage.usage", labels, 100 * static_cast<double>(space.used) / reachable});
  }
}

void Sampler::disks() {
  const std::string text = read("proc/diskstats");
  for (const std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    if (words.size() < 10) continue;
    const std::string name(words[2]);
    if (name.starts_with("loop") || name.starts_with("ram") || name.starts_with("zram")) continue;
    // Whole disks have a folder here, partitions do not.
    std::error_code error;
    std::string folder = name;
    std::replace(folder.begin(), folder.end(), '/', '!');
    if (!fs::exists(path("sys/block/" + folder), error)) continue;
    constexpr std::uint64_t kSector = 512;  // the unit of this file, whatever the disk's
    const double in = rates_.per_second("disk.read " + name, to_count(words[5]).value_or(0) * kSector, now_);
    const double out = rates_.per_second("disk.write " + name, to_count(words[9]).value_or(0) * kSector, now_);
    if (in >= 0) add("disk.read", "device", name, in);
    if (out >= 0) add("disk.write", "device", name, out);
  }
}

void Sampler::add_temperature(std::string sensor, const std::string& file) {
  const auto milli = to_real(trimmed(file));
  // Some boards report absurd values for sensors that are not wired.
  if (!milli || *milli < -100'000 || *milli > 250'000) return;
  if (const int times = ++sensors_[sensor]; times > 1) sensor += "-" + std::to_string(times);
  add("temperature.celsius", "sensor", std::move(sensor), *milli / 1000);
}

void Sampler::temperatures() {
  for (const fs::path& zone : entries(path("sys/class/thermal"), "thermal_zone")) {
    const std::string type = trimmed(zone / "type");
    add_temperature(type.empty() ? zone.filename().string() : type, (zone / "temp").string());
  }
  for (const fs::path& chip : entries(path("sys/class/hwmon"), "hwmon")) {
    const std::string name = trimmed(chip / "name");
    for (const fs::path& input : entries(chip.string(), "temp")) {
      const std::string file = input.filename().string();
      if (!file.ends_with("_input")) continue;
      const std::string place = file.substr(0, file.size() - std::string_view("_input").size());
      const std::string label = trimmed(chip / (place + "_label"));
      add_temperature((name.empty() ? chip.filename().string() : name) + "/" + (label.empty() ? place : label), input.string());
    }
  }
}

void Sampler::gpus() {
  for (const fs::path& card : entries(path("sys/class/drm"), "card")) {
    const std::string name = card.filename().string();
    if (!to_count(std::string_view(name).substr(4))) continue;  // card0-HDMI-A-1 is a socket of card0
    if (const auto busy = to_real(trimmed(card / "device/gpu_busy_percent"))) add("gpu.usage", "gpu", name, *busy);
    if (const auto used = to_real(trimmed(card / "device/mem_info_vram_used"))) add("gpu.memory.used", "gpu", name, *used);
  }
  // Raspberry Pi: a table of queues with the nanoseconds that each was busy.
  for (const char* platform : {"sys/devices/platform", "sys/devices/platform/soc", "sys/devices/platform/v3dbus"}) {
    for (const fs::path& device : entries(path(platform), "")) {
      const std::string name = device.filename().string();
      if (!name.ends_with(".v3d")) continue;
      const std::string text = trimmed(device / "gpu_stats");
      for (const std::string_view line : lines_of(text)) {
        const auto words = words_of(line);
        if (words.size() < 4 || words[0] != "render") continue;
        const double busy = rates_.per_second("gpu " + name, to_count(words[3]).value_or(0), now_);
        if (busy >= 0) add("gpu.usage", "gpu", "v3d", std::min(100.0, busy / 1e9 * 100));
      }
    }
  }
}

}  // namespace penstock::agent
