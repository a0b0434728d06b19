#include "support/fake_chunk_store.hpp"

#include <algorithm>

namespace penstock::test {
namespace {

bool lists(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

bool may_match(const ChunkMeta& m, const ChunkFilter& f) {
  if (!lists(f.deployments, m.deployment) || m.kind != f.kind) return false;
  if (m.max_time < f.from || m.min_time >= f.to) return false;
  if (f.series_min && m.max_series < *f.series_min) return false;
  if (f.series_max && m.min_series > *f.series_max) return false;
  if (f.min_severity && m.max_severity < static_cast<std::uint8_t>(*f.min_severity)) return false;
  if (f.arrived && (m.journal != f.arrived->journal || m.max_sequence < f.arrived->from || m.min_sequence >= f.arrived->to)) return false;
  if (f.containing && (m.journal != f.containing->journal || f.containing->sequence < m.min_sequence ||
                       f.containing->sequence > m.max_sequence)) {
    return false;
  }
  return true;
}

}  // namespace

class FakeChunkStore::Snapshot final : public StoreSnapshot {
 public:
  Snapshot(FakeChunkStore& store, Content content) : store_(store), content_(std::move(content)) {}

  Sequence cursor(JournalId journal) const override {
    const auto found = content_.cursors.find(journal);
    return found == content_.cursors.end() ? 0 : found->second;
  }

  Result<void> chunks(const ChunkFilter& filter, const std::function<bool(const Chunk&)>& visit) override {
    if (auto error = checked(Call::chunks)) return *error;
    std::vector<std::shared_ptr<const Chunk>> matching;
    for (const auto& [id, chunk] : content_.chunks) {
      if (may_match(chunk->meta, filter)) matching.push_back(chunk);
    }
    std::sort(matching.begin(), matching.end(), [](const auto& a, const auto& b) {
      return std::pair(a->meta.max_time, a->meta.id) > std::pair(b->meta.max_time, b->meta.id);
    });
    for (const auto& chunk : matching) {
      const Chunk without_payload{chunk->meta, chunk->header, chunk->filter, {}};
      if (!visit(without_payload)) break;
    }
    return {};
  }

  Result<std::string> read_payload(const ChunkMeta& chunk, std::uint32_t offset, std::uint32_t size) override {
    if (store_.reading_) store_.reading_();
    if (auto error = checked(Call::read_payload)) return *error;
    const auto found = content_.chunks.find(chunk.id);
    if (found == content_.chunks.end()) return Error{ErrorCode::internal, "No such chunk.", ""};
    const std::string& payload = found->second->payload;
    std::string bytes = offset >= payload.size() ? std::string() : payload.substr(offset, size);
    std::lock_guard lock(store_.mutex_);
    store_.payload_bytes_read_ += bytes.size();
    return bytes;
  }

  Result<void> series(const SeriesFilter& filter, const std::function<bool(const Series&)>& visit) override {
    if (auto error = checked(Call::series)) return *error;
    for (const auto& [key, series] : content_.series) {
      if (!lists(filter.deployments, series.deployment)) continue;
      const Labels& labels = series.labels;  // clang captures no structured binding
      if (!filter.name.empty() && filter.name != series.name) continue;
      if (series.last_day < day_of(filter.from) || series.first_day > day_of(filter.to)) continue;
      const bool all = std::all_of(filter.labels.begin(), filter.labels.end(),
                                   [&](const auto& label) { return labels.get(label.first) == label.second; });
      if (!all) continue;
      {
        std::lock_guard lock(store_.mutex_);
        ++store_.series_listed_;
      }
      if (!visit(series)) break;
    }
    return {};
  }

  Result<void> stored(const std::function<void(const StoredAmount&)>& visit) override {
    if (auto error = checked(Call::stored)) return *error;
    std::map<std::pair<std::string, RecordKind>, StoredAmount> amounts;
    for (const auto& [id, chunk] : content_.chunks) {
      const ChunkMeta& meta = chunk->meta;
      auto [found, is_new] = amounts.try_emplace({meta.deployment, meta.kind}, StoredAmount{meta.deployment, meta.kind, 0, 0, 0, meta.min_time, meta.max_time});
      StoredAmount& amount = found->second;
      ++amount.chunks;
      amount.records += meta.record_count;
      amount.bytes += chunk->header.size() + chunk->filter.size() + chunk->payload.size();
      amount.first = std::min(amount.first, meta.min_time);
      amount.last = std::max(amount.last, meta.max_time);
    }
    for (const auto& [key, amount] : amounts) visit(amount);
    return {};
  }

  Result<std::vector<Deletion>> deletions(const std::vector<std::string>& deployments) override {
    std::vector<Deletion> found;
    for (const auto& d : content_.deletions) {
      if (lists(deployments, d.deployment)) found.push_back(d);
    }
    return found;
  }

 private:
  std::optional<Error> checked(Call call) {
    std::lock_guard lock(store_.mutex_);
    return store_.fault(call);
  }

  FakeChunkStore& store_;
  const Content content_;
};

class FakeChunkStore::Job final : public CompactionJob {
 public:
  Job(FakeChunkStore& store, std::vector<Chunk> inputs, std::optional<std::int64_t> deletion)
      : store_(store), inputs_(std::move(inputs)), deletion_(deletion) {}

  const std::vector<Chunk>& inputs() const override { return inputs_; }

  Result<void> replace(const std::vector<Chunk>& outputs) override {
    std::lock_guard lock(store_.mutex_);
    auto& content = store_.content_;
    std::vector<std::int64_t> done;
    for (const auto& deletion : content.deletions) {
      const bool all = std::all_of(inputs_.begin(), inputs_.end(), [&](const Chunk& input) {
        const auto& ids = content.rewritten[input.meta.id];
        return std::find(ids.begin(), ids.end(), deletion.id) != ids.end();
      });
      if (all || deletion.id == deletion_) done.push_back(deletion.id);
    }
    for (const auto& input : inputs_) {
      store_.freed_bytes_ += input.payload.size();
      content.chunks.erase(input.meta.id);
      content.rewritten.erase(input.meta.id);
    }
    for (Chunk output : outputs) {
      output.meta.id = store_.next_id_++;
      content.rewritten[output.meta.id] = done;
      content.chunks.emplace(output.meta.id, std::make_shared<const Chunk>(std::move(output)));
    }
    return {};
  }

  Result<void> set_aside(const std::vector<ChunkId>& damaged) override {
    std::lock_guard lock(store_.mutex_);
    for (const ChunkId id : damaged) {
      Chunk chunk = *store_.content_.chunks.at(id);
      chunk.meta.level = kNotMerged;
      store_.content_.chunks[id] = std::make_shared<const Chunk>(std::move(chunk));
    }
    return {};
  }

 private:
  static constexpr std::uint32_t kNotMerged = 1000;
  FakeChunkStore& store_;
  const std::vector<Chunk> inputs_;
  const std::optional<std::int64_t> deletion_;
};

void FakeChunkStore::fail(Call call, Error error, int times) {
  std::lock_guard lock(mutex_);
  faults_[call].insert(faults_[call].end(), static_cast<std::size_t>(times), error);
}

void FakeChunkStore::commit_but_answer(Error error, int times) {
  std::lock_guard lock(mutex_);
  answers_.insert(answers_.end(), static_cast<std::size_t>(times), error);
}

void FakeChunkStore::set_away(bool away) {
  std::lock_guard lock(mutex_);
  away_ = away;
}

void FakeChunkStore::judge(std::function<std::optional<Error>(const StoreCommit&)> judge) {
  std::lock_guard lock(mutex_);
  judge_ = std::move(judge);
}

void FakeChunkStore::set_cursor(JournalId journal, Sequence position) {
  std::lock_guard lock(mutex_);
  content_.cursors[journal] = position;
}

ChunkId FakeChunkStore::put(Chunk chunk) {
  std::lock_guard lock(mutex_);
  const ChunkId id = chunk.meta.id = next_id_++;
  content_.chunks.emplace(id, std::make_shared<const Chunk>(std::move(chunk)));
  return id;
}

void FakeChunkStore::replace_bytes(Chunk chunk) {
  std::lock_guard lock(mutex_);
  content_.chunks.at(chunk.meta.id) = std::make_shared<const Chunk>(std::move(chunk));
}

void FakeChunkStore::put(SeenSeries series) {
  std::lock_guard lock(mutex_);
  auto key = std::pair(series.deployment, series.id);
  content_.series.emplace(std::move(key), std::move(series));
}

std::vector<Chunk> FakeChunkStore::all_chunks() const {
  std::lock_guard lock(mutex_);
  std::vector<Chunk> all;
  for (const auto& [id, chunk] : content_.chunks) all.push_back(*chunk);
  return all;
}

std::vector<Series> FakeChunkStore::all_series() const {
  std::lock_guard lock(mutex_);
  std::vector<Series> all;
  for (const auto& [key, series] : content_.series) all.push_back(series);
  return all;
}

std::vector<DeadLetter> FakeChunkStore::dead_letters() const {
  std::lock_guard lock(mutex_);
  return dead_letters_;
}

std::vector<std::pair<Sequence, Sequence>> FakeChunkStore::commits() const {
  std::lock_guard lock(mutex_);
  return commits_;
}

Sequence FakeChunkStore::cursor_of(JournalId journal) const {
  std::lock_guard lock(mutex_);
  const auto found = content_.cursors.find(journal);
  return found == content_.cursors.end() ? 0 : found->second;
}

int FakeChunkStore::calls(Call call) const {
  std::lock_guard lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

std::uint64_t FakeChunkStore::series_listed() const {
  std::lock_guard lock(mutex_);
  return series_listed_;
}

std::uint64_t FakeChunkStore::payload_bytes_read() const {
  std::lock_guard lock(mutex_);
  return payload_bytes_read_;
}

std::uint64_t FakeChunkStore::freed_bytes() const {
  std::lock_guard lock(mutex_);
  return freed_bytes_;
}

std::optional<Error> FakeChunkStore::fault(Call call) {
  ++calls_[call];
  if (away_) return Error{ErrorCode::unavailable, "The database is away (as the test asked).", ""};
  auto& queued = faults_[call];
  if (queued.empty()) return std::nullopt;
  Error error = queued.front();
  queued.erase(queued.begin());
  return error;
}

Result<Sequence> FakeChunkStore::load_cursor(JournalId journal) {
  std::lock_guard lock(mutex_);
  if (auto error = fault(Call::load_cursor)) return *error;
  return content_.cursors.emplace(journal, 1).first->second;
}

Result<void> FakeChunkStore::commit(const StoreCommit& commit) {
  std::lock_guard lock(mutex_);
  if (auto error = fault(Call::commit)) return *error;
  if (auto error = apply(commit)) return *error;
  if (!answers_.empty()) {
    Error error = answers_.front();
    answers_.erase(answers_.begin());
    return error;
  }
  return {};
}

std::optional<Error> FakeChunkStore::apply(const StoreCommit& commit) {
  const auto cursor = content_.cursors.find(commit.journal);
  if (cursor == content_.cursors.end() || cursor->second != commit.expected_cursor) {
    return Error{ErrorCode::conflict, "The cursor is not what was expected.", ""};
  }
  if (judge_) {
    if (auto error = judge_(commit)) return error;
  }
  auto series = content_.series;
  for (const auto& s : commit.series) {
    const auto [known, added] = series.emplace(std::pair(s.deployment, s.id), s);
    known->second.first_day = std::min(known->second.first_day, s.first_day);
    known->second.last_day = std::max(known->second.last_day, s.last_day);
    if (!added && (known->second.name != s.name || known->second.labels != s.labels)) {
      static constexpr char kHex[] = "0123456789abcdef";
      std::string id;
      for (int shift = 60; shift >= 0; shift -= 4) id += kHex[(s.id >> shift) & 15];
      return Error{ErrorCode::series_collision, "Two series have one id.", s.deployment + "/" + id};
    }
  }
  content_.series = std::move(series);
  for (Chunk chunk : commit.chunks) {
    chunk.meta.id = next_id_++;
    content_.chunks.emplace(chunk.meta.id, std::make_shared<const Chunk>(std::move(chunk)));
  }
  dead_letters_.insert(dead_letters_.end(), commit.dead_letters.begin(), commit.dead_letters.end());
  cursor->second = commit.new_cursor;
  commits_.emplace_back(commit.expected_cursor, commit.new_cursor);
  return std::nullopt;
}

Result<std::unique_ptr<StoreSnapshot>> FakeChunkStore::snapshot() {
  std::lock_guard lock(mutex_);
  if (auto error = fault(Call::snapshot)) return *error;
  return std::unique_ptr<StoreSnapshot>(std::make_unique<Snapshot>(*this, content_));
}

std::vector<AuditEntry> FakeChunkStore::told() const {
  std::lock_guard lock(mutex_);
  return told_;
}

Result<Deletion> FakeChunkStore::add_deletion(const Deletion& deletion, const AuditEntry& entry) {
  std::lock_guard lock(mutex_);
  if (auto error = fault(Call::add_deletion)) return *error;
  Deletion added = deletion;
  added.id = next_deletion_++;
  content_.deletions.push_back(added);
  if (!entry.action.empty()) told_.push_back(entry);
  return added;
}

Result<std::unique_ptr<CompactionJob>> FakeChunkStore::job_of(std::vector<ChunkId> ids,
                                                              std::optional<std::int64_t> deletion) {
  std::vector<Chunk> inputs;
  for (const ChunkId id : ids) inputs.push_back(*content_.chunks.at(id));
  return std::unique_ptr<CompactionJob>(std::make_unique<Job>(*this, std::move(inputs), deletion));
}

Result<std::unique_ptr<CompactionJob>> FakeChunkStore::next_compaction(const CompactionPolicy& policy) {
  std::lock_guard lock(mutex_);
  if (auto error = fault(Call::next_job)) return *error;
  std::map<std::tuple<JournalId, std::string, RecordKind, std::int32_t, std::uint32_t>, std::vector<ChunkId>> groups;
  for (const auto& [id, chunk] : content_.chunks) {
    const auto& m = chunk->meta;
    if (m.level >= policy.max_level) continue;
    auto& group = groups[{m.journal, m.deployment, m.kind, m.day, m.level}];
    if (group.size() < policy.max_inputs) group.push_back(id);
  }
  for (auto& [key, ids] : groups) {
    if (ids.size() >= policy.min_inputs) return job_of(ids, std::nullopt);
  }
  return std::unique_ptr<CompactionJob>();
}

std::vector<ChunkId> FakeChunkStore::due_for(const Deletion& deletion) {
  std::vector<ChunkId> due;
  for (const auto& [id, chunk] : content_.chunks) {
    if (coverage_of(deletion, chunk->meta) == Coverage::none) continue;
    const auto& done = content_.rewritten[id];
    if (std::find(done.begin(), done.end(), deletion.id) == done.end()) due.push_back(id);
  }
  return due;
}

Result<std::unique_ptr<CompactionJob>> FakeChunkStore::next_rewrite(const Deletion& deletion, const CompactionPolicy&,
                                                                    const std::vector<ChunkId>& passed_over) {
  std::lock_guard lock(mutex_);
  if (auto error = fault(Call::next_job)) return *error;
  for (const ChunkId id : due_for(deletion)) {
    if (std::find(passed_over.begin(), passed_over.end(), id) == passed_over.end()) return job_of({id}, deletion.id);
  }
  return std::unique_ptr<CompactionJob>();
}

Result<std::uint64_t> FakeChunkStore::chunks_left(const Deletion& deletion) {
  std::lock_guard lock(mutex_);
  return due_for(deletion).size();
}

Result<std::vector<Deletion>> FakeChunkStore::open_deletions() {
  std::lock_guard lock(mutex_);
  return content_.deletions;
}

Result<void> FakeChunkStore::close_deletion(std::int64_t id) {
  std::lock_guard lock(mutex_);
  std::erase_if(content_.deletions, [id](const Deletion& d) { return d.id == id; });
  return {};
}

Result<RetentionReport> FakeChunkStore::apply_retention(const std::vector<RetentionRule>& rules, Timestamp now) {
  std::lock_guard lock(mutex_);
  if (auto error = fault(Call::retention)) return *error;
  RetentionReport report;
  std::erase_if(content_.chunks, [&](const auto& entry) {
    const ChunkMeta& m = entry.second->meta;
    const std::int64_t age = max_age_ns(rules, m.deployment, m.kind);
    if (age == 0 || m.max_time.ns >= now.ns - age) return false;
    ++report.chunks;
    report.bytes += m.payload_bytes;
    report.records += m.record_count;
    return true;
  });
  report.series = std::erase_if(content_.series, [&](const auto& entry) {
    std::int32_t oldest = day_of(now);
    for (const auto& [id, chunk] : content_.chunks) {
      if (chunk->meta.deployment == entry.first.first && chunk->meta.kind == RecordKind::metric) oldest = std::min(oldest, chunk->meta.day);
    }
    return entry.second.last_day < oldest - 1;
  });
  return report;
}

Result<RetentionReport> FakeChunkStore::expiring(const std::vector<RetentionRule>& rules, Timestamp now) {
  std::lock_guard lock(mutex_);
  RetentionReport report;
  for (const auto& [id, chunk] : content_.chunks) {
    const std::int64_t age = max_age_ns(rules, chunk->meta.deployment, chunk->meta.kind);
    if (age == 0 || chunk->meta.max_time.ns >= now.ns - age) continue;
    ++report.chunks;
    report.bytes += chunk->meta.payload_bytes;
    report.records += chunk->meta.record_count;
  }
  return report;
}

Result<void> FakeChunkStore::prepare_partitions(Timestamp) { return {}; }

Result<bool> FakeChunkStore::reclaim_space(std::uint64_t at_least) {
  std::lock_guard lock(mutex_);
  if (freed_bytes_ == 0 || freed_bytes_ < at_least) return false;
  freed_bytes_ = 0;
  return true;
}

}  // namespace penstock::test
