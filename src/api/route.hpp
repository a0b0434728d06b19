// One table lists every route with the right it needs; a request that matches no entry is not served.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/token_verifier.hpp"

namespace penstock::api {

// What a caller must hold. `open` needs no token; `known` any valid one.
enum class Right { open, known, read, ingest, remove, admin };

// A request whose route and principal are known.
struct Call {
  Principal principal;                 // of open routes: that of the token given, or empty
  bool known = false;                  // a valid token was given
  std::vector<std::string> arguments;  // what stood for each {…} of the pattern, decoded
};

using RequestPtr = std::shared_ptr<http::Request>;
using CallPtr = std::shared_ptr<const Call>;
// Runs on the connection's io thread; must not block.
using Endpoint = std::function<boost::asio::awaitable<http::Response>(RequestPtr, CallPtr)>;

struct Route {
  std::string method;
  std::string pattern;  // "/logs/{deployment}": a {…} matches one segment
  Right right = Right::known;
  std::size_t max_body = 0;
  Endpoint endpoint;
  bool operations_critical = false;              // answered though the byte budget is spent
  bool token_in_query = false;                   // ?token=… is taken too, for senders that cannot set a header
  bool body_optional = false;                    // a POST without a length is one without a body
  // Adds headers to every answer, refusals too.
  std::function<void(const http::RequestHead&, std::vector<std::pair<std::string, std::string>>&)> headers = {};
  std::function<Result<void>()> admission = {};  // may refuse before the body is read; must not block
};

// "open", "known", …: as the list of routes and the documentation name them.
std::string_view right_name(Right right);
// Whether a principal holds a right.
bool allows(const Principal& principal, Right right);

// Immutable after the last add(). Thread-safe then.
class RouteTable {
 public:
  void add(Route route);

  struct Match {
    const Route* route = nullptr;  // null: see allowed_methods
    std::vector<std::string> arguments;
    std::vector<std::string> allowed_methods;  // of routes with that path; empty: no such path
  };
  Match find(std::string_view method, std::string_view path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace penstock::api
