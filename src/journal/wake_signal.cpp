#include "journal/wake_signal.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace penstock::journal {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t), "futex(2) takes a plain 32-bit word");

void WakeSignal::notify() {
  // Always a read-modify-write: looking first and skipping it could overtake the caller's own stores, and the sleeper would miss them.
  if (state_.exchange(kNotified, std::memory_order_seq_cst) == kSleeping) {
    syscall(SYS_futex, &state_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
}

bool WakeSignal::wait(std::chrono::nanoseconds at_most) {
  std::uint32_t expected = kIdle;
  if (state_.compare_exchange_strong(expected, kSleeping, std::memory_order_seq_cst)) {
    timespec time{};
    time.tv_sec = static_cast<time_t>(at_most.count() / 1'000'000'000);
    time.tv_nsec = static_cast<long>(at_most.count() % 1'000'000'000);
    // One sleep is enough: whoever finds kSleeping changes the word before it wakes, and a spurious end only ends the wait early.
    syscall(SYS_futex, &state_, FUTEX_WAIT_PRIVATE, kSleeping, &time, nullptr, 0);
  }
  return state_.exchange(kIdle, std::memory_order_seq_cst) == kNotified;
}

}  // namespace penstock::journal
