#include "agent/deliverer.hpp"

#include <algorithm>
#include <random>
#include <tuple>

#include "agent/refused_lines.hpp"
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

// The lines of NDJSON with those indexes, which are in order.
std::string lines_at(std::string_view body, const std::vector<std::size_t>& indexes) {
  std::string lines;
  std::size_t line = 0;
  for (const std::size_t index : indexes) {
    for (; line < index && !body.empty(); ++line) body.remove_prefix(std::min(body.find('\n'), body.size() - 1) + 1);
    lines += body.substr(0, std::min(body.find('\n'), body.size() - 1) + 1);
  }
  return lines;
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
  if (outcome.rejected_samples > 0) {
    const Rejection first = outcome.sample_rejections.empty() ? Rejection() : outcome.sample_rejections.front();
    log::warn("agent", "the server refused samples", {{"samples", outcome.rejected_samples}, {"first", first.field}, {"reason", first.message}});
  }
  if (outcome.rejected == 0 && outcome.verdict == Verdict::taken) return;
  const bool all_named = outcome.verdict == Verdict::taken && outcome.refused.size() >= outcome.rejected;
  if (all_named) {
    keep_rejected(lines_at(part.body, outcome.refused), outcome.refused.size());
  } else {
    // Of a mixed batch whose answer does not name all that were refused the whole is kept: better too much than a line lost.
    keep_rejected(part.body, part.to - part.from);
  }
  std::string first;
  if (!outcome.rejections.empty()) {
    const Rejection& one = outcome.rejections.front();
    first = one.code + " " + one.field + " " + one.message;
  }
  log::error("agent", outcome.verdict == Verdict::taken ? "the server refused records of a batch" : "the server refused a batch",
             {{"status", outcome.status}, {"records", part.to - part.from}, {"refused", outcome.rejected},
              {"kept", all_named ? std::string("the refused records") : std::string("all records of the batch")},
              {"kept_in", options_.state_dir + "/rejected.ndjson"}, {"reason", outcome.message},
              {"first", first}, {"what_to_do", advice(outcome)}});
}

void Deliverer::keep_rejected(std::string_view refused, std::uint64_t records) {
  const auto kept = seal_lines(options_.sealer, refused);
  if (!kept) {
    log::error("agent", "refused records could not be sealed and are lost", {{"records", records}, {"reason", kept.error().message}});
    return;
  }
  const std::string_view lines = *kept;
  const std::string path = options_.state_dir + "/rejected.ndjson";
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && static_cast<std::size_t>(status.st_size) + lines.size() > options_.rejected_bytes / 2) {
    // Two files of half the bound: the older one goes.
    static_cast<void>(::rename(path.c_str(), (path + ".1").c_str()));
  }
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const off_t before = file ? ::lseek(file.get(), 0, SEEK_END) : 0;
  std::string_view rest = lines;
  while (file && !rest.empty()) {
    const ssize_t wrote = ::write(file.get(), rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (rest.empty()) return;
  // Not half a line, which would take the next one with it.
  if (file && ::ftruncate(file.get(), before) != 0) log::warn("agent", "half a refused batch is left", {{"file", path}});
  log::error("agent", "refused records could not be kept and are lost", {{"file", path}, {"records", records}});
}

void Deliverer::fill(AgentStats& stats) const {
  stats.sent_batches = sent_batches_;
  stats.sent_records = sent_records_;
  stats.rejected_records = rejected_records_;
  stats.retries = retries_;
}

}  // namespace penstock::agent
