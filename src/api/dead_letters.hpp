// /api/v1/dead-letter: records that the store could not take, for administrators.
#pragma once

#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "penstock/ports/clock.hpp"
#include "sinks/store/dead_letter_desk.hpp"

namespace penstock::api {

// GET /api/v1/dead-letter?limit=&after=          {"letters": [{"id","reason","detail","kept_at","deployment","kind"}], "after": id | null}
// GET /api/v1/dead-letter/{id}                   one of them, with "record" as it can be sent
// POST /api/v1/dead-letter/replay|discard        {"ids": [...]} → {"done": n, "failed": [{"id","code","message"}]}
//
// Thread-safe; the references must outlive it.
class DeadLetters {
 public:
  DeadLetters(sinks::DeadLetterDesk& desk, WorkerPool& pool, const Clock& clock) : desk_(desk), pool_(pool), clock_(clock) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> show(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> change(RequestPtr request, CallPtr call);

  sinks::DeadLetterDesk& desk_;
  WorkerPool& pool_;  // one thread: a replay waits for the disk
  const Clock& clock_;
};

}  // namespace penstock::api
