// A sealer for tests: not secret, but as strict as a real one. It hides the plain text, checks the associated data, and knows its keys.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::test {

// Thread-safe. Keys are numbered by scope from 1. Sealed bytes: 4 bytes of checksum over key, associated data and plain text, then the
// plain text XORed with 0xa5.
class FakeSealer final : public Sealer {
 public:
  Result<KeyId> key_for(std::string_view scope) override {
    const std::lock_guard lock(mutex_);
    if (failing_) return Error{ErrorCode::unavailable, "The key store is away.", ""};
    const auto known = keys_.find(std::string(scope));
    if (known != keys_.end()) return known->second;
    const KeyId key = keys_.size() + 1;
    keys_.emplace(std::string(scope), key);
    return key;
  }

  Result<std::string> seal(KeyId key, std::string_view associated, std::string_view plain) override {
    std::string out;
    append_fixed32(out, tag(key, associated, plain));
    for (const char c : plain) out.push_back(static_cast<char>(c ^ kMask));
    return out;
  }

  Result<std::string> open(KeyId key, std::string_view associated, std::string_view sealed) override {
    {
      const std::lock_guard lock(mutex_);
      if (key == 0 || key > keys_.size()) return Error{ErrorCode::key_mismatch, "The key is not at hand.", ""};
    }
    if (sealed.size() < 4) return Error{ErrorCode::corrupt, "Too short.", ""};
    std::string plain;
    for (const char c : sealed.substr(4)) plain.push_back(static_cast<char>(c ^ kMask));
    if (read_fixed<std::uint32_t>(sealed.data()) != tag(key, associated, plain)) return Error{ErrorCode::corrupt, "Not verified.", ""};
    return plain;
  }

  // key_for fails from now on.
  void fail_keys(bool failing) {
    const std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  bool has_scope(const std::string& scope) const {
    const std::lock_guard lock(mutex_);
    return keys_.count(scope) == 1;
  }

 private:
  static constexpr char kMask = static_cast<char>(0xa5);

  static std::uint32_t tag(KeyId key, std::string_view associated, std::string_view plain) {
    std::string head;
    append_fixed64(head, key);
    append_sized(head, associated);
    return crc32c(plain, crc32c(head));
  }

  mutable std::mutex mutex_;
  std::map<std::string, KeyId> keys_;
  bool failing_ = false;
};

}  // namespace penstock::test
