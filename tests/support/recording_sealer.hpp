// A sealer for tests: scrambles, verifies, and remembers for what it sealed, so that a place sealed twice is noticed.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::test {

// Thread-safe.
class RecordingSealer final : public Sealer {
 public:
  Result<KeyId> key_for(std::string_view scope) override {
    std::lock_guard lock(mutex_);
    const auto [at, fresh] = keys_.emplace(scope, keys_.size() + 1);
    if (!fresh) ++reused_scopes_;
    return at->second;
  }

  Result<std::string> seal(KeyId key, std::string_view associated, std::string_view plain) override {
    std::lock_guard lock(mutex_);
    // Key and place make the nonce: offset and segment are the first 16 bytes.
    if (!places_.emplace(key, std::string(associated.substr(0, 16))).second) ++reused_places_;
    std::string out = scramble(key, plain);
    append_fixed32(out, tag(key, associated, out));
    return out;
  }

  Result<std::string> open(KeyId key, std::string_view associated, std::string_view sealed) override {
    std::lock_guard lock(mutex_);
    if (withheld_) return Error{ErrorCode::key_mismatch, "This key is not at hand.", ""};
    if (sealed.size() < 4) return Error{ErrorCode::corrupt, "Too short to be sealed.", ""};
    const std::string_view body = sealed.substr(0, sealed.size() - 4);
    if (!trusting_ && read_fixed<std::uint32_t>(sealed.data() + body.size()) != tag(key, associated, body)) {
      return Error{ErrorCode::corrupt, "The seal is broken.", ""};
    }
    return scramble(key, body);
  }

  // Opens whatever it is given, as a sealer that does not seal: then only the journal's own checksums stand between damage and a reader.
  void trust(bool trust) {
    std::lock_guard lock(mutex_);
    trusting_ = trust;
  }
  void withhold_keys(bool withhold) {
    std::lock_guard lock(mutex_);
    withheld_ = withhold;
  }
  std::size_t reused_places() const { return reused_places_; }
  std::size_t reused_scopes() const { return reused_scopes_; }

 private:
  static std::string scramble(KeyId key, std::string_view bytes) {
    std::string out(bytes);
    for (char& c : out) c = static_cast<char>(c ^ static_cast<char>(0x5a + key));
    return out;
  }
  static std::uint32_t tag(KeyId key, std::string_view associated, std::string_view body) {
    std::string head;
    append_fixed64(head, key);
    append_sized(head, associated);
    return crc32c(body, crc32c(head));
  }

  mutable std::mutex mutex_;
  std::map<std::string, KeyId, std::less<>> keys_;
  std::set<std::pair<KeyId, std::string>> places_;
  std::size_t reused_places_ = 0, reused_scopes_ = 0;
  bool withheld_ = false;
  bool trusting_ = false;
};

}  // namespace penstock::test
