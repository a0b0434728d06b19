#include "chunk/log_chunk_builder.hpp"

#include <algorithm>
#include <utility>

#include "chunk/block_seal.hpp"
#include "chunk/log_chunk_writer.hpp"
#include "chunk/log_rows.hpp"
#include "chunk/row_order.hpp"

namespace penstock::chunk {

struct LogChunkBuilder::State {
  std::string deployment;
  JournalId journal;
  std::int32_t day = 0;
  LogRows rows = {};
  TokenFilterBuilder filter = {};
};

LogChunkBuilder::LogChunkBuilder(std::string deployment, JournalId journal, std::int32_t day)
    : state_(std::make_unique<State>(State{.deployment = std::move(deployment), .journal = journal, .day = day})) {}
LogChunkBuilder::~LogChunkBuilder() = default;
LogChunkBuilder::LogChunkBuilder(LogChunkBuilder&&) noexcept = default;
LogChunkBuilder& LogChunkBuilder::operator=(LogChunkBuilder&&) noexcept = default;

void LogChunkBuilder::add(const LogView& log, Sequence sequence) { state_->rows.add(log, sequence, state_->filter); }

std::size_t LogChunkBuilder::record_count() const { return state_->rows.size(); }

std::size_t LogChunkBuilder::memory_bytes() const {
  return sizeof(State) + state_->rows.memory_bytes() + state_->filter.memory_bytes();
}

const std::string& LogChunkBuilder::deployment() const { return state_->deployment; }
JournalId LogChunkBuilder::journal() const { return state_->journal; }
std::int32_t LogChunkBuilder::day() const { return state_->day; }

Result<Chunk> LogChunkBuilder::finish(Sealer& sealer, const WriteOptions& options) {
  if (empty()) return Error{ErrorCode::internal, "A chunk of no records was asked for.", ""};
  WriteOptions bounded = options;
  bounded.group_rows = std::clamp<std::uint32_t>(options.group_rows, 1, kMaxGroupRows);
  bounded.group_bytes = std::max<std::uint32_t>(options.group_bytes, 1);
  auto writer = LogChunkWriter::open({state_->deployment, RecordKind::log, state_->journal, state_->day, {}}, bounded, sealer);
  if (!writer) return std::move(writer).error();
  RowOrder order(state_->rows);
  RankRange group;
  while (order.next(bounded, group)) {
    if (auto added = (*writer)->add_group(state_->rows, order, group); !added) return std::move(added).error();
  }
  auto chunk = (*writer)->finish(state_->rows, state_->filter);
  if (chunk) clear();
  return chunk;
}

void LogChunkBuilder::clear() {
  state_ = std::make_unique<State>(State{.deployment = std::move(state_->deployment), .journal = state_->journal, .day = state_->day});
}

}  // namespace penstock::chunk
