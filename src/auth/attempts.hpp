// How often somebody may try to log in.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace penstock::auth {

// Tries are counted by account and by address (of IPv6 by its /64), succeed they or not; a success is taken back. Each count goes down by one in a
// while, so a block ends by itself. An address from which the account's owner has logged in is counted apart: strangers who try do not lock the owner
// out. Thread-safe; what it knows is bounded, and gone with the process: whoever remembers log-ins says so with trust().
class AttemptLimits {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    double per_account = 10, per_address = 30;  // tries at once
    std::chrono::seconds one_account_try{60}, one_address_try{20};
    std::size_t most = 4096;  // accounts, and addresses, that are remembered
  };

  AttemptLimits() : AttemptLimits(Options()) {}
  explicit AttemptLimits(const Options& options) : options_(options) {}

  // Counts a try. How long to wait, when there were too many; that try is not counted, and must not be made.
  std::optional<std::chrono::seconds> begin(std::string_view account, std::string_view address, Clock::time_point now);
  // The try that began was right.
  void succeeded(std::string_view account, std::string_view address, Clock::time_point now);
  // The account's owner logged in from there.
  void trust(std::string_view account, std::string_view address);

 private:
  struct Count {
    double tries = 0;
    Clock::time_point at;
  };
  using Counts = std::unordered_map<std::string, Count>;

  std::string account_key(std::string_view account, std::string_view network) const;
  void remember(std::string_view account, std::string_view network);
  Count& count(Counts& counts, const std::string& key, std::chrono::seconds one, Clock::time_point now) const;

  const Options options_;
  std::mutex mutex_;
  Counts accounts_, addresses_;
  std::unordered_set<std::string> trusted_;  // account and network
};

}  // namespace penstock::auth
