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

}  // namespace

void Events::add_routes(RouteTable& table) {
  for (const char* method : {"GET", "POST"}) {
    Route route{method, "/e", Right::ingest, std::string_view(method) == "POST" ? kEventBody : 0,
                [this](RequestPtr request, CallPtr call) { return take(std::move(request), std::move(call)); }};
    route.token_in_query = true;
    route.body_optional = true;  // the parameters may be all there is
    route.admission = [this] { return service_.may_begin(); };
    table.add(std::move(route));
  }
  table.add({"OPTIONS", "/e", Right::open, 0,
             [this](RequestPtr request, CallPtr) { return ready(preflight(request->head)); }});
}

void Events::allow_origin(const http::RequestHead& head, http::Response& response) const {
  const std::string_view origin = head.header("Origin");
  if (std::find(origins_.begin(), origins_.end(), "*") != origins_.end()) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  } else if (std::find(origins_.begin(), origins_.end(), origin) != origins_.end()) {
    response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
    response.headers.emplace_back("Vary", "Origin");
  }
}

http::Response Events::nothing_to_say(const http::RequestHead& head) const {
  http::Response response;
  response.status = 204;
  allow_origin(head, response);
  return response;
}

http::Response Events::preflight(const http::RequestHead& head) const {
  http::Response response = nothing_to_say(head);
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST");
  response.headers.emplace_back("Access-Control-Allow-Headers", "Authorization, Content-Type");
  response.headers.emplace_back("Access-Control-Max-Age", "86400");
  return response;
}

boost::asio::awaitable<http::Response> Events::take(RequestPtr request, CallPtr call) {
  // Link checkers and previews ask with HEAD, and change nothing by it.
  if (request->head.head_only) return ready(nothing_to_say(request->head));
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
  const RequestPtr request = wish.request;
  const IngestOutcome outcome = co_await service_.take(std::move(wish));
  http::Response response;
  response.status = 204;
  if (outcome.refused) response = native_answer(outcome);
  allow_origin(request->head, response);
  co_return response;
}

}  // namespace penstock::api
