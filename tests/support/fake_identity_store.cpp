#include "support/fake_identity_store.hpp"

#include <algorithm>
#include <type_traits>

namespace penstock::test {
namespace {

const std::vector<std::string> kReading = {"deployment:read", "metrics:read", "logs:read", "custom_metrics:read"};

std::vector<std::string> and_also(std::vector<std::string> rights, std::initializer_list<const char*> more) {
  rights.insert(rights.end(), more.begin(), more.end());
  return rights;
}

}  // namespace

FakeIdentityStore::FakeIdentityStore() {
  now_.version = 1;
  now_.roles["viewer"] = {"viewer", "", true, {{1, "*", kReading}}};
  now_.roles["operator"] = {"operator", "", true, {{2, "*", and_also(kReading, {"logs:delete", "ingest"})}}};
  now_.roles["administrator"] = {"administrator", "", true, {{3, "*", and_also(kReading, {"logs:delete", "ingest", "admin", "audit:read"})}}};
}

Result<void> FakeIdentityStore::there() const {
  if (away) return Error{ErrorCode::unavailable, "The store is away.", ""};
  return {};
}

Result<std::int64_t> FakeIdentityStore::version() {
  ++looks;
  const std::lock_guard lock(mutex_);
  if (auto here = there(); !here) return here.error();
  return now_.version;
}

Result<Identities> FakeIdentityStore::load(Timestamp now) {
  ++loads;
  const std::lock_guard lock(mutex_);
  if (auto here = there(); !here) return here.error();
  Identities loaded = now_;
  std::erase_if(loaded.sessions, [now](const StoredSession& session) { return session.expires_at <= now; });
  return loaded;
}

Result<std::int64_t> FakeIdentityStore::apply(std::int64_t seen, const std::vector<IdentityChange>& changes, const std::vector<AuditEntry>& entries) {
  const std::lock_guard lock(mutex_);
  if (auto here = there(); !here) return here.error();
  if (meanwhile) {
    std::exchange(meanwhile, nullptr)(now_);
    ++now_.version;
  }
  if (seen != now_.version) return Error{ErrorCode::conflict, "Somebody else was faster.", ""};
  const auto number = [this](auto holder) {
    for (StoredGrant& grant : holder.grants) grant.id = grant.id == 0 ? next_grant_++ : grant.id;
    return holder;
  };
  const auto end_sessions = [this](const auto& whose) { std::erase_if(now_.sessions, whose); };
  for (const IdentityChange& change : changes) {
    std::visit(
        [&](const auto& one) {
          using Change = std::decay_t<decltype(one)>;
          if constexpr (std::is_same_v<Change, StoredUser>) now_.users[one.name] = number(one);
          if constexpr (std::is_same_v<Change, StoredRole>) now_.roles[one.name] = number(one);
          if constexpr (std::is_same_v<Change, StoredToken>) now_.tokens[one.id] = number(one);
          if constexpr (std::is_same_v<Change, StoredSession>) now_.sessions.push_back(one);
          if constexpr (std::is_same_v<Change, RemoveUser>) {
            now_.users.erase(one.name);
            std::erase_if(now_.tokens, [&](const auto& token) { return token.second.owner == one.name; });
            end_sessions([&](const StoredSession& session) { return session.user == one.name; });
          }
          if constexpr (std::is_same_v<Change, RemoveRole>) now_.roles.erase(one.name);
          if constexpr (std::is_same_v<Change, RemoveToken>) now_.tokens.erase(one.id);
          if constexpr (std::is_same_v<Change, EndSession>) end_sessions([&](const StoredSession& session) { return session.digest == one.digest; });
          if constexpr (std::is_same_v<Change, EndSessionsOf>) end_sessions([&](const StoredSession& session) { return session.user == one.user; });
          if constexpr (std::is_same_v<Change, StoredProvider>) now_.providers[one.id] = one;
          if constexpr (std::is_same_v<Change, RemoveProvider>) now_.providers.erase(one.id);
          if constexpr (std::is_same_v<Change, ChangeSetting>) {
            if (one.value.empty()) now_.settings.erase(one.key);
            else now_.settings[one.key] = one.value;
          }
          if constexpr (std::is_same_v<Change, StoredDeclaration>) {
            StoredDeclaration stored = one;
            if (stored.metric.id == 0) stored.metric.id = next_declaration_++;
            now_.declarations[stored.metric.id] = stored;
          }
          if constexpr (std::is_same_v<Change, RemoveDeclaration>) now_.declarations.erase(one.id);
          const auto remove_retention = [&](const std::string& deployment, RecordKind kind) {
            std::erase_if(now_.retention, [&](const StoredRetention& rule) { return rule.deployment == deployment && rule.kind == kind; });
          };
          if constexpr (std::is_same_v<Change, StoredRetention>) {
            remove_retention(one.deployment, one.kind);
            now_.retention.push_back(one);
          }
          if constexpr (std::is_same_v<Change, RemoveRetention>) remove_retention(one.deployment, one.kind);
          if constexpr (std::is_same_v<Change, ChangeUndeclared>) {
            if (one.metrics == Undeclared::unsaid) now_.undeclared.erase(one.deployment);
            else now_.undeclared[one.deployment] = one.metrics;
          }
        },
        change);
  }
  write(entries);
  return ++now_.version;
}

Result<void> FakeIdentityStore::note(const IdentityUse& use) {
  const std::lock_guard lock(mutex_);
  if (auto here = there(); !here) return here;
  for (const auto& [id, at] : use.tokens) now_.tokens[id].last_used = at;
  for (const auto& [digest, at] : use.sessions) {
    for (StoredSession& session : now_.sessions) {
      if (session.digest == digest) session.last_seen = at;
    }
  }
  return {};
}

void FakeIdentityStore::write(const std::vector<AuditEntry>& entries) {
  for (const AuditEntry& entry : entries) {
    const AuditHash previous = audit_.empty() ? AuditHash{} : audit_.back().hash;
    const auto id = static_cast<std::int64_t>(audit_.size()) + 1;
    audit_.push_back({id, entry, previous, audit_hash(previous, id, entry)});
  }
}

Result<void> FakeIdentityStore::append(const std::vector<AuditEntry>& entries) {
  const std::lock_guard lock(mutex_);
  if (auto here = there(); !here) return here;
  write(entries);
  return {};
}

Result<std::vector<AuditRow>> FakeIdentityStore::audit(const AuditQuery& query) {
  const std::lock_guard lock(mutex_);
  if (auto here = there(); !here) return here.error();
  std::vector<AuditRow> rows(audit_.rbegin(), audit_.rend());
  std::erase_if(rows, [&](const AuditRow& row) {
    return (!query.action.empty() && row.entry.action != query.action) || (!query.outcome.empty() && row.entry.outcome != query.outcome);
  });
  if (rows.size() > query.limit) rows.resize(query.limit);
  return rows;
}

Result<std::vector<AuditRow>> FakeIdentityStore::audit_chain(std::int64_t after, std::size_t count) {
  const std::lock_guard lock(mutex_);
  if (auto here = there(); !here) return here.error();
  std::vector<AuditRow> rows;
  for (const AuditRow& row : audit_) {
    if (row.id > after && rows.size() < count) rows.push_back(row);
  }
  return rows;
}

Result<AuditHead> FakeIdentityStore::audit_head() {
  const std::lock_guard lock(mutex_);
  if (auto here = there(); !here) return here.error();
  return audit_.empty() ? AuditHead{} : AuditHead{audit_.back().id, audit_.back().hash};
}

std::vector<AuditEntry> FakeIdentityStore::told() const {
  const std::lock_guard lock(mutex_);
  std::vector<AuditEntry> entries;
  for (const AuditRow& row : audit_) entries.push_back(row.entry);
  return entries;
}

}  // namespace penstock::test
