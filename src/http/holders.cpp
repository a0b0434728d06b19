#include "http/holders.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace penstock::http {
namespace {

// What is held must move within so long: who holds 8 MiB at least 1 MiB a second.
constexpr std::size_t kTurnoverSeconds = 8;

}  // namespace

void Holders::join(Holder& holder, ConnectionSeats::Key address, Pace pace) {
  const std::lock_guard lock(mutex_);
  holder.address_ = address;
  holder.held_ = 0;
  holder.asked_ = false;
  holder.pace_ = pace;
  list_.push_back(holder);
}

Pace Holders::leave(Holder& holder) {
  const std::lock_guard lock(mutex_);
  list_.erase(list_.iterator_to(holder));
  return holder.pace_;
}

void Holders::moved(Holder& holder, std::size_t bytes, std::size_t held, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  holder.held_ = held;
  holder.pace_.moved(now, bytes, std::max(rate_, held / kTurnoverSeconds));
}

bool Holders::ask_one(ConnectionSeats::Key address, Clock::time_point now, Holder::Gone gone) {
  const std::lock_guard lock(mutex_);
  Holder* chosen = largest_that_is_slow(now);
  if (chosen == nullptr) chosen = largest_of_who_has_most(address);
  if (chosen == nullptr) return false;
  chosen->asked_ = true;
  chosen->give_way(std::move(gone));
  return true;
}

bool Holders::was_asked(const Holder& holder) const {
  const std::lock_guard lock(mutex_);
  return holder.is_linked() && holder.asked_;
}

Holder* Holders::largest_that_is_slow(Clock::time_point now) {
  Holder* chosen = nullptr;
  for (Holder& holder : list_) {
    if (holder.asked_ || holder.held_ == 0 || !holder.pace_.is_behind(now)) continue;
    if (chosen == nullptr || holder.held_ > chosen->held_) chosen = &holder;
  }
  return chosen;
}

Holder* Holders::largest_of_who_has_most(ConnectionSeats::Key address) {
  std::unordered_map<ConnectionSeats::Key, std::size_t> sums;
  for (const Holder& holder : list_) {
    if (holder.address_ != ConnectionSeats::kNobody) sums[holder.address_] += holder.held_;
  }
  const auto own = sums.find(address);
  const std::size_t has = own == sums.end() ? 0 : own->second;
  Holder* chosen = nullptr;
  for (Holder& holder : list_) {
    if (holder.asked_ || holder.address_ == ConnectionSeats::kNobody) continue;
    const std::size_t sum = sums[holder.address_];
    if (sum <= limit_ / 2 || has > sum / 2) continue;
    if (chosen == nullptr || holder.held_ > chosen->held_) chosen = &holder;
  }
  return chosen;
}

}  // namespace penstock::http
