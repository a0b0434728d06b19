// Sealing of bytes at rest. The journal and chunks pass all that came from a user through this port.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock {

// Names the data key something was sealed with; 0 means not sealed (PlainSealer).
using KeyId = std::uint64_t;

// Thread-safe. `associated` binds the place (deployment, kind, chunk, sequence): opening with other associated data fails.
class Sealer {
 public:
  virtual ~Sealer() = default;
  // The key that new bytes of this scope are sealed with; it is durable. Scopes: "chunk/<deployment>/<day>", "dead-letter/<deployment>" and
  // "deletion/<deployment>" have keys that are kept in the store (unavailable while it is away) and go with their deployment, "identity/" has one
  // there that stays; all others, "journal/<segment id>" among them, have keys of this data folder.
  virtual Result<KeyId> key_for(std::string_view scope) = 0;
  virtual Result<std::string> seal(KeyId key, std::string_view associated, std::string_view plain) = 0;
  // Appends what seal() gives to `out`; without an allocation where `out` has the room.
  virtual Result<void> seal_onto(std::string& out, KeyId key, std::string_view associated, std::string_view plain) {
    auto sealed = seal(key, associated, plain);
    if (!sealed) return std::move(sealed).error();
    out += *sealed;
    return {};
  }
  // ErrorCode::key_mismatch when the key is not at hand, corrupt when the bytes do not verify.
  virtual Result<std::string> open(KeyId key, std::string_view associated, std::string_view sealed) = 0;
  // The store refused a key that key_for() gave: it was destroyed or replaced meanwhile. Keys of the store are looked up again.
  virtual void forget_store_keys() {}
};

// Passes bytes through. The null object beside the port.
class PlainSealer final : public Sealer {
 public:
  Result<KeyId> key_for(std::string_view) override { return KeyId{0}; }
  Result<std::string> seal(KeyId, std::string_view, std::string_view plain) override { return std::string(plain); }
  Result<void> seal_onto(std::string& out, KeyId, std::string_view, std::string_view plain) override {
    out += plain;
    return {};
  }
  Result<std::string> open(KeyId key, std::string_view, std::string_view sealed) override {
    if (key != 0) {
      return Error{ErrorCode::key_mismatch, "These bytes are sealed, and no key is configured: give the key they were sealed with.", ""};
    }
    return std::string(sealed);
  }
};

}  // namespace penstock
