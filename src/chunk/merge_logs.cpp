#include <algorithm>
#include <memory>
#include <optional>
#include <queue>
#include <utility>

#include "chunk/log_chunk_reader.hpp"
#include "chunk/log_chunk_writer.hpp"
#include "chunk/merge.hpp"
#include "chunk/merge_inputs.hpp"

namespace penstock::chunk {
namespace {

// One chunk being read, row by row. A group is opened when its turn comes, not before.
class LogSource {
 public:
  LogSource(std::unique_ptr<LogChunkReader> reader, std::size_t number) : number_(number), reader_(std::move(reader)) {}

  bool done() const { return group_ == reader_->group_count(); }
  bool open() const { return rows_.has_value(); }
  const LogRow& row() const { return row_; }

  // Of the current row, or at most that while its group is not open.
  std::int64_t time() const { return open() ? row_.log.timestamp.ns : reader_->group(group_).min_time.ns; }
  Sequence sequence() const { return open() ? row_.sequence : reader_->group(group_).min_sequence; }
  std::size_t number() const { return number_; }

  Result<void> open_group() {
    auto rows = reader_->read(group_, ColumnSelection::everything());
    if (!rows) return std::move(rows).error();
    rows_.emplace(*std::move(rows));
    at_ = 0;
    rows_->row(at_, row_);
    return {};
  }

  void advance() {
    if (++at_ < rows_->rows()) {
      rows_->row(at_, row_);
      return;
    }
    rows_.reset();
    ++group_;
  }

 private:
  std::size_t number_;
  std::unique_ptr<LogChunkReader> reader_;
  std::size_t group_ = 0;
  std::optional<LogGroup> rows_;
  std::size_t at_ = 0;
  LogRow row_;
};

struct Later {
  bool operator()(const LogSource* a, const LogSource* b) const {
    if (a->time() != b->time()) return a->time() > b->time();
    if (a->sequence() != b->sequence()) return a->sequence() > b->sequence();
    return a->number() > b->number();
  }
};

// The chunk being written.
class LogOutput {
 public:
  LogOutput(const ChunkMeta& meta, const WriteOptions& options, std::uint32_t target_bytes, Sealer& sealer, std::vector<Chunk>& out)
      : identity_(ChunkIdentity::of(meta, Nonce{})), options_(options), target_bytes_(target_bytes), sealer_(sealer), out_(out) {
    options_.group_rows = std::clamp<std::uint32_t>(options.group_rows, 1, kMaxGroupRows);
  }

  Result<void> add(const LogRow& row) {
    rows_.add(row.log, row.sequence, filter_);
    group_bytes_ += rows_.weights.back();
    if (rows_.size() < options_.group_rows && group_bytes_ < options_.group_bytes) return {};
    if (auto ended = end_group(); !ended) return ended;
    return writer_->payload_bytes() >= target_bytes_ ? end_chunk() : Result<void>();
  }

  Result<void> end() {
    if (rows_.size() > 0) {
      if (auto ended = end_group(); !ended) return ended;
    }
    return writer_ ? end_chunk() : Result<void>();
  }

 private:
  Result<void> end_group() {
    if (!writer_) {
      auto writer = LogChunkWriter::open(identity_, options_, sealer_);
      if (!writer) return std::move(writer).error();
      writer_ = *std::move(writer);
    }
    RowOrder order(rows_);
    if (auto added = writer_->add_group(rows_, order, {0, rows_.size()}); !added) return added;
    rows_.clear_rows();
    group_bytes_ = 0;
    return {};
  }

  Result<void> end_chunk() {
    auto chunk = writer_->finish(rows_, filter_);
    if (!chunk) return std::move(chunk).error();
    out_.push_back(*std::move(chunk));
    writer_.reset();
    rows_ = LogRows();
    filter_.clear();
    return {};
  }

  ChunkIdentity identity_;
  WriteOptions options_;
  std::size_t target_bytes_;
  Sealer& sealer_;
  std::vector<Chunk>& out_;
  LogRows rows_;
  TokenFilterBuilder filter_;
  std::size_t group_bytes_ = 0;
  std::unique_ptr<LogChunkWriter> writer_;
};

}  // namespace

Result<Merged> merge_logs(const std::vector<Chunk>& inputs, const MergeOptions& options, Sealer& sealer) {
  auto write = check_inputs(inputs, RecordKind::log, options);
  if (!write) return std::move(write).error();

  std::vector<std::unique_ptr<LogSource>> sources;
  std::priority_queue<LogSource*, std::vector<LogSource*>, Later> queue;
  for (const Chunk& input : inputs) {
    auto reader = LogChunkReader::open(input, payload_in_memory(input.payload), sealer);
    if (!reader) return std::move(reader).error();
    sources.push_back(std::make_unique<LogSource>(*std::move(reader), sources.size()));
    if (!sources.back()->done()) queue.push(sources.back().get());
  }

  Merged merged;
  LogOutput output(inputs.front().meta, *write, options.target_bytes, sealer, merged.chunks);
  while (!queue.empty()) {
    LogSource* const source = queue.top();
    queue.pop();
    if (!source->open()) {
      if (auto opened = source->open_group(); !opened) return std::move(opened).error();
      queue.push(source);
      continue;
    }
    // While one source is ahead of all others, the queue need not be asked.
    do {
      if (!options.keep || options.keep(source->row().log, source->row().sequence)) {
        if (auto added = output.add(source->row()); !added) return std::move(added).error();
        ++merged.records;
      } else {
        ++merged.dropped;
      }
      source->advance();
    } while (source->open() && (queue.empty() || !Later()(source, queue.top())));
    if (!source->done()) queue.push(source);
  }
  if (auto ended = output.end(); !ended) return std::move(ended).error();
  return merged;
}

}  // namespace penstock::chunk
