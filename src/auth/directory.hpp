// All identities of one moment, ready to be asked on every request.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/identity_settings.hpp"
#include "auth/token_digest.hpp"
#include "penstock/core/principal.hpp"
#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

// When a token or session was last used; goes on from one directory to the next.
struct LastUse {
  std::atomic<std::int64_t> at{0}, noted{0};  // nanoseconds; what the store knows
};

// Immutable but for last uses; thread-safe.
class Directory {
 public:
  struct Entry {
    PrincipalPtr principal;
    Timestamp ends = kLastTime;  // whatever happens
    std::shared_ptr<LastUse> use;
    std::string key;  // a token's id, a session's digest
  };

  // Uses that `before` (may be null) knows of are kept.
  static std::shared_ptr<const Directory> make(Identities identities, const Directory* before);

  const Identities& identities() const { return identities_; }
  const IdentitySettings& settings() const { return settings_; }
  std::int64_t version() const { return identities_.version; }

  // null: none of that digest. Whether it is valid still is for the caller to see.
  const Entry* token(const TokenDigest& digest) const { return find(tokens_, digest); }
  const Entry* session(const TokenDigest& digest) const { return find(sessions_, digest); }
  // The entry that a principal was made of, as it is now; null: there is none any more.
  const Entry* entry_of(const Principal& principal) const;

  template <class Visit>
  void each_token(Visit visit) const {
    for (const auto& [digest, entry] : tokens_) visit(entry);
  }
  template <class Visit>
  void each_session(Visit visit) const {
    for (const auto& [digest, entry] : sessions_) visit(entry);
  }

 private:
  // A digest is as good as a hash already.
  struct FirstBytes {
    std::size_t operator()(const TokenDigest& digest) const {
      std::size_t hash = 0;
      std::memcpy(&hash, digest.data(), sizeof hash);
      return hash;
    }
  };
  using Entries = std::unordered_map<TokenDigest, Entry, FirstBytes>;
  static const Entry* find(const Entries& entries, const TokenDigest& digest) {
    const auto found = entries.find(digest);
    return found == entries.end() ? nullptr : &found->second;
  }

  explicit Directory(Identities identities) : identities_(std::move(identities)), settings_(read_settings(identities_.settings)) {}
  void add_tokens(const Directory* before);
  void add_sessions(const Directory* before);

  const Identities identities_;
  const IdentitySettings settings_;
  Entries tokens_, sessions_;
  std::unordered_map<std::string, TokenDigest> by_id_;  // of tokens
};

}  // namespace penstock::auth
