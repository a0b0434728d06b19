// What an open chunk of logs knows; shared by LogChunkReader and its groups.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chunk/block_seal.hpp"
#include "chunk/compressor.hpp"
#include "chunk/log_chunk_reader.hpp"
#include "chunk/log_header.hpp"
#include "chunk/payload_source.hpp"

namespace penstock::chunk {

struct LogChunkReader::State {
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };

  ChunkMeta meta;
  LogHeader header;
  TokenFilter filter;
  BlockSeal seal;
  PayloadSource payload;
  Decompressor decompressor;
  // Field name → places in header.columns.
  std::unordered_map<std::string, std::vector<std::uint32_t>, NameHash, std::equal_to<>> by_name;
};

}  // namespace penstock::chunk
