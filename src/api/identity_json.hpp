// Users, roles, grants and tokens as JSON, and what requests about them have in common.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/json_body.hpp"
#include "api/route.hpp"
#include "auth/identity_service.hpp"
#include "auth/oidc_sign_in.hpp"
#include "base/worker_pool.hpp"
#include "http/offload.hpp"

namespace penstock::api {

using Json = nlohmann::json;

inline constexpr std::size_t kMaxIdentityBody = 256u << 10;

// What the resources of identities work with. The references must outlive them.
struct IdentityDesk {
  auth::IdentityService& service;
  IdentityStore& store;
  WorkerPool& pool;       // one thread
  WorkerPool& passwords;  // one thread: a hash takes 16 MiB
  const Clock& clock;
  auth::OidcSignIn* oidc = nullptr;   // null: nobody comes by providers, as in commands
  WorkerPool* oidc_pool = nullptr;    // for what a provider may hold up
};

auth::Caller caller_of(const Principal& principal, const http::RequestHead& head);

// {"deployment", "rights", "sources", "custom_metrics"}; "deployment" is "*" for all.
Grant read_grant(JsonBody& body);
// A list of such objects under that name; nullopt: there is none.
std::optional<std::vector<Grant>> read_grants(JsonBody& body, const char* name);
// "viewer" or {"role": "viewer", "deployment": "shop"}, in a list.
std::optional<std::vector<HeldRole>> read_roles(JsonBody& body);

Json time_json(Timestamp time);  // null for never
Json grant_json(const StoredGrant& grant);
Json grants_json(const std::vector<StoredGrant>& grants);
std::string dumped(const nlohmann::json& document);

// Runs blocking work on a pool. It gives a Result of a JSON document, or of nothing, which is answered 204.
template <class Work>
boost::asio::awaitable<http::Response> answer_from(WorkerPool& pool, int status, Work work) {
  auto answer = co_await http::offload(pool, std::move(work));
  if (!answer) co_return http::error_response(answer.error());
  if constexpr (std::is_same_v<decltype(answer), Result<void>>) {
    http::Response empty;
    empty.status = status;
    co_return empty;
  } else {
    co_return http::json_response(status, dumped(*answer));
  }
}

// Adds a route to a member of a resource.
template <class Resource>
void add_route(RouteTable& table, const char* method, const char* pattern, Access access, std::size_t max_body, Resource* resource,
               boost::asio::awaitable<http::Response> (Resource::*member)(RequestPtr, CallPtr)) {
  Route route;
  route.method = method;
  route.pattern = pattern;
  route.access = access;
  route.max_body = max_body;
  route.endpoint = [resource, member](RequestPtr request, CallPtr call) { return (resource->*member)(std::move(request), std::move(call)); };
  table.add(std::move(route));
}

}  // namespace penstock::api
