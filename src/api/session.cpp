#include "api/session.hpp"

#include "api/answers.hpp"
#include "api/oidc_log_in.hpp"
#include "api/parameters.hpp"
#include "auth/session_cookie.hpp"
#include "auth/stored_grants.hpp"

namespace penstock::api {
namespace {

constexpr std::size_t kMaxLogIn = 8u << 10;

std::string_view kind_name(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::stranger: return "stranger";
    case PrincipalKind::bootstrap: return "bootstrap";
    case PrincipalKind::configured: return "configured";
    case PrincipalKind::token: return "token";
    case PrincipalKind::user: return "user";
    case PrincipalKind::provider: return "provider";
    case PrincipalKind::certificate: return "certificate";
  }
  return "";
}

Json principal_json(const Principal& principal) {
  Json grants = Json::array();
  for (const Grant& grant : principal.grants.list()) {
    Json one = grant_json(auth::stored_grant_of(grant));
    one.erase("id");
    grants.push_back(std::move(one));
  }
  return {{"name", principal.id.empty() ? principal.name : principal.id},
          {"kind", kind_name(principal.kind)},
          {"provider", principal.provider.empty() ? Json(nullptr) : Json(principal.provider)},
          {"administrator", principal.grants.may_somewhere(Right::admin)},
          {"auditor", principal.grants.may_somewhere(Right::audit_read)},
          {"default_deployment", principal.default_deployment},
          {"expires_at", principal.expires ? time_json(*principal.expires) : Json(nullptr)},
          {"grants", std::move(grants)}};
}

http::Response refused(const Error& error) {
  http::Response response = http::error_response(error);
  // The message tells exactly how long; one try a minute is given back.
  if (error.code == ErrorCode::too_many_attempts) response.headers.emplace_back("Retry-After", "60");
  return response;
}

Result<void> own_page(const http::RequestHead& head) {
  return auth::check_own_page(head.method, head.header("Host"), head.header("Origin"), head.header("Sec-Fetch-Site"), false);
}

}  // namespace

void Session::add_routes(RouteTable& table) {
  add_route(table, "POST", "/api/v1/session", Access::open(), kMaxLogIn, this, &Session::log_in);
  add_route(table, "GET", "/api/v1/session", Access::known(), 0, this, &Session::show);
  add_route(table, "DELETE", "/api/v1/session", Access::known(), 0, this, &Session::log_out);
  add_route(table, "POST", "/api/v1/session/password", Access::known(), kMaxLogIn, this, &Session::change_password);
}

boost::asio::awaitable<http::Response> Session::open(std::function<Result<auth::OpenedSession>()> work) {
  Result<auth::OpenedSession> opened = co_await http::offload(desk_.passwords, std::move(work));
  if (!opened) co_return refused(opened.error());
  const auto seen = desk_.service.known();
  const auto* const entry = seen == nullptr ? nullptr : seen->find(auth::Shown::session, auth::digest_of(opened->secret));
  if (entry == nullptr) co_return refused(Error{ErrorCode::unavailable, "The session is open, but cannot be read back now; log in again.", ""});
  http::Response response = http::json_response(200, dumped(principal_json(*entry->principal)));
  const std::int64_t seconds = (opened->expires_at.ns - desk_.clock.now().ns) / kSecond;
  response.headers.emplace_back("Set-Cookie", auth::session_cookie(opened->secret, seconds));
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

boost::asio::awaitable<http::Response> Session::log_in(RequestPtr request, CallPtr call) {
  // Or another site could log its visitors in under a name of its own.
  if (auto own = own_page(request->head); !own) return ready(refused(own.error()));
  JsonBody body(request->body);
  auth::LogIn wish{body.required_text("name"), body.required_text("password"), request->head.peer};
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  std::string before;
  if (const auto digest = auth::digest_from_hex(call->principal->session)) {
    before.assign(reinterpret_cast<const char*>(digest->data()), digest->size());
  }
  return open([desk = desk_, wish = std::move(wish), before = std::move(before)] { return desk.service.log_in(wish, before); });
}

boost::asio::awaitable<http::Response> Session::show(RequestPtr, CallPtr call) {
  http::Response response = http::json_response(200, dumped(principal_json(*call->principal)));
  response.headers.emplace_back("Cache-Control", "no-store");
  return ready(std::move(response));
}

boost::asio::awaitable<http::Response> Session::log_out(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, desk_.clock.now());
  const bool everywhere = parameters.flag("everywhere");
  if (auto error = parameters.error()) co_return bad_request(std::move(*error));
  auto work = [desk = desk_, everywhere, principal = call->principal, caller = caller_of(*call->principal, request->head)]() -> Result<void> {
    return desk.service.log_out(caller, *principal, everywhere);
  };
  Result<void> done = co_await http::offload(desk_.pool, std::move(work));
  if (!done) co_return refused(done.error());
  std::string there;
  if (desk_.oidc != nullptr && !call->principal->provider.empty()) {
    auto ask = [desk = desk_, principal = call->principal, base = server_base(request->head, desk_.oidc->public_url())]() -> Result<std::string> {
      return desk.oidc->log_out_url(*principal, base);
    };
    Result<std::string> url = co_await http::offload(*desk_.oidc_pool, std::move(ask));
    there = url ? *url : std::string();
  }
  http::Response response;
  response.status = 204;
  // The page goes there, so that the provider does not log the next one in as the same.
  if (!there.empty()) response = http::json_response(200, dumped(Json{{"provider_log_out", there}}));
  response.headers.emplace_back("Set-Cookie", auth::session_cookie("", 0));
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

boost::asio::awaitable<http::Response> Session::change_password(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  const std::string old_password = body.required_text("old"), new_password = body.required_text("new");
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  if (call->principal->kind != PrincipalKind::user || !call->principal->provider.empty()) {
    return ready(refused(Error{ErrorCode::forbidden, "Only who logged in with a password has one to change; an administrator sets others' with PATCH /api/v1/users/{name}.", ""}));
  }
  auto work = [desk = desk_, user = call->principal->id, old_password, new_password, caller = caller_of(*call->principal, request->head)] {
    return desk.service.change_password(caller, user, old_password, new_password);
  };
  return open(std::move(work));
}

}  // namespace penstock::api
