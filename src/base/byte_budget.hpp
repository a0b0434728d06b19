// A ceiling on bytes held at one time, shared by everything that is admitted against it.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace penstock::inline base {

// Thread-safe, lock-free. Outlives its leases.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}
  ByteBudget(const ByteBudget&) = delete;
  ByteBudget& operator=(const ByteBudget&) = delete;

  // Bytes that are given back when the lease ends. One thread at a time uses a lease; an empty one belongs to no budget.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Lease& operator=(Lease&& other) noexcept {
      if (this != &other) {
        release();
        budget_ = std::exchange(other.budget_, nullptr);
        size_ = std::exchange(other.size_, 0);
      }
      return *this;
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { release(); }

    // Takes `more` bytes in addition; false, and nothing is taken, when the budget has not so many (or the lease is empty).
    bool grow(std::size_t more) {
      if (budget_ == nullptr || !budget_->reserve(more)) return false;
      size_ += more;
      return true;
    }
    // Gives `less` bytes back, at most all.
    void shrink(std::size_t less) {
      if (less > size_) less = size_;
      if (budget_ != nullptr) budget_->give_back(less);
      size_ -= less;
    }
    // Gives everything back; the lease is empty afterwards.
    void release() {
      shrink(size_);
      budget_ = nullptr;
    }
    std::size_t size() const { return size_; }

   private:
    friend class ByteBudget;
    Lease(ByteBudget& budget, std::size_t size) : budget_(&budget), size_(size) {}

    ByteBudget* budget_ = nullptr;
    std::size_t size_ = 0;
  };

  // nullopt when fewer than `size` bytes are free.
  std::optional<Lease> take(std::size_t size) {
    if (!reserve(size)) return std::nullopt;
    return Lease(*this, size);
  }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::size_t limit() const { return limit_; }

 private:
  bool reserve(std::size_t size) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (size > limit_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + size, std::memory_order_relaxed));
    return true;
  }
  void give_back(std::size_t size) { used_.fetch_sub(size, std::memory_order_relaxed); }

  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace penstock::inline base
