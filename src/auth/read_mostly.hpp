// A value that every request reads and that seldom changes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>

namespace penstock::auth {

// A copy for each of some groups of threads, so that readers do not wait for one another, nor share a cache line or a reference count. (g++ 12's
// atomic<shared_ptr> does share both.) Thread-safe; set() is for one thread at a time. What set() replaces lives on with no reader.
template <class Value>
class ReadMostly {
 public:
  explicit ReadMostly(const Value& value = {}) { set(value); }

  // `read(const Value&)` holds up set(), so it is short.
  template <class Read>
  auto read(Read read) const {
    const Copy& copy = copies_[own_place() % copies_.size()];
    const std::lock_guard lock(copy.mutex);
    return read(copy.value);
  }

  // Counts for every read() that begins after it returned.
  void set(const Value& value) {
    for (Copy& copy : copies_) {
      Value next = value;
      const std::lock_guard lock(copy.mutex);
      std::swap(copy.value, next);
    }
  }

 private:
  struct alignas(64) Copy {
    mutable std::mutex mutex;
    Value value;
  };
  static std::size_t own_place() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t own = next.fetch_add(1, std::memory_order_relaxed);
    return own;
  }
  std::array<Copy, 16> copies_;
};

}  // namespace penstock::auth
