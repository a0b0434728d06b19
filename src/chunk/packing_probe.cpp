#include "chunk/packing_probe.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "chunk/chunk_options.hpp"
#include "chunk/compressor.hpp"

namespace penstock::chunk {
namespace {

std::string lines_like_logs() {
  std::string text;
  for (int i = 0; text.size() < 256u << 10; ++i) {
    text += "GET /catalog/item/" + std::to_string(i * 7919 % 100'000) + " answered 200 in " + std::to_string(i % 97) + " ms\n";
  }
  return text;
}

}  // namespace

Result<double> packing_rate(const Clock& clock, std::chrono::milliseconds time) {
  const std::string text = lines_like_logs();
  Compressor compressor(WriteOptions{}.zstd_level);
  std::string packed;
  std::uint64_t bytes = 0;
  const auto begin = clock.steady_now();
  do {
    packed = compressor.pack(text);
    bytes += text.size();
  } while (clock.steady_now() < begin + time);
  const double seconds = std::chrono::duration<double>(clock.steady_now() - begin).count();
  const auto back = Decompressor().unpack(packed);
  if (!back || *back != text) return Error{ErrorCode::internal, "zstd gives back other bytes than it packed.", ""};
  return static_cast<double>(bytes) / std::max(seconds, 1e-9);
}

}  // namespace penstock::chunk
