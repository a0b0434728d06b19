// Answers that go on for long end when their caller may no longer have them.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "api/route.hpp"
#include "http/message.hpp"

namespace penstock::api {

// The answer of an endpoint that outlives it. While it has a stream, the caller is asked about once a second; when his credentials are revoked, have expired or allow another
// thing, the connection is cut.
boost::asio::awaitable<http::Response> watched(const Endpoint* endpoint, RequestPtr request, CallPtr call);

}  // namespace penstock::api
