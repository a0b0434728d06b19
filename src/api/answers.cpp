#include "api/answers.hpp"

namespace penstock::api {

http::Response bad_request(Error error) { return http::error_response(400, error); }

query::Scope scope_of(const Call& call) {
  return {{call.principal, &call.principal->grants}, call.principal->name, call.rules ? call.rules->declared : nullptr};
}

boost::asio::awaitable<http::Response> ready(http::Response response) { co_return response; }

}  // namespace penstock::api
