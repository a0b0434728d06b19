#include "auth/kept_identities.hpp"

#include <map>
#include <vector>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"

namespace penstock::auth {
namespace {

// An earlier version knew no certificates.
constexpr std::string_view kMagic = "PSTKID2\n", kMagicBefore = "PSTKID1\n";

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
  static constexpr bool has_certificates = true;
  std::string out;
};

class KeptReader {
 public:
  static constexpr bool kReads = true;
  KeptReader(std::string_view bytes, bool certificates) : has_certificates(certificates), in_(bytes) {}
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
  const bool has_certificates;
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

void walk(auto& way, KeptIdentities& kept) {
  Identities& all = kept.identities;
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
  });
  walk_map(way, all.settings, kText);
}

}  // namespace

std::string keep_identities(const KeptIdentities& kept) {
  KeptIdentities copy = kept;
  KeepingWriter writer;
  writer.out = kMagic;
  walk(writer, copy);
  append_fixed32(writer.out, crc32c(writer.out));
  return std::move(writer.out);
}

std::optional<KeptIdentities> kept_identities(std::string_view bytes) {
  const bool has_certificates = bytes.starts_with(kMagic);
  if ((!has_certificates && !bytes.starts_with(kMagicBefore)) || bytes.size() < kMagic.size() + 4) return std::nullopt;
  const std::string_view body = bytes.substr(0, bytes.size() - 4);
  if (read_fixed<std::uint32_t>(bytes.data() + body.size()) != crc32c(body)) return std::nullopt;
  KeptReader reader(body.substr(kMagic.size()), has_certificates);
  KeptIdentities kept;
  walk(reader, kept);
  if (!reader.done()) return std::nullopt;
  return kept;
}

}  // namespace penstock::auth
