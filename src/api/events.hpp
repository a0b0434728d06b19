// GET and POST /e: an event of a web page or a device, with CORS.
#pragma once

#include <string>
#include <vector>

#include "api/ingest_service.hpp"
#include "api/route.hpp"

namespace penstock::api {

// Thread-safe; the service must outlive it. `origins`: those whose pages may send, or "*".
class Events {
 public:
  Events(IngestService& service, std::vector<std::string> origins) : service_(service), origins_(std::move(origins)) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> take(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> answer(IngestRequest wish);
  http::Response nothing_to_say(const http::RequestHead& head) const;
  http::Response preflight(const http::RequestHead& head) const;
  void allow_origin(const http::RequestHead& head, http::Response& response) const;

  IngestService& service_;
  const std::vector<std::string> origins_;
};

}  // namespace penstock::api
