// Sealing and checking of a chunk's parts. What is stored is CRC-32C (4 bytes) + the sealed bytes; the associated data binds each part to
// its chunk and place, so that it opens nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::chunk {

enum class Part : std::uint8_t { header = 0, filter = 1, block = 2 };

using Nonce = std::array<char, 16>;

// What names a chunk: where it belongs, and 128 random bits.
struct ChunkIdentity {
  std::string deployment;
  RecordKind kind = RecordKind::log;
  JournalId journal;
  std::int32_t day = 0;
  Nonce nonce{};

  static ChunkIdentity of(const ChunkMeta& meta, const Nonce& nonce);
};

Nonce random_nonce();

// One chunk, one key. Not thread-safe (the Sealer is).
class BlockSeal {
 public:
  BlockSeal(const ChunkIdentity& identity, Sealer& sealer, KeyId key);

  Result<std::string> close(Part part, std::uint64_t index, std::string_view plain);
  // corrupt, key_mismatch.
  Result<std::string> open(Part part, std::uint64_t index, std::string_view stored);

 private:
  std::string_view associated(Part part, std::uint64_t index);

  Sealer* sealer_;
  KeyId key_;
  std::string associated_;
  std::size_t prefix_ = 0;
};

// "chunk/<deployment>/<day>"
std::string key_scope(std::string_view deployment, std::int32_t day);

// A chunk's header as it is stored: magic (4 bytes), nonce, then the sealed part.
Result<std::string> close_header(std::string_view magic, const Nonce& nonce, BlockSeal& seal, std::string_view body);
// unsupported_version when the magic is another. `earlier`: a magic that is taken too.
Result<Nonce> header_nonce(std::string_view magic, std::string_view header, std::string_view earlier = {});
Result<std::string> open_header(std::string_view header, BlockSeal& seal);

inline constexpr std::string_view kLogMagic = "PSL2";
inline constexpr std::string_view kLogMagic1 = "PSL1";  // differs in what the filter holds
inline constexpr std::string_view kMetricMagic = "PSM1";

}  // namespace penstock::chunk
