// The order matters: what is to be trusted about a token is decided by the key set and by what we expect; from its header only the name
// of a key is taken. "alg" must agree with the key's kind, and "jwk", "jku", "x5u", "x5c" are never looked at.
#include "auth/oidc_token.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "auth/oidc_json.hpp"
#include "base/unicode.hpp"

namespace penstock::auth {
namespace {

using nlohmann::json;

constexpr std::size_t kMostTokenBytes = 16 * 1024, kMostKeyIdBytes = 256, kMostSubjectBytes = 255, kMostUserinfoBytes = 64 * 1024;
constexpr std::size_t kMostKeys = 100;
constexpr double kTolerance = kOidcTolerance, kLatestTime = 1e11;  // seconds

Error refused(const std::string& why, const char* field = "") { return {ErrorCode::unauthorized, "The token is not taken: " + why + ".", field}; }

struct Parts {
  std::string_view signed_text;
  json header;
  std::string payload, signature;
};

Result<Parts> take_apart(std::string_view token) {
  if (token.size() > kMostTokenBytes) return refused("it is longer than 16 KiB");
  const std::size_t first = token.find('.'), last = token.rfind('.');
  if (first == std::string_view::npos || first == last || token.find('.', first + 1) != last) return refused("it has not three parts");
  const auto header = strict_base64url(token.substr(0, first)), payload = strict_base64url(token.substr(first + 1, last - first - 1)),
             signature = strict_base64url(token.substr(last + 1));
  if (!header || !payload || !signature) return refused("a part of it is no base64url");
  auto parsed = parse_object(*header);
  if (!parsed) return refused("its header is no JSON object");
  return Parts{token.substr(0, last), std::move(*parsed), *payload, *signature};
}

Result<OidcTokenHead> head_of(const json& header) {
  const auto algorithm = text_member(header, "alg");
  if (!algorithm) return refused("it names no algorithm");
  if (header.contains("crit")) return refused("it makes demands (crit) that are not known here");
  if (header.contains("enc") || header.contains("zip")) return refused("it is encrypted or packed");
  const auto kid = header.find("kid");
  if (kid == header.end()) return OidcTokenHead{*algorithm, std::nullopt};
  if (!kid->is_string() || kid->get_ref<const std::string&>().size() > kMostKeyIdBytes) return refused("its kid is no text of a sensible length");
  return OidcTokenHead{*algorithm, kid->get<std::string>()};
}

std::optional<double> time_member(const json& payload, const char* name) {
  const auto found = payload.find(name);
  if (found == payload.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kLatestTime) return std::nullopt;
  return seconds;
}

Result<void> check_times(const json& payload, double now, bool needs_issue_time) {
  const auto expires = time_member(payload, "exp");
  if (!expires) return refused("it says not when it ends (exp)");
  if (now >= *expires + kTolerance) return refused("it has expired; if it is fresh, the clocks of this machine and the provider differ");
  const auto begins = time_member(payload, "nbf"), issued = time_member(payload, "iat");
  if (payload.contains("nbf") && !begins) return refused("its nbf is no time");
  if (begins && now < *begins - kTolerance) return refused("it is not good yet (nbf); the clocks of this machine and the provider may differ");
  if ((payload.contains("iat") || needs_issue_time) && !issued) return refused("it says not when it was made (iat)");
  if (issued && now < *issued - kTolerance) return refused("it was made in the future (iat); the clocks of this machine and the provider may differ");
  return {};
}

// How many it is for; nullopt when we are not among them, or it is no list of texts.
std::optional<std::size_t> audiences(const json& payload, const std::string& ours) {
  const auto found = payload.find("aud");
  if (found == payload.end()) return std::nullopt;
  if (found->is_string()) return *found == ours ? std::optional<std::size_t>(1) : std::nullopt;
  if (!found->is_array() || !std::all_of(found->begin(), found->end(), [](const json& one) { return one.is_string(); })) return std::nullopt;
  if (std::find(found->begin(), found->end(), ours) == found->end()) return std::nullopt;
  return found->size();
}

Result<void> check_receiver(const json& payload, const OidcExpectation& expected) {
  if (expected.issuer.empty() || text_member(payload, "iss") != expected.issuer) return refused("it is of another issuer (iss)");
  const auto count = expected.audience.empty() ? std::nullopt : audiences(payload, expected.audience);
  if (!count) return refused("it is for somebody else (aud)");
  if (expected.kind != OidcExpectation::Kind::id_token) return {};
  if (*count > 1 && !payload.contains("azp")) return refused("it is for several and says not for whom it was made (azp)");
  if (payload.contains("azp") && text_member(payload, "azp") != expected.audience) return refused("it was made for another client (azp)");
  return {};
}

bool same(const std::string& a, const std::string& b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

// A token of one kind must not pass for the other: an ID token tells a client who logged in, and is no key to an API.
Result<void> check_kind(const json& header, const json& payload, const OidcExpectation& expected) {
  std::string type = text_member(header, "typ").value_or("JWT");
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (type.starts_with("application/")) type = type.substr(12);
  if (expected.kind == OidcExpectation::Kind::id_token) {
    if (type != "jwt") return refused("it is no ID token but of the kind " + type);
    const std::string nonce = text_member(payload, "nonce").value_or("");
    if (expected.nonce.empty() || !same(nonce, expected.nonce)) return refused("it belongs to another log-in (nonce)");
    return {};
  }
  if (expected.kind == OidcExpectation::Kind::logout_token) {
    const auto events = payload.find("events");
    const bool log_out = events != payload.end() && events->is_object() && events->contains("http://schemas.openid.net/event/backchannel-logout");
    if ((type != "jwt" && type != "logout+jwt") || !log_out || payload.contains("nonce")) return refused("it is no log-out token");
    return {};
  }
  if (type != "jwt" && type != "at+jwt") return refused("it is no access token but of the kind " + type);
  for (const char* name : {"nonce", "at_hash", "c_hash"}) {
    if (payload.contains(name)) return refused("it is an ID token, which is no key to an API");
  }
  if (payload.contains("events")) return refused("it is a log-out token");
  return {};
}

OidcClaims claims_of(const json& payload, std::string text) {
  OidcClaims claims;
  claims.issuer = text_member(payload, "iss").value_or("");
  claims.subject = text_member(payload, "sub").value_or("");
  const auto verified = payload.find("email_verified");
  if (verified != payload.end() && *verified == true) claims.email = text_member(payload, "email").value_or("");
  for (const char* name : {"preferred_username", "name"}) {
    if (claims.name.empty()) claims.name = text_member(payload, name).value_or("");
  }
  claims.full_name = text_member(payload, "name").value_or("");
  if (claims.name.empty()) claims.name = claims.email.empty() ? claims.subject : claims.email;
  claims.session_id = text_member(payload, "sid").value_or("");
  claims.expires_at = static_cast<std::int64_t>(time_member(payload, "exp").value_or(0));
  claims.json = std::move(text);
  return claims;
}

}  // namespace

Result<OidcKeySet> OidcKeySet::parse(std::string_view text) {
  const auto document = parse_object(text);
  const Error no_set{ErrorCode::invalid_value, "The provider's keys are no JWKS document: it should be an object with an array \"keys\".", "jwks"};
  if (!document) return no_set;
  const auto keys = document->find("keys");
  if (keys == document->end() || !keys->is_array()) return no_set;
  if (keys->size() > kMostKeys) return Error{ErrorCode::too_large, "The provider has more than 100 keys.", "jwks"};
  OidcKeySet set;
  for (const json& jwk : *keys) {
    auto key = OidcKey::from_jwk(jwk.dump(-1, ' ', false, json::error_handler_t::replace));
    if (key) {
      set.keys_.push_back(std::move(*key));
    } else {
      set.left_out_.push_back(key.error().message);
    }
  }
  return set;
}

const OidcKey* OidcKeySet::find(std::optional<std::string_view> kid, std::string_view algorithm) const {
  const OidcKey* found = nullptr;
  for (const OidcKey& key : keys_) {
    if (name_of(key.algorithm()) != algorithm || (kid && key.id() != *kid)) continue;
    if (found != nullptr) return nullptr;
    found = &key;
  }
  return found;
}

bool take_userinfo(OidcClaims& claims, std::string_view text) {
  const auto told = text.size() <= kMostUserinfoBytes && is_valid_utf8(text) ? parse_object(text) : std::nullopt;
  auto payload = parse_object(claims.json);
  if (!told || !payload || text_member(*told, "sub") != claims.subject) return false;
  for (const auto& [name, value] : told->items()) {
    if (!payload->contains(name)) (*payload)[name] = value;
  }
  claims = claims_of(*payload, payload->dump());
  return true;
}

Result<OidcTokenHead> peek_oidc_token(std::string_view token) {
  auto parts = take_apart(token);
  if (!parts) return parts.error();
  return head_of(parts->header);
}

std::optional<std::string> peek_oidc_issuer(std::string_view token) {
  const auto parts = take_apart(token);
  const auto payload = parts && is_valid_utf8(parts->payload) ? parse_object(parts->payload) : std::nullopt;
  return payload ? text_member(*payload, "iss") : std::nullopt;
}

Result<OidcClaims> verify_oidc_token(std::string_view token, const OidcKeySet& keys, const OidcExpectation& expected, Timestamp now) {
  auto parts = take_apart(token);
  if (!parts) return parts.error();
  const auto head = head_of(parts->header);
  if (!head) return head.error();
  const OidcKey* key = keys.find(head->kid, head->algorithm);
  if (key == nullptr) return refused("the provider has no key for it, by its kid and algorithm", "kid");
  if (!key->signed_this(parts->signed_text, parts->signature)) return refused("its signature is wrong");
  const auto payload = is_valid_utf8(parts->payload) ? parse_object(parts->payload) : std::nullopt;
  if (!payload) return refused("its payload is no JSON object");
  const std::string subject = text_member(*payload, "sub").value_or("");
  const bool names_session = expected.kind == OidcExpectation::Kind::logout_token && !text_member(*payload, "sid").value_or("").empty();
  if ((subject.empty() && !names_session) || subject.size() > kMostSubjectBytes) return refused("it names nobody (sub)");
  if (auto checked = check_receiver(*payload, expected); !checked) return checked.error();
  if (auto checked = check_times(*payload, static_cast<double>(now.ns) / kSecond, expected.kind != OidcExpectation::Kind::access_token); !checked) return checked.error();
  if (auto checked = check_kind(parts->header, *payload, expected); !checked) return checked.error();
  return claims_of(*payload, std::move(parts->payload));
}

}  // namespace penstock::auth
