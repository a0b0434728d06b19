// What this machine is doing, from Linux' /proc and /sys.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <string>
#include <utility>
#include <vector>

namespace penstock::agent {

struct Sample {
  std::string name;                                        // "cpu.core.usage"
  std::vector<std::pair<std::string, std::string>> labels;  // {"core", "0"}
  double value = 0;
};

struct SpaceOfMount {
  std::uint64_t total = 0, used = 0, available = 0;  // bytes; available to an unprivileged user
};

// A number that only grows, as a rate.
class RateOf {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Growth a second since the last call for this key; negative when there is none yet, or the counter began anew.
  double per_second(const std::string& key, std::uint64_t count, Time now);
  // Forgets keys that were not asked for since the last call of this.
  void sweep();

 private:
  struct Last {
    std::uint64_t count = 0;
    Time time{};
    bool fresh = true;
  };
  std::map<std::string, Last> last_;
};

// One thread. What is not there is left out, never an error. Rates and usages need two samples.
class Sampler {
 public:
  using SpaceReader = std::function<bool(const std::string& mount, SpaceOfMount& out)>;

  // `root` holds proc and sys ("/", or a host's root mounted into a container). `space`: statvfs, unless a test says otherwise.
  explicit Sampler(std::string root, SpaceReader space = {});

  std::vector<Sample> sample(RateOf::Time now);

 private:
  void cpu();
  void memory();
  void storage();
  void disks();
  void network();
  void temperatures();
  void gpus();
  void processes();

  void add(std::string name, double value) { samples_.push_back({std::move(name), {}, value}); }
  void add(std::string name, std::string label, std::string text, double value) {
    samples_.push_back({std::move(name), {{std::move(label), std::move(text)}}, value});
  }
  void add_temperature(std::string sensor, const std::string& file);
  std::string path(std::string_view below) const;
  std::string read(std::string_view below) const;  // trimmed at the end
  std::string read_of_init(std::string_view below) const;

  std::string root_;
  SpaceReader space_;
  std::vector<Sample> samples_;
  RateOf rates_;
  RateOf::Time now_{};
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> cpu_;  // busy and total ticks a core
  std::map<std::string, int> sensors_;                                  // how often a sensor's name was given out
};

}  // namespace penstock::agent
