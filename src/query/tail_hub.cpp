#include "query/tail_hub.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "penstock/core/batch.hpp"
#include "query/json.hpp"
#include "query/tail_subscriber.hpp"

namespace penstock::query {

struct TailHub::State {
  using Subscribers = std::vector<std::shared_ptr<TailSubscriber>>;

  State(TailOptions given, Journal& frames, MetricsRegistry& metrics)
      : options(given),
        journal(frames),
        sent(metrics.counter("penstock_tail_records_total", "Records handed to live tails.")),
        dropped(metrics.counter("penstock_tail_skipped_total",
                                "Records a live tail could not take; it was told the gap.")),
        count(metrics.gauge("penstock_tail_subscribers", "Live tails open.")) {}

  void run();
  bool open_reader();  // false: stop
  void jump();
  void hand_out(const Frame& frame, const Subscribers& to);
  Subscribers current() {
    std::lock_guard lock(mutex);
    Subscribers out;
    for (const auto& [id, subscriber] : subscribers) out.push_back(subscriber);
    return out;
  }

  const TailOptions options;
  Journal& journal;
  Counter& sent;
  Counter& dropped;
  Gauge& count;

  std::mutex mutex;
  std::condition_variable changed;
  std::map<Id, std::shared_ptr<TailSubscriber>> subscribers;
  std::unique_ptr<JournalReader> reader;  // replaced by the thread, under the lock; absent while nobody is subscribed
  Id next_id = 1;
  bool stopping = false;
  std::thread thread;
};

bool TailHub::State::open_reader() {
  std::unique_lock lock(mutex);
  if (subscribers.empty()) reader.reset();
  changed.wait(lock, [this] { return stopping || !subscribers.empty(); });
  if (stopping) return false;
  if (!reader) {
    Sequence from = journal.durable_end();
    for (const auto& [id, subscriber] : subscribers) from = std::min(from, subscriber->from());
    reader = journal.reader(from);
  }
  return true;
}

// Leaves out what lies between the reader and the journal's end.
void TailHub::State::jump() {
  const Sequence end = journal.durable_end();
  const Sequence at = reader->position();
  if (end <= at) return;
  for (const auto& subscriber : current()) subscriber->skip(end - std::max(at, std::min(end, subscriber->from())));
  dropped.add(end - at);
  std::lock_guard lock(mutex);
  reader = journal.reader(end);
}

void TailHub::State::hand_out(const Frame& frame, const Subscribers& to) {
  std::string json;
  BatchReader batch_reader;
  RecordView record;
  for (const auto& batch : frame.batches) {
    batch_reader.open(batch.bytes);
    while (batch_reader.next(record)) {
      if (record.kind != RecordKind::log) continue;
      const Sequence sequence = batch.first + record.index;
      json.clear();
      for (const auto& subscriber : to) {
        if (!subscriber->asks_for(sequence, record.log)) continue;
        if (json.empty()) append_log_json(json, {frame.journal, sequence}, record.log);
        (subscriber->offer({frame.journal, sequence}, json) ? sent : dropped).add();
      }
    }
  }
}

void TailHub::State::run() {
  while (open_reader()) {
    if (journal.durable_end() > reader->position() + options.max_lag_records) jump();
    auto frame = reader->next();
    if (!frame) {
      log::warn("query", "The live tail could not read the journal and skips to its end.",
                {{"error", frame.error().message}});
      jump();
    } else if (*frame != nullptr) {
      hand_out(**frame, current());
      continue;
    }
    for (const auto& subscriber : current()) subscriber->flush();
    reader->wait(std::chrono::milliseconds(options.poll_ms));
  }
}

TailHub::TailHub(TailOptions options, Journal& journal, MetricsRegistry& metrics)
    : state_(std::make_unique<State>(options, journal, metrics)) {
  state_->thread = named_thread("tail", [state = state_.get()] { state->run(); });
}

TailHub::~TailHub() { stop(); }

Result<TailHub::Subscription> TailHub::subscribe(const Scope& scope, const LogQuery& query, TailSink sink) {
  Deployments deployments = resolve_deployments(scope, Right::logs_read, query.deployments);
  auto matcher = Matcher::compile(query, kTailRegexBytes, &deployments);
  if (!matcher) return std::move(matcher).error();
  std::lock_guard lock(state_->mutex);
  if (state_->stopping) {
    return Error{ErrorCode::draining, "The server is shutting down: connect again in a moment.", ""};
  }
  if (state_->subscribers.size() >= state_->options.max_subscribers) {
    return Error{ErrorCode::overloaded, "Too many live tails are open: close one, or try again later.", ""};
  }
  std::size_t regex_bytes = matcher->memory_bytes();
  for (const auto& [id, other] : state_->subscribers) regex_bytes += other->regex_bytes();
  if (matcher->memory_bytes() > 0 && regex_bytes > state_->options.regex_bytes) {
    return Error{ErrorCode::overloaded, "Too many live tails with regular expressions are open: use words, or close one.", "q"};
  }
  const Id id = state_->next_id++;
  const Sequence from = state_->journal.durable_end();
  auto subscriber = std::make_shared<TailSubscriber>(std::move(deployments), std::move(*matcher), from, std::move(sink));
  state_->subscribers.emplace(id, std::move(subscriber));
  state_->count.set(static_cast<double>(state_->subscribers.size()));
  state_->changed.notify_all();
  return Subscription{id, from};
}

void TailHub::unsubscribe(Id id) {
  std::shared_ptr<TailSubscriber> gone;
  {
    std::lock_guard lock(state_->mutex);
    const auto found = state_->subscribers.find(id);
    if (found == state_->subscribers.end()) return;
    gone = std::move(found->second);
    state_->subscribers.erase(found);
    state_->count.set(static_cast<double>(state_->subscribers.size()));
    if (state_->subscribers.empty() && state_->reader) state_->reader->wake();
  }
  gone->end();
}

void TailHub::stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    if (state_->reader) state_->reader->wake();
  }
  state_->changed.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
  for (const auto& subscriber : state_->current()) subscriber->end();
}

SequenceRange TailHub::journal() const { return {state_->journal.id(), state_->journal.oldest(), state_->journal.durable_end()}; }

std::size_t TailHub::subscribers() const {
  std::lock_guard lock(state_->mutex);
  return state_->subscribers.size();
}

}  // namespace penstock::query
