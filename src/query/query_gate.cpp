#include "query/query_gate.hpp"

#include <algorithm>

namespace penstock::query {
namespace {

// How soon a query whose client went away while it waited notices.
constexpr std::chrono::milliseconds kLook{100};

QueryGate::Options at_least_two(QueryGate::Options options) {
  options.places = std::max<std::size_t>(options.places, 2);
  return options;
}

}  // namespace

QueryGate::QueryGate(Options options) : options_(at_least_two(options)) {}

QueryGate::Place::~Place() {
  if (gate_ != nullptr) gate_->leave(caller_, long_);
}

bool QueryGate::Place::turn_long() {
  const std::lock_guard lock(gate_->mutex_);
  if (gate_->long_working_ + 1 >= gate_->options_.places || gate_->waiting(true) > 0) return false;
  ++gate_->long_working_;
  long_ = true;
  return true;
}

std::size_t QueryGate::waiting(bool is_long) const {
  return static_cast<std::size_t>(
      std::count_if(waiters_.begin(), waiters_.end(), [is_long](const Waiter& w) { return w.is_long == is_long; }));
}

bool QueryGate::has_room(bool is_long) const {
  if (working_ >= options_.places) return false;
  if (is_long) return long_working_ + 1 < options_.places;
  const bool last_for_a_long_one = working_ + 1 == options_.places && long_working_ == 0;
  return !last_for_a_long_one || waiting(true) == 0;
}

bool QueryGate::is_next(const Waiter& waiter) const {
  if (!has_room(waiter.is_long)) return false;
  const auto held = [this](const Waiter& w) {
    const auto found = held_.find(w.caller);
    return found == held_.end() ? std::size_t{0} : found->second;
  };
  const Waiter* best = nullptr;
  for (const Waiter& other : waiters_) {
    if (!has_room(other.is_long)) continue;
    if (best == nullptr || std::pair(other.is_long, held(other)) < std::pair(best->is_long, held(*best))) best = &other;
  }
  return best == &waiter;
}

Result<QueryGate::Place> QueryGate::enter(const std::string& caller, bool is_long, const StopFlag& canceled,
                                          std::chrono::nanoseconds patience) {
  const Error full{ErrorCode::overloaded, "Too many queries run at once: try again in a moment.", ""};
  std::unique_lock lock(mutex_);
  if (is_long) {
    const auto own = std::count_if(waiters_.begin(), waiters_.end(), [&](const Waiter& w) { return w.is_long && w.caller == caller; });
    if (waiting(true) >= options_.waiting_long || static_cast<std::size_t>(own) * 2 >= options_.waiting_long) return full;
  } else {
    patience = std::min<std::chrono::nanoseconds>(patience, options_.admission_wait);
  }
  const auto deadline = std::chrono::steady_clock::now() + patience;
  waiters_.push_back({caller, is_long});
  const auto me = std::prev(waiters_.end());
  bool free = false;
  while (!canceled.load()) {
    free = is_next(*me);
    const auto now = std::chrono::steady_clock::now();
    if (free || now >= deadline) break;
    changed_.wait_until(lock, std::min(deadline, now + kLook));
  }
  waiters_.erase(me);
  if (free) {
    ++working_;
    if (is_long) ++long_working_;
    ++held_[caller];
  }
  lock.unlock();
  changed_.notify_all();  // who is next may have changed
  if (canceled.load() && !free) return Error{ErrorCode::canceled, "The query was canceled.", ""};
  if (!free) return full;
  return Place(*this, caller, is_long);
}

void QueryGate::leave(const std::string& caller, bool was_long) {
  {
    const std::lock_guard lock(mutex_);
    --working_;
    if (was_long) --long_working_;
    const auto found = held_.find(caller);
    if (--found->second == 0) held_.erase(found);
  }
  changed_.notify_all();
}

QueryGate::Counts QueryGate::counts() const {
  const std::lock_guard lock(mutex_);
  return {working_, long_working_, waiting(false), waiting(true)};
}

}  // namespace penstock::query
