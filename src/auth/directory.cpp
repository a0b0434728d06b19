#include "auth/directory.hpp"

#include <algorithm>

#include "auth/stored_grants.hpp"
#include "base/hex.hpp"

namespace penstock::auth {
namespace {

std::optional<TokenDigest> stored_digest(const std::string& bytes) {
  TokenDigest digest{};
  if (bytes.size() != digest.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

}  // namespace

// The entries of one kind, until all are there.
class Directory::Gathering {
 public:
  Gathering(const Directory* before, Shown shown, std::size_t most)
      : before_(before == nullptr ? nullptr : &before->known(shown)), first_uses_(before == nullptr ? new LastUse[most] : nullptr) {}

  void add(const TokenDigest& digest, Timestamp ends, Principal principal, std::string key, Timestamp last_used) {
    auto use = use_before(digest);
    // Another server may have noted a later one.
    if (use->at.load() < last_used.ns) use->at = last_used.ns;
    if (use->noted.load() < last_used.ns) use->noted = last_used.ns;
    entries_.push_back({digest, ends, std::make_shared<const Principal>(std::move(principal)), use.get()});
    known_.keys.push_back(std::move(key));
    known_.uses.push_back(std::move(use));
  }
  Known all() && {
    known_.table = DigestTable<Entry>(std::move(entries_));
    return std::move(known_);
  }

 private:
  std::shared_ptr<LastUse> use_before(const TokenDigest& digest) const {
    const Entry* const entry = before_ == nullptr ? nullptr : before_->table.find(digest);
    if (entry == nullptr && first_uses_) return {first_uses_, &first_uses_[entries_.size()]};
    if (entry == nullptr) return std::make_shared<LastUse>();
    return before_->uses[static_cast<std::size_t>(entry - before_->table.entries().data())];
  }

  const Known* const before_;
  const std::shared_ptr<LastUse[]> first_uses_;  // side by side, as every request touches one
  Known known_;
  std::vector<Entry> entries_;
};

std::shared_ptr<const Directory> Directory::make(Identities identities, const Directory* before) {
  std::shared_ptr<Directory> made(new Directory(std::move(identities)));
  made->add_tokens(before);
  made->add_sessions(before);
  made->add_declarations(before);
  return made;
}

void Directory::add_tokens(const Directory* before) {
  const std::size_t most = identities_.tokens.size();
  Gathering tokens(before, Shown::token, most), certificates(before, Shown::certificate, most);
  for (const auto& [id, token] : identities_.tokens) {
    const auto digest = stored_digest(token.digest);
    if (!digest || token.revoked_at.ns != 0) continue;
    if (!token.owner.empty()) {
      const auto owner = identities_.users.find(token.owner);
      if (owner == identities_.users.end() || owner->second.disabled) continue;
    }
    Principal principal{.kind = PrincipalKind::token,
                        .name = "token:" + id,
                        .id = id,
                        .grants = grants_of(identities_, token),
                        .default_deployment = token.default_deployment,
                        .version = static_cast<std::uint64_t>(identities_.version)};
    Timestamp ends = kLastTime;
    if (token.expires_at.ns != 0) principal.expires = ends = token.expires_at;
    if (token.certificate) principal.kind = PrincipalKind::certificate;
    (token.certificate ? certificates : tokens).add(*digest, ends, std::move(principal), id, token.last_used);
    by_id_.emplace(id, *digest);
  }
  known_[static_cast<std::size_t>(Shown::token)] = std::move(tokens).all();
  known_[static_cast<std::size_t>(Shown::certificate)] = std::move(certificates).all();
}

void Directory::add_sessions(const Directory* before) {
  Gathering sessions(before, Shown::session, identities_.sessions.size());
  for (const StoredSession& session : identities_.sessions) {
    const auto digest = stored_digest(session.digest);
    const auto user = identities_.users.find(session.user);
    if (!digest || user == identities_.users.end() || user->second.disabled) continue;
    Principal principal{.kind = PrincipalKind::user,
                        .name = "user:" + session.user,
                        .id = session.user,
                        .session = to_hex(*digest),
                        .provider = session.provider,
                        .grants = grants_of(identities_, user->second),
                        .expires = session.expires_at,
                        .version = static_cast<std::uint64_t>(identities_.version)};
    sessions.add(*digest, session.expires_at, std::move(principal), session.digest, session.last_seen);
  }
  known_[static_cast<std::size_t>(Shown::session)] = std::move(sessions).all();
}

void Directory::add_declarations(const Directory* before) {
  std::vector<MetricDeclaration> list;
  // Also what could not be declared now: what was hidden stays hidden.
  for (const auto& [id, stored] : identities_.declarations) list.push_back(stored.metric);
  MetricDeclarations::Refusals refusals;
  for (const auto& [deployment, said] : identities_.undeclared) refusals.emplace(deployment, said == Undeclared::refused);
  declared_ = MetricDeclarations::make(std::move(list), std::move(refusals));
  if (declared_ && before != nullptr && before->declared_ && *before->declared_ == *declared_) declared_ = before->declared_;
}

std::vector<RetentionRule> retention_rules(const std::vector<StoredRetention>& set) {
  std::vector<RetentionRule> rules;
  for (const StoredRetention& one : set) rules.push_back({one.deployment == "*" ? "" : one.deployment, one.kind, one.max_age_ns, one.max_bytes});
  return rules;
}

const Directory::Entry* Directory::entry_of(const Principal& principal) const {
  if (principal.kind == PrincipalKind::user) {
    const auto digest = digest_from_hex(principal.session);
    return digest ? find(Shown::session, *digest) : nullptr;
  }
  const auto found = by_id_.find(principal.id);
  const Shown shown = principal.kind == PrincipalKind::certificate ? Shown::certificate : Shown::token;
  return found == by_id_.end() ? nullptr : find(shown, found->second);
}

}  // namespace penstock::auth
