#include "agent/deliverer.hpp"

#include <algorithm>
#include <random>
#include <tuple>

#include "base/log.hpp"

namespace penstock::agent {
namespace {

// Lines [from, to) of NDJSON.
std::string_view records_of(std::string_view body, std::uint32_t from, std::uint32_t to) {
  const auto start_of = [body](std::uint32_t record) {
    std::size_t at = 0;
    for (; record > 0 && at < body.size(); --record) at = std::min(body.find('\n', at), body.size() - 1) + 1;
    return at;
  };
  const std::size_t begin = start_of(from);
  return body.substr(begin, start_of(to) - begin);
}

}  // namespace

Deliverer::Deliverer(const AgentOptions& options, Transport& transport, const Clock& clock, Outbox& outbox)
    : options_(options), transport_(transport), clock_(clock), outbox_(outbox),
      backoff_(options.retry_min, options.retry_max, std::random_device{}()) {}

bool Deliverer::step() {
  if (clock_.steady_now() < next_attempt_) return false;
  const std::optional<SpooledBatch> batch = outbox_.front();
  if (!batch) return false;
  if (halved_ != batch->sequence) parts_.clear();
  Part part{0, batch->records, batch->body, batch->key};
  if (!parts_.empty()) {
    std::tie(part.from, part.to) = parts_.back();
    part.body = records_of(batch->body, part.from, part.to);
    part.key += "." + std::to_string(part.from) + "-" + std::to_string(part.to);
  }
  Posting posting;
  posting.path = batch->kind == SpoolKind::logs ? "/api/v1/logs" : "/api/v1/metrics";
  posting.idempotency_key = part.key;
  posting.body = part.body;
  const Outcome outcome = post_once(transport_, posting, part.to - part.from);
  if (outcome.verdict == Verdict::retry || outcome.verdict == Verdict::blocked) {
    pause(outcome);
    return false;
  }
  backoff_.reset();
  next_attempt_ = {};
  if (outcome.verdict == Verdict::too_large && part.to - part.from > 1) {
    halve(*batch, part);
    return true;
  }
  settle(part, outcome);
  if (!parts_.empty()) parts_.pop_back();
  if (!parts_.empty()) return true;
  if (!outbox_.taken(batch->sequence)) {
    next_attempt_ = clock_.steady_now() + backoff_.next();
    return false;
  }
  ++sent_batches_;
  return true;
}

void Deliverer::pause(const Outcome& outcome) {
  ++retries_;
  std::chrono::milliseconds pause = backoff_.next();
  // The server knows best, within reason.
  if (outcome.retry_after) pause = std::max(pause, std::min<std::chrono::milliseconds>(*outcome.retry_after, std::chrono::minutes(5)));
  next_attempt_ = clock_.steady_now() + pause;
  if (outcome.verdict == Verdict::retry) {
    log::warn("agent", "a batch could not be delivered; it is tried again",
              {{"reason", outcome.message}, {"status", outcome.status}, {"pause_ms", pause.count()}, {"waiting_bytes", outbox_.bytes()}});
  } else {
    log::error("agent", "the server takes nothing from this agent; all is kept and tried again",
               {{"what_to_do", advice(outcome)}, {"reason", outcome.message}, {"status", outcome.status}, {"url", options_.url},
                {"pause_ms", pause.count()}, {"waiting_bytes", outbox_.bytes()}});
  }
}

void Deliverer::halve(const SpooledBatch& batch, const Part& part) {
  if (!parts_.empty()) parts_.pop_back();
  halved_ = batch.sequence;
  const std::uint32_t middle = part.from + (part.to - part.from) / 2;
  parts_.emplace_back(middle, part.to);
  parts_.emplace_back(part.from, middle);
}

void Deliverer::settle(const Part& part, const Outcome& outcome) {
  sent_records_ += outcome.accepted;
  rejected_records_ += outcome.rejected;
  if (outcome.verdict != Verdict::taken) keep_rejected(part);
  if (outcome.rejected == 0 && outcome.verdict == Verdict::taken) return;
  std::string first;
  if (!outcome.rejections.empty()) {
    const Rejection& one = outcome.rejections.front();
    first = one.code + " " + one.field + " " + one.message;
  }
  log::error("agent", outcome.verdict == Verdict::taken ? "the server refused records of a batch" : "the server refused a batch",
             {{"status", outcome.status}, {"records", part.to - part.from}, {"refused", outcome.rejected}, {"reason", outcome.message},
              {"first", first}, {"what_to_do", advice(outcome)}});
}

void Deliverer::keep_rejected(const Part& part) {
  const std::string path = options_.state_dir + "/rejected.ndjson";
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && static_cast<std::size_t>(status.st_size) + part.body.size() > options_.rejected_bytes / 2) {
    // Two files of half the bound: the older one goes.
    static_cast<void>(::rename(path.c_str(), (path + ".1").c_str()));
  }
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  std::string_view rest = part.body;
  while (file && !rest.empty()) {
    const ssize_t wrote = ::write(file.get(), rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (!rest.empty()) log::error("agent", "a refused batch could not be kept", {{"file", path}, {"records", part.to - part.from}});
}

void Deliverer::fill(AgentStats& stats) const {
  stats.sent_batches = sent_batches_;
  stats.sent_records = sent_records_;
  stats.rejected_records = rejected_records_;
  stats.retries = retries_;
}

}  // namespace penstock::agent
