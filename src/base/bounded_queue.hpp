// A lock-free bounded queue: many producers, one consumer.
// Algorithm: Dmitry Vyukov, "Bounded MPMC queue" (https://www.1024cores.net/home/lock-free-algorithms/queues/bounded-mpmc-queue),
// with the consumer's side simplified to one thread.
#pragma once

#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace penstock::inline base {

// push: any thread. pop: one thread at a time. Neither blocks, allocates nor throws.
// T is default-constructible and nothrow-movable; a popped slot is reset to T{}, so that it holds no memory.
// `Index` counts pushes modulo its range; a small one lets a test meet the wrap-around.
template <class T, class Index = std::uint64_t>
class BoundedQueue {
  static_assert(std::is_unsigned_v<Index>);
  static_assert(std::is_nothrow_move_assignable_v<T>);

 public:
  // Rounded up to a power of two, at least 2 and at most half of Index's range.
  explicit BoundedQueue(std::size_t capacity)
      : capacity_(std::bit_ceil(capacity < 2 ? std::size_t{2} : capacity)), cells_(std::make_unique<Cell[]>(capacity_)) {
    assert(capacity_ - 1 <= static_cast<Index>(~Index{0}) / 2u);
    for (std::size_t i = 0; i < capacity_; ++i) cells_[i].turn.store(static_cast<Index>(i), std::memory_order_relaxed);
  }
  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  // False when full; `value` is then untouched.
  bool push(T&& value) {
    Index at = tail_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[at & mask()];
      const Index turn = cell.turn.load(std::memory_order_acquire);
      const auto ahead = static_cast<Distance>(static_cast<Index>(turn - at));
      if (ahead == 0) {
        if (tail_.compare_exchange_weak(at, static_cast<Index>(at + 1), std::memory_order_relaxed)) {
          cell.value = std::move(value);
          cell.turn.store(static_cast<Index>(at + 1), std::memory_order_release);
          return true;
        }
      } else if (ahead < 0) {
        return false;
      } else {
        at = tail_.load(std::memory_order_relaxed);
      }
    }
  }

  // False when empty, or when the oldest push has taken its place but not finished: a consumer that sleeps must be woken
  // after push() returned, not before.
  bool pop(T& out) {
    const Index at = head_.load(std::memory_order_relaxed);
    Cell& cell = cells_[at & mask()];
    if (cell.turn.load(std::memory_order_acquire) != static_cast<Index>(at + 1)) return false;
    out = std::move(cell.value);
    cell.value = T{};
    cell.turn.store(static_cast<Index>(at + capacity_), std::memory_order_release);
    head_.store(static_cast<Index>(at + 1), std::memory_order_relaxed);
    return true;
  }

  std::size_t capacity() const { return capacity_; }
  // Of a moment that may have passed.
  std::size_t approximate_size() const {
    const Index head = head_.load(std::memory_order_relaxed);
    return static_cast<Index>(tail_.load(std::memory_order_relaxed) - head);
  }

 private:
  using Distance = std::make_signed_t<Index>;
  static constexpr std::size_t kCacheLine = 64;

  // `turn` tells whose turn the cell is: i = push number i may write, i + 1 = pop number i may read.
  struct Cell {
    std::atomic<Index> turn{0};
    T value{};
  };

  std::size_t mask() const { return capacity_ - 1; }

  const std::size_t capacity_;
  const std::unique_ptr<Cell[]> cells_;
  alignas(kCacheLine) std::atomic<Index> tail_{0};
  alignas(kCacheLine) std::atomic<Index> head_{0};
};

}  // namespace penstock::inline base
