#include "journal/file_journal.hpp"

#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "journal/file_journal_reader.hpp"
#include "journal/recovery.hpp"
#include "journal/segment_parts.hpp"
#include "journal/writer.hpp"

namespace penstock::journal {
namespace {

// The registry outlives the journal: what it asks for afterwards is 0.
void show(MetricsRegistry& registry, const std::shared_ptr<JournalState>& state, std::string_view name, std::string_view help,
          double (*read)(const JournalState&)) {
  registry.gauge_callback(name, help, {}, [weak = std::weak_ptr<JournalState>(state), read] {
    const auto alive = weak.lock();
    return alive ? read(*alive) : 0.0;
  });
}

void show_all(MetricsRegistry& registry, const std::shared_ptr<JournalState>& state) {
  using S = const JournalState&;
  show(registry, state, "penstock_journal_bytes", "Of all segment files.",
       [](S s) { return static_cast<double>(s.catalog.sizes().bytes); });
  show(registry, state, "penstock_journal_segments", "Segment files.",
       [](S s) { return static_cast<double>(s.catalog.sizes().segments); });
  show(registry, state, "penstock_journal_queue_bytes", "Submitted and not yet answered.",
       [](S s) { return static_cast<double>(s.pending_bytes.load()); });
  show(registry, state, "penstock_journal_window_bytes", "Frames held in memory.",
       [](S s) { return static_cast<double>(s.window.size_bytes()); });
  show(registry, state, "penstock_journal_idempotency_bytes", "Idempotency keys held in memory.",
       [](S s) { return static_cast<double>(s.keys.size_bytes()); });
  show(registry, state, "penstock_journal_free_bytes", "Free on the journal's disk.",
       [](S s) { return static_cast<double>(s.room.free_bytes()); });
  show(registry, state, "penstock_journal_soft_limit", "1 when unconsumed segments pass the soft limit of the disk budget.",
       [](S s) { return s.room.above_soft_limit() ? 1.0 : 0.0; });
  show(registry, state, "penstock_journal_writable", "1 when submissions are taken.",
       [](S s) { return s.refusal() ? 0.0 : 1.0; });
}

}  // namespace

FileJournal::FileJournal(std::shared_ptr<JournalState> state)
    : state_(std::move(state)), writer_(std::make_unique<Writer>(*state_)) {}

Result<std::unique_ptr<FileJournal>> FileJournal::open(Options options, FileSystem& files, Clock& clock, Sealer& sealer,
                                                       MetricsRegistry& metrics) {
  auto state = std::make_shared<JournalState>(std::move(options), files, clock, sealer, metrics);
  const std::string& directory = state->options.directory;
  if (auto made = files.make_directories(directory); !made) return std::move(made).error();
  auto lock = files.lock(state->path("lock"));
  if (!lock) return std::move(lock).error();
  state->lock = std::move(lock).value();
  state->room.refresh();
  if (auto recovered = recover(*state); !recovered) return std::move(recovered).error();
  recover_keys(*state);
  std::unique_ptr<FileJournal> journal(new FileJournal(state));
  journal->writer_->begin();
  show_all(metrics, state);
  log::info("journal", "Journal open",
            {{"directory", directory}, {"end", state->window.durable_end()}, {"oldest", journal->oldest()}});
  return journal;
}

FileJournal::~FileJournal() { stop(); }

void FileJournal::start() {
  writer_->segments().factory().start();
  writer_thread_ = named_thread("journal", [this] { writer_->run(); });
}

void FileJournal::stop() {
  if (stopped_) return;
  stopped_ = true;
  writer_->intake().close();
  if (writer_thread_.joinable()) {
    writer_thread_.join();
  } else {
    writer_->run();
  }
  writer_->finish();
  state_->window.close();
  state_->lock.reset();
}

bool FileJournal::commit_once() { return writer_->round(); }

Result<void> FileJournal::submit(Submission&& submission) { return writer_->intake().submit(std::move(submission)); }

Timestamp FileJournal::last_commit_before() const { return state_->last_commit; }

JournalId FileJournal::id() const { return state_->id; }

Sequence FileJournal::durable_end() const { return state_->window.durable_end(); }

Sequence FileJournal::oldest() const { return state_->catalog.oldest(); }

std::unique_ptr<JournalReader> FileJournal::reader(Sequence from) {
  return std::make_unique<FileJournalReader>(state_, from);
}

std::vector<JournalPart> FileJournal::parts(Sequence from, Sequence to) const { return state_->catalog.parts(from, to); }

std::vector<JournalPart> FileJournal::split(const JournalPart& part) const {
  for (const SegmentView& segment : state_->catalog.without_parts(part.first, part.end)) {
    state_->catalog.set_parts(segment.name.id, measure_parts(state_->files, segment, state_->catalog.part_bytes()));
  }
  return state_->catalog.parts(part.first, part.end);
}

void FileJournal::set_cursor(const std::string& sink, Sequence position, CursorPolicy policy) {
  state_->catalog.set_cursor(sink, position, policy);
  state_->room.update();
}

void FileJournal::renumber(Sequence from, Sequence to) {
  state_->want_renumbering(from, to);
  writer_->intake().notify();
}

std::size_t FileJournal::renumberings() const { return state_->catalog.renumberings(); }

void FileJournal::retire(Sequence before) {
  Sequence asked = state_->retire_before.load(std::memory_order_relaxed);
  while (asked < before && !state_->retire_before.compare_exchange_weak(asked, before, std::memory_order_relaxed)) {
  }
}

void FileJournal::remove_cursor(const std::string& sink) {
  state_->catalog.remove_cursor(sink);
  state_->room.update();
}

std::optional<IdempotencyEntry> FileJournal::find(std::uint64_t key_hi, std::uint64_t key_lo) const {
  return state_->keys.find(key_hi, key_lo, state_->ages.now());
}

std::optional<ErrorCode> FileJournal::refusal() const { return state_->refusal(); }

JournalStats FileJournal::stats() const {
  const CatalogSizes sizes = state_->catalog.sizes();
  JournalStats stats;
  stats.segments = sizes.segments;
  stats.bytes = sizes.bytes;
  stats.disk_budget = state_->options.disk_budget;
  stats.free_bytes = state_->room.free_bytes();
  stats.durable_end = durable_end();
  stats.oldest = oldest();
  stats.queue_bytes = state_->pending_bytes.load();
  stats.window_bytes = state_->window.size_bytes();
  stats.commits_total = state_->instruments.commits.value();
  stats.records_total = state_->instruments.records.value();
  stats.torn_bytes = state_->torn_bytes;
  stats.lost_records = state_->damage.lost_records();
  stats.fsync_p99_ms = 1000 * state_->sync_times.p99_seconds();
  stats.writable = writable();
  return stats;
}

}  // namespace penstock::journal
