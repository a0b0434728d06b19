// /api/v1/keys: the keys of sealing, for administrators.
#pragma once

#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "penstock/ports/audit_log.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/identity_store.hpp"
#include "penstock/ports/key_keeper.hpp"

namespace penstock::api {

// GET  /api/v1/keys          {"cipher","sealed","outer_keys":[…],"from","replaceable","roots":[…],"store":{…}|null,"check":{…}}
// POST /api/v1/keys/rotate   {"data_keys": true|false}: the outer key is replaced, and with true the data keys too
// POST /api/v1/keys/verify   202: tries every key in the background; GET tells how it ended
//
// Thread-safe; the references must outlive it.
class Keys {
 public:
  Keys(KeyKeeper& keeper, IdentityStore& audit, WorkerPool& pool, const Clock& clock) : keeper_(keeper), audit_(audit), pool_(pool), clock_(clock) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> show(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> rotate(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> verify(RequestPtr request, CallPtr call);

  KeyKeeper& keeper_;
  IdentityStore& audit_;
  WorkerPool& pool_;
  const Clock& clock_;
};

}  // namespace penstock::api
