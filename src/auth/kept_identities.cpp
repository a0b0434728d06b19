#include "auth/kept_identities.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"

namespace penstock::auth {
namespace {

// In the order in which they came: the first knew no certificates, the second nothing that is set about deployments, the third no
// providers.
constexpr std::array<std::string_view, 4> kMagics = {"PSTKID1\n", "PSTKID2\n", "PSTKID3\n", "PSTKID4\n"};
constexpr std::size_t kMagicBytes = kMagics[0].size();

// Both ways go through the same walk() below, so that what is written is what is read.
class KeepingWriter {
 public:
  static constexpr bool kReads = false;
  void number(std::int64_t& value) { append_zigzag(out, value); }
  void text(std::string& value) { append_sized(out, value); }
  std::uint64_t count(std::size_t given) {
    append_varint(out, given);
    return given;
  }
  bool good() const { return true; }
  static constexpr bool has_certificates = true, has_deployments = true, has_providers = true;
  std::string out;
};

class KeptReader {
 public:
  static constexpr bool kReads = true;
  KeptReader(std::string_view bytes, std::size_t magic) : has_certificates(magic >= 1), has_deployments(magic >= 2), has_providers(magic >= 3), in_(bytes) {}
  void number(std::int64_t& value) { good_ = good_ && in_.zigzag(value); }
  void text(std::string& value) {
    std::string_view read;
    good_ = good_ && in_.sized(read);
    if (good_) value = read;
  }
  // Each has one byte at least, so a count beyond what is left is none.
  std::uint64_t count(std::size_t) {
    std::uint64_t read = 0;
    good_ = good_ && in_.varint(read) && read <= in_.remaining();
    return good_ ? read : 0;
  }
  bool good() const { return good_; }
  const bool has_certificates, has_deployments, has_providers;
  bool done() const { return good_ && in_.done(); }

 private:
  ByteReader in_;
  bool good_ = true;
};

template <class Way, class Item, class Each>
void walk_list(Way& way, std::vector<Item>& list, Each each) {
  const std::uint64_t count = way.count(list.size());
  for (std::uint64_t i = 0; i < count && way.good(); ++i) {
    if constexpr (Way::kReads) list.emplace_back();
    each(way, list[i]);
  }
}

template <class Way, class Value, class Each>
void walk_map(Way& way, std::map<std::string, Value>& map, Each each) {
  const std::uint64_t count = way.count(map.size());
  if constexpr (Way::kReads) {
    for (std::uint64_t i = 0; i < count && way.good(); ++i) {
      std::string key;
      Value value{};
      way.text(key);
      each(way, value);
      map.emplace(std::move(key), std::move(value));
    }
  } else {
    for (auto& [key, value] : map) {
      std::string copy = key;
      way.text(copy);
      each(way, value);
    }
  }
}

constexpr auto kText = [](auto& way, std::string& text) { way.text(text); };

constexpr auto kGrant = [](auto& way, StoredGrant& grant) {
  way.number(grant.id);
  way.text(grant.deployment);
  walk_list(way, grant.rights, kText);
  walk_list(way, grant.sources, kText);
  walk_list(way, grant.custom_metrics, kText);
};

void walk_flag(auto& way, bool& flag) {
  std::int64_t number = flag ? 1 : 0;
  way.number(number);
  flag = number != 0;
}

// A finite number by its bits, after a word whether there is one.
void walk_bound(auto& way, std::optional<double>& bound) {
  bool there = bound.has_value();
  walk_flag(way, there);
  if (!there) {
    bound.reset();
    return;
  }
  auto bits = std::bit_cast<std::int64_t>(bound.value_or(0));
  way.number(bits);
  bound = std::bit_cast<double>(bits);
}

void walk(auto& way, KeptIdentities& kept) {
  Identities& all = kept.identities;
  std::vector<StoredDeclaration> declared;
  for (auto& [id, one] : all.declarations) declared.push_back(std::move(one));
  all.declarations.clear();
  way.number(kept.known_at.ns);
  way.number(all.version);
  walk_map(way, all.users, [](auto& in, StoredUser& user) {
    in.text(user.name);
    in.text(user.full_name);
    walk_flag(in, user.disabled);
    in.number(user.created_at.ns);
    in.text(user.created_by);
    in.number(user.last_login.ns);
    walk_list(in, user.roles, [](auto& held_in, HeldRole& held) {
      held_in.text(held.role);
      held_in.text(held.deployment);
    });
    walk_list(in, user.grants, kGrant);
    if (in.has_providers) {
      in.text(user.issuer);
      in.text(user.subject);
    }
  });
  walk_map(way, all.roles, [](auto& in, StoredRole& role) {
    in.text(role.name);
    in.text(role.description);
    walk_flag(in, role.built_in);
    walk_list(in, role.grants, kGrant);
  });
  walk_map(way, all.tokens, [](auto& in, StoredToken& token) {
    for (std::string* text : {&token.id, &token.name, &token.prefix, &token.digest, &token.owner, &token.default_deployment, &token.created_by}) in.text(*text);
    for (Timestamp* time : {&token.created_at, &token.expires_at, &token.last_used, &token.revoked_at}) in.number(time->ns);
    walk_list(in, token.grants, kGrant);
    if (in.has_certificates) walk_flag(in, token.certificate);
  });
  walk_list(way, all.sessions, [](auto& in, StoredSession& session) {
    for (std::string* text : {&session.digest, &session.user, &session.address}) in.text(*text);
    for (Timestamp* time : {&session.created_at, &session.last_seen, &session.expires_at}) in.number(time->ns);
    if (in.has_providers) {
      in.text(session.provider);
      in.text(session.provider_session);
    }
  });
  walk_map(way, all.settings, kText);
  if (!way.has_deployments) return;
  walk_list(way, declared, [](auto& in, StoredDeclaration& one) {
    in.number(one.metric.id);
    for (std::string* text : {&one.metric.deployment, &one.metric.name, &one.metric.unit, &one.metric.description, &one.created_by, &one.changed_by}) in.text(*text);
    walk_bound(in, one.metric.least);
    walk_bound(in, one.metric.most);
    in.number(one.created_at.ns);
    in.number(one.changed_at.ns);
  });
  for (StoredDeclaration& one : declared) all.declarations.insert_or_assign(one.metric.id, std::move(one));
  walk_list(way, all.retention, [](auto& in, StoredRetention& rule) {
    in.text(rule.deployment);
    bool metrics = rule.kind == RecordKind::metric;
    walk_flag(in, metrics);
    rule.kind = metrics ? RecordKind::metric : RecordKind::log;
    in.number(rule.max_age_ns);
    auto bytes = static_cast<std::int64_t>(rule.max_bytes);
    in.number(bytes);
    rule.max_bytes = static_cast<std::uint64_t>(bytes);
    in.number(rule.changed_at.ns);
    in.text(rule.changed_by);
  });
  walk_map(way, all.undeclared, [](auto& in, Undeclared& said) {
    bool refused = said == Undeclared::refused;
    walk_flag(in, refused);
    said = refused ? Undeclared::refused : Undeclared::taken;
  });
  if (!way.has_providers) return;
  walk_map(way, all.providers, [](auto& in, StoredProvider& provider) {
    for (std::string* text : {&provider.id, &provider.title, &provider.issuer, &provider.client_id, &provider.scope, &provider.redirect_uri, &provider.claim,
                              &provider.audience}) {
      in.text(*text);
    }
    walk_flag(in, provider.enabled);
    walk_list(in, provider.rules, [](auto& rule_in, ProviderRule& rule) {
      for (std::string* text : {&rule.value, &rule.held.role, &rule.held.deployment}) rule_in.text(*text);
    });
  });
}

}  // namespace

std::string keep_identities(const KeptIdentities& kept) {
  KeptIdentities copy = kept;
  KeepingWriter writer;
  writer.out = kMagics.back();
  walk(writer, copy);
  append_fixed32(writer.out, crc32c(writer.out));
  return std::move(writer.out);
}

std::optional<KeptIdentities> kept_identities(std::string_view bytes) {
  const auto magic = std::find(kMagics.begin(), kMagics.end(), bytes.substr(0, kMagicBytes));
  if (magic == kMagics.end() || bytes.size() < kMagicBytes + 4) return std::nullopt;
  const std::string_view body = bytes.substr(0, bytes.size() - 4);
  if (read_fixed<std::uint32_t>(bytes.data() + body.size()) != crc32c(body)) return std::nullopt;
  KeptReader reader(body.substr(kMagicBytes), static_cast<std::size_t>(magic - kMagics.begin()));
  KeptIdentities kept;
  walk(reader, kept);
  if (!reader.done()) return std::nullopt;
  return kept;
}

}  // namespace penstock::auth
