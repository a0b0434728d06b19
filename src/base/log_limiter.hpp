// Keeps one repeated line from flooding the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace penstock::log {

// Not thread-safe. Memory is bounded: past `kMaxKeys` different lines the whole table is told and begun again.
class Limiter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::uint64_t kLinesPerWindow = 10;
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::size_t kMaxKeys = 1024;

  struct HeldBack {
    std::string room, message;
    std::uint64_t lines = 0;
  };

  // Whether this line may be written now.
  bool allow(std::string_view room, std::string_view message, Time now);
  // What was held back in windows that are over, each told once. Cheap when nothing is due.
  std::vector<HeldBack> due(Time now);

 private:
  struct Entry {
    HeldBack held;
    std::uint64_t written = 0;
    Time window_start;
  };
  void close(Entry& entry);

  std::unordered_map<std::string, Entry> entries_;
  std::vector<HeldBack> closed_;
  Time next_sweep_{};
};

}  // namespace penstock::log
