#include "sinks/store/gathering.hpp"

#include <iterator>

#include "sinks/store/dead_letters.hpp"

namespace penstock::sinks {

Gathering::Gathering(const StoreSinkOptions& options, JournalId journal)
    : options_(options), journal_(journal), series_(options.known_series, options.refused_series) {}

Gathering::Slot& Gathering::slot_for(RecordKind kind, std::string_view deployment, std::int32_t day) {
  if (last_ != nullptr && std::get<0>(*last_key_) == day && std::get<1>(*last_key_) == kind &&
      std::get<2>(*last_key_) == deployment) {
    return *last_;
  }
  Key key(day, kind, std::string(deployment));
  auto found = slots_.find(key);
  if (found == slots_.end()) {
    std::string name(deployment);
    Builder builder = kind == RecordKind::log ? Builder(chunk::LogChunkBuilder(std::move(name), journal_, day))
                                              : Builder(chunk::MetricChunkBuilder(std::move(name), journal_, day));
    found = slots_.emplace(std::move(key), Slot{std::move(builder), 0}).first;
    days_.insert(day);
  }
  last_key_ = &found->first;
  last_ = &found->second;
  return *last_;
}

void Gathering::grew(Slot& slot, std::size_t bytes) {
  bytes_ += bytes - slot.bytes;
  slot.bytes = bytes;
}

void Gathering::add(const RecordView& record, Sequence sequence) {
  if (record.kind == RecordKind::metric) return add_point(record.point, sequence);
  Slot& slot = slot_for(RecordKind::log, record.log.deployment, day_of(record.log.timestamp));
  auto& builder = std::get<chunk::LogChunkBuilder>(slot.builder);
  builder.add(record.log, sequence);
  grew(slot, builder.memory_bytes());
  ++records_;
}

void Gathering::add_point(const PointView& point, Sequence sequence) {
  samples_.clear();
  refused_samples_.clear();
  series_.begin(point);
  for (const auto& sample : point.samples) {
    if (const SeriesId* id = series_.find(sample)) {
      samples_.push_back({*id, sample.value});
    } else {
      refused_samples_.push_back(sample);
    }
  }
  if (!refused_samples_.empty()) {
    RecordView refused;
    refused.kind = RecordKind::metric;
    refused.point = point;
    refused.point.samples = refused_samples_;
    add_dead(&refused, sequence, error_name(ErrorCode::series_collision),
             "Another series has the same id: rename one of its labels.");
  }
  if (samples_.empty()) return;
  Slot& slot = slot_for(RecordKind::metric, point.deployment, day_of(point.timestamp));
  auto& builder = std::get<chunk::MetricChunkBuilder>(slot.builder);
  builder.add(sequence, point.timestamp, point.received_at, samples_);
  grew(slot, builder.memory_bytes());
  records_ += samples_.size();
}

void Gathering::add_dead(const RecordView* record, Sequence sequence, std::string_view reason,
                         std::string_view detail) {
  DeadLetter letter{journal_, sequence, std::string(reason), std::string(detail),
                    record == nullptr ? "" : batch_of(*record), std::string(record == nullptr ? "" : record->kind == RecordKind::log ? record->log.deployment : record->point.deployment)};
  bytes_ += letter.batch.size();
  dead_.push_back(std::move(letter));
}

bool Gathering::full() const {
  return bytes() >= options_.memory_limit || slots_.size() >= options_.max_builders || days_.size() > options_.max_days;
}

Result<void> Gathering::finish(Sealer& sealer, StoreCommit& commit) {
  last_ = nullptr;
  while (!slots_.empty()) {
    const auto first = slots_.begin();
    auto chunk =
        std::visit([&](auto& builder) { return builder.finish(sealer, options_.write); }, first->second.builder);
    if (!chunk) return chunk.error();
    commit.chunks.push_back(*std::move(chunk));
    slots_.erase(first);
  }
  while (!dead_.empty()) {
    if (auto sealed = seal_dead_letter(sealer, dead_.back()); !sealed) return sealed;
    commit.dead_letters.push_back(std::move(dead_.back()));
    dead_.pop_back();
  }
  auto fresh = series_.take_fresh();
  commit.series.insert(commit.series.end(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
  days_.clear();
  bytes_ = records_ = 0;
  return {};
}

void Gathering::clear() {
  last_ = nullptr;
  slots_.clear();
  days_.clear();
  dead_.clear();
  series_.forget();
  bytes_ = records_ = 0;
}

}  // namespace penstock::sinks
