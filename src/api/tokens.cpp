#include "api/tokens.hpp"

#include <algorithm>

#include "api/answers.hpp"
#include "base/hex.hpp"
#include "http/certificate.hpp"

namespace penstock::api {
namespace {

auth::TokenDigest digest_in(const StoredToken& token) {
  auth::TokenDigest digest{};
  std::copy_n(token.digest.begin(), std::min(token.digest.size(), digest.size()), digest.begin());
  return digest;
}

Json token_json(const StoredToken& token, Timestamp now) {
  const bool expired = token.expires_at.ns != 0 && token.expires_at <= now;
  return {{"id", token.id},
          {"name", token.name},
          {"prefix", token.prefix},
          {"certificate", token.certificate ? Json(http::show_fingerprint(to_hex(digest_in(token)))) : Json(nullptr)},
          {"owner", token.owner.empty() ? Json(nullptr) : Json(token.owner)},
          {"default_deployment", token.default_deployment},
          {"grants", grants_json(token.grants)},
          {"state", token.revoked_at.ns != 0 ? "revoked" : expired ? "expired" : "valid"},
          {"created_at", time_json(token.created_at)},
          {"created_by", token.created_by},
          {"expires_at", time_json(token.expires_at)},
          {"last_used", time_json(token.last_used)},
          {"revoked_at", time_json(token.revoked_at)}};
}

// A token as it is known here: its last use may not be written down yet.
StoredToken as_used(const auth::Directory& directory, StoredToken token) {
  if (const auto* entry = directory.find(token.certificate ? auth::Shown::certificate : auth::Shown::token, digest_in(token))) token.last_used.ns = std::max(token.last_used.ns, entry->use->at.load());
  return token;
}

bool may_see(const auth::Caller& caller, const StoredToken& token) {
  return caller.administrator || (!token.owner.empty() && token.owner == caller.user);
}

auth::TokenWish read_token(JsonBody& body, Timestamp now) {
  auth::TokenWish wish;
  wish.name = body.required_text("name");
  wish.owner = body.text("owner").value_or("");
  if (const auto certificate = body.text("certificate")) {
    wish.certificate = http::parse_fingerprint(*certificate);
    if (!wish.certificate) body.fail("certificate", "Give the SHA-256 fingerprint of the client's certificate, 64 hexadecimal digits: `penstock cert fingerprint FILE` prints it.");
  }
  if (auto grants = read_grants(body, "grants")) {
    wish.grants = std::move(*grants);
    for (const char* name : {"deployment", "rights", "sources", "custom_metrics"}) {
      if (body.member(name) != nullptr) body.fail(name, "Give either grants, or this one grant's deployment and rights.");
    }
  } else {
    // Known before they are looked at, so that no sound member is called unknown.
    for (const char* name : {"default_deployment", "ttl", "expires_at"}) (void)body.member(name);
    wish.grants.push_back(read_grant(body));
  }
  // What it may send to is where it sends, unless something else is said.
  std::string usual;
  if (wish.grants.size() == 1 && wish.grants.front().rights.has_any(kIngest)) usual = wish.grants.front().deployment;
  wish.default_deployment = body.text("default_deployment").value_or(usual);
  if (const Json* ttl = body.member("ttl")) {
    if (body.member("expires_at") != nullptr) body.fail("expires_at", "Give either ttl or expires_at.");
    const std::string text = ttl->is_string() ? ttl->get<std::string>() : ttl->is_number() ? ttl->dump() : "";
    if (text == "0" || text == "never") {
      wish.ttl_ns = 0;
    } else if (const auto duration = parse_duration(text)) {
      wish.ttl_ns = *duration;
    } else {
      body.fail("ttl", "This must be a time such as \"90d\" or \"12h\", or \"never\".");
    }
  }
  if (const auto text = body.text("expires_at")) {
    const auto end = parse_timestamp(*text);
    if (!end || *end <= now) body.fail("expires_at", "This must be a time to come, such as 2027-01-31T00:00:00Z.");
    else wish.ttl_ns = end->ns - now.ns;
  }
  return wish;
}

}  // namespace

void Tokens::add_routes(RouteTable& table) {
  add_route(table, "GET", "/api/v1/tokens", Access::known(), 0, this, &Tokens::list);
  add_route(table, "POST", "/api/v1/tokens", Access::known(), kMaxIdentityBody, this, &Tokens::create);
  add_route(table, "GET", "/api/v1/tokens/{id}", Access::known(), 0, this, &Tokens::show);
  add_route(table, "DELETE", "/api/v1/tokens/{id}", Access::known(), 0, this, &Tokens::revoke);
}

boost::asio::awaitable<http::Response> Tokens::list(RequestPtr request, CallPtr call) {
  return answer_from(desk_.pool, 200, [desk = desk_, caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    const auto seen = desk.service.look();
    if (!seen) return seen.error();
    Json tokens = Json::array();
    for (const auto& [id, token] : (*seen)->identities().tokens) {
      if (may_see(caller, token)) tokens.push_back(token_json(as_used(**seen, token), desk.clock.now()));
    }
    return Json{{"tokens", std::move(tokens)}};
  });
}

boost::asio::awaitable<http::Response> Tokens::show(RequestPtr request, CallPtr call) {
  return answer_from(desk_.pool, 200, [desk = desk_, id = call->arguments.at(0), caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    const auto seen = desk.service.look();
    if (!seen) return seen.error();
    const auto found = (*seen)->identities().tokens.find(id);
    if (found == (*seen)->identities().tokens.end() || !may_see(caller, found->second)) {
      return Error{ErrorCode::not_found, "There is no token \"" + id + "\".", ""};
    }
    return token_json(as_used(**seen, found->second), desk.clock.now());
  });
}

boost::asio::awaitable<http::Response> Tokens::create(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  auth::TokenWish wish = read_token(body, desk_.clock.now());
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  auto work = [desk = desk_, wish = std::move(wish), caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    auto made = desk.service.create_token(caller, wish);
    if (!made) return made.error();
    Json answer = token_json(made->token, desk.clock.now());
    if (!made->secret.empty()) answer["token"] = made->secret;
    return answer;
  };
  return answer_from(desk_.pool, 201, std::move(work));
}

boost::asio::awaitable<http::Response> Tokens::revoke(RequestPtr request, CallPtr call) {
  return answer_from(desk_.pool, 204, [desk = desk_, id = call->arguments.at(0), caller = caller_of(*call->principal, request->head)]() -> Result<void> {
    return desk.service.change(caller, [&id](const auth::PlanScene& scene) { return auth::plan_token_revocation(scene, id); });
  });
}

}  // namespace penstock::api
