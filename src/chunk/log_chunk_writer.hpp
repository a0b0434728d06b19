// Writes a chunk of logs group by group; what builders and merging share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunk/block_seal.hpp"
#include "chunk/chunk_options.hpp"
#include "chunk/compressor.hpp"
#include "chunk/log_header.hpp"
#include "chunk/log_rows.hpp"
#include "chunk/row_order.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::chunk {

// Not thread-safe. After an error it is of no more use.
class LogChunkWriter {
 public:
  // Asks the sealer for the key. `identity.nonce` is drawn anew.
  static Result<std::unique_ptr<LogChunkWriter>> open(ChunkIdentity identity, const WriteOptions& options, Sealer& sealer);

  // Encodes one group. Groups come in time order; the rows' columns must keep their places from call to call.
  Result<void> add_group(const LogRows& rows, RowOrder& order, RankRange group);
  std::size_t payload_bytes() const { return payload_.size(); }
  std::uint64_t record_count() const { return record_count_; }
  // The chunk of all groups added (at least one).
  Result<Chunk> finish(const LogRows& rows, TokenFilterBuilder& filter);

 private:
  LogChunkWriter(ChunkIdentity identity, const WriteOptions& options, Sealer& sealer, KeyId key);

  GroupInfo encode_records(const LogRows& rows, const RowOrder& order, RankRange group);
  void encode_field(const FieldBuffer& column, std::size_t rows);
  void encode_strings(const StringValues& values);
  Result<void> end_column(std::uint32_t id);
  Result<void> end_block();

  ChunkIdentity identity_;
  WriteOptions options_;
  KeyId key_;
  BlockSeal seal_;
  Compressor compressor_;
  std::string payload_;
  LogHeader header_;
  std::uint32_t block_count_ = 0;
  std::uint64_t record_count_ = 0;

  // The block being gathered: the columns' bytes, where each ends, and which they are.
  std::string bodies_;
  std::vector<std::size_t> ends_;
  std::vector<ColumnRun> runs_;
  Result<void> failed_;

  // Scratch, kept for its memory.
  ColumnSlice slice_;
  std::vector<std::uint32_t> ids_;
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
  std::vector<std::string_view> views_;
  std::vector<std::uint32_t> local_;  // entry → index in the group's dictionary + 1
};

}  // namespace penstock::chunk
