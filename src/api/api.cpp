#include "api/api.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "api/answers.hpp"
#include "api/watched_stream.hpp"
#include "base/log.hpp"
#include "http/completion.hpp"

namespace penstock::api {

// What admit() found out, for handle(). Without a route the request is for a file of the page.
struct Api::Admitted {
  const Route* route = nullptr;
  CallPtr call;
};

Api::Api(RouteTable routes, const http::StaticFiles* page, Authenticator& authenticator, MetricsRegistry& metrics, const CurrentRules* rules)
    : routes_(std::move(routes)),
      page_(page),
      authenticator_(authenticator),
      rules_(rules),
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

http::Response refusal(const Error& error) {
  http::Response response = http::error_response(error);
  if (error.code == ErrorCode::unauthorized) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"penstock\"");
  return response;
}

Credentials credentials_of(const http::RequestHead& head, const Route& route) {
  Credentials credentials;
  credentials.authorization = head.header("Authorization");
  credentials.cookie = head.header("Cookie");
  if (route.token_in_query) credentials.token = head.query_value("token").value_or(std::string_view());
  if (head.client_certificate) credentials.certificate = head.client_certificate->fingerprint;
  credentials.peer = head.peer;
  // What takes records changes something, by GET too (/e): a session's request must come from our own page, not from one of a neighbouring name.
  credentials.method = route.access.any_of().has_any(kIngest) ? std::string_view("POST") : std::string_view(head.method);
  credentials.host = head.header("Host");
  credentials.origin = head.header("Origin");
  credentials.fetch_site = head.header("Sec-Fetch-Site");
  return credentials;
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

// A request for a route. The head is there for as long as anybody decides about it.
struct Api::Asked {
  const http::RequestHead& head;
  const Route& route;
  std::vector<std::string> arguments;
  Credentials credentials;
};

// In the log, as long as there are few of them. Nothing of the credentials is told, and no more of the target than the route.
void Api::tell_refusal(std::string_view what, const Asked& asked, const std::string& by) {
  log::info("auth", what, {{"method", asked.head.method}, {"route", asked.route.pattern}, {"address", asked.head.peer}, {"by", by}});
}

http::Admission Api::admit(const http::RequestHead& head) {
  RouteTable::Match match = routes_.find(head.method, head.path);
  // A slash at the end makes no other resource, and clients of other servers give it; but /metrics/ is a view of the page.
  if (match.route == nullptr && head.path.size() > 1 && head.path.ends_with('/') && view_address(head).empty()) {
    match = routes_.find(head.method, std::string_view(head.path).substr(0, head.path.size() - 1));
  }
  if (match.route == nullptr) return not_served(head, match);
  Asked asked{head, *match.route, std::move(match.arguments), credentials_of(head, *match.route)};
  if (match.route->access.who() == Access::Who::open && asked.credentials.empty()) return decide(asked, stranger());
  if (const auto identity = authenticator_.authenticate(asked.credentials)) return decide(asked, *identity);
  // What is open to all must not wait for the store, of whose health it may be asked.
  if (match.route->access.who() == Access::Who::open) return decide(asked, stranger());
  http::Admission admission;
  admission.later = [this, asked = std::make_shared<const Asked>(std::move(asked))] { return look_up(asked); };
  return admission;
}

http::Admission Api::not_served(const http::RequestHead& head, const RouteTable::Match& match) const {
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

boost::asio::awaitable<http::Admission> Api::look_up(std::shared_ptr<const Asked> asked) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const http::Completion<Identity> told(executor);
  authenticator_.look_up(asked->credentials, [told](Identity identity) { told.fulfil(std::move(identity)); });
  const Identity identity = co_await told.wait();
  co_return decide(*asked, identity);
}

http::Admission Api::decide(const Asked& asked, const Identity& identity) {
  http::Admission admission = judge(asked, identity);
  if (asked.route.headers) asked.route.headers(asked.head, admission.headers);
  return admission;
}

http::Admission Api::judge(const Asked& asked, const Identity& identity) {
  const Route& route = asked.route;
  auto call = std::make_shared<Call>();
  if (identity) {
    call->principal = *identity;
    call->authenticator = &authenticator_;
  } else if (route.access.who() != Access::Who::open) {
    if (identity.error().code == ErrorCode::unauthorized) unauthorized_.add();
    if (identity.error().code == ErrorCode::forbidden) forbidden_.add();
    // Who gives nothing to be known by is told to, and is no news.
    if (!asked.credentials.empty()) tell_refusal("A request was refused: its credentials are not valid.", asked, "");
    return refuse(refusal(identity.error()));
  }
  if (auto allowed = check_access(route, *call->principal, asked.head, asked.arguments); !allowed) {
    forbidden_.add();
    tell_refusal("A request was refused: its credentials do not cover it.", asked, call->principal->name);
    return refuse(refusal(allowed.error()));
  }
  if (route.admission) {
    if (auto admitted = route.admission(); !admitted) return refuse(http::error_response(admitted.error()));
  }
  if (rules_ != nullptr) call->rules = rules_->get();
  call->arguments = asked.arguments;
  http::Admission admission;
  admission.max_body = route.max_body;
  admission.body_optional = route.body_optional;
  admission.operations_critical = route.operations_critical;
  auto admitted = std::make_shared<Admitted>();
  admitted->route = &route;
  admitted->call = std::move(call);
  admission.context = std::move(admitted);
  return admission;
}

boost::asio::awaitable<http::Response> Api::handle(std::shared_ptr<http::Request> request) {
  const auto admitted = std::static_pointer_cast<const Admitted>(request->context);
  if (admitted->route == nullptr) return ready(page_->respond(request->head));
  // Only answers to GET are streams; what is sent in must not cost a frame more.
  if (request->head.method == "GET") return watched(&admitted->route->endpoint, std::move(request), admitted->call);
  return admitted->route->endpoint(std::move(request), admitted->call);
}

}  // namespace penstock::api
