// DELETE /api/v1/deployments/{name}: a deployment is deleted for good, with its keys.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "penstock/core/audit.hpp"
#include "penstock/ports/clock.hpp"

namespace penstock::api {

// 202 {"id", "deployment", "receipt": "/api/v1/deletions/…"}: it is noted durably, and done within moments, whatever happens to server or database. What comes
// from then on is new. A deployment that never was is deleted all the same: nobody is told which there are.
//
// Thread-safe; the references must outlive it.
class DeploymentDeletion {
 public:
  // Blocks. Gives the receipt's id.
  using Ask = std::function<Result<std::int64_t>(const std::string& deployment, const AuditEntry& entry)>;

  DeploymentDeletion(Ask ask, WorkerPool& pool, const Clock& clock) : ask_(std::move(ask)), pool_(pool), clock_(clock) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> remove(RequestPtr request, CallPtr call);

  const Ask ask_;
  WorkerPool& pool_;
  const Clock& clock_;
};

}  // namespace penstock::api
