// Reads a chunk of logs, group by group and only the columns that are asked for. Format: FORMAT.md.
//
//   auto reader = LogChunkReader::open(chunk, [&](auto offset, auto size) { return snapshot.read_payload(chunk.meta, offset, size); }, sealer);
//   for (std::size_t g = 0; g < (*reader)->group_count(); ++g) {
//     auto group = (*reader)->read(g, {.timestamps = true, .messages = true});   // one round trip
//     … group->message(row) …
//     group->load(ColumnSelection::everything());                                // only what is missing, one round trip more
//     group->row(i, row);                                                        // a whole LogView
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunk/field_values.hpp"
#include "chunk/log_layout.hpp"
#include "chunk/payload_reader.hpp"
#include "chunk/string_column.hpp"
#include "chunk/token_filter.hpp"
#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::chunk {

// Which columns to fetch.
struct ColumnSelection {
  bool timestamps = false;
  bool sequences = false;
  bool severities = false;
  bool sources = false;
  bool received_at = false;
  bool messages = false;
  bool all_fields = false;
  std::vector<std::string> fields = {};  // by name, every type of it; unknown names are no error

  static ColumnSelection everything() { return {true, true, true, true, true, true, true, {}}; }
};

// A whole record; `log` points into `fields` and into the group.
struct LogRow {
  LogView log;
  Sequence sequence = 0;
  std::vector<FieldView> fields;
};

class LogChunkReader;

// One decoded group. Move-only; must not outlive its reader. Accessors of columns that were not loaded give empty spans; message() and the
// like on them are a bug (assert).
class LogGroup {
 public:
  LogGroup(LogGroup&&) noexcept;
  LogGroup& operator=(LogGroup&&) noexcept;
  ~LogGroup();

  const GroupInfo& info() const;
  std::size_t rows() const { return info().rows; }
  // Fetches and decodes what is not there yet, with as few payload reads as possible.
  Result<void> load(const ColumnSelection& columns);

  std::span<const std::int64_t> timestamps() const;    // ns, ascending
  std::span<const std::int64_t> received_at() const;   // ns
  std::span<const std::uint64_t> sequences() const;
  std::span<const std::uint8_t> severities() const;
  const StringColumn& sources() const;
  const StringColumn& messages() const;
  std::string_view source(std::size_t row) const { return sources()[row]; }
  std::string_view message(std::size_t row) const { return messages()[row]; }
  // By place in LogChunkReader::columns(); nullptr when not loaded, or when no row of this group has it.
  const FieldValues* field(std::size_t column) const;
  // The first value of a field at a row, whatever its type; absent when the row has none (or it was not loaded).
  std::optional<FieldValue> field(std::string_view name, std::size_t row) const;

  // All that is loaded of a row, as a record; fields in the order of columns(). What was not loaded keeps its default.
  void row(std::size_t i, LogRow& out) const;

  // What the decoded columns hold in memory.
  std::size_t memory_bytes() const;

 private:
  friend class LogChunkReader;
  struct State;
  explicit LogGroup(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One thread. Errors: corrupt, key_mismatch, unsupported_version, and those of the payload reader.
class LogChunkReader {
 public:
  // Reads header and filter only. chunk.payload is not looked at; the chunk need not live on.
  static Result<std::unique_ptr<LogChunkReader>> open(const Chunk& chunk, PayloadReader payload, Sealer& sealer);
  ~LogChunkReader();

  const ChunkMeta& meta() const;
  std::size_t group_count() const;
  const GroupInfo& group(std::size_t i) const;
  // In the order in which the chunk's records first had them.
  const std::vector<FieldColumn>& columns() const;
  const TokenFilter& filter() const;
  // False when surely no record of the chunk has this field with this whole text (as append_text() spells it), or an array with this
  // element, case aside. Knows the columns' names too, so it is sharper than the filter alone. "source" is a name like any other.
  bool may_have_field(std::string_view name, std::string_view value) const;
  bool has_column(std::string_view name) const;

  // A group with these columns. Payloads below 64 KiB are fetched whole at the first read, in one call.
  Result<LogGroup> read(std::size_t group, const ColumnSelection& columns);
  // Payload bytes fetched so far.
  std::uint64_t bytes_read() const;

 private:
  friend class LogGroup;
  struct State;
  explicit LogChunkReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Opens only the token filter of a chunk (without its header): the cheapest way to pass over a chunk.
Result<TokenFilter> open_filter(const Chunk& chunk, Sealer& sealer);

}  // namespace penstock::chunk
