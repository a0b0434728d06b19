#include "api/api.hpp"

#include <utility>

#include "api/answers.hpp"
#include "auth/credentials.hpp"

namespace penstock::api {

// What admit() found out, for handle(). Without a route the request is for a file of the page.
struct Api::Admitted {
  const Route* route = nullptr;
  CallPtr call;
};

Api::Api(RouteTable routes, const http::StaticFiles* page, TokenVerifier& tokens, MetricsRegistry& metrics)
    : routes_(std::move(routes)),
      page_(page),
      tokens_(tokens),
      unauthorized_(metrics.counter("penstock_auth_failures_total", "Requests refused for who asked.",
                                    {{"reason", "unauthorized"}})),
      forbidden_(metrics.counter("penstock_auth_failures_total", "Requests refused for who asked.",
                                 {{"reason", "forbidden"}})) {}

namespace {

http::Admission refuse(http::Response response) {
  http::Admission admission;
  admission.refuse = std::move(response);
  return admission;
}

http::Response unauthorized() {
  http::Response response =
      http::error_response(401, Error{ErrorCode::unauthorized, "Give a valid token: Authorization: Bearer TOKEN.", ""});
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"penstock\"");
  return response;
}

http::Response method_not_allowed(const std::vector<std::string>& methods) {
  std::string allow;
  for (const std::string& method : methods) allow += (allow.empty() ? "" : ", ") + method;
  http::Response response =
      http::error_response(405, Error{ErrorCode::method_not_allowed, "This path takes " + allow + ".", ""});
  response.headers.emplace_back("Allow", std::move(allow));
  return response;
}

// The views of the page as people type them, /logs/ with a slash too; the page keeps its view behind a #. /metrics
// is the exposition. Empty: no such view.
std::string view_address(const http::RequestHead& head) {
  std::string_view path = head.path;
  const bool slash = path.size() > 1 && path.ends_with('/');
  if (slash) path.remove_suffix(1);
  const bool view = path == "/overview" || path == "/logs" || path == "/system" || (path == "/metrics" && slash);
  if (!view) return {};
  const std::size_t query = head.target.find('?');
  return "/#" + std::string(path) + (query == std::string::npos ? "" : head.target.substr(query));
}

http::Response moved(std::string address) {
  http::Response response;
  response.status = 302;
  response.headers.emplace_back("Location", std::move(address));
  response.headers.emplace_back("Cache-Control", "no-cache");
  return response;
}

}  // namespace

http::Admission Api::admit(const http::RequestHead& head) {
  RouteTable::Match match = routes_.find(head.method, head.path);
  const Route* const route = match.route;
  http::Admission admission = admit(head, std::move(match));
  if (route != nullptr && route->headers) route->headers(head, admission.headers);
  return admission;
}

http::Admission Api::admit(const http::RequestHead& head, RouteTable::Match match) {
  if (match.route == nullptr) {
    if (match.allowed_methods.empty() && page_ != nullptr && page_->has(head.path)) {
      if (head.method != "GET") return refuse(method_not_allowed({"GET", "HEAD"}));
      http::Admission admission;
      admission.context = std::make_shared<Admitted>();
      return admission;
    }
    if (!match.allowed_methods.empty()) return refuse(method_not_allowed(match.allowed_methods));
    if (page_ != nullptr && head.method == "GET") {
      if (std::string address = view_address(head); !address.empty()) return refuse(moved(std::move(address)));
    }
    return refuse(http::error_response(404, Error{ErrorCode::not_found, "There is nothing at this path.", ""}));
  }

  auto call = std::make_shared<Call>();
  call->arguments = std::move(match.arguments);
  if (match.route->right != Right::open) {
    std::optional<std::string> token = auth::token_from_authorization(head.header("Authorization"));
    if (!token && match.route->token_in_query) {
      if (const auto given = head.query_value("token")) token = std::string(*given);
    }
    std::optional<Principal> principal = token ? tokens_.verify(*token) : std::nullopt;
    if (!principal) {
      unauthorized_.add();
      return refuse(unauthorized());
    }
    if (!allows(*principal, match.route->right)) {
      forbidden_.add();
      return refuse(
          http::error_response(403, Error{ErrorCode::forbidden, "This token does not have the right to do that.", ""}));
    }
    call->principal = std::move(*principal);
    call->known = true;
  } else if (const auto token = auth::token_from_authorization(head.header("Authorization"))) {
    // Such a route may tell more to whom it knows.
    if (auto principal = tokens_.verify(*token)) {
      call->principal = std::move(*principal);
      call->known = true;
    }
  }
  if (match.route->admission) {
    if (auto admitted = match.route->admission(); !admitted) return refuse(http::error_response(admitted.error()));
  }
  http::Admission admission;
  admission.max_body = match.route->max_body;
  admission.body_optional = match.route->body_optional;
  admission.operations_critical = match.route->operations_critical;
  auto admitted = std::make_shared<Admitted>();
  admitted->route = match.route;
  admitted->call = std::move(call);
  admission.context = std::move(admitted);
  return admission;
}

boost::asio::awaitable<http::Response> Api::handle(std::shared_ptr<http::Request> request) {
  const auto admitted = std::static_pointer_cast<const Admitted>(request->context);
  if (admitted->route == nullptr) return ready(page_->respond(request->head));
  return admitted->route->endpoint(std::move(request), admitted->call);
}

}  // namespace penstock::api
