#include "postgres/identity_rows.hpp"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <type_traits>

namespace penstock::postgres {
namespace {

std::string text_of(const PqResult& rows, int row, int column) { return std::string(rows.bytes(row, column)); }

Timestamp time_of(const PqResult& rows, int row, int column) { return {rows.number(row, column)}; }

// Of array_to_json().
std::vector<std::string> texts_of(const PqResult& rows, int row, int column) {
  const auto list = nlohmann::json::parse(rows.bytes(row, column), nullptr, false);
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const auto& item : list) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

Result<void> read_roles(PqConnection& open, Identities& all) {
  auto rows = open.run("SELECT name, description, built_in::integer FROM role", "read the roles");
  if (!rows) return rows.error();
  for (int row = 0; row < rows->rows(); ++row) {
    StoredRole role{text_of(*rows, row, 0), text_of(*rows, row, 1), rows->number(row, 2) != 0, {}};
    all.roles.emplace(role.name, std::move(role));
  }
  return {};
}

Result<void> read_users(PqConnection& open, Identities& all) {
  auto rows = open.run("SELECT name, full_name, password, disabled::integer, created_at, created_by, last_login, issuer, subject FROM user_account", "read the users");
  if (!rows) return rows.error();
  for (int row = 0; row < rows->rows(); ++row) {
    StoredUser user{text_of(*rows, row, 0), text_of(*rows, row, 1), text_of(*rows, row, 2), rows->number(row, 3) != 0,
                    time_of(*rows, row, 4), text_of(*rows, row, 5), time_of(*rows, row, 6)};
    user.issuer = text_of(*rows, row, 7);
    user.subject = text_of(*rows, row, 8);
    all.users.emplace(user.name, std::move(user));
  }
  auto held = open.run("SELECT user_name, role, deployment FROM user_role ORDER BY user_name, role, deployment", "read who holds which role");
  if (!held) return held.error();
  for (int row = 0; row < held->rows(); ++row) {
    const auto user = all.users.find(text_of(*held, row, 0));
    if (user != all.users.end()) user->second.roles.push_back({text_of(*held, row, 1), text_of(*held, row, 2)});
  }
  return {};
}

Result<void> read_tokens(PqConnection& open, Identities& all) {
  auto rows = open.run(
      "SELECT id, name, prefix, digest, coalesce(owner, ''), default_deployment, created_at, created_by, expires_at, last_used, revoked_at, "
      "certificate::integer FROM access_token",
      "read the tokens");
  if (!rows) return rows.error();
  for (int row = 0; row < rows->rows(); ++row) {
    StoredToken token{text_of(*rows, row, 0), text_of(*rows, row, 1), text_of(*rows, row, 2), text_of(*rows, row, 3),
                      text_of(*rows, row, 4), text_of(*rows, row, 5), time_of(*rows, row, 6), text_of(*rows, row, 7),
                      time_of(*rows, row, 8), time_of(*rows, row, 9), time_of(*rows, row, 10)};
    token.certificate = rows->number(row, 11) != 0;
    all.tokens.emplace(token.id, std::move(token));
  }
  return {};
}

Result<void> read_grants(PqConnection& open, Identities& all) {
  auto rows = open.run(
      "SELECT coalesce(user_name, ''), coalesce(role, ''), coalesce(token, ''), id, deployment, array_to_json(rights)::text, "
      "array_to_json(sources)::text, array_to_json(custom_metrics)::text FROM access_grant ORDER BY id",
      "read the grants");
  if (!rows) return rows.error();
  const auto give = [&](auto& holders, int row, int column, const StoredGrant& grant) {
    const auto holder = holders.find(text_of(*rows, row, column));
    if (holder != holders.end()) holder->second.grants.push_back(grant);
  };
  for (int row = 0; row < rows->rows(); ++row) {
    const StoredGrant grant{rows->number(row, 3), text_of(*rows, row, 4), texts_of(*rows, row, 5), texts_of(*rows, row, 6), texts_of(*rows, row, 7)};
    give(all.users, row, 0, grant);
    give(all.roles, row, 1, grant);
    give(all.tokens, row, 2, grant);
  }
  return {};
}

Result<void> read_sessions(PqConnection& open, Timestamp now, Identities& all) {
  PqParams params;
  params.add(now.ns);
  auto rows = open.run("SELECT digest, user_name, created_at, last_seen, expires_at, address, provider, provider_session FROM session WHERE expires_at > $1::bigint",
                       "read the sessions", params);
  if (!rows) return rows.error();
  for (int row = 0; row < rows->rows(); ++row) {
    all.sessions.push_back({text_of(*rows, row, 0), text_of(*rows, row, 1), time_of(*rows, row, 2), time_of(*rows, row, 3), time_of(*rows, row, 4),
                            text_of(*rows, row, 5), text_of(*rows, row, 6), text_of(*rows, row, 7)});
  }
  return {};
}

Result<void> read_providers(PqConnection& open, Identities& all) {
  auto rows = open.run(
      "SELECT id, title, issuer, client_id, scope, redirect_uri, claim, audience, enabled::integer, secret_key, secret FROM identity_provider",
      "read the identity providers");
  if (!rows) return rows.error();
  for (int row = 0; row < rows->rows(); ++row) {
    StoredProvider provider{text_of(*rows, row, 0), text_of(*rows, row, 1), text_of(*rows, row, 2), text_of(*rows, row, 3), text_of(*rows, row, 4),
                            text_of(*rows, row, 5), text_of(*rows, row, 6), text_of(*rows, row, 7), rows->number(row, 8) != 0};
    provider.secret_key = static_cast<std::uint64_t>(rows->number(row, 9));
    provider.secret = text_of(*rows, row, 10);
    all.providers.emplace(provider.id, std::move(provider));
  }
  auto rules = open.run("SELECT provider, value, role, deployment FROM identity_provider_rule ORDER BY provider, value COLLATE \"C\", role, deployment",
                        "read which roles identity providers give");
  if (!rules) return rules.error();
  for (int row = 0; row < rules->rows(); ++row) {
    const auto provider = all.providers.find(text_of(*rules, row, 0));
    if (provider != all.providers.end()) provider->second.rules.push_back({text_of(*rules, row, 1), {text_of(*rules, row, 2), text_of(*rules, row, 3)}});
  }
  return {};
}

Result<void> read_settings(PqConnection& open, Identities& all) {
  auto rows = open.run("SELECT key, value FROM setting", "read the settings");
  if (!rows) return rows.error();
  for (int row = 0; row < rows->rows(); ++row) all.settings.emplace(text_of(*rows, row, 0), text_of(*rows, row, 1));
  return {};
}

// As text, for a binary double would have to be told from an integer of its size.
std::optional<double> real_of(const PqResult& rows, int row, int column) {
  const std::string_view text = rows.bytes(row, column);
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string text_of_real(const std::optional<double>& value) {
  if (!value) return {};
  std::array<char, 32> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), *value).ptr};
}

Result<void> read_declarations(PqConnection& open, Identities& all) {
  auto rows = open.run(
      "SELECT id, deployment, name, unit, description, coalesce(least::text, ''), coalesce(most::text, ''), created_at, created_by, changed_at, changed_by "
      "FROM custom_metric", "read what is declared about metrics");
  if (!rows) return rows.error();
  for (int row = 0; row < rows->rows(); ++row) {
    MetricDeclaration metric{rows->number(row, 0), text_of(*rows, row, 1), text_of(*rows, row, 2), text_of(*rows, row, 3), text_of(*rows, row, 4),
                             real_of(*rows, row, 5), real_of(*rows, row, 6)};
    StoredDeclaration stored{std::move(metric), time_of(*rows, row, 7), time_of(*rows, row, 9), text_of(*rows, row, 8), text_of(*rows, row, 10)};
    all.declarations.emplace(stored.metric.id, std::move(stored));
  }
  return {};
}

Result<void> read_deployment_rules(PqConnection& open, Identities& all) {
  auto rows = open.run("SELECT deployment, kind, max_age_ns, max_bytes, changed_at, changed_by FROM retention_rule ORDER BY deployment, kind", "read the retention");
  if (!rows) return rows.error();
  for (int row = 0; row < rows->rows(); ++row) {
    all.retention.push_back({text_of(*rows, row, 0), rows->number(row, 1) == 1 ? RecordKind::log : RecordKind::metric, rows->number(row, 2),
                             static_cast<std::uint64_t>(rows->number(row, 3)), time_of(*rows, row, 4), text_of(*rows, row, 5)});
  }
  auto said = open.run("SELECT deployment, undeclared_metrics FROM deployment_setting", "read the settings of deployments");
  if (!said) return said.error();
  for (int row = 0; row < said->rows(); ++row) {
    all.undeclared.emplace(text_of(*said, row, 0), text_of(*said, row, 1) == "refused" ? Undeclared::refused : Undeclared::taken);
  }
  return {};
}

// Writes one statement after the other, and nothing more after the first that failed.
class Writing {
 public:
  explicit Writing(PqConnection& open) : open_(open) {}
  Writing& run(const std::string& sql, const PqParams& params) {
    if (!done_) return *this;
    if (auto ran = open_.run(sql, "change who may do what", params); !ran) done_ = ran.error();
    return *this;
  }
  Result<void> done() { return std::move(done_); }

  void grants(const char* holder_column, const std::string& holder, const std::vector<StoredGrant>& grants) {
    PqParams of;
    of.add(holder);
    run(std::string("DELETE FROM access_grant WHERE ") + holder_column + " = $1::text", of);
    for (const StoredGrant& grant : grants) {
      PqParams params;
      params.add(holder).add(grant.id).add(grant.deployment).add_array(grant.rights).add_array(grant.sources).add_array(grant.custom_metrics);
      run(std::string("INSERT INTO access_grant (") + holder_column +
              ", id, deployment, rights, sources, custom_metrics) VALUES ($1::text, CASE WHEN $2::bigint = 0 THEN nextval('access_grant_id') ELSE "
              "$2::bigint END, $3::text, $4::text[], $5::text[], $6::text[])",
          params);
    }
  }

  void operator()(const StoredUser& user) {
    PqParams params;
    params.add(user.name).add(user.full_name).add(user.password).add(std::int64_t{user.disabled ? 1 : 0});
    params.add(user.created_at.ns).add(user.created_by).add(user.last_login.ns).add(user.issuer).add(user.subject);
    run("INSERT INTO user_account (name, full_name, password, disabled, created_at, created_by, last_login, issuer, subject) VALUES ($1::text, $2::text, "
        "$3::text, $4::integer <> 0, $5::bigint, $6::text, $7::bigint, $8::text, $9::text) ON CONFLICT (name) DO UPDATE SET full_name = excluded.full_name, password = "
        "excluded.password, disabled = excluded.disabled, last_login = excluded.last_login", params);
    PqParams of;
    of.add(user.name);
    run("DELETE FROM user_role WHERE user_name = $1::text", of);
    for (const HeldRole& held : user.roles) {
      PqParams role;
      role.add(user.name).add(held.role).add(held.deployment);
      run("INSERT INTO user_role (user_name, role, deployment) VALUES ($1::text, $2::text, $3::text)", role);
    }
    grants("user_name", user.name, user.grants);
  }
  void operator()(const StoredRole& role) {
    PqParams params;
    params.add(role.name).add(role.description);
    run("INSERT INTO role (name, description) VALUES ($1::text, $2::text) ON CONFLICT (name) DO UPDATE SET description = excluded.description", params);
    grants("role", role.name, role.grants);
  }
  void operator()(const StoredToken& token) {
    PqParams params;
    params.add(token.id).add(token.name).add(token.prefix).add_bytes(token.digest).add(token.owner).add(token.default_deployment);
    params.add(token.created_at.ns).add(token.created_by).add(token.expires_at.ns).add(token.revoked_at.ns);
    params.add(std::int64_t{token.certificate ? 1 : 0});
    run("INSERT INTO access_token (id, name, prefix, digest, owner, default_deployment, created_at, created_by, expires_at, revoked_at, certificate) VALUES "
        "($1::text, $2::text, $3::text, $4::bytea, nullif($5::text, ''), $6::text, $7::bigint, $8::text, $9::bigint, $10::bigint, $11::integer <> 0) ON "
        "CONFLICT (id) DO UPDATE SET name = excluded.name, owner = excluded.owner, default_deployment = excluded.default_deployment, expires_at = "
        "excluded.expires_at, revoked_at = excluded.revoked_at", params);
    grants("token", token.id, token.grants);
  }
  void operator()(const StoredSession& session) {
    PqParams params;
    params.add_bytes(session.digest).add(session.user).add(session.created_at.ns).add(session.last_seen.ns).add(session.expires_at.ns);
    params.add(session.address).add(session.provider).add(session.provider_session);
    run("INSERT INTO session (digest, user_name, created_at, last_seen, expires_at, address, provider, provider_session) VALUES ($1::bytea, $2::text, "
        "$3::bigint, $4::bigint, $5::bigint, $6::text, $7::text, $8::text)", params);
    PqParams ended;
    ended.add(session.created_at.ns);
    run("DELETE FROM session WHERE expires_at <= $1::bigint", ended);
  }
  void operator()(const StoredProvider& provider) {
    PqParams params;
    params.add(provider.id).add(provider.title).add(provider.issuer).add(provider.client_id).add(provider.scope).add(provider.redirect_uri);
    params.add(provider.claim).add(provider.audience).add(std::int64_t{provider.enabled ? 1 : 0});
    params.add(static_cast<std::int64_t>(provider.secret_key)).add_bytes(provider.secret);
    run("INSERT INTO identity_provider (id, title, issuer, client_id, scope, redirect_uri, claim, audience, enabled, secret_key, secret) VALUES ($1::text, "
        "$2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::integer <> 0, $10::bigint, $11::bytea) ON CONFLICT (id) DO UPDATE SET "
        "title = excluded.title, issuer = excluded.issuer, client_id = excluded.client_id, scope = excluded.scope, redirect_uri = excluded.redirect_uri, "
        "claim = excluded.claim, audience = excluded.audience, enabled = excluded.enabled, secret_key = excluded.secret_key, secret = excluded.secret",
        params);
    one("DELETE FROM identity_provider_rule WHERE provider = $1::text", provider.id);
    for (const ProviderRule& rule : provider.rules) {
      PqParams of;
      of.add(provider.id).add(rule.value).add(rule.held.role).add(rule.held.deployment);
      run("INSERT INTO identity_provider_rule (provider, value, role, deployment) VALUES ($1::text, $2::text, $3::text, $4::text)", of);
    }
  }
  void operator()(const RemoveProvider& provider) { one("DELETE FROM identity_provider WHERE id = $1::text", provider.id); }
  void operator()(const RemoveUser& user) { one("DELETE FROM user_account WHERE name = $1::text", user.name); }
  void operator()(const RemoveRole& role) { one("DELETE FROM role WHERE name = $1::text AND NOT built_in", role.name); }
  void operator()(const RemoveToken& token) { one("DELETE FROM access_token WHERE id = $1::text", token.id); }
  void operator()(const EndSessionsOf& of) { one("DELETE FROM session WHERE user_name = $1::text", of.user); }
  void operator()(const EndSession& session) {
    PqParams params;
    params.add_bytes(session.digest);
    run("DELETE FROM session WHERE digest = $1::bytea", params);
  }
  void operator()(const ChangeSetting& setting) {
    if (setting.value.empty()) return one("DELETE FROM setting WHERE key = $1::text", setting.key);
    PqParams params;
    params.add(setting.key).add(setting.value);
    run("INSERT INTO setting (key, value) VALUES ($1::text, $2::text) ON CONFLICT (key) DO UPDATE SET value = excluded.value", params);
  }
  void operator()(const StoredDeclaration& stored) {
    const MetricDeclaration& metric = stored.metric;
    PqParams params;
    params.add(metric.id).add(metric.deployment).add(metric.name).add(metric.unit).add(metric.description);
    params.add(text_of_real(metric.least)).add(text_of_real(metric.most));
    params.add(stored.created_at.ns).add(stored.created_by).add(stored.changed_at.ns).add(stored.changed_by);
    run("INSERT INTO custom_metric (id, deployment, name, unit, description, least, most, created_at, created_by, changed_at, changed_by) VALUES (CASE WHEN "
        "$1::bigint = 0 THEN nextval('custom_metric_id') ELSE $1::bigint END, $2::text, $3::text, $4::text, $5::text, nullif($6::text, '')::double precision, "
        "nullif($7::text, '')::double precision, $8::bigint, $9::text, $10::bigint, $11::text) ON CONFLICT (id) DO UPDATE SET deployment = "
        "excluded.deployment, name = excluded.name, unit = excluded.unit, description = excluded.description, least = excluded.least, most = "
        "excluded.most, changed_at = excluded.changed_at, changed_by = excluded.changed_by", params);
  }
  void operator()(const RemoveDeclaration& gone) {
    PqParams params;
    params.add(gone.id);
    run("DELETE FROM custom_metric WHERE id = $1::bigint", params);
  }
  void operator()(const StoredRetention& rule) {
    PqParams params;
    params.add(rule.deployment).add(static_cast<std::int64_t>(rule.kind)).add(rule.max_age_ns).add(static_cast<std::int64_t>(rule.max_bytes));
    params.add(rule.changed_at.ns).add(rule.changed_by);
    run("INSERT INTO retention_rule (deployment, kind, max_age_ns, max_bytes, changed_at, changed_by) VALUES ($1::text, $2::smallint, $3::bigint, "
        "$4::bigint, $5::bigint, $6::text) ON CONFLICT (deployment, kind) DO UPDATE SET max_age_ns = excluded.max_age_ns, max_bytes = "
        "excluded.max_bytes, changed_at = excluded.changed_at, changed_by = excluded.changed_by", params);
  }
  void operator()(const RemoveRetention& gone) {
    PqParams params;
    params.add(gone.deployment).add(static_cast<std::int64_t>(gone.kind));
    run("DELETE FROM retention_rule WHERE deployment = $1::text AND kind = $2::smallint", params);
  }
  void operator()(const ChangeUndeclared& change) {
    if (change.metrics == Undeclared::unsaid) return one("DELETE FROM deployment_setting WHERE deployment = $1::text", change.deployment);
    PqParams params;
    params.add(change.deployment).add(std::string(change.metrics == Undeclared::refused ? "refused" : "taken"));
    run("INSERT INTO deployment_setting (deployment, undeclared_metrics) VALUES ($1::text, $2::text) ON CONFLICT (deployment) DO UPDATE SET "
        "undeclared_metrics = excluded.undeclared_metrics", params);
  }

 private:
  void one(const std::string& sql, const std::string& key) {
    PqParams params;
    params.add(key);
    run(sql, params);
  }

  PqConnection& open_;
  Result<void> done_;
};

AuditHash hash_of(std::string_view bytes) {
  AuditHash hash{};
  if (bytes.size() == hash.size()) std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

std::string_view bytes_of(const AuditHash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

}  // namespace

Result<Identities> read_identities(PqConnection& open, Timestamp now) {
  Identities all;
  auto version = open.run("SELECT version FROM identity_version", "read who may do what");
  if (!version) return version.error();
  if (version->rows() != 1) return Error{ErrorCode::corrupt, "The table identity_version has lost its row.", ""};
  all.version = version->number(0, 0);
  if (auto read = read_roles(open, all); !read) return read.error();
  if (auto read = read_users(open, all); !read) return read.error();
  if (auto read = read_tokens(open, all); !read) return read.error();
  if (auto read = read_grants(open, all); !read) return read.error();
  if (auto read = read_sessions(open, now, all); !read) return read.error();
  if (auto read = read_settings(open, all); !read) return read.error();
  if (auto read = read_declarations(open, all); !read) return read.error();
  if (auto read = read_deployment_rules(open, all); !read) return read.error();
  if (auto read = read_providers(open, all); !read) return read.error();
  return all;
}

Result<void> write_change(PqConnection& open, const IdentityChange& change) {
  Writing writing(open);
  std::visit([&writing](const auto& one) { writing(one); }, change);
  return writing.done();
}

Result<void> append_audit(PqConnection& open, const std::vector<AuditEntry>& entries) {
  if (entries.empty()) return {};
  auto head = open.run("SELECT id, hash FROM audit_head FOR UPDATE", "open the audit log");
  if (!head) return head.error();
  if (head->rows() != 1) return Error{ErrorCode::corrupt, "The table audit_head has lost its row.", ""};
  std::int64_t id = head->number(0, 0);
  AuditHash previous = hash_of(head->bytes(0, 1));
  for (const AuditEntry& given : entries) {
    const AuditEntry entry = storable(given);
    const AuditHash hash = audit_hash(previous, ++id, entry);
    PqParams params;
    params.add(id).add(entry.at.ns).add(entry.actor).add(entry.action).add(entry.object).add(entry.outcome).add(entry.address).add(entry.detail);
    params.add_bytes(bytes_of(previous)).add_bytes(bytes_of(hash));
    auto written = open.run("INSERT INTO audit (id, at, actor, action, object, outcome, address, detail, previous, hash) VALUES ($1::bigint, $2::bigint, "
                            "$3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::bytea, $10::bytea)",
                            "write the audit log", params);
    if (!written) return written.error();
    previous = hash;
  }
  PqParams params;
  params.add(id).add_bytes(bytes_of(previous));
  auto moved = open.run("UPDATE audit_head SET id = $1::bigint, hash = $2::bytea", "write the audit log", params);
  if (!moved) return moved.error();
  return {};
}

Result<std::vector<AuditRow>> read_audit(PqConnection& open, const std::string& where_and_order, const PqParams& params) {
  auto rows = open.run("SELECT id, at, actor, action, object, outcome, address, detail, previous, hash FROM audit " + where_and_order,
                       "read the audit log", params);
  if (!rows) return rows.error();
  std::vector<AuditRow> all;
  for (int row = 0; row < rows->rows(); ++row) {
    AuditEntry entry{time_of(*rows, row, 1), text_of(*rows, row, 2), text_of(*rows, row, 3), text_of(*rows, row, 4),
                     text_of(*rows, row, 5), text_of(*rows, row, 6), text_of(*rows, row, 7)};
    all.push_back({rows->number(row, 0), std::move(entry), hash_of(rows->bytes(row, 8)), hash_of(rows->bytes(row, 9))});
  }
  return all;
}

}  // namespace penstock::postgres
