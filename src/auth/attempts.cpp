#include "auth/attempts.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <arpa/inet.h>

#include "base/hex.hpp"

namespace penstock::auth {
namespace {

// Whoever has one IPv6 address has its /64.
std::string network_of(std::string_view address) {
  const std::string text(address);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return to_hex(std::span(bytes).first(8));
}

double tries_now(double tries, std::chrono::steady_clock::duration since, std::chrono::seconds one) {
  return std::max(0.0, tries - std::chrono::duration<double>(since).count() / static_cast<double>(one.count()));
}

}  // namespace

std::string AttemptLimits::account_key(std::string_view account, std::string_view network) const {
  std::string both = std::string(account) + '\n' + std::string(network);
  return trusted_.contains(both) ? both : std::string(account);
}

AttemptLimits::Count& AttemptLimits::count(Counts& counts, const std::string& key, std::chrono::seconds one, Clock::time_point now) const {
  if (counts.size() >= options_.most && !counts.contains(key)) {
    std::erase_if(counts, [&](const auto& entry) { return tries_now(entry.second.tries, now - entry.second.at, one) <= 0; });
    if (counts.size() >= options_.most) {
      counts.erase(std::min_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second.tries < b.second.tries; }));
    }
  }
  Count& found = counts.try_emplace(key, Count{0, now}).first->second;
  found.tries = tries_now(found.tries, now - found.at, one);
  found.at = now;
  return found;
}

std::optional<std::chrono::seconds> AttemptLimits::begin(std::string_view account, std::string_view address, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const std::string network = network_of(address);
  Count& of_account = count(accounts_, account_key(account, network), options_.one_account_try, now);
  Count& of_address = count(addresses_, network, options_.one_address_try, now);
  const auto wait = [](const Count& one, double most, std::chrono::seconds each) {
    return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(std::max(0.0, one.tries + 1 - most) * static_cast<double>(each.count()))));
  };
  const auto longest = std::max(wait(of_account, options_.per_account, options_.one_account_try),
                                wait(of_address, options_.per_address, options_.one_address_try));
  if (longest.count() > 0) return longest;
  of_account.tries += 1;
  of_address.tries += 1;
  return std::nullopt;
}

void AttemptLimits::succeeded(std::string_view account, std::string_view address, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const std::string network = network_of(address);
  count(accounts_, account_key(account, network), options_.one_account_try, now).tries = 0;
  Count& of_address = count(addresses_, network, options_.one_address_try, now);
  of_address.tries = std::max(0.0, of_address.tries - 1);
  remember(account, network);
}

void AttemptLimits::trust(std::string_view account, std::string_view address) {
  const std::lock_guard lock(mutex_);
  remember(account, network_of(address));
}

void AttemptLimits::remember(std::string_view account, std::string_view network) {
  if (trusted_.size() >= options_.most) trusted_.clear();
  trusted_.insert(std::string(account) + '\n' + std::string(network));
}

}  // namespace penstock::auth
