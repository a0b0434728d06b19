#include "base/log_limiter.hpp"

#include <utility>

namespace penstock::log {

bool Limiter::allow(std::string_view room, std::string_view message, Time now) {
  std::string key;
  key.reserve(room.size() + 1 + message.size());
  key.append(room).push_back('\n');
  key.append(message);
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    if (entries_.size() >= kMaxKeys) {
      for (auto& [unused, entry] : entries_) close(entry);
      entries_.clear();
    }
    found = entries_.emplace(std::move(key), Entry{{std::string(room), std::string(message), 0}, 0, now}).first;
  }
  Entry& entry = found->second;
  if (now - entry.window_start >= kWindow) {
    close(entry);
    entry.window_start = now;
  }
  if (entry.written < kLinesPerWindow) {
    ++entry.written;
    return true;
  }
  ++entry.held.lines;
  return false;
}

std::vector<Limiter::HeldBack> Limiter::due(Time now) {
  if (now >= next_sweep_) {
    next_sweep_ = now + std::chrono::seconds(1);
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      if (now - entry->second.window_start >= kWindow) {
        close(entry->second);
        entry = entries_.erase(entry);
      } else {
        ++entry;
      }
    }
  }
  return std::exchange(closed_, {});
}

void Limiter::close(Entry& entry) {
  if (entry.held.lines > 0) closed_.push_back(entry.held);
  entry.held.lines = 0;
  entry.written = 0;
}

}  // namespace penstock::log
