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
  static http::Response preflight();
  void allow_origin(const http::RequestHead& head, std::vector<std::pair<std::string, std::string>>& headers) const;

  IngestService& service_;
  const std::vector<std::string> origins_;
};

}  // namespace penstock::api
