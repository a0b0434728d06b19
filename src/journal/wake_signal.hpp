// Wakes one sleeping thread from any number of others, without a lock and without a lost wake-up.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace penstock::journal {

// notify: any thread; costs a system call only when somebody sleeps. wait: one thread at a time.
// A notification that comes while nobody waits ends the next wait at once. Linux futex(2).
class WakeSignal {
 public:
  void notify();
  // True when notified; false when the time was over, or early, when the wake-up of a notification that an earlier wait has taken comes
  // late. So look for work whatever it says.
  bool wait(std::chrono::nanoseconds at_most);

 private:
  enum State : std::uint32_t { kIdle, kNotified, kSleeping };
  std::atomic<std::uint32_t> state_{kIdle};
};

}  // namespace penstock::journal
