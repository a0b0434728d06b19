// All identities of one moment, ready to be asked on every request.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/digest_table.hpp"
#include "auth/identity_settings.hpp"
#include "auth/token_digest.hpp"
#include "penstock/core/deployment_rules.hpp"
#include "penstock/core/principal.hpp"
#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

// Rules that were set, as all others are.
std::vector<RetentionRule> retention_rules(const std::vector<StoredRetention>& set);

// When a token or session was last used; goes on from one directory to the next.
struct LastUse {
  std::atomic<std::int64_t> at{0}, noted{0};  // nanoseconds; what the store knows
};

// What somebody shows to be known by.
enum class Shown { token, session, certificate };

// Immutable but for last uses; thread-safe.
class Directory {
 public:
  // One line of the cache: a request looks at nothing else.
  struct alignas(64) Entry {
    TokenDigest digest;        // of a token, of a session's secret, of a certificate
    Timestamp ends = kLastTime;  // whatever happens
    PrincipalPtr principal;
    LastUse* use;  // never null; of the directory
  };

  // Uses that `before` (may be null) knows of are kept, and what was made of the same declarations.
  static std::shared_ptr<const Directory> make(Identities identities, const Directory* before);

  const Identities& identities() const { return identities_; }
  const IdentitySettings& settings() const { return settings_; }
  std::int64_t version() const { return identities_.version; }
  // null: nothing is declared and nothing refused.
  const std::shared_ptr<const MetricDeclarations>& declared() const { return declared_; }

  // null: none of that digest. Whether it is valid still is for the caller to see.
  const Entry* find(Shown shown, const TokenDigest& digest) const { return known(shown).table.find(digest); }
  // The entry that a principal was made of, as it is now; null: there is none any more.
  const Entry* entry_of(const Principal& principal) const;

  // visit(key, last use): the key is a token's or certificate's id, a session's digest.
  template <class Visit>
  void each(Shown shown, Visit visit) const {
    const Known& all = known(shown);
    for (std::size_t i = 0; i < all.keys.size(); ++i) visit(all.keys[i], *all.uses[i]);
  }

 private:
  struct Known {
    DigestTable<Entry> table;
    std::vector<std::string> keys;  // of the table's entries, in their order
    std::vector<std::shared_ptr<LastUse>> uses;
  };
  class Gathering;

  explicit Directory(Identities identities) : identities_(std::move(identities)), settings_(read_settings(identities_.settings)) {}
  const Known& known(Shown shown) const { return known_[static_cast<std::size_t>(shown)]; }
  void add_tokens(const Directory* before);
  void add_sessions(const Directory* before);
  void add_declarations(const Directory* before);

  const Identities identities_;
  const IdentitySettings settings_;
  std::array<Known, 3> known_;  // by Shown
  std::unordered_map<std::string, TokenDigest> by_id_;  // of tokens and certificates
  std::shared_ptr<const MetricDeclarations> declared_;
};

}  // namespace penstock::auth
