#include "api/answers.hpp"

namespace penstock::api {

http::Response bad_request(Error error) { return http::error_response(400, error); }

query::Scope scope_of(const Principal& principal) {
  query::Scope scope = principal.all_deployments ? query::Scope::everything() : query::Scope::of(principal.deployments);
  scope.caller = principal.name;
  return scope;
}

boost::asio::awaitable<http::Response> ready(http::Response response) { co_return response; }

}  // namespace penstock::api
