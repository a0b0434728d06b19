// Something that is fetched from elsewhere, kept, and fetched again when it is old or somebody needs a newer one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/clock.hpp"

namespace penstock::auth {

struct RefetchOptions {
  std::chrono::seconds least_between{30};  // fetches, whoever asks: strangers cannot make us ask more often
  std::chrono::seconds fresh{3600};        // what is older is fetched again
  std::chrono::seconds usable{24 * 3600};  // while it cannot be fetched; what is older counts no more
};

// Who needs it while another fetches it: waits for the outcome, or is told `unavailable`.
enum class WhileFetched { wait, give_up };

// Any thread. Blocks while it fetches: not for io threads. One fetch at a time.
template <class T>
class Refetched {
 public:
  using Value = std::shared_ptr<const T>;
  using Fetch = std::function<Result<T>()>;

  // `failure` begins the sentence when it cannot be fetched. `clock` must outlive it.
  Refetched(std::string failure, Fetch fetch, const Clock& clock, const RefetchOptions& options)
      : failure_(std::move(failure)), fetch_(std::move(fetch)), clock_(clock), options_(options) {}

  // What there is, without asking anybody; null: nothing.
  Value known() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  // What to begin with; fetched when there is none or it is too old. unavailable: there is none to be had.
  Result<Value> current(WhileFetched meanwhile = WhileFetched::wait) {
    std::unique_lock lock(mutex_);
    if (is(options_.fresh)) return value_;
    // While somebody fetches, what is only not fresh still serves the others.
    if (fetching_ && is(options_.usable)) return value_;
    if (fetching_ && meanwhile == WhileFetched::give_up) return being_fetched();
    fetched_.wait(lock, [this] { return !fetching_; });
    if (is(options_.fresh)) return value_;
    if (may_fetch()) return renew(lock);
    if (!is(options_.usable)) return last_failure_;
    return value_;
  }

  // Another than `seen` where it may be fetched now; else what there is.
  Result<Value> newer_than(const Value& seen, WhileFetched meanwhile = WhileFetched::wait) {
    std::unique_lock lock(mutex_);
    if (fetching_ && meanwhile == WhileFetched::give_up) return being_fetched();
    fetched_.wait(lock, [this] { return !fetching_; });
    if (value_ != seen || !may_fetch()) return value_;
    return renew(lock);
  }

 private:
  using Moment = std::chrono::steady_clock::time_point;

  bool is(std::chrono::seconds young) const { return value_ && clock_.steady_now() - value_of_ < young; }
  bool may_fetch() const { return !asked_ || clock_.steady_now() - *asked_ >= options_.least_between; }
  Error being_fetched() const { return {ErrorCode::unavailable, "The identity provider is being asked; try again in a moment.", ""}; }

  // The lock is held on entry and on return, not meanwhile.
  Result<Value> renew(std::unique_lock<std::mutex>& lock) {
    fetching_ = true;
    asked_ = clock_.steady_now();
    const Moment began = *asked_;
    lock.unlock();
    Result<T> fetched = Error{};
    try {
      fetched = fetch_();
    } catch (const std::exception& failure) {
      fetched = Error{ErrorCode::internal, failure.what(), ""};
    }
    lock.lock();
    fetching_ = false;
    if (fetched) {
      value_ = std::make_shared<const T>(std::move(*fetched));
      value_of_ = began;
    } else {
      last_failure_ = {ErrorCode::unavailable, failure_ + ": " + fetched.error().message, fetched.error().field};
      log::warn("auth", last_failure_.message);
    }
    fetched_.notify_all();
    if (!is(options_.usable)) return last_failure_;
    return value_;
  }

  const std::string failure_;
  const Fetch fetch_;
  const Clock& clock_;
  const RefetchOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable fetched_;
  Value value_;
  std::optional<Moment> asked_;  // when the last fetch began
  Moment value_of_;              // when that of value_ did
  bool fetching_ = false;
  Error last_failure_;
};

}  // namespace penstock::auth
