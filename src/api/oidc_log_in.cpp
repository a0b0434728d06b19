#include "api/oidc_log_in.hpp"

#include "api/answers.hpp"
#include "auth/oidc_settings.hpp"
#include "auth/session_cookie.hpp"

namespace penstock::api {
namespace {

constexpr std::size_t kMaxLogOutToken = 32u << 10;
// As long as a log-in may be under way.
constexpr std::int64_t kLogInSeconds = 600;
constexpr std::size_t kMostToldBytes = 1000;

http::Response sent_to(std::string address) {
  http::Response response;
  response.status = 302;
  response.headers.emplace_back("Location", std::move(address));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

// Whoever sits there sees the page, and on it why.
http::Response back_with(const Error& error) {
  http::Response response = sent_to("/");
  response.headers.emplace_back("Set-Cookie", auth::told_cookie(dumped(Json{{"error", error.message.substr(0, kMostToldBytes)}})));
  return response;
}

std::string parameter(const http::RequestHead& head, std::string_view name) { return std::string(head.query_value(name).value_or(std::string_view())); }

}  // namespace

std::string server_base(const http::RequestHead& head, const std::string& public_url) {
  const auto base = auth::oidc_base(!public_url.empty() ? public_url : (head.secure ? "https://" : "http://") + std::string(head.header("Host")));
  return base ? *base : std::string();
}

void OidcLogIn::add_routes(RouteTable& table) {
  add_route(table, "GET", "/api/v1/oidc", Access::open(), 0, this, &OidcLogIn::list);
  add_route(table, "GET", "/api/v1/oidc/{provider}/login", Access::open(), 0, this, &OidcLogIn::begin);
  add_route(table, "GET", "/api/v1/oidc/{provider}/callback", Access::open(), 0, this, &OidcLogIn::finish);
  add_route(table, "POST", "/api/v1/oidc/{provider}/logout", Access::open(), kMaxLogOutToken, this, &OidcLogIn::ended_there);
}

boost::asio::awaitable<http::Response> OidcLogIn::list(RequestPtr, CallPtr) {
  Json providers = Json::array();
  for (const StoredProvider& one : desk_.oidc->providers()) {
    providers.push_back({{"id", one.id}, {"title", one.title}, {"login", "/api/v1/oidc/" + one.id + "/login"}});
  }
  http::Response response = http::json_response(200, dumped(Json{{"providers", std::move(providers)}}));
  response.headers.emplace_back("Cache-Control", "no-store");
  return ready(std::move(response));
}

boost::asio::awaitable<http::Response> OidcLogIn::begin(RequestPtr request, CallPtr call) {
  const http::RequestHead& head = request->head;
  const auth::OidcLogins::Browser browser{std::string(auth::cookie_of(head.header("Cookie"), auth::kLogInCookie).value_or("")), head.peer};
  auto work = [desk = desk_, id = call->arguments.at(0), base = server_base(head, desk_.oidc->public_url()), return_to = parameter(head, "return_to"), browser] {
    return desk.oidc->begin(id, base, return_to, browser);
  };
  Result<auth::OidcLogins::Begun> begun = co_await http::offload(*desk_.oidc_pool, std::move(work));
  if (!begun) co_return back_with(begun.error());
  http::Response response = sent_to(begun->url);
  response.headers.emplace_back("Set-Cookie", auth::log_in_cookie(begun->binding, kLogInSeconds));
  co_return response;
}

boost::asio::awaitable<http::Response> OidcLogIn::finish(RequestPtr request, CallPtr call) {
  const http::RequestHead& head = request->head;
  const auth::OidcLogins::Returned returned{parameter(head, "state"), parameter(head, "code"), parameter(head, "iss"), parameter(head, "error"),
                                            parameter(head, "error_description"), std::string(auth::cookie_of(head.header("Cookie"), auth::kLogInCookie).value_or(""))};
  auto work = [desk = desk_, id = call->arguments.at(0), base = server_base(head, desk_.oidc->public_url()), returned, peer = head.peer] {
    return desk.oidc->finish(id, base, returned, peer);
  };
  Result<auth::OidcSignIn::SignedIn> signed_in = co_await http::offload(*desk_.oidc_pool, std::move(work));
  if (!signed_in) co_return back_with(signed_in.error());
  http::Response response = sent_to(signed_in->return_to);
  const std::int64_t seconds = (signed_in->session.expires_at.ns - desk_.clock.now().ns) / kSecond;
  response.headers.emplace_back("Set-Cookie", auth::session_cookie(signed_in->session.secret, seconds));
  response.headers.emplace_back("Set-Cookie", auth::told_cookie(R"({"signed_in":true})"));
  co_return response;
}

boost::asio::awaitable<http::Response> OidcLogIn::ended_there(RequestPtr request, CallPtr call) {
  std::string token;
  const auto form = http::parse_query(request->body, 10);
  if (form) {
    for (const auto& [name, value] : *form) {
      if (name == "logout_token") token = value;
    }
  }
  if (token.empty()) co_return bad_request({ErrorCode::invalid_request, "This takes a form with a logout_token.", "logout_token"});
  auto work = [desk = desk_, id = call->arguments.at(0), token, peer = request->head.peer]() -> Result<void> { return desk.oidc->ended_there(id, token, peer); };
  Result<void> done = co_await http::offload(*desk_.oidc_pool, std::move(work));
  http::Response response;
  // The specification has 400 for a token that is refused.
  if (!done) response = http::error_response(done.error().code == ErrorCode::unauthorized ? 400 : http::status_of(done.error().code), done.error());
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

}  // namespace penstock::api
