#include "api/ingest_service.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "base/bytes.hpp"
#include "base/unicode.hpp"
#include "decode/charset.hpp"
#include "http/completion.hpp"
#include "http/offload.hpp"
#include "ingest/debug_view.hpp"

namespace penstock::api {
namespace {

// A body above this is decoded on a worker thread: an io thread would be held up for more than about a millisecond.
constexpr std::size_t kDecodeInline = 256 * 1024;

Error nothing_accepted() {
  return Error{ErrorCode::nothing_accepted,
               "No record of this request could be accepted; see errors for the reason of each.", ""};
}

std::string report_with_error(const ingest::IngestReport& report, const Error& error) {
  std::string body = http::error_response(422, error).body;  // {"error":{…}}
  body.back() = ',';
  ingest::append_json_members(body, report);
  body += '}';
  return body;
}

// What beside its body makes a request another one. Without a header and parameters it is the route's name alone.
std::string meaning_of(const IngestRequest& wish) {
  std::string meaning(wish.route);
  const http::RequestHead& head = wish.request->head;
  if (const std::string_view deployment = head.header("X-Penstock-Deployment"); !deployment.empty()) append_sized(meaning, deployment);
  for (const auto& [name, value] : head.query) {
    if (name == "ack") continue;
    append_sized(meaning, name);
    append_sized(meaning, value);
  }
  return meaning;
}

// The answer to a request that was decoded; what an idempotency key stores.
ingest::KnownAnswer answer_to(const ingest::IngestReport& report) { return {200, ingest::to_json(report)}; }

}  // namespace

http::Response native_answer(const IngestOutcome& outcome) {
  if (outcome.known) return http::json_response(outcome.known->status, outcome.known->body);
  if (!outcome.debug_json.empty()) return http::json_response(200, outcome.debug_json);
  if (outcome.refused) {
    if (outcome.refused->code == ErrorCode::nothing_accepted && outcome.report.rejected > 0) {
      return http::json_response(422, report_with_error(outcome.report, *outcome.refused));
    }
    return http::error_response(*outcome.refused);
  }
  return http::json_response(outcome.queued ? 202 : 200, ingest::to_json(outcome.report));
}

namespace {

// The body in the one form that decoders read. What it takes more room for is taken from the byte budget.
Result<void> as_utf8(http::Request& request) {
  const decode::Charset charset = decode::charset_of(request.body, request.head.header("Content-Type"));
  if (charset == decode::Charset::utf8) return {};
  if (!request.lease.grow(decode::most_utf8_bytes(request.body, charset))) {
    return Error{ErrorCode::overloaded, "There is no room to turn this body into UTF-8 now: send it in UTF-8, in smaller parts, or again in a moment.", ""};
  }
  std::string text = decode::to_utf8(request.body, charset);
  request.lease.shrink(request.lease.size() > text.size() ? request.lease.size() - text.size() : 0);
  request.body = std::move(text);
  return {};
}

}  // namespace

struct IngestService::Decoded {
  Submission submission;  // empty when nothing was accepted
  ingest::IngestReport report;
  Result<void> whole;  // whether the body as a whole could be read
};

IngestService::IngestService(ingest::Options options, std::string default_deployment, SubmissionQueue& queue,
                             const ingest::Admission& admission, ingest::IdempotencyGate& idempotency,
                             ingest::IngestMetrics& metrics, WorkerPool& decode_pool, const Clock& clock)
    : options_(std::move(options)),
      default_deployment_(std::move(default_deployment)),
      queue_(queue),
      admission_(admission),
      idempotency_(idempotency),
      metrics_(metrics),
      decode_pool_(decode_pool),
      clock_(clock) {}

std::shared_ptr<IngestService::Decoded> IngestService::decode(const IngestRequest& wish,
                                                              const std::optional<ingest::RequestKey>& key) const {
  // Its memory serves one request after the other.
  thread_local BatchWriter writer;
  writer.clear();  // of what a decoder left that threw
  auto decoded = std::make_shared<Decoded>();
  const Principal& principal = *wish.call->principal;
  const http::RequestHead& head = wish.request->head;
  ingest::RequestDefaults defaults;
  defaults.received_at = clock_.now();
  defaults.deployment = std::string(head.header("X-Penstock-Deployment"));
  if (defaults.deployment.empty()) defaults.deployment = principal.default_deployment;
  if (defaults.deployment.empty()) defaults.deployment = default_deployment_;
  defaults.source = repaired_utf8(head.peer);
  defaults.strict = wish.strict;
  defaults.list_rejected = head.header("X-Penstock-Rejected") == "all";
  const auto authorize = [&principal](std::string_view deployment) {
    return ingest::MaySend(principal.grants.sources(Right::ingest_logs, deployment), principal.grants.sources(Right::ingest_metrics, deployment));
  };
  ingest::BatchReceiver receiver(options_, std::move(defaults), authorize, writer, wish.debug ? nullptr : &metrics_,
                                 wish.call->rules.get());
  decoded->whole = as_utf8(*wish.request);
  if (decoded->whole) decoded->whole = wish.decode(receiver);
  decoded->report = receiver.take_report();
  if (decoded->report.accepted == 0) return decoded;
  if (key) writer.set_idempotency(ingest::entry_of(*key, answer_to(decoded->report)));
  Submission& submission = decoded->submission;
  submission.count = static_cast<std::uint32_t>(writer.record_count());
  submission.min_time = writer.min_time();
  submission.max_time = writer.max_time();
  submission.batch = writer.take();
  return decoded;
}

boost::asio::awaitable<IngestOutcome> IngestService::take(IngestRequest wish) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  IngestOutcome outcome;

  std::optional<ingest::RequestKey> key;
  std::optional<ingest::IdempotencyGate::Ticket> ticket;
  if (const std::string_view given = wish.request->head.header("Idempotency-Key"); !given.empty() && !wish.debug) {
    auto hash = [&wish, given] { return ingest::hash_request(wish.call->principal->name, given, meaning_of(wish), wish.request->body); };
    Result<ingest::RequestKey> hashed = Error{};
    if (wish.request->body.size() > kDecodeInline) {
      hashed = co_await http::offload(decode_pool_, std::move(hash));
    } else {
      hashed = hash();
    }
    if (!hashed) {
      outcome.refused = hashed.error();
      co_return outcome;
    }
    key = *hashed;
    auto passed = idempotency_.enter(*key);
    if (!passed) {
      outcome.refused = passed.error();
      co_return outcome;
    }
    if (passed->answer) {
      outcome.known = std::move(passed->answer);
      co_return outcome;
    }
    ticket.emplace(std::move(passed->ticket));
  }

  const std::size_t body_bytes = wish.request->body.size();
  std::shared_ptr<Decoded> decoded;
  if (body_bytes > kDecodeInline) {
    auto work = [this, &wish, &key] { return decode(wish, key); };
    Result<std::shared_ptr<Decoded>> offloaded = co_await http::offload(decode_pool_, std::move(work));
    if (!offloaded) {
      outcome.refused = offloaded.error();
      co_return outcome;
    }
    decoded = std::move(*offloaded);
  } else {
    decoded = decode(wish, key);
  }
  outcome.report = std::move(decoded->report);
  if (wish.debug) {
    auto show = [&decoded, &outcome] { return ingest::debug_json(decoded->submission.batch, outcome.report); };
    if (body_bytes > kDecodeInline) {
      Result<std::string> shown = co_await http::offload(decode_pool_, std::move(show));
      if (!shown) {
        outcome.refused = shown.error();
        co_return outcome;
      }
      outcome.debug_json = std::move(*shown);
    } else {
      outcome.debug_json = show();
    }
    co_return outcome;
  }
  if (outcome.report.accepted == 0) {
    outcome.refused = decoded->whole ? nothing_accepted() : decoded->whole.error();
    co_return outcome;
  }

  Submission submission = std::move(decoded->submission);
  decoded.reset();
  // The body's part of the byte budget is kept for its batch until that is on disk, the memory of the body itself is
  // not.
  std::string().swap(wish.request->body);
  if (wish.request->lease.size() > submission.batch.size()) {
    wish.request->lease.shrink(wish.request->lease.size() - submission.batch.size());
  }

  if (wish.acknowledge == Acknowledge::queued) {
    // A retry must not get by before the journal knows the key.
    if (ticket) submission.done = [held = std::make_shared<ingest::IdempotencyGate::Ticket>(std::move(*ticket))](const Result<Sequence>&) {};
    if (auto queued = queue_.submit(std::move(submission)); !queued) {
      outcome.refused = queued.error();
      co_return outcome;
    }
    metrics_.accepted(outcome.report, body_bytes);
    outcome.queued = true;
    co_return outcome;
  }

  const http::Completion<Result<Sequence>> stored(executor);
  submission.done = [stored](Result<Sequence> sequence) { stored.fulfil(std::move(sequence)); };
  if (auto queued = queue_.submit(std::move(submission)); !queued) {
    outcome.refused = queued.error();
    co_return outcome;
  }
  const Result<Sequence> sequence = co_await stored.wait();
  if (!sequence) {
    outcome.refused = sequence.error();
    co_return outcome;
  }
  metrics_.accepted(outcome.report, body_bytes);
  co_return outcome;
}

}  // namespace penstock::api
