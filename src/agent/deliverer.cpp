#include "agent/deliverer.hpp"

#include <algorithm>
#include <random>

#include "base/log.hpp"

namespace penstock::agent {

Deliverer::Deliverer(const AgentOptions& options, Transport& transport, const Clock& clock, Outbox& outbox)
    : options_(options), transport_(transport), clock_(clock), outbox_(outbox),
      backoff_(options.retry_min, options.retry_max, std::random_device{}()) {}

bool Deliverer::step() {
  if (clock_.steady_now() < next_attempt_) return false;
  const std::optional<SpooledBatch> batch = outbox_.front();
  if (!batch) return false;
  Posting posting;
  posting.path = batch->kind == SpoolKind::logs ? "/api/v1/logs" : "/api/v1/metrics";
  posting.idempotency_key = batch->key;
  posting.body = batch->body;
  const Outcome outcome = post_once(transport_, posting, batch->records);
  if (outcome.verdict == Verdict::retry) {
    ++retries_;
    std::chrono::milliseconds pause = backoff_.next();
    // The server knows best, within reason.
    if (outcome.retry_after) pause = std::max(pause, std::min<std::chrono::milliseconds>(*outcome.retry_after, std::chrono::minutes(5)));
    next_attempt_ = clock_.steady_now() + pause;
    log::warn("agent", "a batch could not be delivered; it is tried again",
              {{"reason", outcome.message}, {"status", outcome.status}, {"pause_ms", pause.count()}, {"waiting_bytes", outbox_.bytes()}});
    return false;
  }
  backoff_.reset();
  next_attempt_ = {};
  note_rejections(*batch, outcome);
  if (outcome.verdict == Verdict::refused) keep_rejected(*batch);
  ++sent_batches_;
  sent_records_ += outcome.accepted;
  rejected_records_ += outcome.rejected;
  outbox_.taken(batch->sequence);
  return true;
}

void Deliverer::note_rejections(const SpooledBatch& batch, const Outcome& outcome) {
  if (outcome.rejected == 0 && outcome.verdict == Verdict::taken) return;
  std::string first;
  if (!outcome.rejections.empty()) {
    const Rejection& one = outcome.rejections.front();
    first = one.code + " " + one.field + " " + one.message;
  }
  log::error("agent", outcome.verdict == Verdict::taken ? "the server refused records of a batch" : "the server refused a batch",
             {{"status", outcome.status}, {"records", std::uint64_t{batch.records}}, {"refused", outcome.rejected}, {"reason", outcome.message},
              {"first", first}});
}

void Deliverer::keep_rejected(const SpooledBatch& batch) {
  const std::string path = options_.state_dir + "/rejected.ndjson";
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && static_cast<std::size_t>(status.st_size) + batch.body.size() > options_.rejected_bytes / 2) {
    // Two files of half the bound: the older one goes.
    static_cast<void>(::rename(path.c_str(), (path + ".1").c_str()));
  }
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  std::string_view rest = batch.body;
  while (file && !rest.empty()) {
    const ssize_t wrote = ::write(file.get(), rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (!rest.empty()) log::error("agent", "a refused batch could not be kept", {{"file", path}, {"records", std::uint64_t{batch.records}}});
}

void Deliverer::fill(AgentStats& stats) const {
  stats.sent_batches = sent_batches_;
  stats.sent_records = sent_records_;
  stats.rejected_records = rejected_records_;
  stats.retries = retries_;
}

}  // namespace penstock::agent
