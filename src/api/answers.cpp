#include "api/answers.hpp"

namespace penstock::api {

http::Response bad_request(Error error) { return http::error_response(400, error); }

query::Scope scope_of(const PrincipalPtr& principal) { return {{principal, &principal->grants}, principal->name}; }

boost::asio::awaitable<http::Response> ready(http::Response response) { co_return response; }

}  // namespace penstock::api
