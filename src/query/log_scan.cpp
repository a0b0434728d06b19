#include "query/log_scan.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "penstock/core/batch.hpp"
#include "query/chunk_walk.hpp"
#include "query/predicate.hpp"

namespace penstock::query {

bool LogConsumer::wants(Timestamp, Timestamp) const { return true; }
void LogConsumer::add_columns(chunk::ColumnSelection&) const {}
void LogConsumer::restrict_rows(const GroupColumns&, RowMask&) const {}
Result<void> LogConsumer::frame_end(const Frame&) { return {}; }
Result<void> LogConsumer::damaged(const ChunkMeta&, Error error) { return error; }

namespace {

bool group_may_match(const Predicate& p, const chunk::GroupInfo& info) {
  const auto may = [&](const Predicate& child) { return group_may_match(child, info); };
  if (p.kind == Predicate::Kind::all) return std::all_of(p.children.begin(), p.children.end(), may);
  if (p.kind == Predicate::Kind::any) return std::any_of(p.children.begin(), p.children.end(), may);
  if (p.kind != Predicate::Kind::severity) return true;
  for (auto s = static_cast<unsigned>(info.min_severity); s <= static_cast<unsigned>(info.max_severity); ++s) {
    if (((p.severities >> s) & 1u) != 0) return true;
  }
  return false;
}

class LogScan {
 public:
  LogScan(const ReadView& view, const LogRange& range, const Matcher& matcher, Sealer& sealer, LogConsumer& consumer,
          QueryRun& run)
      : view_(view), range_(range), matcher_(matcher), sealer_(sealer), consumer_(consumer), run_(run) {}

  Result<void> live() {
    ReadView::LiveRange range{.from = range_.from, .to = range_.to, .newest_first = !range_.ascending};
    range.wants = [this](Timestamp min, Timestamp max) { return consumer_.wants(min, max); };
    if (range_.containing) {
      if (range_.containing->journal != view_.journal()) return {};
      range.only = range_.containing->sequence;
    }
    return view_.live_frames(range, run_, [this](const Frame& frame) -> Result<void> {
      if (!consumer_.wants(frame.min_time, frame.max_time)) return {};
      for (const auto& batch : frame.batches) {
        if (batch.first + batch.count <= view_.live_from()) continue;
        if (auto ok = live_batch(frame.journal, batch); !ok) return ok;
      }
      return consumer_.frame_end(frame);
    });
  }

  Result<void> chunks() {
    ChunkFilter filter{.deployments = range_.deployments.all ? std::vector<std::string>() : range_.deployments.names,
                       .kind = RecordKind::log,
                       .from = range_.from,
                       .to = range_.to,
                       .series_min = {},
                       .series_max = {},
                       .min_severity = range_.min_severity,
                       .arrived = range_.arrived,
                       .containing = range_.containing};
    ChunkWalk walk(*view_.snapshot(), std::move(filter), range_.ascending, run_.lease);
    Timestamp from, to;
    while (walk.next(from, to)) {
      if (!consumer_.wants(from, Timestamp{to.ns - 1})) return {};
      auto window = walk.load([this](const Chunk& chunk) { return accept(chunk); });
      if (!window) return std::move(window).error();
      for (const auto& chunk : **window) {
        if (!consumer_.wants(chunk.meta.min_time, chunk.meta.max_time)) continue;
        if (auto ok = unless_damaged(chunk, one_chunk(chunk)); !ok) return ok;
      }
      if (auto ok = run_.check(); !ok) return ok;
    }
    return {};
  }

 private:
  Result<void> live_batch(JournalId journal, const Frame::Batch& batch) {
    batch_reader_.open(batch.bytes);
    RecordView record;
    while (batch_reader_.next(record)) {
      if (record.kind != RecordKind::log) continue;
      const Sequence sequence = batch.first + record.index;
      if (!view_.is_live(sequence)) continue;
      const LogView& log = record.log;
      ++run_.stats.records_scanned;
      if (log.timestamp < range_.from || log.timestamp >= range_.to || !range_.deployments.contains(log.deployment)) {
        continue;
      }
      if (!matcher_.matches(log)) continue;
      const RecordId id{journal, sequence};
      if (range_.arrived && !range_.arrived->contains(id)) continue;
      if (view_.dropped(id, log)) continue;
      if (auto ok = consumer_.record(id, log); !ok) return ok;
    }
    if (batch_reader_.error() != nullptr) return *batch_reader_.error();
    return {};
  }

  Result<bool> accept(const Chunk& chunk) {
    if (auto ok = run_.check(); !ok) return std::move(ok).error();
    if (!consumer_.wants(chunk.meta.min_time, chunk.meta.max_time)) return false;
    // Unread: a damaged chunk, too, is gone when it was deleted whole.
    for (const auto& deletion : view_.deletions()) {
      if (deletion.takes_whole(chunk.meta)) return false;
    }
    if (matcher_.matches_everything()) return true;
    auto looked = look_inside(chunk);
    if (looked || looked.error().code != ErrorCode::corrupt) return looked;
    if (auto ok = unless_damaged(chunk, std::move(looked).error()); !ok) return std::move(ok).error();
    return false;
  }

  Result<bool> look_inside(const Chunk& chunk) {
    // The cheapest look first: words that the filter lacks.
    if (!matcher_.required_tokens().empty()) {
      auto filter = chunk::open_filter(chunk, sealer_);
      if (!filter && filter.error().code == ErrorCode::corrupt) {
        run_.damaged.filter(chunk.meta, filter.error());
        filter = chunk::TokenFilter();
      }
      if (!filter) return std::move(filter).error();
      for (const auto& token : matcher_.required_tokens()) {
        if (!filter->may_contain_token(token)) return false;
      }
    }
    auto reader = chunk::LogChunkReader::open(chunk, {}, sealer_);
    if (!reader) return std::move(reader).error();
    return may_match(matcher_.predicate(), **reader);
  }

  Result<void> unless_damaged(const Chunk& chunk, Result<void> done) {
    if (done || done.error().code != ErrorCode::corrupt) return done;
    return consumer_.damaged(chunk.meta, run_.damaged.content(chunk.meta, done.error()));
  }

  Result<void> one_chunk(const Chunk& chunk) {
    auto& snapshot = *view_.snapshot();
    const auto payload = [&](std::uint32_t offset, std::uint32_t size) {
      return snapshot.read_payload(chunk.meta, offset, size);
    };
    auto opened = chunk::LogChunkReader::open(chunk, payload, sealer_);
    if (!opened) return std::move(opened).error();
    auto& reader = **opened;
    std::vector<const DeletionFilter*> deletions;
    for (const auto& deletion : view_.deletions()) {
      if (coverage_of(deletion.deletion(), chunk.meta) != Coverage::none) deletions.push_back(&deletion);
    }
    const Predicate predicate = for_chunk(matcher_.predicate(), reader);
    if (predicate.is_never()) return {};
    NeededColumns needs;
    add_needs(predicate, needs);
    chunk::ColumnSelection columns{.timestamps = true, .sequences = true};
    add_columns(needs, reader, columns);
    consumer_.add_columns(columns);
    for (const auto* deletion : deletions) {
      columns.received_at = true;
      add_columns(deletion->matcher().needs(), reader, columns);
    }
    for (std::size_t i = 0; i < reader.group_count(); ++i) {
      const std::size_t g = range_.ascending ? i : reader.group_count() - 1 - i;
      const auto& info = reader.group(g);
      if (info.max_time < range_.from || info.min_time >= range_.to || !consumer_.wants(info.min_time, info.max_time)) {
        continue;
      }
      if (!group_may_match(predicate, info)) continue;
      if (auto ok = run_.check(); !ok) return ok;
      if (auto ok = one_group(reader, g, predicate, columns, deletions); !ok) return ok;
    }
    if (reader.bytes_read() > 0) ++run_.stats.chunks_read;
    run_.stats.bytes_read += reader.bytes_read();
    return {};
  }

  Result<void> one_group(chunk::LogChunkReader& reader, std::size_t g, const Predicate& predicate,
                         const chunk::ColumnSelection& columns, const std::vector<const DeletionFilter*>& deletions) {
    // Before it is decoded nobody knows its size: room for its bytes packed is asked first, the rest after.
    const std::size_t packed = reader.group(g).payload_bytes;
    if (!run_.lease.grow(packed)) return memory_error();
    std::size_t charged = packed;
    auto result = [&]() -> Result<void> {
      auto group = reader.read(g, columns);
      if (!group) return std::move(group).error();
      if (!run_.lease.grow(group->memory_bytes())) return memory_error();
      charged += group->memory_bytes();
      run_.stats.records_scanned += group->rows();
      const GroupColumns in{reader, *group};
      RowMask rows(group->rows(), true);
      keep_range(group->timestamps(), range_.from, range_.to, rows);
      if (range_.arrived) keep_arrived(*range_.arrived, in, rows);
      consumer_.restrict_rows(in, rows);
      if (!rows.any()) return {};
      narrow(predicate, in, rows);
      for (const auto* deletion : deletions) drop_deleted(*deletion, in, rows);
      if (!rows.any()) return {};
      return consumer_.group(reader, *group, rows);
    }();
    run_.lease.shrink(charged);
    return result;
  }

  static void keep_range(std::span<const std::int64_t> times, Timestamp from, Timestamp to, RowMask& rows) {
    const auto begin = std::lower_bound(times.begin(), times.end(), from.ns) - times.begin();
    const auto end = std::lower_bound(times.begin(), times.end(), to.ns) - times.begin();
    for (std::size_t row = 0; row < static_cast<std::size_t>(begin); ++row) rows.clear(row);
    for (auto row = static_cast<std::size_t>(end); row < times.size(); ++row) rows.clear(row);
  }

  static void keep_arrived(const SequenceRange& arrived, const GroupColumns& in, RowMask& rows) {
    const JournalId journal = in.reader.meta().journal;
    const auto sequences = in.group.sequences();
    for (std::size_t row = 0; row < sequences.size(); ++row) {
      if (!arrived.contains({journal, sequences[row]})) rows.clear(row);
    }
  }

  static void drop_deleted(const DeletionFilter& filter, const GroupColumns& in, RowMask& rows) {
    const Deletion& d = filter.deletion();
    const JournalId journal = in.reader.meta().journal;
    const auto times = in.group.timestamps();
    const auto received = in.group.received_at();
    const auto sequences = in.group.sequences();
    RowMask gone = rows;
    gone.each([&](std::size_t row) {
      const RecordId id{journal, sequences[row]};
      if (!in_range(d, Timestamp{times[row]}) || !came_before(d, id, Timestamp{received[row]})) gone.clear(row);
    });
    if (!gone.any()) return;
    narrow(filter.matcher().predicate(), in, gone);
    rows.remove(gone);
  }

  BatchReader batch_reader_;  // kept for its memory
  const ReadView& view_;
  const LogRange& range_;
  const Matcher& matcher_;
  Sealer& sealer_;
  LogConsumer& consumer_;
  QueryRun& run_;
};

}  // namespace

Result<void> scan_logs(const ReadView& view, const LogRange& range, const Matcher& matcher, Sealer& sealer,
                       LogConsumer& consumer, QueryRun& run) {
  if (range.deployments.none() || range.from >= range.to) return {};
  LogScan scan(view, range, matcher, sealer, consumer, run);
  if (auto ok = scan.live(); !ok) return ok;
  if (view.snapshot() == nullptr) return {};
  return scan.chunks();
}

}  // namespace penstock::query
