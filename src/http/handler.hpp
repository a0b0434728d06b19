// The server's only view of the application.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/message.hpp"

namespace penstock::http {

// The decision about a request of which only the head is known.
struct Admission {
  // answer this; the body is skipped when it is small, else the connection closes after the answer
  std::optional<Response> refuse;
  std::size_t max_body = 0;        // unpacked bytes; 0: the route takes no body, and one that comes is answered 413
  bool body_optional = false;      // else a POST, PUT or PATCH to a route with a body must give a length (411)
  // of every answer to this request, those among them that the server gives by itself (too large, over budget, …)
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::shared_ptr<void> context;   // given back in Request::context (route, principal, …)
  // Answered even when the byte budget is spent (health, readiness, metrics). Its body takes no lease, so keep max_body
  // small.
  bool operations_critical = false;
  // Set when the decision has to wait for something: it is what this gives, once; nothing else of this one counts then. Called on the
  // connection's executor while the head is still there; throws as admit() may.
  std::function<boost::asio::awaitable<Admission>()> later = {};
};

// Both are called on io threads, many at a time; neither may block. What they throw is answered 500 and logged.
class Handler {
 public:
  virtual ~Handler() = default;
  // Before the body is read: route, authorize, limits.
  virtual Admission admit(const RequestHead& head) = 0;
  // A coroutine on the connection's executor (boost::asio::this_coro::executor gives it). Must end soon after
  // request->gone is set.
  virtual boost::asio::awaitable<Response> handle(std::shared_ptr<Request> request) = 0;
};

}  // namespace penstock::http
