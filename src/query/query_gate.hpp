// Who may work now. Queries take turns at a few places, so that what they hold together stays bounded, and such that a
// short one never waits for long ones to end:
//
// - Every query begins as a short one. One that has worked for a slice of time is long from then on.
// - One place is kept free of long ones, and one of short ones while long ones wait. A query that turns long while the
//   long ones have all their places gives its place back, waits for one of theirs, and begins anew: it loses a slice.
// - Of those that wait, short ones go first, then those of the caller who holds the fewest places, then the oldest.
// - Nobody waits longer than its time limit; short ones not longer than the admission wait, and of long ones only so
//   many can wait, of which one caller has at most half.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/stop_flag.hpp"
#include "penstock/core/result.hpp"

namespace penstock::query {

// Thread-safe. Must outlive its places.
class QueryGate {
 public:
  struct Options {
    std::size_t places = 4;        // at least 2 are taken
    std::size_t waiting_long = 16;
    std::chrono::milliseconds admission_wait{2'000};
  };
  explicit QueryGate(Options options);

  class Place {
   public:
    Place(QueryGate& gate, std::string caller, bool is_long) : gate_(&gate), caller_(std::move(caller)), long_(is_long) {}
    Place(Place&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), caller_(std::move(other.caller_)), long_(other.long_) {}
    Place& operator=(Place&&) = delete;
    ~Place();
    bool is_long() const { return long_; }
    // The query has worked for its slice. False: it is to give the place back, and to wait for a long one's.
    bool turn_long();

   private:
    QueryGate* gate_;
    std::string caller_;
    bool long_;
  };

  // Waits for a place, by the real clock. overloaded: there was none in time; canceled.
  Result<Place> enter(const std::string& caller, bool is_long, const StopFlag& canceled, std::chrono::nanoseconds patience);

  struct Counts {
    std::size_t working = 0, long_working = 0, waiting = 0, long_waiting = 0;
  };
  Counts counts() const;

 private:
  struct Waiter {
    const std::string& caller;
    bool is_long;
  };

  void leave(const std::string& caller, bool was_long);
  bool has_room(bool is_long) const;
  bool is_next(const Waiter& waiter) const;
  std::size_t waiting(bool is_long) const;

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t working_ = 0, long_working_ = 0;
  std::map<std::string, std::size_t> held_;  // places, by caller
  std::list<Waiter> waiters_;                // in the order they came
};

}  // namespace penstock::query
