// POST /api/v1/logs, POST /api/v1/metrics, POST /message/send.
#pragma once

#include "api/ingest_service.hpp"
#include "api/route.hpp"

namespace penstock::api {

// Thread-safe; the service must outlive it.
class IngestEndpoints {
 public:
  IngestEndpoints(IngestService& service, std::size_t max_body) : service_(service), max_body_(max_body) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> native(RequestPtr request, CallPtr call, RecordKind kind);
  boost::asio::awaitable<http::Response> message(RequestPtr request, CallPtr call);

  IngestService& service_;
  const std::size_t max_body_;
};

// 415 for a content type that no JSON body has; nothing for what agents and `curl -d` send.
std::optional<Error> check_json_media_type(const http::RequestHead& head);
// The decoding limits of an endpoint, now.
DecodeOptions decode_options(const IngestService& service, RecordKind kind);

}  // namespace penstock::api
