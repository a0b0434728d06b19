// Data keys in memory, with the rules of the store.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "penstock/ports/data_keys.hpp"

namespace penstock::test {

// Thread-safe.
class FakeDataKeys final : public DataKeyStore {
 public:
  Result<std::string> outer_in_force(const std::string& own) override {
    const std::lock_guard lock(mutex_);
    if (away_) return gone();
    if (outer_.empty()) outer_ = own;
    return outer_;
  }
  Result<WrappedKey> in_force(const WrappedKey& fresh, const std::string& outer) override {
    const std::lock_guard lock(mutex_);
    if (away_) return gone();
    for (const auto& [id, kept] : keys_) {
      if (!kept.retired && kept.key.deployment == fresh.deployment && kept.key.use == fresh.use) return kept.key;
    }
    if (outer != outer_) return Error{ErrorCode::key_mismatch, "Another outer key is in force.", ""};
    keys_[fresh.id] = {fresh, false};
    return fresh;
  }
  Result<std::vector<WrappedKey>> around(KeyId id) override {
    const std::lock_guard lock(mutex_);
    if (away_) return gone();
    ++lookups_;
    std::vector<WrappedKey> found;
    const auto wanted = keys_.find(id);
    if (wanted == keys_.end()) return found;
    for (const auto& [other, kept] : keys_) {
      if (kept.key.deployment == wanted->second.key.deployment) found.push_back(kept.key);
    }
    return found;
  }
  Result<std::uint64_t> rewrap_all(const std::string& outer, const std::function<Result<std::string>(const WrappedKey&)>& rewrap) override {
    const std::lock_guard lock(mutex_);
    if (away_) return gone();
    auto changed = keys_;
    for (auto& [id, kept] : changed) {
      auto wrapped = rewrap(kept.key);
      if (!wrapped) return wrapped.error();
      kept.key.wrapped = *wrapped;
    }
    keys_ = std::move(changed);
    outer_ = outer;
    return keys_.size();
  }
  Result<void> each(const std::function<Result<void>(const WrappedKey&)>& visit) override {
    for (const auto& [id, kept] : keys_) {
      if (auto done = visit(kept.key); !done) return done;
    }
    return {};
  }
  Result<std::uint64_t> retire_all() override {
    const std::lock_guard lock(mutex_);
    std::uint64_t count = 0;
    for (auto& [id, kept] : keys_) count += !std::exchange(kept.retired, true);
    return count;
  }
  Result<std::uint64_t> destroy(const std::string& deployment) override {
    const std::lock_guard lock(mutex_);
    if (away_) return gone();
    return std::erase_if(keys_, [&](const auto& entry) { return entry.second.key.deployment == deployment; });
  }
  Result<DataKeyCounts> counts() override { return DataKeyCounts{}; }

  void go_away(bool away) {
    const std::lock_guard lock(mutex_);
    away_ = away;
  }
  int lookups() const { return lookups_; }
  std::size_t size() const { return keys_.size(); }

 private:
  struct Kept {
    WrappedKey key;
    bool retired = false;
  };
  static Error gone() { return {ErrorCode::unavailable, "The store is away.", ""}; }

  std::mutex mutex_;
  std::map<KeyId, Kept> keys_;
  std::string outer_;
  bool away_ = false;
  int lookups_ = 0;
};

}  // namespace penstock::test
