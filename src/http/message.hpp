// Requests and responses as the rooms above see them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_budget.hpp"
#include "base/stop_flag.hpp"
#include "http/request_head.hpp"
#include "penstock/core/error.hpp"

namespace penstock::http {

// A request with its body read whole. Used on the connection's io thread unless its owner hands it elsewhere.
struct Request {
  RequestHead head;
  std::string body;                  // unpacked; at most Admission::max_body bytes
  ByteBudget::Lease lease;            // covers `body`; given back when the request ends, or move it to keep it longer
  std::shared_ptr<void> context;     // Admission::context
  // Set by the server when the client goes away or everything must stop: within a second. Watched while a handler or a
  // stream runs; whoever works for long looks at it and ends early.
  std::shared_ptr<StopFlag> gone;
};

// A body that is made while it is sent (chunked transfer). One reader, on the connection's io thread.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // The next piece (an empty one is skipped), nullopt at the end. An exception cuts the connection, so that the client
  // sees a broken body.
  virtual boost::asio::awaitable<std::optional<std::string>> next() = 0;
  // Called on the io thread when the client is gone or a drain cuts the stream: a next() that waits must answer nullopt
  // soon. May be called more than once, and before the first next().
  virtual void cancel() {}
};

struct Response {
  int status = 200;
  // without Content-Type, Content-Length, Transfer-Encoding, Connection, Date, Server
  std::vector<std::pair<std::string, std::string>> headers;
  std::string content_type;
  // One of the three; the first that is set counts: stream, shared_body, body.
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // for bodies that many answers share
  std::unique_ptr<BodyStream> stream;
  bool endless = false;  // a stream that ends only with its client (a live tail): a drain ends it at once
};

Response json_response(int status, std::string body);
Response text_response(int status, std::string body);  // text/plain; charset=utf-8
// {"error":{"code":…,"message":…,"field":…}}; 503 carries Retry-After: 1.
Response error_response(int status, const Error& error);
Response error_response(const Error& error);  // with status_of(error.code)
// The HTTP status that api.md gives an error on endpoints of our own.
int status_of(ErrorCode code);

}  // namespace penstock::http
