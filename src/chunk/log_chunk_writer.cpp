#include "chunk/log_chunk_writer.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "chunk/codec/integer_codec.hpp"
#include "chunk/codec/presence_codec.hpp"
#include "chunk/codec/real_codec.hpp"
#include "chunk/codec/string_codec.hpp"

namespace penstock::chunk {
namespace {

// A block is closed at this size, so that small columns share one, with its checksum, seal and entry in the header.
constexpr std::size_t kLogBlockBytes = 8u << 10;
// A column of this size gets a block of its own, so that reading it reads nothing else.
constexpr std::size_t kOwnBlockBytes = 2u << 10;

}  // namespace

Result<std::unique_ptr<LogChunkWriter>> LogChunkWriter::open(ChunkIdentity identity, const WriteOptions& options, Sealer& sealer) {
  auto key = sealer.key_for(key_scope(identity.deployment, identity.day));
  if (!key) return std::move(key).error();
  identity.nonce = random_nonce();
  return std::unique_ptr<LogChunkWriter>(new LogChunkWriter(std::move(identity), options, sealer, *key));
}

LogChunkWriter::LogChunkWriter(ChunkIdentity identity, const WriteOptions& options, Sealer& sealer, KeyId key)
    : identity_(std::move(identity)), options_(options), key_(key), seal_(identity_, sealer, key), compressor_(options.zstd_level) {}

Result<void> LogChunkWriter::end_block() {
  if (ends_.empty()) return {};
  std::string plain;
  plain.reserve(bodies_.size() + 4 * ends_.size());
  append_varint(plain, ends_.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends_) append_varint(plain, end - std::exchange(begin, end));
  plain += bodies_;
  auto sealed = seal_.close(Part::block, block_count_, compressor_.pack(plain));
  if (!sealed) return std::move(sealed).error();
  if (payload_.size() + sealed->size() > UINT32_MAX) {
    return Error{ErrorCode::too_large, "A chunk cannot hold more than 4 GiB: flush more often.", ""};
  }
  ++block_count_;
  auto& blocks = header_.groups.back().blocks;
  blocks.push_back({static_cast<std::uint32_t>(payload_.size()), static_cast<std::uint32_t>(sealed->size()), std::move(runs_)});
  payload_ += *sealed;
  bodies_.clear();
  ends_.clear();
  runs_.clear();
  return {};
}

Result<void> LogChunkWriter::end_column(std::uint32_t id) {
  const std::size_t begin = ends_.empty() ? 0 : ends_.back();
  std::string own;
  if (begin > 0 && bodies_.size() - begin >= kOwnBlockBytes) {
    own = bodies_.substr(begin);
    bodies_.resize(begin);
    if (auto ended = end_block(); !ended) return ended;
    bodies_ = std::move(own);
  }
  const bool alone = bodies_.size() >= kOwnBlockBytes && ends_.empty();
  ends_.push_back(bodies_.size());
  if (!runs_.empty() && runs_.back().first + runs_.back().length == id) {
    ++runs_.back().length;
  } else {
    runs_.push_back({id, 1});
  }
  return alone || bodies_.size() >= kLogBlockBytes ? end_block() : Result<void>();
}

void LogChunkWriter::encode_strings(const StringValues& values) {
  if (local_.size() < values.entry_count()) local_.resize(values.entry_count(), 0);
  views_.clear();
  integers_.clear();
  for (const std::uint32_t id : ids_) {
    if (local_[id] == 0) {
      views_.push_back(values.entry(id));
      local_[id] = static_cast<std::uint32_t>(views_.size());
    }
    integers_.push_back(static_cast<std::int64_t>(local_[id]) - 1);
  }
  for (const std::uint32_t id : ids_) local_[id] = 0;
  if (views_.size() * 2 <= ids_.size() || views_.size() == 1) {
    encode_dictionary_strings(bodies_, views_, integers_);
    return;
  }
  views_.clear();
  for (const std::uint32_t id : ids_) views_.push_back(values.entry(id));
  encode_plain_strings(bodies_, views_);
}

void LogChunkWriter::encode_field(const FieldBuffer& column, std::size_t rows) {
  encode_presence(bodies_, slice_.places, rows);
  switch (column.type) {
    case FieldType::string:
    case FieldType::json:
      ids_.clear();
      for (const std::uint32_t value : slice_.values) ids_.push_back(column.strings.id(value));
      encode_strings(column.strings);
      break;
    case FieldType::integer:
    case FieldType::boolean:
      integers_.clear();
      for (const std::uint32_t value : slice_.values) integers_.push_back(column.integers[value]);
      encode_integers(bodies_, integers_);
      break;
    case FieldType::real:
      reals_.clear();
      for (const std::uint32_t value : slice_.values) reals_.push_back(column.reals[value]);
      encode_reals(bodies_, reals_);
      break;
    case FieldType::null: break;
  }
}

GroupInfo LogChunkWriter::encode_records(const LogRows& rows, const RowOrder& order, RankRange group) {
  GroupInfo info;
  info.rows = static_cast<std::uint32_t>(group.end - group.begin);
  info.min_time.ns = rows.timestamps[order.row(group.begin)];
  info.max_time.ns = rows.timestamps[order.row(group.end - 1)];
  const auto gather = [&](auto value) {
    integers_.clear();
    for (std::size_t rank = group.begin; rank < group.end; ++rank) integers_.push_back(static_cast<std::int64_t>(value(order.row(rank))));
  };
  const auto range = [&] { return std::minmax_element(integers_.begin(), integers_.end()); };
  const auto end = [&](std::uint32_t id) {
    if (failed_) failed_ = end_column(id);
  };

  gather([&](std::uint32_t row) { return rows.timestamps[row]; });
  encode_integers(bodies_, integers_);
  end(kTimestampColumn);

  gather([&](std::uint32_t row) { return rows.sequences[row]; });
  const auto sequences = range();
  info.min_sequence = static_cast<Sequence>(*sequences.first);
  info.max_sequence = static_cast<Sequence>(*sequences.second);
  encode_integers(bodies_, integers_);
  end(kSequenceColumn);

  gather([&](std::uint32_t row) { return rows.severities[row]; });
  const auto severities = range();
  info.min_severity = static_cast<Severity>(*severities.first);
  info.max_severity = static_cast<Severity>(*severities.second);
  encode_integers(bodies_, integers_);
  end(kSeverityColumn);

  const auto strings = [&](const StringValues& values, std::uint32_t id) {
    ids_.clear();
    for (std::size_t rank = group.begin; rank < group.end; ++rank) ids_.push_back(values.id(order.row(rank)));
    encode_strings(values);
    end(id);
  };
  strings(rows.sources, kSourceColumn);
  gather([&](std::uint32_t row) {
    return static_cast<std::uint64_t>(rows.received_at[row]) - static_cast<std::uint64_t>(rows.timestamps[row]);
  });
  encode_integers(bodies_, integers_);
  end(kReceivedColumn);
  strings(rows.messages, kMessageColumn);
  return info;
}

Result<void> LogChunkWriter::add_group(const LogRows& rows, RowOrder& order, RankRange group) {
  header_.groups.emplace_back();
  header_.groups.back().first_block = block_count_;
  header_.groups.back().info = encode_records(rows, order, group);
  if (!failed_) return failed_;
  for (std::size_t column = 0; column < rows.fields.size(); ++column) {
    order.slice(column, group, slice_);
    if (slice_.values.empty()) continue;
    encode_field(rows.fields[column], group.end - group.begin);
    if (auto ended = end_column(static_cast<std::uint32_t>(kFirstFieldColumn + column)); !ended) return ended;
  }
  record_count_ += group.end - group.begin;
  return end_block();
}

Result<Chunk> LogChunkWriter::finish(const LogRows& rows, TokenFilterBuilder& filter) {
  for (const FieldBuffer& column : rows.fields) header_.columns.push_back({column.name, column.type, column.total});
  auto header = close_header(kLogMagic, identity_.nonce, seal_, compressor_.pack(header_.encode()));
  if (!header) return std::move(header).error();
  auto sealed_filter = seal_.close(Part::filter, 0, filter.finish(options_.max_filter_bytes));
  if (!sealed_filter) return std::move(sealed_filter).error();

  Chunk chunk;
  ChunkMeta& meta = chunk.meta;
  meta.journal = identity_.journal;
  meta.deployment = identity_.deployment;
  meta.kind = RecordKind::log;
  meta.day = identity_.day;
  meta.min_time = header_.groups.front().info.min_time;
  meta.max_time = header_.groups.back().info.max_time;
  meta.min_sequence = UINT64_MAX;
  meta.min_severity = kSeverityCount - 1;
  meta.max_severity = 0;
  for (const LogGroupEntry& group : header_.groups) {
    const GroupInfo& info = group.info;
    meta.min_sequence = std::min(meta.min_sequence, info.min_sequence);
    meta.max_sequence = std::max(meta.max_sequence, info.max_sequence);
    meta.min_severity = std::min(meta.min_severity, static_cast<std::uint8_t>(info.min_severity));
    meta.max_severity = std::max(meta.max_severity, static_cast<std::uint8_t>(info.max_severity));
  }
  meta.record_count = static_cast<std::uint32_t>(record_count_);
  meta.key_id = key_;
  meta.level = options_.level;
  meta.payload_bytes = static_cast<std::uint32_t>(payload_.size());
  chunk.header = *std::move(header);
  chunk.filter = *std::move(sealed_filter);
  chunk.payload = std::move(payload_);
  return chunk;
}

}  // namespace penstock::chunk
