#include "api/events.hpp"

#include <algorithm>
#include <utility>

#include "api/answers.hpp"
#include "api/ingest_endpoints.hpp"
#include "decode/event_decoder.hpp"
#include "decode/registry.hpp"

namespace penstock::api {
namespace {

constexpr std::size_t kEventBody = 256 * 1024;

http::Response nothing_to_say() {
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace

void Events::add_routes(RouteTable& table) {
  // A page's script cannot read a refusal without them, and would take it for a dead server.
  const auto origin_headers = [this](const http::RequestHead& head, auto& headers) { allow_origin(head, headers); };
  for (const char* method : {"GET", "POST"}) {
    Route route{method, "/e", Access::to(Right::ingest_logs, Place::records), std::string_view(method) == "POST" ? kEventBody : 0,
                [this](RequestPtr request, CallPtr call) { return take(std::move(request), std::move(call)); }};
    route.token_in_query = true;
    route.body_optional = true;  // the parameters may be all there is
    route.admission = [this] { return service_.may_begin(); };
    route.headers = origin_headers;
    table.add(std::move(route));
  }
  Route route{"OPTIONS", "/e", Access::open(), 0, [](RequestPtr, CallPtr) { return ready(preflight()); }};
  route.headers = origin_headers;
  table.add(std::move(route));
}

void Events::allow_origin(const http::RequestHead& head, std::vector<std::pair<std::string, std::string>>& headers) const {
  const std::string_view origin = head.header("Origin");
  if (std::find(origins_.begin(), origins_.end(), "*") != origins_.end()) {
    headers.emplace_back("Access-Control-Allow-Origin", "*");
  } else if (std::find(origins_.begin(), origins_.end(), origin) != origins_.end()) {
    headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
    headers.emplace_back("Vary", "Origin");
  }
}

http::Response Events::preflight() {
  http::Response response = nothing_to_say();
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST");
  response.headers.emplace_back("Access-Control-Allow-Headers", "Authorization, Content-Type");
  response.headers.emplace_back("Access-Control-Max-Age", "86400");
  return response;
}

boost::asio::awaitable<http::Response> Events::take(RequestPtr request, CallPtr call) {
  // Link checkers and previews ask with HEAD, and change nothing by it.
  if (request->head.head_only) return ready(nothing_to_say());
  IngestRequest wish;
  wish.route = "event";
  wish.decode = [request, options = decode_options(service_, RecordKind::log)](
                    RecordReceiver& receiver) -> Result<void> {
    if (!request->body.empty()) return decode::find("event")->decode(request->body, options, receiver);
    auto parameters = request->head.query;
    std::erase_if(parameters, [](const auto& parameter) { return parameter.first == "token"; });
    return decode::decode_event(parameters, options, receiver);
  };
  wish.request = std::move(request);
  wish.call = std::move(call);
  return answer(std::move(wish));
}

boost::asio::awaitable<http::Response> Events::answer(IngestRequest wish) {
  const IngestOutcome outcome = co_await service_.take(std::move(wish));
  http::Response response = nothing_to_say();
  if (outcome.refused) response = native_answer(outcome);
  co_return response;
}

}  // namespace penstock::api
