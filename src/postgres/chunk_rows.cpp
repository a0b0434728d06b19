#include "postgres/chunk_rows.hpp"

#include <utility>
#include <string_view>

#include "base/failpoint.hpp"

namespace penstock::postgres {

const char* const kMetaColumns =
    "id, journal_id, deployment, kind, day, min_time, max_time, min_sequence, max_sequence, record_count, min_series, "
    "max_series, min_severity, max_severity, key_id, level, payload_bytes";

namespace {

constexpr const char* kCopy =
    "COPY chunk (deployment, journal_id, min_time, max_time, min_sequence, max_sequence, record_count, min_series, "
    "max_series, key_id, day, payload_bytes, bytes, kind, level, min_severity, max_severity, rewritten_for, "
    "header, filter, payload) FROM STDIN (FORMAT binary)";
constexpr std::uint16_t kCopyColumns = 21;
constexpr std::uint32_t kInt8Oid = 20;
// Postgres keeps no value of a gigabyte or more.
constexpr std::uint64_t kMaxChunkBytes = std::uint64_t{1} << 30;

// The format of COPY's binary rows: https://www.postgresql.org/docs/15/sql-copy.html
class RowWriter {
 public:
  void raw(std::uint64_t value, int width) {
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) out_ += static_cast<char>((value >> shift) & 0xff);
  }
  void number(std::int64_t value, int width) {
    raw(static_cast<std::uint64_t>(width), 4);
    raw(static_cast<std::uint64_t>(value), width);
  }
  void unsigned_number(std::uint64_t value) { number(static_cast<std::int64_t>(value), 8); }
  void text(std::string_view value) {
    raw(value.size(), 4);
    out_ += value;
  }
  void array(const std::vector<std::int64_t>& numbers) {
    raw(numbers.empty() ? 12 : 20 + 12 * numbers.size(), 4);
    raw(numbers.empty() ? 0 : 1, 4);  // dimensions
    raw(0, 4);                        // no nulls
    raw(kInt8Oid, 4);
    if (numbers.empty()) return;
    raw(numbers.size(), 4);
    raw(1, 4);  // lower bound
    for (const auto number_in : numbers) number(number_in, 8);
  }
  std::string take() { return std::exchange(out_, {}); }

 private:
  std::string out_;
};

void write_columns(RowWriter& row, const Chunk& chunk, const std::vector<std::int64_t>& rewritten_for) {
  const ChunkMeta& m = chunk.meta;
  const auto all_bytes = chunk.header.size() + chunk.filter.size() + chunk.payload.size();
  row.raw(kCopyColumns, 2);
  row.text(m.deployment);
  row.number(m.journal.value, 8);
  row.number(m.min_time.ns, 8);
  row.number(m.max_time.ns, 8);
  row.unsigned_number(m.min_sequence);
  row.unsigned_number(m.max_sequence);
  row.number(m.record_count, 8);
  row.number(series_to_sql(m.min_series), 8);
  row.number(series_to_sql(m.max_series), 8);
  row.unsigned_number(m.key_id);
  row.number(m.day, 4);
  row.number(static_cast<std::int64_t>(chunk.payload.size()), 4);
  row.number(static_cast<std::int64_t>(all_bytes), 4);
  row.number(static_cast<std::int64_t>(m.kind), 2);
  row.number(m.level, 2);
  row.number(m.min_severity, 2);
  row.number(m.max_severity, 2);
  row.array(rewritten_for);
  row.text(chunk.header);
  row.text(chunk.filter);
  row.raw(chunk.payload.size(), 4);  // the payload itself is sent without another copy
}

}  // namespace

ChunkMeta read_meta(const PqResult& result, int row) {
  int column = 0;
  const auto number = [&] { return result.number(row, column++); };
  ChunkMeta m;
  m.id = number();
  m.journal.value = number();
  m.deployment = std::string(result.bytes(row, column++));
  m.kind = static_cast<RecordKind>(number());
  m.day = static_cast<std::int32_t>(number());
  m.min_time.ns = number();
  m.max_time.ns = number();
  m.min_sequence = static_cast<Sequence>(number());
  m.max_sequence = static_cast<Sequence>(number());
  m.record_count = static_cast<std::uint32_t>(number());
  m.min_series = series_from_sql(number());
  m.max_series = series_from_sql(number());
  m.min_severity = static_cast<std::uint8_t>(number());
  m.max_severity = static_cast<std::uint8_t>(number());
  m.key_id = static_cast<std::uint64_t>(number());
  m.level = static_cast<std::uint32_t>(number());
  m.payload_bytes = static_cast<std::uint32_t>(number());
  return m;
}

Result<void> insert_chunks(PqConnection& connection, const std::vector<Chunk>& chunks,
                           const std::vector<std::int64_t>& rewritten_for) {
  if (chunks.empty()) return {};
  for (const auto& chunk : chunks) {
    if (chunk.header.size() + chunk.filter.size() + chunk.payload.size() >= kMaxChunkBytes) {
      return Error{ErrorCode::invalid_value, "A chunk of a gigabyte cannot be stored: use a smaller flush size.", ""};
    }
  }
  return connection.copy(kCopy, "store chunks", [&] {
    RowWriter row;
    bool sent = connection.copy_data(std::string_view("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19));
    for (const auto& chunk : chunks) {
      write_columns(row, chunk, rewritten_for);
      sent = sent && connection.copy_data(row.take()) && connection.copy_data(chunk.payload);
    }
    failpoint("postgres.copy.sent");
    row.raw(0xffff, 2);
    return sent && connection.copy_data(row.take());
  });
}

}  // namespace penstock::postgres
