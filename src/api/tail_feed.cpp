#include "api/tail_feed.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include "base/log.hpp"
#include "query/json.hpp"
#include "query/page_cursor.hpp"

namespace penstock::api {
namespace {

// What may wait for one tail's client; of all tails together no more than the second, but each has the third.
constexpr std::size_t kTailPipeBytes = 512 * 1024;
constexpr std::size_t kAllTailsBytes = 8 * 1024 * 1024;
constexpr std::size_t kLeastTailBytes = 16 * 1024;
constexpr std::uint32_t kPastPage = 500;
// With no more than this left to catch up the hub is joined; what it hands out while the rest is read waits.
constexpr Sequence kNearlyThere = 1'000;
constexpr int kMostRounds = 8;

// Of this process: the memory is one.
std::atomic<std::size_t> tails_open{0};

std::size_t share_of_a_tail() {
  const std::size_t tails = std::max<std::size_t>(tails_open.load(std::memory_order_relaxed), 1);
  return std::clamp(kAllTailsBytes / tails, kLeastTailBytes, kTailPipeBytes);
}

std::string record_event(const std::string& id, std::string_view json) {
  std::string text = "id: " + id + "\nevent: record\ndata: ";
  text += json;
  return text += "\n\n";
}

// An event without data is not dispatched, but its id counts: who is cut off before the first record resumes too.
std::string opening(RecordId up_to) { return ": listening\nretry: 1000\nid: " + to_string(up_to) + "\n\n"; }

}  // namespace

TailFeed::TailFeed(query::TailHub& hub, const boost::asio::any_io_executor& executor)
    : hub_(hub), pipe_(http::BytePipe::create(executor, kTailPipeBytes)) {
  tails_open.fetch_add(1, std::memory_order_relaxed);
}

TailFeed::~TailFeed() { tails_open.fetch_sub(1, std::memory_order_relaxed); }

void TailFeed::end() {
  std::optional<query::TailHub::Id> subscription;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    subscription = std::exchange(subscription_, std::nullopt);
  }
  if (subscription) hub_.unsubscribe(*subscription);
}

bool TailFeed::take(std::string text) {
  const std::lock_guard lock(mutex_);
  if (past_is_through_) return pipe_->try_write(std::move(text), share_of_a_tail());
  if (waiting_bytes_ + text.size() > share_of_a_tail()) return false;
  waiting_bytes_ += text.size();
  waiting_.push_back(std::move(text));
  return true;
}

Result<Sequence> TailFeed::subscribe(const query::Scope& scope, const query::LogQuery& query) {
  auto subscription = hub_.subscribe(scope, query, [weak = weak_from_this()](query::TailEvent event, RecordId id, std::string json) {
    const auto self = weak.lock();
    if (!self) return true;
    return self->take(event == query::TailEvent::gap ? "event: gap\ndata: " + json + "\n\n" : record_event(to_string(id), json));
  });
  if (!subscription) return std::move(subscription).error();
  bool ended = false;
  {
    const std::lock_guard lock(mutex_);
    ended = ended_;
    if (!ended) subscription_ = subscription->id;
  }
  if (ended) hub_.unsubscribe(subscription->id);
  return subscription->from;
}

void TailFeed::open_gate() {
  for (;;) {
    std::vector<std::string> texts;
    {
      const std::lock_guard lock(mutex_);
      texts = std::exchange(waiting_, {});
      waiting_bytes_ = 0;
      past_is_through_ = texts.empty();
    }
    if (texts.empty()) return;
    for (std::string& text : texts) {
      if (!pipe_->write(std::move(text))) return;
    }
  }
}

Result<void> TailFeed::begin(const query::Scope& scope, const query::LogQuery& query, std::string first) {
  auto from = subscribe(scope, query);
  if (!from) return std::move(from).error();
  if (!first.empty()) pipe_->try_write(std::move(first));
  pipe_->try_write(opening({hub_.journal().journal, *from - 1}));
  open_gate();
  return {};
}

// Hands out what arrived after position.after and before `end`, by time, and moves the position there.
Result<void> TailFeed::hand_out_past(const LogTail& tail, TailPosition& position, Sequence end, const StopFlag& gone) {
  query::LogQuery query = tail.query;
  query.ascending = true;
  query.from = Timestamp{std::numeric_limits<std::int64_t>::min()};
  query.to = Timestamp{std::numeric_limits<std::int64_t>::max()};
  query.limit = kPastPage;
  query.arrived = SequenceRange{position.after.journal, position.after.sequence + 1, end};
  query.cursor = position.cursor;
  position.end = end;
  while (query.arrived->from < query.arrived->to) {
    auto page = tail.engine.logs(tail.scope, query, gone);
    if (!page) return std::move(page).error();
    if (page->stats.partial && query.arrived->from < hub_.journal().from) {
      return Error{ErrorCode::unavailable, "The store is away, and the journal does not reach that far back.", ""};
    }
    std::string json;
    for (const query::LogRow& row : page->records) {
      position.cursor = query::encode_cursor(query, {row.timestamp, row.id.journal, row.id.sequence});
      json.clear();
      query::append_log_json(json, row);
      if (!pipe_->write(record_event(to_string(position), json))) return Error{ErrorCode::canceled, "The client is gone.", ""};
    }
    if (page->cursor.empty()) break;
    query.cursor = page->cursor;
  }
  position = {{position.after.journal, end - 1}, 0, {}};
  return {};
}

void TailFeed::catch_up(const LogTail& tail, TailPosition position, const StopFlag& gone) {
  const auto work = [&]() -> Result<void> {
    const SequenceRange journal = hub_.journal();
    if (position.after.journal != journal.journal || position.after.sequence >= journal.to || position.end > journal.to) {
      // Another server's record, or one that this journal does not have: nobody knows what lies in between. Told once the tail stands: what
      // comes after the gap was told is handed out.
      return begin(tail.scope, tail.query, "event: gap\ndata: {\"skipped\":null}\n\n");
    }
    pipe_->write(": listening\nretry: 1000\n\n");
    if (position.end > 0) {
      if (auto done = hand_out_past(tail, position, position.end, gone); !done) return done;
    }
    for (int round = 0; round < kMostRounds; ++round) {
      const Sequence end = hub_.journal().to;
      if (end - position.after.sequence <= kNearlyThere) break;
      if (auto done = hand_out_past(tail, position, end, gone); !done) return done;
    }
    auto from = subscribe(tail.scope, tail.query);
    if (!from) return std::move(from).error();
    if (auto done = hand_out_past(tail, position, *from, gone); !done) return done;
    open_gate();
    return {};
  };
  if (const auto done = work(); !done) {
    if (done.error().code != ErrorCode::canceled) {
      log::info("api", "A live tail could not resume and is cut, so that its client tries again.", {{"reason", done.error().message}});
    }
    end();
    pipe_->fail();
  }
}

}  // namespace penstock::api
