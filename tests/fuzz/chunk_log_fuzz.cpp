// rooms: chunk
// A chunk of logs whose header and blocks are any bytes, with checksums that fit: it opens and reads, or it is corrupt.
// Input: sized header, then a sized plain block for each block the header tells of.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "chunk/block_seal.hpp"
#include "chunk/compressor.hpp"
#include "chunk/log_chunk_reader.hpp"
#include "chunk/log_header.hpp"

namespace {

using namespace penstock;
using namespace penstock::chunk;

std::string stored(std::string_view plain) { return std::string(1, '\0') + std::string(plain); }

void read_all(const Chunk& chunk, Sealer& sealer) {
  auto reader = LogChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
  if (!reader) return;
  LogRow row;
  std::size_t seen = 0;
  for (std::size_t g = 0; g < (*reader)->group_count(); ++g) {
    auto group = (*reader)->read(g, ColumnSelection{.messages = true});
    if (!group || !group->load(ColumnSelection::everything())) continue;
    const std::size_t step = 1 + group->rows() / 64;
    for (std::size_t i = 0; i < group->rows(); i += step) {
      group->row(i, row);
      for (const FieldView& field : row.log.fields) seen += field.name.size() + field.value.text.size();
      seen += row.log.message.size() + severity_name(row.log.severity).size();
    }
  }
  if (seen == SIZE_MAX) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  ByteReader in(text);
  std::string_view body;
  if (!in.sized(body)) return 0;
  auto header = LogHeader::decode(body);
  if (!header) return 0;

  PlainSealer sealer;
  Chunk chunk;
  chunk.meta.deployment = "fuzz";
  const Nonce nonce{};
  BlockSeal seal(ChunkIdentity::of(chunk.meta, nonce), sealer, 0);
  std::uint64_t index = 0;
  std::uint64_t rows = 0;
  for (LogGroupEntry& group : header->groups) {
    rows += group.info.rows;
    for (LogBlock& block : group.blocks) {
      std::string_view plain;
      if (!in.sized(plain)) plain = {};
      const std::string sealed = *seal.close(Part::block, index++, stored(plain));
      block.size = static_cast<std::uint32_t>(sealed.size());
      chunk.payload += sealed;
    }
  }
  chunk.meta.record_count = static_cast<std::uint32_t>(rows);
  chunk.meta.payload_bytes = static_cast<std::uint32_t>(chunk.payload.size());
  chunk.header = *close_header(kLogMagic, nonce, seal, stored(header->encode()));
  read_all(chunk, sealer);
  return 0;
}
