#include "query/metric_scan.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "chunk/metric_chunk_reader.hpp"
#include "penstock/core/batch.hpp"
#include "query/chunk_walk.hpp"

namespace penstock::query {
namespace {

ChunkFilter filter_of(const Deployments& deployments, const SeriesSet& series, Timestamp from, Timestamp to) {
  const auto ids = series.ids(0, std::numeric_limits<SeriesId>::max());
  return ChunkFilter{.deployments = deployments.all ? std::vector<std::string>() : deployments.names,
                     .kind = RecordKind::metric,
                     .from = from,
                     .to = to,
                     .series_min = ids.empty() ? SeriesId{0} : ids.front(),
                     .series_max = ids.empty() ? SeriesId{0} : ids.back(),
                     .min_severity = {},
                     .arrived = {},
                     .containing = {}};
}

}  // namespace

Result<void> MetricScan::live(Timestamp from, Timestamp to, const SampleVisitor& visit) {
  BatchReader reader;
  RecordView record;
  return view_.live_frames({.from = from, .to = to}, run_, [&](const Frame& frame) -> Result<void> {
    for (const auto& batch : frame.batches) {
      if (batch.first + batch.count <= view_.live_from()) continue;
      reader.open(batch.bytes);
      while (reader.next(record)) {
        if (record.kind != RecordKind::metric || !view_.is_live(batch.first + record.index)) continue;
        const PointView& point = record.point;
        if (point.timestamp < from || point.timestamp >= to || !series_.begin(point)) continue;
        for (const auto& sample : point.samples) {
          auto series = series_.find(sample.name);
          if (!series) return std::move(series).error();
          if (*series == SeriesSet::kNone) continue;
          const SampleRun one{{&point.timestamp.ns, 1}, {&point.received_at.ns, 1}, {&sample.value, 1}, view_.journal(),
                              batch.first + record.index};
          if (auto ok = visit(*series, one); !ok) return ok;
        }
      }
      if (reader.error() != nullptr) return *reader.error();
    }
    return {};
  });
}

Result<void> MetricScan::read(const Chunk& chunk, std::span<const SeriesId> ids, Timestamp from, Timestamp to,
                              const SampleVisitor& visit) {
  if (auto ok = run_.check(); !ok) return ok;
  auto& snapshot = *view_.snapshot();
  // What decoding may hold: the packed bytes and a few segments unpacked.
  const std::size_t held = chunk.meta.payload_bytes / 4 + (128u << 10);
  if (!run_.lease.grow(held)) return memory_error();
  Result<void> result;
  const auto payload = [&](std::uint32_t offset, std::uint32_t size) {
    return snapshot.read_payload(chunk.meta, offset, size);
  };
  auto reader = chunk::MetricChunkReader::open(chunk, payload, sealer_);
  if (!reader) {
    result = std::move(reader).error();
  } else {
    auto done = (*reader)->read(ids, from, to, [&](const chunk::SeriesSamples& samples) {
      const std::size_t series = series_.find(samples.series);
      if (series == SeriesSet::kNone) return true;
      result = visit(series, {samples.timestamps, samples.received_at, samples.values, chunk.meta.journal,
                              chunk.meta.min_sequence});
      return result.has_value();
    });
    if (result) result = std::move(done);
    if ((*reader)->bytes_read() > 0) ++run_.stats.chunks_read;
    run_.stats.bytes_read += (*reader)->bytes_read();
  }
  run_.lease.shrink(held);
  if (!result && result.error().code == ErrorCode::corrupt) return run_.damaged.content(chunk.meta, result.error());
  return result;
}

Result<void> MetricScan::chunks(Timestamp from, Timestamp to, const Wants& wants, const SampleVisitor& visit) {
  if (view_.snapshot() == nullptr || series_.size() == 0) return {};
  ChunkWalk walk(*view_.snapshot(), filter_of(deployments_, series_, from, to), false, run_.lease);
  const auto wanted = [&](const ChunkMeta& meta) {
    auto ids = series_.ids(meta.min_series, meta.max_series);
    std::erase_if(ids, [&](SeriesId id) {
      const auto at = series_.find(id);
      return series_[at].deployment != meta.deployment || !wants(at, meta.max_time);
    });
    return ids;
  };
  Timestamp window_from, window_to;
  while (walk.next(window_from, window_to)) {
    bool any = false;
    for (std::size_t i = 0; i < series_.size() && !any; ++i) any = wants(i, Timestamp{window_to.ns - 1});
    if (!any) return {};
    auto window = walk.load([&](const Chunk& chunk) -> Result<bool> { return !wanted(chunk.meta).empty(); });
    if (!window) return std::move(window).error();
    for (const auto& chunk : **window) {
      const auto ids = wanted(chunk.meta);
      if (ids.empty()) continue;
      if (auto ok = read(chunk, ids, from, to, visit); !ok) return ok;
    }
  }
  return {};
}

Result<void> MetricScan::day(const std::vector<Chunk>& chunks, Timestamp from, Timestamp to, LiveSamples& live,
                             const Wants& wants, const SampleVisitor& visit) {
  auto ids = series_.ids(0, std::numeric_limits<SeriesId>::max());
  std::erase_if(ids, [&](SeriesId id) { return !wants(series_.find(id), to); });
  std::size_t batch = ids.size();
  std::vector<std::int64_t> times, received;
  std::vector<double> values;
  for (std::size_t begin = 0; begin < ids.size();) {
    const std::span<const SeriesId> part(ids.data() + begin, std::min(batch, ids.size() - begin));
    std::unordered_map<std::size_t, std::vector<Sample>> gathered;
    std::size_t charged = 0;
    bool full = false;
    const auto charge = [&](std::size_t size) {
      full = charged + size > run_.share_bytes || !run_.lease.grow(size);
      if (!full) charged += size;
      return !full;
    };
    Result<void> result;
    for (const auto& chunk : chunks) {
      result = read(chunk, part, from, to, [&](std::size_t series, const SampleRun& run) -> Result<void> {
        // Twice: gathered here, and in the columns handed on.
        if (!charge(run.size() * sizeof(Sample) * 2 + 64)) return memory_error();
        auto& into = gathered[series];
        for (std::size_t i = 0; i < run.size(); ++i) into.push_back({run.times[i], run.received[i], run.values[i]});
        return {};
      });
      if (!result) break;
    }
    if (!result && full && part.size() > 1) {
      run_.lease.shrink(charged);
      batch = part.size() / 2;  // fewer series at a time
      continue;
    }
    for (const SeriesId id : part) {
      if (!result) break;
      const std::size_t series = series_.find(id);
      auto& samples = gathered[series];
      if (series < live.size()) {
        for (const auto& sample : live[series]) {
          if (sample.time >= from.ns && sample.time < to.ns) samples.push_back(sample);
        }
      }
      std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
        return std::tie(a.time, a.received) < std::tie(b.time, b.received);
      });
      times.clear();
      received.clear();
      values.clear();
      for (const auto& sample : samples) {
        times.push_back(sample.time);
        received.push_back(sample.received);
        values.push_back(sample.value);
      }
      result = visit(series, {times, received, values, {}, 0});
    }
    run_.lease.shrink(charged);
    if (!result) return result;
    begin += part.size();
  }
  return {};
}

Result<void> MetricScan::ordered(Timestamp from, Timestamp to, LiveSamples live, const Wants& wants,
                                 const SampleVisitor& visit) {
  if (series_.size() == 0) return {};
  if (view_.snapshot() == nullptr) return day({}, from, to, live, wants, visit);
  ChunkWalk walk(*view_.snapshot(), filter_of(deployments_, series_, from, to), true, run_.lease);
  Timestamp window_from, window_to;
  while (walk.next(window_from, window_to)) {
    auto window = walk.load([](const Chunk&) -> Result<bool> { return true; });
    if (!window) return std::move(window).error();
    if (auto ok = day(**window, window_from, window_to, live, wants, visit); !ok) return ok;
  }
  return {};
}

}  // namespace penstock::query
