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

std::shared_ptr<LastUse> use_of(const Directory::Entry* before, Timestamp stored) {
  auto use = before == nullptr ? std::make_shared<LastUse>() : before->use;
  // Another server may have noted a later one.
  if (use->at.load() < stored.ns) use->at = stored.ns;
  if (use->noted.load() < stored.ns) use->noted = stored.ns;
  return use;
}

}  // namespace

std::shared_ptr<const Directory> Directory::make(Identities identities, const Directory* before) {
  std::shared_ptr<Directory> made(new Directory(std::move(identities)));
  made->add_tokens(before);
  made->add_sessions(before);
  return made;
}

void Directory::add_tokens(const Directory* before) {
  tokens_.reserve(identities_.tokens.size());
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
    Entry entry;
    if (token.expires_at.ns != 0) {
      principal.expires = token.expires_at;
      entry.ends = token.expires_at;
    }
    entry.principal = std::make_shared<const Principal>(std::move(principal));
    entry.use = use_of(before == nullptr ? nullptr : before->token(*digest), token.last_used);
    entry.key = id;
    tokens_.emplace(*digest, std::move(entry));
    by_id_.emplace(id, *digest);
  }
}

void Directory::add_sessions(const Directory* before) {
  for (const StoredSession& session : identities_.sessions) {
    const auto digest = stored_digest(session.digest);
    const auto user = identities_.users.find(session.user);
    if (!digest || user == identities_.users.end() || user->second.disabled) continue;
    Entry entry;
    entry.ends = session.expires_at;
    entry.principal = std::make_shared<const Principal>(Principal{.kind = PrincipalKind::user,
                                                                  .name = "user:" + session.user,
                                                                  .id = session.user,
                                                                  .session = to_hex(*digest),
                                                                  .grants = grants_of(identities_, user->second),
                                                                  .expires = session.expires_at,
                                                                  .version = static_cast<std::uint64_t>(identities_.version)});
    entry.use = use_of(before == nullptr ? nullptr : before->session(*digest), session.last_seen);
    entry.key = session.digest;
    sessions_.emplace(*digest, std::move(entry));
  }
}

const Directory::Entry* Directory::entry_of(const Principal& principal) const {
  if (principal.kind == PrincipalKind::user) {
    const auto digest = digest_from_hex(principal.session);
    return digest ? session(*digest) : nullptr;
  }
  const auto found = by_id_.find(principal.id);
  return found == by_id_.end() ? nullptr : token(found->second);
}

}  // namespace penstock::auth
