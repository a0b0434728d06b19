#include "agent/sampler.hpp"

#include <algorithm>
#include <filesystem>

#include "agent/descriptor.hpp"
#include "agent/proc_text.hpp"

namespace penstock::agent {

double RateOf::per_second(const std::string& key, std::uint64_t count, Time now) {
  const auto [found, first] = last_.try_emplace(key);
  Last& last = found->second;
  const double seconds = std::chrono::duration<double>(now - last.time).count();
  const bool usable = !first && count >= last.count && seconds > 0;
  const double rate = usable ? static_cast<double>(count - last.count) / seconds : -1;
  last = {count, now, true};
  return rate;
}

void RateOf::sweep() {
  std::erase_if(last_, [](const auto& one) { return !one.second.fresh; });
  for (auto& [key, last] : last_) last.fresh = false;
}

Sampler::Sampler(std::string root, SpaceReader space) : root_(std::move(root)), space_(std::move(space)) {
  while (root_.ends_with('/')) root_.pop_back();
}

std::string Sampler::path(std::string_view below) const { return root_ + "/" + std::string(below); }

std::string Sampler::read(std::string_view below) const {
  std::string text = read_small_file(path(below));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// What differs from process to process is looked at as the machine's first process sees it: an agent in a container has mounts and
// interfaces of its own.
std::string Sampler::read_of_init(std::string_view below) const {
  std::string text = read("proc/1/" + std::string(below));
  return text.empty() ? read("proc/" + std::string(below)) : text;
}

std::vector<Sample> Sampler::sample(RateOf::Time now) {
  now_ = now;
  samples_.clear();
  sensors_.clear();
  cpu();
  memory();
  storage();
  disks();
  network();
  temperatures();
  gpus();
  processes();
  rates_.sweep();
  return std::move(samples_);
}

void Sampler::cpu() {
  const std::string text = read("proc/stat");
  for (const std::string_view line : lines_of(text)) {
    if (!line.starts_with("cpu")) continue;
    const auto words = words_of(line);
    if (words.size() < 5) continue;
    // user nice system idle iowait irq softirq steal; guest time is part of user already.
    std::uint64_t total = 0, idle = 0;
    for (std::size_t i = 1; i < std::min<std::size_t>(words.size(), 9); ++i) {
      const std::uint64_t ticks = to_count(words[i]).value_or(0);
      total += ticks;
      if (i == 4 || i == 5) idle += ticks;
    }
    const std::string core(words[0].substr(3));
    const auto [last, first] = cpu_.try_emplace(core, std::pair{total - idle, total});
    const auto [busy_before, total_before] = last->second;
    if (!first && total > total_before && total - idle >= busy_before) {
      const double usage = 100.0 * static_cast<double>(total - idle - busy_before) / static_cast<double>(total - total_before);
      if (core.empty()) {
        add("cpu.usage", std::min(usage, 100.0));
      } else {
        add("cpu.core.usage", "core", core, std::min(usage, 100.0));
      }
    }
    last->second = {total - idle, total};
  }
  const std::string load = read("proc/loadavg");
  const auto words = words_of(load);
  constexpr const char* kNames[] = {"load.1", "load.5", "load.15"};
  for (std::size_t i = 0; i < 3 && i < words.size(); ++i) {
    if (const auto value = to_real(words[i])) add(kNames[i], *value);
  }
}

void Sampler::memory() {
  std::map<std::string, double, std::less<>> bytes;
  const std::string text = read("proc/meminfo");
  for (const std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    if (words.size() < 2 || !words[0].ends_with(':')) continue;
    const auto kibibytes = to_count(words[1]);
    if (kibibytes) bytes[std::string(words[0].substr(0, words[0].size() - 1))] = static_cast<double>(*kibibytes) * 1024;
  }
  const auto has = [&](const char* name) { return bytes.contains(name); };
  if (has("MemTotal") && has("MemAvailable")) {
    const double used = bytes["MemTotal"] - bytes["MemAvailable"];
    add("ram.used", used);
    add("ram.total", bytes["MemTotal"]);
    if (bytes["MemTotal"] > 0) add("ram.usage", 100 * used / bytes["MemTotal"]);
  }
  if (has("SwapTotal") && has("SwapFree")) {
    add("swap.used", bytes["SwapTotal"] - bytes["SwapFree"]);
    add("swap.total", bytes["SwapTotal"]);
  }
}

void Sampler::network() {
  const std::string text = read_of_init("net/dev");
  for (const std::string_view line : lines_of(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto names = words_of(line.substr(0, colon));
    const auto words = words_of(line.substr(colon + 1));
    if (names.size() != 1 || names[0] == "lo" || words.size() < 9) continue;
    const std::string name(names[0]);
    const double in = rates_.per_second("net.in " + name, to_count(words[0]).value_or(0), now_);
    const double out = rates_.per_second("net.out " + name, to_count(words[8]).value_or(0), now_);
    if (in >= 0) add("net.in", "interface", name, in);
    if (out >= 0) add("net.out", "interface", name, out);
  }
}

void Sampler::processes() {
  std::uint64_t total = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path("proc"), error)) {
    if (to_count(entry.path().filename().string())) ++total;
  }
  if (total > 0) add("processes.total", static_cast<double>(total));
  const std::string text = read("proc/stat");
  for (const std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    if (words.size() < 2 || words[0] != "procs_running") continue;
    if (const auto running = to_count(words[1])) add("processes.running", static_cast<double>(*running));
  }
  const std::string uptime = read("proc/uptime");
  const auto words = words_of(uptime);
  if (!words.empty()) {
    if (const auto seconds = to_real(words[0])) add("uptime.seconds", *seconds);
  }
}

}  // namespace penstock::agent
