// Turning results of lower rooms into responses.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <utility>

#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "http/message.hpp"
#include "http/offload.hpp"
#include "penstock/core/result.hpp"
#include "query/json.hpp"
#include "query/scope.hpp"

namespace penstock::api {

// An Error that stems from the caller's parameters is 400 whatever its code says elsewhere.
http::Response bad_request(Error error);

// What the caller may read and delete: that of its grants, no more and no less.
query::Scope scope_of(const Call& call);

// Runs a question on the pool and answers with its JSON. `ask` takes (scope, canceled) and gives a Result of something
// that query::to_json knows, or that has json(); it is called once, on a worker thread.
template <class Ask>
boost::asio::awaitable<http::Response> answer_query(WorkerPool& pool, RequestPtr request, CallPtr call, Ask ask) {
  auto work = [ask = std::move(ask), scope = scope_of(*call), gone = request->gone]() -> Result<std::string> {
    auto answer = ask(scope, *gone);
    if (!answer) return answer.error();
    if constexpr (requires { answer->json(); }) {
      return answer->json();
    } else {
      return query::to_json(*answer);
    }
  };
  Result<std::string> json = co_await http::offload(pool, std::move(work));
  if (!json) co_return http::error_response(json.error());
  co_return http::json_response(200, std::move(*json));
}

// A response that is ready at once, for endpoints that need not wait.
boost::asio::awaitable<http::Response> ready(http::Response response);

}  // namespace penstock::api
