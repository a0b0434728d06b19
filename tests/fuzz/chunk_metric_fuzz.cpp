// rooms: chunk
// A chunk of samples whose header and blocks are any bytes, with checksums that fit: it opens and reads, or it is corrupt.
// Input: sized header, then a sized plain block for each block the header tells of.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "chunk/block_seal.hpp"
#include "chunk/merge.hpp"
#include "chunk/metric_chunk_reader.hpp"
#include "chunk/metric_header.hpp"

namespace {

using namespace penstock;
using namespace penstock::chunk;

std::string stored(std::string_view plain) { return std::string(1, '\0') + std::string(plain); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  ByteReader in(text);
  std::string_view body;
  if (!in.sized(body)) return 0;
  auto header = MetricHeader::decode(body);
  if (!header) return 0;

  PlainSealer sealer;
  Chunk chunk;
  chunk.meta.deployment = "fuzz";
  chunk.meta.kind = RecordKind::metric;
  const Nonce nonce{};
  BlockSeal seal(ChunkIdentity::of(chunk.meta, nonce), sealer, 0);
  std::uint64_t index = 0;
  for (MetricBlock& block : header->blocks) {
    std::string_view plain;
    if (!in.sized(plain)) plain = {};
    const std::string sealed = *seal.close(Part::block, index++, stored(plain));
    block.size = static_cast<std::uint32_t>(sealed.size());
    chunk.payload += sealed;
  }
  chunk.meta.payload_bytes = static_cast<std::uint32_t>(chunk.payload.size());
  chunk.header = *close_header(kMetricMagic, nonce, seal, stored(header->encode()));

  auto reader = MetricChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
  if (!reader) return 0;
  std::size_t samples = 0;
  const auto count = [&](const SeriesSamples& series) {
    if (series.values.empty() || series.values.size() != series.timestamps.size() || series.values.size() != series.received_at.size()) {
      std::abort();
    }
    samples += series.values.size();
    return samples < 10'000'000;
  };
  if (!(*reader)->read_all(Timestamp{INT64_MIN}, Timestamp{INT64_MAX}, count) || samples >= 10'000'000) return 0;
  (void)merge_metrics({chunk, chunk}, {}, sealer);
  return 0;
}
