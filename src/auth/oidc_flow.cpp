#include "auth/oidc_flow.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "auth/oidc_json.hpp"
#include "auth/oidc_roles.hpp"
#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "http/target.hpp"

namespace penstock::auth {
namespace {

using Pairs = std::vector<std::pair<const char*, std::string_view>>;

constexpr std::size_t kMostReturnPath = 2000, kMostCode = 4096, kMostToldError = 300;

// 256 bits: nobody guesses them, and nobody meets them twice.
std::optional<std::string> random_text() {
  std::array<unsigned char, 32> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return std::nullopt;
  return to_base64url({static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()});
}

std::string form_of(const Pairs& pairs) {
  std::string form;
  for (const auto& [name, value] : pairs) {
    if (!form.empty()) form += '&';
    form.append(name).append("=").append(http::percent_encode(value));
  }
  return form;
}

std::string with_query(const std::string& url, const Pairs& pairs) { return url + (url.find('?') == std::string::npos ? '?' : '&') + form_of(pairs); }

std::string basic_of(const OidcClient& client) {
  const std::string text = http::percent_encode(client.client_id) + ":" + http::percent_encode(client.client_secret);
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  auto* out = static_cast<unsigned char*>(static_cast<void*>(encoded.data()));
  encoded.resize(static_cast<std::size_t>(EVP_EncodeBlock(out, static_cast<const unsigned char*>(static_cast<const void*>(text.data())), static_cast<int>(text.size()))));
  return "Basic " + encoded;
}

Error no_login(const std::string& why) { return {ErrorCode::unauthorized, "The log-in did not succeed: " + why, ""}; }

Error not_begun(const std::string& why) {
  Error error = no_login(why);
  error.field = "state";
  return error;
}

// Of texts that come from outside, for a log and a page.
std::string told(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kMostToldError)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

// Providers that keep to the specification's letter tell names and groups there, and not in the token.
Result<void> add_userinfo(const OidcClient& client, const OidcProvider& provider, const std::string& access_token, OidcFetch& fetch, OidcClaims& claims) {
  const bool no_groups = !client.claim.empty() && !has_claim(claims, client.claim), no_name = claims.name == claims.subject;
  if (provider.userinfo_endpoint.empty() || access_token.empty() || (!no_groups && !no_name)) return {};
  const auto answer = fetch.get_as(provider.userinfo_endpoint, access_token);
  if (answer && answer->status == 200 && take_userinfo(claims, answer->body)) return {};
  if (!no_groups) return {};
  const std::string why = !answer ? answer.error().message : answer->status != 200 ? "it answered " + std::to_string(answer->status) + "." : "it speaks of somebody else, or is no JSON object.";
  return Error{ErrorCode::unavailable, "The log-in did not succeed: the claim \"" + client.claim + "\" is not in the ID token, and the provider's userinfo endpoint tells it not: " + why, ""};
}

}  // namespace

std::string pkce_challenge(std::string_view verifier) {
  const Sha256Digest digest = sha256(verifier);
  return to_base64url({static_cast<const char*>(static_cast<const void*>(digest.data())), digest.size()});
}

// Browsers read "//host" and "/\host" as another host, and leave out tabs and line breaks before they look.
std::string safe_return_path(std::string_view wanted) {
  const bool clean = std::all_of(wanted.begin(), wanted.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '\\'; });
  if (!clean || wanted.size() > kMostReturnPath || !wanted.starts_with('/') || wanted.starts_with("//")) return "/";
  return std::string(wanted);
}

void OidcLogins::forget_old(std::chrono::steady_clock::time_point now) {
  while (!pending_.empty() && now - pending_.front().began >= patience_) pending_.pop_front();
}

void OidcLogins::make_room() {
  if (pending_.size() < at_most_) return;
  std::map<std::string_view, std::size_t> counts;
  for (const Pending& one : pending_) ++counts[one.address];
  const auto most = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  pending_.erase(std::find_if(pending_.begin(), pending_.end(), [&](const Pending& one) { return one.address == most->first; }));
}

Result<OidcLogins::Begun> OidcLogins::begin(const OidcClient& client, const OidcProvider& provider, std::string_view return_to, const Browser& browser) {
  const auto state = random_text(), nonce = random_text(), verifier = random_text();
  const auto kept = strict_base64url(browser.binding);
  const auto binding = kept && kept->size() == 32 ? std::optional<std::string>(browser.binding) : random_text();
  if (!state || !nonce || !verifier || !binding) return Error{ErrorCode::internal, "There are no random numbers to be had.", ""};
  const std::string challenge = pkce_challenge(*verifier);
  Begun begun{with_query(provider.authorization_endpoint,
                         {{"response_type", "code"},
                          {"client_id", client.client_id},
                          {"redirect_uri", client.redirect_uri},
                          {"scope", client.scope},
                          {"state", *state},
                          {"nonce", *nonce},
                          {"code_challenge", challenge},
                          {"code_challenge_method", "S256"}}),
              *binding};
  const auto now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  forget_old(now);
  make_room();
  pending_.push_back({*state, *nonce, *verifier, client.provider_id, safe_return_path(return_to), browser.address, digest_of(*binding), now});
  return begun;
}

Result<OidcLogins::Login> OidcLogins::take(const OidcClient& client, const OidcProvider& provider, const Returned& returned) {
  Pending pending;
  {
    const auto now = clock_.steady_now();
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& one) { return one.state == returned.state; });
    if (found == pending_.end() || now - found->began >= patience_) return not_begun("it is not known here, took too long, or was used already. Begin anew.");
    // A stranger who saw the state must not be able to end the log-in of its owner.
    if (!same_digest(found->binding_digest, digest_of(returned.binding))) return not_begun("it was begun in another browser. Begin anew in this one.");
    pending = std::move(*found);
    pending_.erase(found);
  }
  if (pending.provider_id != client.provider_id) return no_login("it was begun with another provider.");
  // Else one provider's answer could be passed off as another's.
  if (!returned.issuer.empty() && returned.issuer != provider.issuer) return no_login("the answer is of another provider than the one asked (iss).");
  if (returned.issuer.empty() && provider.names_itself_in_answers) return no_login("the answer does not name its provider (iss).");
  if (!returned.error.empty()) {
    return no_login("the provider says " + told(returned.error) + (returned.error_description.empty() ? "." : ": " + told(returned.error_description)));
  }
  if (returned.code.empty() || returned.code.size() > kMostCode) return no_login("the provider sent no code.");
  return Login{std::move(pending.nonce), std::move(pending.verifier), std::move(pending.return_to), returned.code};
}

std::size_t OidcLogins::size() const {
  const std::lock_guard lock(mutex_);
  return pending_.size();
}

Result<OidcIdentity> finish_login(const OidcClient& client, const OidcProvider& provider, const OidcLogins::Login& login, OidcFetch& fetch, OidcKeyCache& keys) {
  Pairs form = {{"grant_type", "authorization_code"}, {"code", login.code}, {"redirect_uri", client.redirect_uri}, {"code_verifier", login.verifier}};
  const bool basic = !client.client_secret.empty() && provider.secret_by == OidcProvider::SecretBy::basic;
  if (!basic) form.emplace_back("client_id", client.client_id);
  if (!basic && !client.client_secret.empty()) form.emplace_back("client_secret", client.client_secret);
  const auto answer = fetch.post_form(provider.token_endpoint, form_of(form), basic ? basic_of(client) : std::string());
  if (!answer) return Error{ErrorCode::unavailable, "The identity provider cannot be reached: " + answer.error().message, ""};
  const auto document = parse_object(answer->body);
  if (answer->status != 200) {
    const std::string why = document ? text_member(*document, "error").value_or("") : std::string(), more = document ? text_member(*document, "error_description").value_or("") : std::string();
    const bool ours = answer->status == 400 || answer->status == 401;
    const std::string said = "the provider answered " + std::to_string(answer->status) + (why.empty() ? "" : " " + told(why)) + (more.empty() ? "." : ": " + told(more));
    return ours ? no_login(said) : Error{ErrorCode::unavailable, "The log-in did not succeed: " + said, ""};
  }
  const auto token = document ? text_member(*document, "id_token") : std::nullopt;
  if (!token) return Error{ErrorCode::unavailable, "The log-in did not succeed: the provider sent no id_token; the scope must hold \"openid\".", ""};
  auto claims = keys.verify(*token, {OidcExpectation::Kind::id_token, provider.issuer, client.client_id, login.nonce});
  if (!claims) return claims.error();
  OidcIdentity identity{std::move(*claims), *token};
  if (auto asked = add_userinfo(client, provider, text_member(*document, "access_token").value_or(""), fetch, identity.claims); !asked) return asked.error();
  return identity;
}

std::optional<std::string> log_out_url(const OidcClient& client, const OidcProvider& provider, const std::string& id_token, const std::string& back_to) {
  if (provider.end_session_endpoint.empty()) return std::nullopt;
  Pairs pairs = {{"client_id", client.client_id}, {"post_logout_redirect_uri", back_to}};
  if (!id_token.empty()) pairs.emplace_back("id_token_hint", id_token);
  return with_query(provider.end_session_endpoint, pairs);
}

}  // namespace penstock::auth
