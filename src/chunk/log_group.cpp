#include <algorithm>
#include <cassert>
#include <utility>

#include "chunk/corrupt.hpp"
#include "chunk/log_chunk_reader.hpp"
#include "chunk/log_group_state.hpp"

namespace penstock::chunk {

LogGroup::LogGroup(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogGroup::LogGroup(LogGroup&&) noexcept = default;
LogGroup& LogGroup::operator=(LogGroup&&) noexcept = default;
LogGroup::~LogGroup() = default;

const GroupInfo& LogGroup::info() const { return state_->entry->info; }

Result<void> LogGroup::load(const ColumnSelection& columns) {
  State& state = *state_;
  auto& chunk = *state.chunk;
  const std::vector<bool> wanted = state.wanted(columns);
  std::vector<std::size_t> missing;
  std::vector<ByteRange> ranges;
  for (std::size_t i = 0; i < state.entry->blocks.size(); ++i) {
    const LogBlock& block = state.entry->blocks[i];
    if (state.loaded[i] || !state.needs(block, wanted)) continue;
    missing.push_back(i);
    ranges.push_back({block.offset, block.size});
  }
  if (auto fetched = chunk.payload.fetch(ranges); !fetched) return fetched;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    auto packed = chunk.seal.open(Part::block, state.entry->first_block + missing[i], chunk.payload.at(ranges[i]));
    if (!packed) return std::move(packed).error();
    auto plain = chunk.decompressor.unpack(*packed);
    if (!plain) return std::move(plain).error();
    if (!state.decode_block(state.entry->blocks[missing[i]], *plain)) return corrupt("a block of a group of logs");
    state.loaded[missing[i]] = true;
  }
  chunk.payload.release();
  if (state.received_is_relative && !state.timestamps.empty()) {
    for (std::size_t i = 0; i < state.received.size(); ++i) {
      state.received[i] =
          static_cast<std::int64_t>(static_cast<std::uint64_t>(state.received[i]) + static_cast<std::uint64_t>(state.timestamps[i]));
    }
    state.received_is_relative = false;
  }
  return {};
}

std::span<const std::int64_t> LogGroup::timestamps() const { return state_->timestamps; }
std::span<const std::int64_t> LogGroup::received_at() const {
  if (state_->received_is_relative) return {};
  return state_->received;
}
std::span<const std::uint64_t> LogGroup::sequences() const {
  const auto& values = state_->sequences;
  return {reinterpret_cast<const std::uint64_t*>(values.data()), values.size()};
}
std::span<const std::uint8_t> LogGroup::severities() const { return state_->severities; }

const StringColumn& LogGroup::sources() const {
  assert(state_->sources.size() == rows());
  return state_->sources;
}
const StringColumn& LogGroup::messages() const {
  assert(state_->messages.size() == rows());
  return state_->messages;
}

const FieldValues* LogGroup::field(std::size_t column) const {
  const auto& fields = state_->fields;
  const auto at = std::lower_bound(fields.begin(), fields.end(), column);
  return at != fields.end() && *at == column ? &state_->values[static_cast<std::size_t>(at - fields.begin())] : nullptr;
}

std::optional<FieldValue> LogGroup::field(std::string_view name, std::size_t row) const {
  const auto known = state_->chunk->by_name.find(name);
  if (known == state_->chunk->by_name.end()) return std::nullopt;
  for (const std::uint32_t column : known->second) {
    const FieldValues* values = field(std::size_t{column});
    if (values == nullptr) continue;
    if (auto value = values->at(row)) return value;
  }
  return std::nullopt;
}

void LogGroup::row(std::size_t i, LogRow& out) const {
  const State& state = *state_;
  out.log = LogView{};
  out.sequence = state.sequences.empty() ? 0 : static_cast<Sequence>(state.sequences[i]);
  out.log.deployment = state.chunk->meta.deployment;
  if (!state.timestamps.empty()) out.log.timestamp.ns = state.timestamps[i];
  if (!state.received.empty() && !state.received_is_relative) out.log.received_at.ns = state.received[i];
  if (!state.severities.empty()) out.log.severity = static_cast<Severity>(state.severities[i]);
  if (state.sources.size() > i) out.log.source = state.sources[i];
  if (state.messages.size() > i) out.log.message = state.messages[i];
  out.fields.clear();
  for (std::size_t f = 0; f < state.fields.size(); ++f) {
    if (const auto value = state.values[f].at(i)) {
      out.fields.push_back({state.chunk->header.columns[state.fields[f]].name, *value});
    }
  }
  out.log.fields = out.fields;
}

std::size_t LogGroup::memory_bytes() const { return sizeof(State) + state_->memory_bytes(); }

}  // namespace penstock::chunk
