// /api/v1/deletions: what became of deletions of logs, for who may delete all of the deployment's.
#pragma once

#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "penstock/ports/deletion_receipts.hpp"

namespace penstock::api {

// GET /api/v1/deletions?limit=     {"deletions": [receipt, …]}, the newest first
// GET /api/v1/deletions/{id}       {"id","deployment","from","to","asked_at","deleted","left_tables_at","journals":[{"journal","left_at"}],"gone",
//                                   "backups":[{"made_at","place","journal"}]}
// Of other deployments there is none.
//
// Thread-safe; the references must outlive it.
class Deletions {
 public:
  Deletions(penstock::DeletionReceipts& receipts, WorkerPool& pool) : receipts_(receipts), pool_(pool) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> show(RequestPtr request, CallPtr call);

  penstock::DeletionReceipts& receipts_;
  WorkerPool& pool_;
};

}  // namespace penstock::api
