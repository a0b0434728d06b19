// From a decoded request to an answer: decode → validate → journal → wait until it is on disk. What every ingest
// endpoint shares.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "ingest/admission.hpp"
#include "ingest/idempotency.hpp"
#include "ingest/ingest_metrics.hpp"
#include "ingest/options.hpp"
#include "ingest/receiver.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/decoder.hpp"
#include "penstock/ports/journal.hpp"

namespace penstock::api {

enum class Acknowledge { durable, queued };

// One request's wish.
struct IngestRequest {
  RequestPtr request;
  CallPtr call;
  std::string_view route;  // names the endpoint for idempotency keys
  // Feeds the receiver; fails when the body as a whole cannot be read. May run on a worker thread.
  std::function<Result<void>(RecordReceiver&)> decode;
  Acknowledge acknowledge = Acknowledge::durable;
  bool debug = false;
  bool strict = false;
};

// How an endpoint words its answer. `known` is a stored answer of an earlier request with the same key.
struct IngestOutcome {
  ingest::IngestReport report;
  std::optional<Error> refused;  // nothing was stored: why
  std::optional<ingest::KnownAnswer> known;
  std::string debug_json;  // of a debug request
  bool queued = false;
};
// The native answer of api.md.
http::Response native_answer(const IngestOutcome& outcome);

// Thread-safe; the references must outlive it.
class IngestService {
 public:
  IngestService(ingest::Options options, std::string default_deployment, SubmissionQueue& queue,
                const ingest::Admission& admission, ingest::IdempotencyGate& idempotency,
                ingest::IngestMetrics& metrics, WorkerPool& decode_pool, const Clock& clock);

  // A coroutine on the request's executor. Nothing of an outcome with `refused` is stored, unless the caller was told
  // so by 5xx: then it may or may not be.
  boost::asio::awaitable<IngestOutcome> take(IngestRequest wish);

  // For Route::admission.
  Result<void> may_begin() const { return admission_.check(); }
  const ingest::Options& options() const { return options_; }
  const Clock& clock() const { return clock_; }

 private:
  struct Decoded;
  std::shared_ptr<Decoded> decode(const IngestRequest& wish, const std::optional<ingest::RequestKey>& key) const;

  const ingest::Options options_;
  const std::string default_deployment_;
  SubmissionQueue& queue_;
  const ingest::Admission& admission_;
  ingest::IdempotencyGate& idempotency_;
  ingest::IngestMetrics& metrics_;
  WorkerPool& decode_pool_;
  const Clock& clock_;
};

}  // namespace penstock::api
